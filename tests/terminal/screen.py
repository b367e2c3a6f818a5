"""A program in a real pseudo-terminal: its keys, its screen as a terminal would show it, every byte it wrote."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType

import pyte

_KEYS = {
    "enter": b"\r", "esc": b"\x1b", "tab": b"\t", "space": b" ", "backspace": b"\x7f",
    "up": b"\x1b[A", "down": b"\x1b[B", "right": b"\x1b[C", "left": b"\x1b[D",
    "pageup": b"\x1b[5~", "pagedown": b"\x1b[6~", "home": b"\x1b[H", "end": b"\x1b[F",
    "ctrl+p": b"\x10", "ctrl+c": b"\x03", "ctrl+s": b"\x13", "ctrl+z": b"\x1a",
}  # fmt: skip
_PATIENCE = 30.0  # seconds; reached only when something is wrong


class _Screen(pyte.Screen):
    """As terminals do it: a left-to-right mark takes no cell. pyte draws nothing that comes behind one."""

    def draw(self, data: str) -> None:
        super().draw(data.replace("\u200e", ""))


class Terminal:
    """The program under test; as a context it is gone at the end."""

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], *, columns: int = 80, lines: int = 24
    ) -> None:
        self.raw = b""
        self.status: int | None = None
        self._screen = _Screen(columns, lines)
        self._stream = pyte.ByteStream(self._screen)
        self.pid, self._terminal = pty.fork()
        if self.pid == 0:
            os.execvpe(command[0], list(command), dict(environment))
        self._resize(columns, lines)

    def _resize(self, columns: int, lines: int) -> None:
        fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.status is None:
            os.kill(self.pid, signal.SIGKILL)
            os.kill(self.pid, signal.SIGCONT)
            os.waitpid(self.pid, 0)
        self.hang_up()

    def _read(self, seconds: float) -> bool:
        """Take what comes within that time; False at the end of the program's output."""
        if not select.select([self._terminal], [], [], seconds)[0]:
            return True
        try:
            data = os.read(self._terminal, 1 << 16)
        except OSError:
            data = b""
        self.raw += data
        self._stream.feed(data)
        if b"\x1b[?2026$p" in data:  # whether output can be synchronised: real terminals answer
            os.write(self._terminal, b"\x1b[?2026;2$y")
        return bool(data)

    def text(self) -> str:
        """The screen as it is now."""
        # Not ``display``: half-drawn, what was the second half of a wide character makes it fail.
        rows = (self._screen.buffer[y] for y in range(self._screen.lines))
        return "\n".join("".join(row[x].data for x in range(self._screen.columns)).rstrip() for row in rows)

    def until(self, words: str | Callable[[str], bool]) -> None:
        """Until the words are on the screen, or it is as asked for."""
        there = (lambda text: words in text) if isinstance(words, str) else words
        end = time.monotonic() + _PATIENCE
        while not there(self.text()):
            assert self._read(1.0), f"it ended before {words!r}:\n{self.text()}\n{self.raw[-2000:]!r}"
            assert time.monotonic() < end, f"{words!r} never came:\n{self.text()}"

    def until_gone(self, words: str) -> None:
        """Until the words are no longer there. After a lone escape, which is only told from others by a pause."""
        end = time.monotonic() + _PATIENCE
        while words in self.text():
            assert self._read(1.0) and time.monotonic() < end, f"{words!r} stays:\n{self.text()}"

    def press(self, *keys: str) -> None:
        """Keys by name; anything else is typed."""
        for key in keys:
            os.write(self._terminal, _KEYS.get(key, key.encode()))

    def signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def hang_up(self) -> None:
        """The line goes away."""
        if self._terminal >= 0:
            os.close(self._terminal)
            self._terminal = -1

    def ended(self) -> int:
        """The exit code, when it has ended by itself; everything it wrote is in ``raw`` then."""
        end = time.monotonic() + _PATIENCE
        while self._terminal >= 0 and self._read(1.0):
            assert time.monotonic() < end, f"it does not end:\n{self.text()}"
        while time.monotonic() < end:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = status
                return os.waitstatus_to_exitcode(status)
            select.select([], [], [], 0.02)
        raise AssertionError("it does not end")

    def stopped(self) -> bool:
        """Whether it suspended itself, as ctrl+z asks for."""
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            pid, status = os.waitpid(self.pid, os.WNOHANG | os.WUNTRACED)
            if pid:
                return os.WIFSTOPPED(status)
            self._read(0.05)
        return False
