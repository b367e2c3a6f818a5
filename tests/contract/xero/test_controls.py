"""The sandbox's own controls, as far as the other tests rely on them, and what guards the sandbox."""

import csv
import io
import statistics

import httpx2
import pytest

from xerosync_tui.sandbox import SandboxServer

from .client import Controls, Xero, contacts, ids, phone
from .rows import row
from .signin import REDIRECT, authorize


@pytest.mark.parametrize("host", ["localhost", "localhost:1", "127.0.0.1", "127.0.0.1:9", "[::1]", "[::1]:80"])
def test_loopback_names_are_answered(http: httpx2.Client, host: str) -> None:
    assert http.get("/_sandbox/state", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", ["example.com", "localhost.example.com", "127.0.0.1.example.com", ""])
@pytest.mark.parametrize("path", ["/_sandbox/state", "/connections", "/identity/connect/authorize"])
def test_other_host_headers_are_refused(http: httpx2.Client, host: str, path: str) -> None:
    assert http.get(path, headers={"Host": host}).status_code == 421


def test_the_environment_points_to_the_sandbox(server: SandboxServer, http: httpx2.Client) -> None:
    environment = server.environment()
    for name in ("LOGIN", "IDENTITY", "API", "WEB"):
        assert environment[f"XEROSYNC_XERO_{name}_URL"].rstrip("/") == server.url
    client_id = environment["XEROSYNC_XERO_CLIENT_ID"]
    assert authorize(http, client_id=client_id, redirect_uri=REDIRECT).status_code == 200


def test_the_state_counts_and_logs_requests_and_holds_no_token(xero: Xero, sandbox: Controls) -> None:
    xero.create("Counted")
    xero.put({"Name": "Logged"}, headers={"Idempotency-Key": "key-9"}, summarizeErrors="false")
    contact = xero.page(page=2, pageSize=5)[0]
    xero.one(contact["ContactID"])
    state = sandbox.state()
    kinds = ("PUT /Contacts", "GET /Contacts", "GET /Contacts/{id}", "POST /connect/token")
    assert [state["requests"].get(kind) for kind in kinds] == [2, 1, 1, 1]
    logged = [one for one in state["log"] if one["idempotency_key"] == "key-9"]
    assert [(one["method"], one["status"], one["tenant"]) for one in logged] == [("PUT", 200, xero.tenant)]
    text = str(state)
    assert xero.token["access_token"] not in text
    assert xero.token["refresh_token"] not in text


def test_a_reset_is_reproducible(sandbox: Controls) -> None:
    def stored(seed: int) -> list[str]:
        sandbox.reset(seed=seed, size=200)
        return [one["Name"] for one in sandbox.state()["organisations"][0]["contacts"]]

    assert stored(5) == stored(5)
    assert stored(5) != stored(6)
    assert 160 <= len(stored(5)) <= 240


def test_a_reset_ends_tokens(xero: Xero, sandbox: Controls) -> None:
    sandbox.reset()
    assert xero.get().status_code == 401


def test_answers_come_at_once(http: httpx2.Client) -> None:
    """Without TCP_NODELAY on the server's sockets every answer waits 40 ms for the client's delayed ACK."""
    elapsed = [http.get("/_sandbox/state?contacts=0").elapsed.total_seconds() for _ in range(9)]
    assert statistics.median(elapsed) < 0.03


def test_the_practice_is_a_csv_file(http: httpx2.Client) -> None:
    answer = http.get("/_sandbox/practice.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.reader(io.StringIO(answer.text, newline="")))
    assert len(rows) > 20
    assert {len(one) for one in rows} == {len(rows[0])}


def test_edits_of_the_web_app(xero: Xero, sandbox: Controls) -> None:
    number = {"PhoneType": "DEFAULT", "PhoneNumber": "555 0100"}
    created = sandbox.edit("create", contact={"Name": "By Hand", "Phones": [number]})["ContactID"]
    assert phone(xero.one(created), "DEFAULT")[0] == "555 0100"
    sandbox.edit("rename", id=created, name="By Another Hand")
    assert xero.one(created)["Name"] == "By Another Hand"
    sandbox.edit("archive", id=created)
    assert xero.one(created)["ContactStatus"] == "ARCHIVED"
    sandbox.edit("restore", id=created)
    assert created in ids(xero.page(pageSize=1000))
    sandbox.edit("delete", id=created)
    assert xero.send("GET", f"/Contacts/{created}").status_code == 404


def test_an_edit_can_name_the_organisation(xero: Xero, other: Xero, sandbox: Controls) -> None:
    created = sandbox.edit("create", contact={"Name": "Elsewhere"}, tenant=other.tenant)["ContactID"]
    assert other.one(created)["Name"] == "Elsewhere"
    assert xero.send("GET", f"/Contacts/{created}").status_code == 404


def test_raw_values_are_served_as_they_are(xero: Xero, sandbox: Controls) -> None:
    patch = {"EmailAddress": None, "ContactStatus": "SLEEPING", "Name": 7}
    created = xero.create("Raw")
    sandbox.edit("raw", id=created, patch=patch)
    (served,) = contacts(xero.send("GET", f"/Contacts/{created}", unchecked="wrong on purpose"))
    assert {key: served[key] for key in patch} == patch


def test_the_clock_can_be_skewed(xero: Xero, sandbox: Controls) -> None:
    http = sandbox.http
    http.post("/_sandbox/clock", json={"skew": -7200}).raise_for_status()
    early = xero.one(xero.create("Early"))["UpdatedDateUTC"]
    http.post("/_sandbox/clock", json={"skew": 0}).raise_for_status()
    late = xero.one(xero.create("Late"))["UpdatedDateUTC"]
    assert 7190 < (int(late[6:19]) - int(early[6:19])) / 1000 < 7210


@row("2.3 answer when nothing changed (200 with empty list, or 304)")
def test_a_server_may_forget_the_header(xero: Xero, sandbox: Controls) -> None:
    sandbox.switch(ignore_modified_since=True)
    listed = contacts(xero.get(page=1, headers={"If-Modified-Since": "2100-01-01T00:00:00"}))
    assert len(listed) > 10


@pytest.mark.parametrize("switches", [{"nonsense": 1}, {"unknown_id": "nonsense"}], ids=str)
def test_a_switch_that_does_not_exist_is_refused(http: httpx2.Client, switches: dict[str, object]) -> None:
    assert http.post("/_sandbox/switches", json=switches).status_code == 400
