"""Faults on request: what a client meets on the wire for each kind (engine.md 4)."""

import json
from typing import Any

import httpx2
import pytest

from .client import API, JSON, Controls, Xero, contacts, ids, messages
from .rows import row
from .signin import refresh

CONTACTS = f"{API}/Contacts"
BROKEN = "the answer is broken on purpose"


def names(sandbox: Controls) -> set[str]:
    """The names stored in all organisations."""
    return {one["Name"] for each in sandbox.state()["organisations"] for one in each["contacts"]}


@pytest.mark.parametrize(("kind", "applied"), [("refuse", False), ("lost_reply", True)])
def test_a_connection_closed_before_or_after(xero: Xero, sandbox: Controls, kind: str, applied: bool) -> None:
    sandbox.fault(kind, method="PUT", path=CONTACTS)
    with pytest.raises(httpx2.TransportError):
        xero.put({"Name": "Perhaps"})
    assert ("Perhaps" in names(sandbox)) is applied
    assert xero.get().status_code == 200


@row("4 X-Rate-Limit-Problem", "4 Retry-After", "3 429")
@pytest.mark.parametrize(
    ("kind", "problem", "value", "retry"),
    [
        ("rate_minute", "minute", 26, "26"),
        ("rate_day", "day", 66975, "66975"),
        ("rate_concurrent", "concurrent", None, None),
    ],
)
def test_rate_limits(
    xero: Xero, sandbox: Controls, kind: str, problem: str, value: int | None, retry: str | None
) -> None:
    sandbox.fault(kind, value=value)
    answer = xero.put({"Name": "Limited"})
    assert (answer.status_code, answer.content) == (429, b"")
    assert answer.headers["x-rate-limit-problem"].lower() == problem
    assert answer.headers.get("retry-after") == retry
    assert "Limited" not in names(sandbox)


@row("3 500")
def test_a_server_error(xero: Xero, sandbox: Controls) -> None:
    sandbox.fault("server_error")
    assert xero.put({"Name": "Failed"}).status_code == 500
    assert "Failed" not in names(sandbox)


@row("3 503")
def test_unavailable_as_plain_text(xero: Xero, sandbox: Controls) -> None:
    sandbox.fault("unavailable")
    answer = xero.get()
    assert answer.status_code == 503
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.text


@row("3 500", "3 501", "3 412")
@pytest.mark.parametrize(("body", "kind"), [("empty", ""), ("html", "text/html"), ("json", "application/json")])
def test_bodies_nobody_documented(xero: Xero, sandbox: Controls, body: str, kind: str) -> None:
    sandbox.switch(error_bodies=body)
    sandbox.fault("server_error")
    answers = [
        xero.get(),
        xero.send("PATCH", "/Contacts"),
        xero.get(page=1, headers={"If-Modified-Since": "yesterday"}),
    ]
    assert [answer.status_code for answer in answers] == [500, 501, 412]
    for answer in answers:
        assert bool(answer.content) is (body != "empty")
        assert answer.headers.get("content-type", "").startswith(kind)


@pytest.mark.parametrize(
    ("kind", "content_type"),
    [("empty_body", ""), ("malformed_json", "application/json"), ("html", "text/html")],
)
def test_a_200_that_holds_no_json(xero: Xero, sandbox: Controls, kind: str, content_type: str) -> None:
    sandbox.fault(kind)
    answer = xero.get(page=1, unchecked=BROKEN)
    assert answer.status_code == 200
    assert answer.headers.get("content-type", "").startswith(content_type)
    assert (answer.content == b"") is (kind == "empty_body")
    with pytest.raises(json.JSONDecodeError):
        answer.json()


def test_a_slow_answer_comes(xero: Xero, sandbox: Controls) -> None:
    sandbox.fault("slow", value=0.2)
    assert xero.get().elapsed.total_seconds() >= 0.2
    sandbox.fault("slow", value=1)
    with pytest.raises(httpx2.ReadTimeout):
        xero.http.get(CONTACTS, headers=xero.headers, timeout=0.1)


@row("3 with false")
def test_element_errors_with_status_200(xero: Xero, sandbox: Controls) -> None:
    sandbox.fault("element_errors", method="PUT", value="The sandbox says no.")
    refused = contacts(xero.put({"Name": "One"}, {"Name": "Two"}, summarizeErrors="false"))
    assert [(one["StatusAttributeString"], messages(one)) for one in refused] == [
        ("ERROR", ["The sandbox says no."])
    ] * 2
    assert names(sandbox).isdisjoint({"One", "Two"})


def test_half_of_a_batch_applied(xero: Xero, sandbox: Controls) -> None:
    sandbox.fault("half_applied", method="PUT")
    answer = xero.put(*({"Name": f"Half {number}"} for number in range(4)), summarizeErrors="false")
    assert answer.status_code == 500
    assert names(sandbox) & {f"Half {number}" for number in range(4)} == {"Half 0", "Half 1"}


@row("1.8 API 401")
def test_a_token_revoked_midway(xero: Xero, sandbox: Controls, http: httpx2.Client) -> None:
    sandbox.fault("token_revoked", skip=1)
    assert [xero.get().status_code for _ in range(3)] == [200, 401, 401]
    assert refresh(http, xero.token["refresh_token"]).status_code == 400


@row("1.8 API 403")
def test_an_organisation_gone(xero: Xero, other: Xero, sandbox: Controls) -> None:
    sandbox.fault("organisation_gone")
    answer = xero.get()
    assert (answer.status_code, answer.json()["Detail"]) == (403, "AuthenticationUnsuccessful")
    assert (xero.get().status_code, other.get().status_code) == (403, 200)


def test_a_malformed_element_among_good_ones(xero: Xero, sandbox: Controls) -> None:
    good = xero.page(pageSize=5)
    sandbox.fault("malformed_element")
    listed = contacts(xero.get(page=1, pageSize=5, unchecked=BROKEN))
    assert len(listed) == 5
    assert [one for one in listed if one not in good] == [{"ContactID": 123, "Name": ["x"]}]


def test_a_page_that_lacks_its_last_element(xero: Xero, sandbox: Controls) -> None:
    before = xero.get(page=1, pageSize=5).json()
    sandbox.fault("drop_last")
    after = xero.get(page=1, pageSize=5).json()
    assert after["pagination"] == before["pagination"]
    assert ids(after["Contacts"]) == ids(before["Contacts"])[:4]


def test_a_contact_touched_before_the_answer_makes_pages_drift(xero: Xero, sandbox: Controls) -> None:
    first = ids(xero.page(pageSize=5))
    sandbox.fault("touch")
    xero.page(pageSize=5)
    everything = ids(xero.page(pageSize=1000))
    assert (everything[:4], everything[-1]) == (first[:4], first[-1])


@row("1.8 token URL 400")
def test_an_invalid_grant(xero: Xero, sandbox: Controls, http: httpx2.Client) -> None:
    sandbox.fault("invalid_grant", path="/connect/token")
    answer = refresh(http, xero.token["refresh_token"])
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert refresh(http, xero.token["refresh_token"]).status_code == 200


@row("1.8 API 401", "1.8 API 401 #2")
def test_401_in_both_forms(xero: Xero, sandbox: Controls) -> None:
    sandbox.fault("unauthorized_expired")
    sandbox.fault("insufficient_scope")
    expired, scope = xero.get(), xero.get()
    assert (expired.status_code, scope.status_code) == (401, 401)
    assert expired.json()["Detail"].startswith("TokenExpired")
    assert scope.json()["Detail"] == "AuthorizationUnsuccessful"
    assert "insufficent_scope" in scope.headers["www-authenticate"]
    assert xero.get().status_code == 200


@pytest.mark.parametrize(
    ("fault", "statuses"),
    [
        ({"times": 2}, [503, 503, 200]),
        ({"skip": 1}, [200, 503, 200]),
        ({"query": {"page": "2"}}, [200, 503, 200]),
        ({"method": "PUT"}, [200, 200, 200]),
        ({"path": "/API.XRO/2.0/contacts/"}, [503, 200, 200]),
        ({"path": f"{API}/Organisation"}, [200, 200, 200]),
    ],
    ids=str,
)
def test_which_requests_go_wrong(xero: Xero, sandbox: Controls, fault: JSON, statuses: list[int]) -> None:
    sandbox.fault("unavailable", **fault)
    assert [xero.get(page=number).status_code for number in (1, 2, 3)] == statuses


def test_a_reset_clears_what_is_left(xero: Xero, sandbox: Controls) -> None:
    sandbox.fault("unavailable", path="/connections", times=3)
    assert sandbox.state(contacts="0")["faults_left"] == 3
    sandbox.reset()
    assert sandbox.state(contacts="0")["faults_left"] == 0


@pytest.mark.parametrize("fault", [{"kind": "nonsense"}, {}, {"kind": "refuse", "nonsense": 1}], ids=str)
def test_a_fault_that_does_not_exist_is_refused(http: httpx2.Client, fault: dict[str, Any]) -> None:
    assert http.post("/_sandbox/fault", json=fault).status_code == 400
