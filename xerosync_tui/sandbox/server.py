"""Runs the sandbox on loopback: in a thread for tests and the demo, or in the foreground."""

import asyncio
import json
import logging
import socket
import sys
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from xerosync_tui.sandbox.app import build_app
from xerosync_tui.sandbox.karbon.credentials import ACCESS_KEY, TOKEN
from xerosync_tui.sandbox.options import SandboxOptions
from xerosync_tui.sandbox.world import World

HOST = "127.0.0.1"


class SandboxServer:
    """A running sandbox as a context manager: it listens when the block begins and is gone when it ends.

    Raises OSError when the port is taken and SandboxInputError when the CSV cannot be read.
    """

    def __init__(self, options: SandboxOptions) -> None:
        self.world = World(options)
        self.url = ""
        self._thread: threading.Thread | None = None
        self._server: _Server | None = None

    def __enter__(self) -> "SandboxServer":
        listener = _listen(self.world.options.port)
        self.url = _url_of(listener)
        listening = threading.Event()
        self._server = server = _Server(self.world, listening.set)

        def run() -> None:
            try:
                server.run([listener])
            finally:
                listening.set()

        self._thread = threading.Thread(target=run, name="sandbox", daemon=True)
        self._thread.start()
        listening.wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None and self._thread is not None:
            self._server.stop()
            self._thread.join()

    def environment(self) -> dict[str, str]:
        """The variables that point the program at this sandbox."""
        return environment(self.url, self.world.options)


def serve(options: SandboxOptions) -> None:
    """Serves in the foreground until SIGINT or SIGTERM; first prints one JSON line with where and how.

    Rows of the CSV that were left out go to standard error. Raises OSError when the port is taken and
    SandboxInputError when the CSV cannot be read.
    """
    world = World(options)
    for note in world.csv_notes:
        print(note, file=sys.stderr)
    listener = _listen(options.port)
    url = _url_of(listener)
    line = {"url": url, "environment": environment(url, options), "practice_csv": f"{url}/_sandbox/practice.csv"}
    _Server(world, lambda: print(json.dumps(line), flush=True)).run([listener])


def environment(url: str, options: SandboxOptions) -> dict[str, str]:
    """XEROSYNC_* variables for a sandbox at `url`."""
    hosts = ("LOGIN_URL", "IDENTITY_URL", "API_URL", "WEB_URL")
    xero = {"XEROSYNC_XERO_CLIENT_ID": options.client_id, **{f"XEROSYNC_XERO_{host}": url for host in hosts}}
    if not options.karbon:
        return xero
    prefix = "XEROSYNC_KARBON_"
    return xero | {f"{prefix}API_URL": url, f"{prefix}TOKEN": TOKEN, f"{prefix}ACCESS_KEY": ACCESS_KEY}


class _Server(uvicorn.Server):
    """uvicorn that says when it listens, and stops at once instead of at its next tick."""

    def __init__(self, world: World, listening: Callable[[], None]) -> None:
        config = uvicorn.Config(
            build_app(world), http=_Protocol, ws="none", lifespan="off", log_config=None, log_level=logging.CRITICAL
        )
        super().__init__(config)
        self._listening = listening
        self._stopped = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._loop = asyncio.get_running_loop()
        self._listening()

    async def main_loop(self) -> None:
        await self._stopped.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.transport.close()

    def stop(self) -> None:
        """Asks the server to stop, from any thread or signal; answers under way are dropped."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._stopped.set)

    def handle_exit(self, sig: int, frame: Any) -> None:
        self.stop()


class _Protocol(H11Protocol):
    """HTTP/1.1 whose requests know their transport, so that a fault can close it without an answer."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        # asyncio does this itself only for sockets made with IPPROTO_TCP, which create_server's are not; without it
        # every answer waits 40 ms for the client's delayed acknowledgement.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.app_state = {**self.app_state, "transport": transport}


def _listen(port: int) -> socket.socket:
    return socket.create_server((HOST, port))


def _url_of(listener: socket.socket) -> str:
    return f"http://{HOST}:{listener.getsockname()[1]}"
