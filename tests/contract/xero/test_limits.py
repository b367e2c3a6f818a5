"""Rate limits and their headers (xero.md 4)."""

from concurrent.futures import ThreadPoolExecutor

import httpx2

from .client import Controls, Xero
from .rows import row
from .signin import bearer, refresh

MINUTE, DAY, APP = "x-minlimit-remaining", "x-daylimit-remaining", "x-appminlimit-remaining"
PROBLEM = "x-rate-limit-problem"


@row("4 minute", "4 day", "4 X-DayLimit-Remaining, X-MinLimit-Remaining", "4 X-AppMinLimit-Remaining")
def test_the_starter_limits_are_on_and_every_call_counts(xero: Xero) -> None:
    first, second = xero.get(), xero.get()
    assert [(answer.headers[MINUTE], answer.headers[DAY]) for answer in (first, second)] == [
        ("59", "999"),
        ("58", "998"),
    ]
    assert 9_900 < int(second.headers[APP]) < int(first.headers[APP]) < 10_000


@row("4 X-DayLimit-Remaining, X-MinLimit-Remaining")
def test_the_headers_come_with_errors_too(xero: Xero, sandbox: Controls) -> None:
    errors = [xero.put({}), xero.send("GET", "/Contacts/nobody")]
    sandbox.limits(minute=0)
    errors.append(xero.get())
    assert [answer.status_code for answer in errors] == [400, 404, 429]
    assert all({MINUTE, DAY, APP} <= answer.headers.keys() for answer in errors)


@row("4 minute", "4 X-Rate-Limit-Problem", "4 Retry-After")
def test_the_61st_call_in_a_minute_is_refused(xero: Xero) -> None:
    statuses = [xero.get(page=1, pageSize=1).status_code for _ in range(60)]
    assert statuses == [200] * 60
    refused = xero.get()
    assert refused.status_code == 429
    assert refused.headers[PROBLEM].lower() == "minute"
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert refused.headers[MINUTE] == "0"


@row("4 window", "4 Retry-After")
def test_after_retry_after_calls_pass_again(xero: Xero, sandbox: Controls) -> None:
    sandbox.limits(minute=1)
    assert xero.get().status_code == 200
    refused = xero.get()
    assert refused.status_code == 429
    sandbox.advance(seconds=int(refused.headers["retry-after"]))
    assert xero.get().status_code == 200


@row("4 day", "4 Retry-After")
def test_the_day_limit(xero: Xero, sandbox: Controls, http: httpx2.Client) -> None:
    sandbox.limits(day=2)
    assert [xero.get().status_code for _ in range(2)] == [200, 200]
    refused = xero.get()
    assert (refused.status_code, refused.headers[PROBLEM].lower()) == (429, "day")
    assert 60 < int(refused.headers["retry-after"]) <= 86_400
    sandbox.advance(minutes=2)
    assert xero.get().status_code == 429
    sandbox.advance(seconds=int(refused.headers["retry-after"]))
    renewed = Xero(http, refresh(http, xero.token["refresh_token"]).json(), xero.tenant)
    assert renewed.get().status_code == 200


@row("4 minute", "4 day")
def test_limits_are_counted_per_organisation(xero: Xero, other: Xero, sandbox: Controls) -> None:
    sandbox.limits(minute=1)
    assert [one.get().status_code for one in (xero, xero, other)] == [200, 429, 200]


@row("4 app minute")
def test_the_app_limit_is_counted_over_all_organisations(xero: Xero, other: Xero) -> None:
    left = [int(one.get().headers[APP]) for one in (xero, other, xero)]
    assert left == [left[0], left[0] - 1, left[0] - 2]


@row("4 concurrent")
def test_the_sixth_call_in_progress_is_refused(xero: Xero, sandbox: Controls) -> None:
    sandbox.fault("slow", method="GET", path="/api.xro/2.0/Contacts", value=0.5, times=6)
    with ThreadPoolExecutor(6) as pool:
        answers = [task.result() for task in [pool.submit(xero.get, page=1, pageSize=1) for _ in range(6)]]
    (refused,) = [answer for answer in answers if answer.status_code == 429]
    assert refused.headers[PROBLEM].lower() == "concurrent"
    assert [answer.status_code for answer in answers].count(200) == 5
    assert xero.get().status_code == 200


@row("4 minute")
def test_identity_calls_are_not_limited(xero: Xero, sandbox: Controls, http: httpx2.Client) -> None:
    sandbox.limits(minute=0)
    answer = http.get("/connections", headers=bearer(xero.token))
    assert answer.status_code == 200
    assert MINUTE not in answer.headers


@row("4 minute")
def test_limits_can_be_off(xero: Xero, sandbox: Controls) -> None:
    sandbox.limits(minute=None, day=None, concurrent=None)
    assert {xero.get(page=1, pageSize=1).status_code for _ in range(70)} == {200}
