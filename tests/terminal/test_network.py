"""Xero refuses, stumbles or is not there; something else answers for it; one record among many is bad."""

from __future__ import annotations

import pytest

from .conftest import Inside, Office
from .shell import Shell


@pytest.mark.parametrize(
    ("kind", "times", "value", "code", "said"),
    [
        ("html", 1, None, 5, "answered in its place"),
        ("rate_day", 1, 3600, 7, "used up until"),
        ("insufficient_scope", 1, None, 4, "reconnect"),
        ("token_revoked", 1, None, 4, "reconnect"),
        ("organisation_gone", 1, None, 4, "no longer connected"),
        ("server_error", 3, None, 5, "in trouble"),
    ],
)
def test_what_xero_can_say(
    connected_office: Office, kind: str, times: int, value: int | None, code: int, said: str
) -> None:
    shell = connected_office.shell
    connected_office.fault(kind, times=times, value=value)
    ran = shell("sync", "--preview", "--json").failed(code, said)
    assert ran.out == b""
    last = shell("status", "--json")
    assert (last.json["last_run"]["state"], bool(last.json["last_run"]["error"])) == ("failed", True)
    assert last.code == (4 if code == 4 else 0)
    if code == 4:
        assert "Give consent again: xerosync reconnect" in shell("status").text
        assert shell("doctor").code == 4


@pytest.mark.parametrize("kind", ["refuse", "malformed_json", "empty_body", "drop_last"])
def test_what_is_tried_again(connected: Shell, shared: Office, kind: str) -> None:
    shared.fault(kind, method="GET")
    connected("sync", "--preview").well()


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"XEROSYNC_XERO_API_URL": "http://127.0.0.1:9"}, "127.0.0.1:9 refuses the connection"),
        ({"XEROSYNC_XERO_API_URL": "https://127.0.0.1:{port}"}, "does not speak TLS"),
    ],
    ids=["refused", "plain port"],
)
def test_nobody_answers(connected_home: Shell, environment: dict[str, str], said: str) -> None:
    port = connected_home.environment["XEROSYNC_XERO_API_URL"].rpartition(":")[2]
    shell = connected_home.but(**{name: value.format(port=port) for name, value in environment.items()})
    shell("sync", "--preview").failed(5, said)


@pytest.mark.parametrize(
    "environment",
    [
        {"XEROSYNC_XERO_API_URL": "https://xero.invalid", "ALL_PROXY": "socks5://127.0.0.1:9"},
        {"SSL_CERT_FILE": "/"},
        {"SSL_CERT_FILE": "/etc/passwd"},
    ],
    ids=["SOCKS", "certificates are a folder", "certificates are none"],
)
def test_a_network_set_up_that_cannot_work(connected_home: Shell, environment: dict[str, str]) -> None:
    connected_home.but(**environment)("sync", "--preview").failed(8, "settings cannot be used")


def test_one_bad_record_among_many(connected: Shell, shared: Office, inside: Inside) -> None:
    shared.fault("malformed_element")
    found = connected("sync", "--preview", "--json").well().json
    assert found["failed_records"] == 1
    assert sum(found["counts"][verdict] for verdict in ("full_match", "conflict", "new")) > 30
    (failed,) = inside(connected, "issues", "--tab", "failed", "--json").well().json
    assert failed["reason"] and failed["record"]
    assert failed["record"] in inside(connected, "issues", "--tab", "failed").text
    assert inside(connected, "status", "--json").json["counts"]["failed"] == 1
    connected("sync", "--preview", "--full").well()
    assert inside(connected, "issues", "--tab", "failed", "--json").json == []


def test_disconnecting_without_xero_says_what_is_left_to_do(connected: Shell) -> None:
    ran = connected.but(XEROSYNC_XERO_API_URL="http://127.0.0.1:9")("disconnect").well()
    assert "Connected apps" in ran.said
    assert connected("status").code == 4
