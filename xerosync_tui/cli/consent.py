"""Consent at the terminal: the page to open, the redirect that comes back or is pasted, the organisation."""

from __future__ import annotations

import asyncio
import os
import stat
import sys
from contextlib import suppress

from xerosync_tui.cli import output
from xerosync_tui.domain.connection import Organisation
from xerosync_tui.errors import NeedsPerson, UsageError
from xerosync_tui.program import Program
from xerosync_tui.services import connect as consent_flow


async def obtain_consent(program: Program) -> list[Organisation]:
    """The organisations of a new consent: by the browser's redirect, or the redirect's address pasted."""
    consent = await consent_flow.begin(program)
    output.note("Open this page, sign in to Xero and allow access:")
    output.note(f"  {consent.url}")
    output.note("If the browser is on another machine, first run there:")
    output.note(f"  {consent_flow.ssh_hint(program.settings)}")
    output.note("or paste the address of the page Xero sends you to, and press enter. ctrl+c cancels.")
    return await consent_flow.finish(program, consent, await _redirect_or_paste(program, consent))


async def _redirect_or_paste(program: Program, consent: consent_flow.Consent) -> str:
    waiting = asyncio.ensure_future(consent_flow.wait_for_redirect(program, consent))
    pasted = asyncio.ensure_future(_typed_line())
    try:
        done, _ = await asyncio.wait({waiting, pasted}, return_when=asyncio.FIRST_COMPLETED)
        return (pasted if pasted in done and waiting not in done else waiting).result()
    finally:
        for task in (waiting, pasted):
            task.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await task


async def _typed_line(*, or_end: bool = False) -> str:
    """A line from standard input; when there is none to come it never comes, or with ``or_end`` is empty."""
    loop = asyncio.get_running_loop()
    line: asyncio.Future[str] = loop.create_future()
    paste = bytearray()

    def read() -> None:
        # Not by a pipe of asyncio's: that would leave the terminal, which the shell shares, non-blocking.
        try:
            piece = os.read(0, 65536)
        except OSError:  # a terminal that has gone
            piece = b""
        paste.extend(piece)
        text = paste.decode(errors="replace").strip()
        if not piece:
            loop.remove_reader(0)
        ended = or_end and not piece
        if (ended or (text and (not piece or b"\n" in piece))) and not line.done():
            line.set_result(text)

    try:
        if stat.S_ISREG(os.fstat(0).st_mode):
            read()
            read()  # finds the end
        with suppress(PermissionError):  # /dev/null or a file: there is nothing to wait for
            loop.add_reader(0, read)
        return await line
    finally:
        loop.remove_reader(0)


async def choose(organisations: list[Organisation], name: str | None) -> Organisation:
    """The organisation of that name, the only one, or the one a person at the terminal picks.

    Raises UsageError for a name without consent, NeedsPerson where nobody can be asked.
    """
    if name is not None:
        for organisation in organisations:
            if organisation.name.casefold() == name.casefold() or organisation.id == name:
                return organisation
        names = ", ".join(o.name for o in organisations)
        raise UsageError(f"You gave no consent for {name!r}", f"Consent was given for: {names}.")
    if len(organisations) == 1:
        return organisations[0]
    if sys.stdin.isatty():
        return await _asked(organisations)
    names = ", ".join(o.name for o in organisations)
    raise NeedsPerson(f"You consented to several organisations: {names}", "Name one with --organisation.")


async def _asked(organisations: list[Organisation]) -> Organisation:
    output.note("You consented to several organisations. Which one?")
    for number, organisation in enumerate(organisations, 1):
        output.note(f"  {number}  {organisation.name}")
    while True:
        said = await _typed_line(or_end=True)
        if not said:
            raise NeedsPerson("No organisation was chosen", "Name one with --organisation.")
        if said.isdecimal() and 1 <= int(said) <= len(organisations):
            return organisations[int(said) - 1]
        output.note(f"A number from 1 to {len(organisations)}, please; ctrl+c cancels.")
