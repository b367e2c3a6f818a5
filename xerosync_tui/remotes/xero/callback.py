"""The loopback listener that the browser is sent back to after a consent (xero.md 1.4)."""

from __future__ import annotations

import asyncio
import errno
import os
import secrets
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from xerosync_tui.errors import MachineError, NotConnected
from xerosync_tui.remotes.xero.oauth import Consent

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

PATIENCE = 300.0  # seconds a person has for the consent
_NO_SUCH_ADDRESS = {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}
_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>XeroSync</title>
<body style="font-family: sans-serif; margin: 4em"><h1>{title}</h1><p>{text}</p></body></html>"""


async def redirected(consent: Consent, patience: float = PATIENCE) -> str:
    """The full URL of the first redirect that carries the consent's state; others do not end the wait.

    Raises MachineError when the port is taken; NotConnected after ``patience`` seconds. However it ends,
    cancelled too, nothing listens afterwards.
    """
    arrived: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    with _sockets(urlsplit(consent.redirect_uri).port or 80) as sockets:
        async with _serving(_application(consent, arrived), sockets):
            try:
                async with asyncio.timeout(patience):
                    return await arrived
            except TimeoutError:
                raise NotConnected(
                    f"No answer from Xero within {patience / 60:.0f} minutes",
                    "Start again, or paste the address the browser ended on.",
                ) from None


def _application(consent: Consent, arrived: asyncio.Future[str]) -> Any:
    from starlette.applications import Starlette
    from starlette.routing import Route

    async def answer(request: Request) -> Response:
        ours = secrets.compare_digest(request.query_params.get("state", "").encode(), consent.state.encode())
        if not ours:
            return _page(400, "Not expected", "This page belongs to another attempt. Go back to XeroSync.")
        if not arrived.done():
            # From our own address, not from the Host header, which anybody can set.
            arrived.set_result(f"{consent.redirect_uri}?{request.url.query}")
        return _page(200, "Back to XeroSync", "You can close this window and go on in the terminal.")

    return Starlette(routes=[Route(urlsplit(consent.redirect_uri).path, answer, methods=["GET"])])


def _page(status: int, title: str, text: str) -> Response:
    from starlette.responses import HTMLResponse

    keep_private = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "Connection": "close"}
    return HTMLResponse(_PAGE.format(title=title, text=text), status, keep_private)


@contextmanager
def _sockets(port: int) -> Iterator[list[socket.socket]]:
    """Bound sockets on 127.0.0.1 and, where the machine has it, ::1: a browser takes either for localhost."""
    bound: list[socket.socket] = []
    try:
        for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
            try:
                bound.append(socket.create_server((host, port), family=family))
            except OSError as error:
                if family is socket.AF_INET6 and error.errno in _NO_SUCH_ADDRESS:
                    continue
                raise MachineError(
                    f"Port {port} on {host} cannot be used: {os.strerror(error.errno or 0)}",
                    "Close what uses it, or set XEROSYNC_REDIRECT_PORT to another port that the Xero app knows.",
                ) from None
        yield bound
    finally:
        for one in bound:
            one.close()


@asynccontextmanager
async def _serving(application: Any, sockets: list[socket.socket]) -> AsyncIterator[None]:
    import uvicorn

    class Server(uvicorn.Server):
        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            yield  # signals belong to the program, not to this listener

    # Its access log would hold the code.
    config = uvicorn.Config(
        application, lifespan="off", log_config=None, log_level="critical", access_log=False, ws="none",
        server_header=False, timeout_graceful_shutdown=1,
    )  # fmt: skip
    server = Server(config)
    serving = asyncio.create_task(server.serve(sockets))
    try:
        yield
    finally:
        server.should_exit = True
        await serving
