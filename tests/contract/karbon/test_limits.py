"""The rate limit, and what answers weigh (karbon.md 2.2)."""

import httpx2

from .client import Karbon, KarbonControls
from .rows import row


def spend(karbon: Karbon, number: int) -> set[int]:
    """The statuses of so many requests."""
    return {karbon.send("GET", "/TenantSettings").status_code for _ in range(number)}


@row("2.2 At most 120 requests a minute", "2.2 Over it: 429", "2.2 No X-RateLimit headers", "2.11 429")
def test_the_121st_request_in_a_minute_is_refused(karbon: Karbon) -> None:
    assert spend(karbon, 120) == {200}
    refused = karbon.listing()
    wait = int(refused.headers["retry-after"])
    assert (refused.status_code, 1 <= wait <= 60) == (429, True)
    assert refused.json() == {
        "statusCode": "429",
        "message": f"Rate limit is exceeded. Try again in {wait} seconds.",
    }
    assert [name for name in refused.headers if "ratelimit" in name.replace("-", "").lower()] == []


@row("2.2 Back off", "2.2 Over it: 429")
def test_after_retry_after_requests_pass_again(karbon: Karbon, sandbox: KarbonControls) -> None:
    sandbox.limits(karbon_minute=1)
    assert spend(karbon, 1) == {200}
    wait = int(karbon.listing().headers["retry-after"])
    sandbox.advance(seconds=wait - 2)
    assert spend(karbon, 1) == {429}
    sandbox.advance(seconds=2)
    assert spend(karbon, 1) == {200}


@row("2.2 At most 120 requests a minute")
def test_what_was_refused_is_not_done_and_not_counted(karbon: Karbon, sandbox: KarbonControls) -> None:
    before = len(sandbox.records())
    sandbox.limits(karbon_minute=0)
    refused = karbon.send("POST", "/Contacts", json={"FirstName": "Not", "LastName": "Made"})
    assert (refused.status_code, len(sandbox.records())) == (429, before)
    sandbox.limits(karbon_minute=1)
    assert spend(karbon, 1) == {200}


@row("2.2 At most 120 requests a minute")
def test_a_401_is_not_counted(karbon: Karbon, sandbox: KarbonControls) -> None:
    sandbox.limits(karbon_minute=1)
    assert karbon.send("GET", "/Contacts", headers={"AccessKey": ""}).status_code == 401
    assert spend(karbon, 1) == {200}


def test_the_limit_can_be_off(karbon: Karbon, sandbox: KarbonControls) -> None:
    sandbox.limits(karbon_minute=None)
    assert spend(karbon, 130) == {200}


def test_the_limits_of_xero_and_karbon_are_apart(karbon: Karbon, sandbox: KarbonControls) -> None:
    sandbox.limits(minute=0, day=0)
    assert spend(karbon, 1) == {200}
    assert sandbox.state(contacts="0")["limits"]["karbon_minute"] == 120


@row("2.2 `Accept-Encoding: gzip`")
def test_lists_come_compressed_to_who_asks_for_it(karbon: Karbon) -> None:
    plain = karbon.send("GET", "/Contacts", headers={"Accept-Encoding": "identity"})
    packed = karbon.send("GET", "/Contacts", headers={"Accept-Encoding": "gzip"})
    assert (plain.headers.get("content-encoding"), packed.headers["content-encoding"]) == (None, "gzip")
    assert packed.json() == plain.json()
    assert int(packed.headers["content-length"]) < len(plain.content) / 2


def test_a_lost_reply_is_lost_when_compressed_too(karbon: Karbon, sandbox: KarbonControls) -> None:
    sandbox.fault("lost_reply", path="/v3/")
    try:
        karbon.send("GET", "/Contacts", headers={"Accept-Encoding": "gzip"})
    except httpx2.RemoteProtocolError:
        return
    raise AssertionError("the reply came")
