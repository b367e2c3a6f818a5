"""The consent from the command line: by the browser, by paste, declined, interrupted."""

from __future__ import annotations

import os
import pty
import socket
from collections.abc import Callable

import pytest

from .conftest import Office, organisation
from .shell import PATIENCE, Ran, Shell, consent_url, interrupt, redirect_of, visit


def pasted(shell: Shell, what: Callable[[str], bytes], *words: str) -> Ran:
    """Runs `connect` and pastes what is made of the address it prints, while the listener waits."""
    with shell.started("connect", *words) as process:
        said, url = consent_url(process)
        out, err = process.communicate(what(url), timeout=PATIENCE)
    return Ran(process.returncode, out, said + err)


@pytest.fixture
def asking(shared: Office, empty: Shell) -> Shell:
    """An empty home that leads to the shared sandbox."""
    return empty.but(**shared.shell.environment)


def test_the_redirect_pasted(shared: Office, asking: Shell) -> None:
    ran = pasted(asking, lambda url: redirect_of(url).encode() + b"\n", "--organisation", organisation(shared)).well()
    assert b"Connected" in ran.out
    assert asking("status").code == 0


def test_the_redirect_pasted_wrapped_after_a_blank_line_without_an_end(shared: Office, asking: Shell) -> None:
    def paste(url: str) -> bytes:
        return f'\n\n  "{redirect_of(url)}"'.encode()

    pasted(asking, paste, "--organisation", organisation(shared)).well()


def test_the_redirect_pasted_into_a_terminal_that_stays_as_it_was(shared: Office, asking: Shell) -> None:
    leader, terminal = pty.openpty()
    try:
        with asking.started("connect", "--organisation", organisation(shared), stdin=terminal) as process:
            _, url = consent_url(process)
            os.write(leader, redirect_of(url).encode() + b"\n")
            process.communicate(timeout=PATIENCE)
            assert process.returncode == 0
        assert os.get_blocking(terminal)  # the shell shares it
    finally:
        os.close(leader)
        os.close(terminal)


@pytest.mark.parametrize(
    "text",
    [b"https://example.com/\n", b"\x1b]52;c;AAAA\x07\xff\n", b"http://localhost:1/callback?code=x&state=y\n", b"yes\n"],
)
def test_another_page_pasted(asking: Shell, text: bytes) -> None:
    ran = pasted(asking, lambda _: text).failed(4, "not the page Xero sent the browser to")
    assert b"\x1b" not in ran.err + ran.out


def test_the_redirect_of_another_attempt_pasted(asking: Shell) -> None:
    pasted(asking, lambda url: redirect_of(url).replace("state=", "state=x").encode() + b"\n").failed(4, "wrong state")


def test_consent_denied(office: Office) -> None:
    office.control("authorize-next", decision="deny")
    office.shell.connect().failed(4, "declined")
    assert office.shell("status").code == 4


def test_the_listener_shows_a_page_and_ignores_strays(shared: Office, asking: Shell) -> None:
    pages: list[str] = []

    def browse(url: str) -> None:
        port = asking.environment["XEROSYNC_REDIRECT_PORT"]
        pages.append(visit(f"http://localhost:{port}/callback?code=x&state=wrong"))
        pages.append(visit(f"{url}&auto=1"))

    asking.connect("--organisation", organisation(shared), answer=browse).well()
    assert "another attempt" in pages[0]
    assert "close this window" in pages[1]


def test_several_organisations_and_none_named(asking: Shell, shared: Office) -> None:
    asking.connect().failed(3, organisation(shared), "--organisation")
    asking.connect("--organisation", "Nobody Ltd").failed(2, "no consent for 'Nobody Ltd'")


def test_an_unknown_contact_type_is_told_before_the_consent(asking: Shell) -> None:
    ran = asking("connect", "--contact-type", "Nope").failed(2, "Client, Prospect")
    assert b"http" not in ran.err


def test_the_port_is_taken(asking: Shell) -> None:
    port = int(asking.environment["XEROSYNC_REDIRECT_PORT"])
    with socket.create_server(("127.0.0.1", port)):
        asking("connect").failed(8, f"Port {port}", "XEROSYNC_REDIRECT_PORT")
        doctor = asking("doctor")
    assert (doctor.code, b"BAD redirect port" in doctor.out) == (8, True)


def test_nobody_at_standard_input_is_no_trouble(asking: Shell, shared: Office) -> None:
    """From cron or a service: /dev/null cannot be waited for, and the browser's redirect still arrives."""
    with asking.started("connect", "--organisation", organisation(shared), stdin=-3) as process:
        said, url = consent_url(process)
        visit(f"{url}&auto=1")
        _, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, err) == (0, b"")
    assert b"Traceback" not in said


def test_interrupted(asking: Shell) -> None:
    with asking.started("connect") as process:
        consent_url(process)
        interrupt(process).failed(130, "Interrupted")
    assert asking("status").code == 4
