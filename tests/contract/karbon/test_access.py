"""Who is let in (karbon.md 2.1)."""

import re

import httpx2
import pytest

from xerosync_tui.sandbox import SandboxServer

from .client import Karbon, KarbonControls, refusal
from .rows import row

NOBODY = {"Authorization": "", "AccessKey": ""}


@row("2.1 Base URL", "2.1 Smoke test", "2.4 GET `/v3/TenantSettings`")
def test_the_smoke_test_answers_below_v3(karbon: Karbon, server: SandboxServer) -> None:
    assert server.environment()["XEROSYNC_KARBON_API_URL"] == server.url
    answer = karbon.send("GET", "/TenantSettings")
    assert (answer.status_code, answer.json()["@odata.context"].startswith(f"{server.url}/v3/")) == (200, True)


@row("2.1 Token is a 36-character GUID")
def test_the_credentials_have_the_form_of_karbons(server: SandboxServer) -> None:
    environment = server.environment()
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", environment["XEROSYNC_KARBON_TOKEN"])
    assert re.fullmatch(r"eyJ[\w-]+\.[\w-]+\.[\w-]+", environment["XEROSYNC_KARBON_ACCESS_KEY"])


@row("2.1 Two headers on every request", "2.1 Token is a 36-character GUID", "2.11 401")
@pytest.mark.parametrize(
    "change",
    ["no token", "no key", "neither", "wrong token", "wrong key", "swapped", "no scheme", "basic"],
)
@pytest.mark.parametrize("path", ["/TenantSettings", "/Contacts", "/Organizations/nobody", "/nothing"])
def test_both_headers_are_needed_each_with_its_own_value(karbon: Karbon, change: str, path: str) -> None:
    token, key = karbon.headers["Authorization"].partition(" ")[2], karbon.headers["AccessKey"]
    headers = {
        "no token": {"Authorization": ""},
        "no key": {"AccessKey": ""},
        "neither": NOBODY,
        "wrong token": {"Authorization": f"Bearer {token[::-1]}"},
        "wrong key": {"AccessKey": key[:-1]},
        "swapped": {"Authorization": f"Bearer {key}", "AccessKey": token},
        "no scheme": {"Authorization": token},
        "basic": {"Authorization": f"Basic {token}"},
    }[change]
    assert refusal(karbon.send("GET", path, headers=headers)) == (401, "401")


@row("2.1 Two headers on every request")
def test_the_scheme_may_have_any_case(karbon: Karbon) -> None:
    token = karbon.headers["Authorization"].replace("Bearer", "bearer")
    assert karbon.send("GET", "/TenantSettings", headers={"Authorization": token}).status_code == 200


@row("2.11 401")
@pytest.mark.parametrize("shape", ["nested", "flat"])
def test_a_401_in_both_shapes(karbon: Karbon, sandbox: KarbonControls, shape: str) -> None:
    sandbox.karbon_switch(unauthorized_body=shape)
    body = karbon.send("GET", "/TenantSettings", headers=NOBODY).json()
    error = {"statusCode": "401", "message": "JWT not present."}
    assert body == ({"error": error} if shape == "nested" else error)


@row("2.1 Not OAuth")
def test_credentials_hold_until_somebody_takes_them_away(karbon: Karbon, sandbox: KarbonControls) -> None:
    sandbox.advance(days=3650)
    assert karbon.listing().status_code == 200
    sandbox.fault("token_revoked", path="/v3/")
    assert [karbon.listing().status_code for _ in range(2)] == [401, 401]
    sandbox.reset()
    assert karbon.listing().status_code == 200


@row("2.1 Endpoints are permission-gated")
def test_an_endpoint_that_was_not_granted(karbon: Karbon, sandbox: KarbonControls) -> None:
    sandbox.fault("insufficient_scope", path="/v3/BusinessCards", times=9)
    answer = karbon.send("GET", "/BusinessCards/nothing")
    assert (answer.status_code, answer.json()) == (403, {"statusCode": "403", "message": "Forbidden"})
    assert karbon.listing().status_code == 200


@row("2.1 **One API application per Karbon account**")
def test_all_clients_share_one_application_and_its_limit(karbon: Karbon, sandbox: KarbonControls) -> None:
    sandbox.limits(karbon_minute=1)
    with httpx2.Client(base_url=karbon.http.base_url, trust_env=False) as http:
        other = Karbon(http, karbon.headers["Authorization"].partition(" ")[2], karbon.headers["AccessKey"])
        assert [one.listing().status_code for one in (karbon, other)] == [200, 429]


@row("2.1 HMAC, ETag")
def test_no_etag_is_given_and_conditions_and_keys_are_not_heeded(karbon: Karbon) -> None:
    headers = {"Idempotency-Key": "key-1", "If-Match": '"never"'}
    body = {"FirstName": "Twice", "LastName": "Made"}
    answers = [karbon.send("POST", "/Contacts", json=body, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert len({answer.json()["ContactKey"] for answer in answers}) == 2
    read = karbon.send("GET", f"/Contacts/{answers[0].json()['ContactKey']}", headers={"If-None-Match": "*"})
    assert (read.status_code, "etag" in read.headers) == (200, False)
