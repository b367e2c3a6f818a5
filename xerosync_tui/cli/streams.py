"""The standard streams, in whatever state the caller left them: closed, full, or in a narrow encoding."""

from __future__ import annotations

import io
import os
import sys
from typing import TextIO


def prepare() -> None:
    """A stream that came closed leads nowhere; a character its encoding lacks becomes ``?``, never an error."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:  # in this order, so that no file of ours takes the number 0, 1 or 2
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115, PTH123
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")


def tell(text: str) -> None:
    """A line on standard error. That nobody can read it is no failure of the job."""
    try:
        print(text, file=sys.stderr, flush=True)
    except OSError:
        discard(sys.stderr)


def discard(stream: TextIO) -> None:
    """Let what is left in ``stream`` go nowhere, so that the interpreter's own last flush does not fail."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
