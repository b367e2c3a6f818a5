"""The server's life: where it listens, how fast it stops, what it prints."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time

import httpx2
import pytest

from xerosync_tui.sandbox import SandboxOptions, SandboxServer

VARIABLES = {
    "XEROSYNC_XERO_CLIENT_ID",
    "XEROSYNC_XERO_LOGIN_URL",
    "XEROSYNC_XERO_IDENTITY_URL",
    "XEROSYNC_XERO_API_URL",
    "XEROSYNC_XERO_WEB_URL",
}
SERVE = """
import sys
from xerosync_tui.sandbox import SandboxOptions
from xerosync_tui.sandbox.server import serve
serve(SandboxOptions(size=3))
"""


def state(url: str, **headers: str) -> httpx2.Response:
    return httpx2.get(f"{url}/_sandbox/state", headers=headers, trust_env=False)


def test_it_listens_inside_the_block_and_is_gone_after_it() -> None:
    threads = threading.active_count()
    with SandboxServer(SandboxOptions(size=3)) as server:
        assert len(state(server.url).json()["organisations"][0]["contacts"]) == 3
        assert server.environment().keys() == VARIABLES
        assert server.environment()["XEROSYNC_XERO_API_URL"] == server.url
    with pytest.raises(httpx2.ConnectError):
        state(server.url)
    assert threading.active_count() == threads


def test_two_sandboxes_know_nothing_of_each_other() -> None:
    with SandboxServer(SandboxOptions(size=1)) as one, SandboxServer(SandboxOptions(size=2)) as two:
        assert [len(state(each.url).json()["organisations"][0]["contacts"]) for each in (one, two)] == [1, 2]


def test_a_taken_port_is_an_error_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError), SandboxServer(SandboxOptions(size=1, port=port)):
            pass


def test_it_stops_while_an_answer_is_under_way(capfd: pytest.CaptureFixture[str]) -> None:
    with SandboxServer(SandboxOptions(size=1)) as server:
        httpx2.post(f"{server.url}/_sandbox/fault", json={"kind": "slow", "value": 60}, trust_env=False)
        waiting = socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2])))
        waiting.sendall(b"GET /connections HTTP/1.1\r\nHost: localhost\r\n\r\n")
        while state(server.url).json()["faults_left"]:
            pass
        began = time.monotonic()
    assert time.monotonic() - began < 1
    assert waiting.recv(100) == b""
    waiting.close()
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("kind", ["refuse", "lost_reply"])
def test_a_connection_closed_without_an_answer_makes_no_noise(capfd: pytest.CaptureFixture[str], kind: str) -> None:
    with SandboxServer(SandboxOptions(size=1)) as server:
        httpx2.post(f"{server.url}/_sandbox/fault", json={"kind": kind}, trust_env=False)
        with pytest.raises(httpx2.RemoteProtocolError):
            httpx2.get(f"{server.url}/connections", trust_env=False)
        assert state(server.url).json()["log"][-1]["status"] is None
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("host", ["localhost", "localhost:1", "127.0.0.1", "[::1]:80", "LOCALHOST"])
def test_loopback_names_are_answered(host: str) -> None:
    with SandboxServer(SandboxOptions(size=1)) as server:
        assert state(server.url, Host=host).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", ""])
def test_another_host_is_refused(host: str) -> None:
    with SandboxServer(SandboxOptions(size=1)) as server:
        assert state(server.url, Host=host).status_code == 421


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_in_the_foreground_it_prints_one_line_and_ends_quietly_on_a_signal(number: signal.Signals) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ}
    )
    assert process.stdout is not None
    line = json.loads(process.stdout.readline())
    assert line.keys() == {"url", "environment", "practice_csv"}
    assert line["environment"].keys() == VARIABLES
    assert httpx2.get(line["practice_csv"], trust_env=False).text.startswith("Client Identifier,")
    process.send_signal(number)
    assert process.communicate(timeout=10) == ("", "")
    assert process.returncode == 0
