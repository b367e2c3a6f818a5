"""``python -m tests.terminal.first_look COMMAND ...``: whether the program opens its screens; standard library only."""

from __future__ import annotations

import os
import pty
import select
import signal
import sys
import time

_PATIENCE = 60.0
_WANTED = b"Connected Apps", b"Connect Xero"


def main(command: list[str]) -> int:
    """0 when the first screen came up in a terminal of its own and went away by SIGTERM."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvpe(command[0], command, {**os.environ, "TERM": "xterm-256color"})
    seen, until = b"", time.monotonic() + _PATIENCE
    while not any(words in seen for words in _WANTED) and time.monotonic() < until:
        if select.select([terminal], [], [], 1)[0]:
            try:
                seen += os.read(terminal, 65536)
            except OSError:
                break
    os.kill(pid, signal.SIGTERM)
    while True:
        try:
            if not os.read(terminal, 65536):
                break
        except OSError:
            break
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    came = any(words in seen for words in _WANTED)
    print("The screens came up." if came else f"The screens did not come up: {seen[-500:]!r}", f"Exit code {code}.")
    return 0 if came and code == 143 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
