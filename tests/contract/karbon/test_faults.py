"""Faults on request, on Karbon's paths and in Karbon's words (karbon.md 2.11)."""

import json

import httpx2
import pytest

from .client import JSON, KEYS, Karbon, KarbonControls, refusal
from .rows import row

BROKEN = "the answer is broken on purpose"
PAT = {"FirstName": "Perhaps", "LastName": "Pat"}


def is_stored(sandbox: KarbonControls) -> bool:
    """Whether the person that the tests post has arrived."""
    return "Perhaps Pat" in {one["FullName"] for one in sandbox.records().values()}


@pytest.mark.parametrize(("kind", "applied"), [("refuse", False), ("lost_reply", True)])
def test_a_connection_closed_before_or_after(karbon: Karbon, sandbox: KarbonControls, kind: str, applied: bool) -> None:
    sandbox.fault(kind, method="POST", path="/v3/Contacts")
    with pytest.raises(httpx2.RemoteProtocolError):
        karbon.send("POST", "/Contacts", json=PAT)
    assert is_stored(sandbox) is applied
    assert karbon.listing().status_code == 200
    assert [one["status"] for one in sandbox.state()["log"]] == [None, 200]


@row("2.11 429", "2.2 Over it: 429")
@pytest.mark.parametrize(("value", "seconds"), [(None, "10"), (26, "26")])
def test_a_rate_limit(karbon: Karbon, sandbox: KarbonControls, value: int | None, seconds: str) -> None:
    sandbox.fault("rate_minute", value=value)
    answer = karbon.send("POST", "/Contacts", json=PAT)
    assert (refusal(answer), answer.headers["retry-after"]) == ((429, "429"), seconds)
    assert f"Try again in {seconds} seconds." in answer.json()["message"]
    assert not is_stored(sandbox)


@row("2.11 500")
@pytest.mark.parametrize(("kind", "applied"), [("server_error", False), ("half_applied", True)])
def test_a_server_error_that_may_have_been_applied(
    karbon: Karbon, sandbox: KarbonControls, kind: str, applied: bool
) -> None:
    sandbox.fault(kind, method="POST")
    assert refusal(karbon.send("POST", "/Contacts", json=PAT)) == (500, "5001")
    assert is_stored(sandbox) is applied


@pytest.mark.parametrize(
    ("kind", "status", "content_type"),
    [("unavailable", 503, "text/plain"), ("html", 200, "text/html"), ("empty_body", 200, "application/json"),
     ("malformed_json", 200, "application/json")],
)  # fmt: skip
def test_answers_that_hold_no_json(
    karbon: Karbon, sandbox: KarbonControls, kind: str, status: int, content_type: str
) -> None:
    sandbox.fault(kind, path="/v3/Contacts")
    answer = karbon.send("GET", "/Contacts", unchecked=BROKEN)
    assert (answer.status_code, answer.headers["content-type"].startswith(content_type)) == (status, True)
    with pytest.raises(json.JSONDecodeError):
        answer.json()
    assert karbon.listing().status_code == 200


def test_a_slow_answer_comes(karbon: Karbon, sandbox: KarbonControls) -> None:
    sandbox.fault("slow", value=0.2)
    assert karbon.listing().elapsed.total_seconds() >= 0.2
    sandbox.fault("slow", value=1)
    with pytest.raises(httpx2.ReadTimeout):
        karbon.http.get("/v3/Contacts", headers=karbon.headers, timeout=0.1)


@row("2.11 401")
def test_a_401_for_once(karbon: Karbon, sandbox: KarbonControls) -> None:
    sandbox.fault("unauthorized_expired")
    assert refusal(karbon.listing()) == (401, "401")
    assert karbon.listing().status_code == 200


def test_a_malformed_row_among_good_ones(karbon: Karbon, sandbox: KarbonControls) -> None:
    for resource, key in KEYS.items():
        good = karbon.rows(resource)
        sandbox.fault("malformed_element")
        listed = karbon.send("GET", f"/{resource}", unchecked=BROKEN).json()["value"]
        assert (len(listed), listed[1:], listed[0][key]) == (len(good), good[1:], 123)


def test_a_page_that_lacks_its_last_row(karbon: Karbon, sandbox: KarbonControls) -> None:
    good = karbon.listing().json()
    sandbox.fault("drop_last")
    less = karbon.listing().json()
    assert less == good | {"value": good["value"][:-1]}


def test_a_row_touched_while_it_was_listed_makes_pages_drift(karbon: Karbon, sandbox: KarbonControls) -> None:
    order = {"orderby": "LastModifiedDateTime desc", "top": 5}
    first = [one["ContactKey"] for one in karbon.rows(**order)]
    sandbox.fault("touch")
    karbon.rows(**order)
    assert [one["ContactKey"] for one in karbon.rows(**order)] == [first[4], *first[:4]]


@pytest.mark.parametrize(
    ("fault", "statuses"),
    [
        ({"times": 2}, [503, 503, 200]),
        ({"skip": 1}, [200, 503, 200]),
        ({"query": {"$skip": "2"}}, [200, 503, 200]),
        ({"method": "PUT"}, [200, 200, 200]),
        ({"path": "/V3/contacts/"}, [503, 200, 200]),
        ({"path": "/api.xro/"}, [200, 200, 200]),
    ],
    ids=str,
)
def test_which_requests_go_wrong(karbon: Karbon, sandbox: KarbonControls, fault: JSON, statuses: list[int]) -> None:
    sandbox.fault("unavailable", **fault)
    assert [karbon.listing(skip=number).status_code for number in (1, 2, 3)] == statuses


def test_xeros_faults_leave_karbon_alone_and_the_other_way_round(karbon: Karbon, sandbox: KarbonControls) -> None:
    sandbox.fault("server_error", path="/connections")
    sandbox.fault("server_error", path="/v3/")
    statuses = [karbon.listing().status_code for _ in range(2)]
    statuses += [sandbox.http.get("/connections").status_code for _ in range(2)]
    assert statuses == [500, 200, 500, 401]
