"""GET and DELETE /connections (xero.md 1.1, 1.7)."""

import re
from uuid import uuid4

import httpx2
import pytest

from .client import Xero
from .rows import row
from .signin import ConsentPage, authorize, bearer, connections, refresh, sign_in

DATE = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}"


@row(
    "1.1 list connections",
    "1.7 id",
    "1.7 tenantId",
    "1.7 tenantType",
    "1.7 tenantName",
    "1.7 createdDateUtc, updatedDateUtc",
)
@pytest.mark.parametrize("path", ["/connections", "/Connections"])
def test_the_organisations_of_a_consent(http: httpx2.Client, path: str) -> None:
    listed = http.get(path, headers=bearer(sign_in(http))).json()
    assert [one["tenantType"] for one in listed].count("ORGANISATION") >= 2
    assert {one["tenantType"] for one in listed} <= {"ORGANISATION", "PRACTICE"}
    assert len({one["id"] for one in listed} | {one["tenantId"] for one in listed}) == 2 * len(listed)
    assert all(one["tenantName"] for one in listed)
    assert all(re.fullmatch(DATE, one[key]) for one in listed for key in ("createdDateUtc", "updatedDateUtc"))


@row("1.7 authEventId", "1.1 list connections")
def test_connections_of_one_consent_share_an_event(http: httpx2.Client) -> None:
    first, second = ConsentPage(authorize(http).text).tenants[:2]
    sign_in(http, tenants=[first])
    token = sign_in(http, tenants=[second])
    events = {one["tenantId"]: one["authEventId"] for one in connections(http, token)}
    assert set(events) == {first, second}
    assert events[first] != events[second]
    chosen = http.get("/connections", headers=bearer(token), params={"authEventId": events[second]}).json()
    assert [one["tenantId"] for one in chosen] == [second]
    together = connections(http, sign_in(http, tenants=[first, second]))
    assert len({one["authEventId"] for one in together}) == 1


@row("1.7 tenantId", "1.8 API 403")
def test_only_the_organisations_that_were_ticked_are_connected(http: httpx2.Client) -> None:
    first, second = ConsentPage(authorize(http).text).tenants[:2]
    token = sign_in(http, tenants=[second])
    assert [one["tenantId"] for one in connections(http, token)] == [second]
    assert Xero(http, token, second).get().status_code == 200
    assert Xero(http, token, first).get().status_code == 403


@row("1.1 disconnect one organisation")
def test_disconnecting_one_organisation(http: httpx2.Client, xero: Xero, other: Xero) -> None:
    listed = {one["tenantId"]: one["id"] for one in connections(http, xero.token)}
    headers = bearer(xero.token)
    assert http.delete(f"/connections/{xero.tenant}", headers=headers).status_code == 404
    assert http.delete(f"/connections/{uuid4()}", headers=headers).status_code == 404
    answer = http.delete(f"/connections/{listed[xero.tenant]}", headers=headers)
    assert (answer.status_code, answer.content) == (204, b"")
    assert xero.tenant not in {one["tenantId"] for one in connections(http, xero.token)}
    assert (xero.get().status_code, other.get().status_code) == (403, 200)


@row("1.8 API 403")
def test_a_refresh_succeeds_while_the_organisation_is_gone(http: httpx2.Client, xero: Xero) -> None:
    for one in connections(http, xero.token):
        http.delete(f"/connections/{one['id']}", headers=bearer(xero.token))
    renewed = refresh(http, xero.token["refresh_token"]).json()
    assert connections(http, renewed) == []
    assert Xero(http, renewed, xero.tenant).get().status_code == 403


@row("1.7 createdDateUtc, updatedDateUtc")
def test_reconnecting_updates_the_connection(http: httpx2.Client) -> None:
    (tenant,) = ConsentPage(authorize(http).text).tenants[:1]
    (before,) = connections(http, sign_in(http, tenants=[tenant]))
    http.post("/_sandbox/clock", json={"advance": 60}).raise_for_status()
    (after,) = connections(http, sign_in(http, tenants=[tenant]))
    assert after["updatedDateUtc"] > before["updatedDateUtc"]
    assert after["createdDateUtc"] == before["createdDateUtc"]


@row("1.8 API 401")
def test_connections_need_a_token(http: httpx2.Client) -> None:
    assert http.get("/connections").status_code == 401
