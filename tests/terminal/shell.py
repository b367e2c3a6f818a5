"""Runs `xerosync` as a shell does, and consents as a browser does."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any

from xerosync_tui.sandbox import SandboxServer

PATIENCE = 30  # seconds until a command that hangs fails its test
XEROSYNC = (sys.executable, "-m", "xerosync_tui")
_URL = re.compile(rb"^  (https?://\S+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command left: its exit code and what it wrote, as bytes."""

    code: int
    out: bytes
    err: bytes

    @property
    def text(self) -> str:
        return self.out.decode()

    @property
    def said(self) -> str:
        return self.err.decode()

    @property
    def last(self) -> str:
        """The last line on standard error: where a failure is told."""
        return self.said.splitlines()[-1] if self.err else ""

    @property
    def json(self) -> Any:
        """The one document on standard output."""
        assert self.out.isascii()
        return json.loads(self.out)

    def failed(self, code: int, *words: str) -> Ran:
        """Asserts a failure as documented: this code, one line that holds these words, no traceback."""
        assert self.code == code, (self.code, self.said[-2000:])
        assert b"Traceback" not in self.err + self.out, self.said
        assert self.last.startswith("xerosync"), self.said
        for word in words:
            assert word in self.last, (word, self.last)
        return self

    def well(self) -> Ran:
        """Asserts that it was done."""
        assert self.code == 0, (self.code, self.said[-2000:])
        return self


@dataclass(frozen=True, slots=True)
class Shell:
    """A home folder with the environment that leads to it."""

    home: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, *words: str, stdin: bytes | None = None, **more: Any) -> Ran:
        """Runs a command to its end. ``stdin`` None is /dev/null; ``more`` is as subprocess.run takes it."""
        given: dict[str, Any] = {"stdin": subprocess.DEVNULL} if stdin is None else {"input": stdin}
        given |= {"capture_output": True} if not {"stdout", "stderr"} & set(more) else {}
        ran = subprocess.run([*XEROSYNC, *words], env=self.env, timeout=PATIENCE, check=False, **given, **more)
        return Ran(ran.returncode, ran.stdout or b"", ran.stderr or b"")

    def script(self, line: str) -> Ran:
        """Runs a line of sh in which ``$X`` is the command."""
        env = {**self.env, "X": " ".join(XEROSYNC)}
        ran = subprocess.run(["sh", "-c", line], env=env, capture_output=True, timeout=PATIENCE, check=False)
        return Ran(ran.returncode, ran.stdout, ran.stderr)

    @property
    def env(self) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "HOME": str(self.home), "XEROSYNC_HOME": str(self.home), **self.environment}

    @property
    def database(self) -> Path:
        return self.home / "xerosync.sqlite3"

    def but(self, **environment: str) -> Shell:
        """The same home with other variables."""
        return replace(self, environment={**self.environment, **environment})

    def copied(self, home: Path) -> Shell:
        """A home of its own with the same contents."""
        shutil.copytree(self.home, home)
        return replace(self, home=home)

    @contextmanager
    def started(self, *words: str, **more: Any) -> Iterator[subprocess.Popen[bytes]]:
        """A command under way; ended when the block ends."""
        given = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more}
        with subprocess.Popen([*XEROSYNC, *words], env=self.env, **given) as process:
            try:
                yield process
            finally:
                if process.poll() is None:
                    process.kill()

    def connect(self, *words: str, answer: Callable[[str], None] | None = None) -> Ran:
        """Runs `connect` (or another first word) and opens the address it prints, as a browser would."""
        words = words if words and not words[0].startswith("-") else ("connect", *words)
        with self.started(*words) as process:
            said, url = consent_url(process)
            (answer or (lambda page: visit(redirect_of(page))))(url)  # the page once, the listener until it is up
            out, rest = process.communicate(timeout=PATIENCE)
        return Ran(process.returncode, out, said + rest)


def consent_url(process: subprocess.Popen[bytes]) -> tuple[bytes, str]:
    """What was said until the listener's help ended, and the address to open."""
    assert process.stderr
    said = b""
    while b"ctrl+c cancels" not in said:
        line = process.stderr.readline()
        assert line, said.decode()
        said += line
    found = _URL.search(said)
    assert found, said.decode()
    return said, found[1].decode()


def visit(url: str, tries: int = 200) -> str:
    """Opens a page as a browser does, also where the listener is not up yet; the page's text."""
    browser = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for left in range(tries, -1, -1):
        try:
            with browser.open(url, timeout=PATIENCE) as page:
                return str(page.read().decode())
        except urllib.error.HTTPError as error:
            return str(error.read().decode())
        except urllib.error.URLError:
            if not left:
                raise
    return ""


def redirect_of(url: str) -> str:
    """Where the consent page sends the browser, without going there."""

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *given: Any) -> None:
            return None

    try:
        urllib.request.build_opener(urllib.request.ProxyHandler({}), Stay).open(f"{url}&auto=1", timeout=PATIENCE)
    except urllib.error.HTTPError as answer:
        return str(answer.headers["location"])
    raise AssertionError("the page did not redirect")


def control(server: SandboxServer, name: str, **body: Any) -> Any:
    """Uses one of the sandbox's controls."""
    request = urllib.request.Request(f"{server.url}/_sandbox/{name}", json.dumps(body).encode(), method="POST")
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=PATIENCE) as answer:
        return json.load(answer)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def interrupt(process: subprocess.Popen[bytes]) -> Ran:
    """Ctrl+C."""
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=PATIENCE)
    return Ran(process.returncode, out, err)


def read_line(stream: IO[bytes] | None) -> str:
    assert stream
    return stream.readline().decode()
