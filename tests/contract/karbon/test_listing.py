"""Pages, their order and their borders (karbon.md 2.3)."""

from urllib.parse import parse_qs, urlsplit

import pytest

from .client import KEYS, Karbon, KarbonControls, both, refusal
from .rows import row

MANY = 215


@pytest.fixture
def many(karbon: Karbon, sandbox: KarbonControls) -> list[str]:
    """Keys of people that share a type, more than two pages of them."""
    people = [{"FirstName": f"Many {number:03}", "LastName": "M", "ContactType": "Inactive"} for number in range(MANY)]
    return [sandbox.karbon_edit("create", kind="Contact", record=person)["key"] for person in people]


OF_MANY = {"filter": "ContactType eq 'Inactive'", "orderby": "FullName"}


@row("2.3 Envelope", "2.3 Count", "2.4 GET `/v3/Contacts`", "2.4 GET, POST `/v3/Organizations`")
def test_the_envelope(karbon: Karbon) -> None:
    for resource, key in KEYS.items():
        body = karbon.listing(resource, filter="FullName eq 'nobody at all'").json()
        assert (body["@odata.count"], body["value"]) == (0, [])
        assert body.keys() == {"@odata.context", "@odata.count", "value"}
        full = karbon.listing(resource).json()
        assert full["@odata.context"].endswith(f"/v3/$metadata#{resource}/KarbonService.{key[:-3]}SummaryDTO")
        assert {one["@odata.type"] for one in full["value"]} == {f"#KarbonService.{key[:-3]}SummaryDTO"}


@row("2.3 Page size", "2.3 Next page", "2.3 Count", "2.3 Stable order")
def test_100_to_a_page_and_each_row_once(karbon: Karbon, many: list[str]) -> None:
    pages = list(karbon.pages(**OF_MANY))
    assert [len(page) for page in pages] == [100, 100, 15]
    assert [one["ContactKey"] for page in pages for one in page] == many
    assert karbon.listing(**OF_MANY).json()["@odata.count"] == MANY


@row("2.3 `$skip`", "2.3 Next page")
def test_a_next_link_leads_past_the_documented_maximum_of_skip(karbon: Karbon, many: list[str]) -> None:
    second = karbon.listing(**OF_MANY, skip=100).json()
    link = urlsplit(second["@odata.nextLink"])
    assert f"{link.scheme}://{link.netloc}" == str(karbon.http.base_url).rstrip("/")
    assert parse_qs(link.query)["$skip"] == ["200"]
    assert "@odata.nextLink" not in karbon.listing(**OF_MANY, skip=200).json()
    assert karbon.rows(**OF_MANY, skip=9999) == []


@row("2.3 nextLink keeps filter/order?", "2.3 Stable order")
@pytest.mark.parametrize("keeps", [True, False])
def test_a_next_link_keeps_the_query_or_only_skips(
    karbon: Karbon, sandbox: KarbonControls, many: list[str], keeps: bool
) -> None:
    sandbox.karbon_switch(next_link_keeps_query=keeps)
    link = karbon.listing(**OF_MANY).json()["@odata.nextLink"]
    query = parse_qs(urlsplit(link).query)
    kept = {"$filter": [OF_MANY["filter"]], "$orderby": [OF_MANY["orderby"]]} if keeps else {}
    assert query == {**kept, "$skip": ["100"]}
    followed = karbon.http.get(link, headers=karbon.headers).json()
    assert (followed["@odata.count"] == MANY) is keeps


@row("2.3 `$top` above 100")
def test_top_above_100_is_refused_or_capped(karbon: Karbon, sandbox: KarbonControls, many: list[str]) -> None:
    refused = karbon.listing(top=130)
    assert refusal(refused) == (400, "4002")
    assert "limit of '100' for Top query" in refused.json()["error"]["message"]
    sandbox.karbon_switch(top_over_100="cap")
    assert len(karbon.rows(**OF_MANY, top=130)) == 100


@row("2.3 nextLink keeps filter/order?", "2.3 `$top` above 100")
@pytest.mark.parametrize("after", [True, False])
def test_top_with_and_without_a_next_link(
    karbon: Karbon, sandbox: KarbonControls, many: list[str], after: bool
) -> None:
    sandbox.karbon_switch(next_link_after_top=after)
    body = karbon.listing(**OF_MANY, top=10).json()
    assert ([one["ContactKey"] for one in body["value"]], body["@odata.count"]) == (many[:10], MANY)
    assert ("@odata.nextLink" in body) is after
    if after:
        assert [len(page) for page in karbon.pages(**OF_MANY, top=100)] == [100, 100, 15]
    assert karbon.rows(top=0) == []


@row("2.3 Stable order")
@pytest.mark.parametrize("order", ["key", "shifting"])
def test_without_orderby_page_borders_may_shift(
    karbon: Karbon, sandbox: KarbonControls, many: list[str], order: str
) -> None:
    sandbox.karbon_switch(default_order=order)
    unordered = [[one["ContactKey"] for page in karbon.pages() for one in page] for _ in range(2)]
    assert (unordered[0] == unordered[1]) is (order == "key")
    ordered = [[one["ContactKey"] for page in karbon.pages(orderby="FullName") for one in page] for _ in range(2)]
    assert ordered[0] == ordered[1]
    assert len(set(ordered[0])) == len(ordered[0])


@row("2.3 `/v3/Contacts`", "2.3 `/v3/Organizations`")
@pytest.mark.parametrize("field", ["FullName", "LastModifiedDateTime"])
def test_orders(karbon: Karbon, field: str) -> None:
    for resource in KEYS:
        up = [one[field].casefold() for page in karbon.pages(resource, orderby=field) for one in page]
        down = [one[field].casefold() for page in karbon.pages(resource, orderby=f"{field} desc") for one in page]
        assert up == sorted(up)
        assert down == sorted(up, reverse=True)
        assert len(set(up)) > 50


@row("2.3 **LastModifiedDateTime can be sorted on but not filtered on.**")
def test_what_changed_last_comes_first(karbon: Karbon, sandbox: KarbonControls) -> None:
    keys = [one["ContactKey"] for one in karbon.rows(orderby="LastModifiedDateTime desc")]
    karbon.patch("Contacts", keys[40], PreferredName="First")
    sandbox.advance(seconds=1)
    karbon.patch("Contacts", keys[50], PreferredName="Firster")
    after = [one["ContactKey"] for one in karbon.rows(orderby="LastModifiedDateTime desc")]
    assert after[:3] == [keys[50], keys[40], keys[0]]
    for text in ("LastModifiedDateTime eq '2026-01-01'", "LastModifiedDateTime gt 2026-01-01T00:00:00Z"):
        assert both(lambda resource: refusal(karbon.listing(resource, filter=text))) == [(400, "4002")] * 2  # noqa: B023


@row("2.3 `/v3/Contacts`", "2.11 400")
@pytest.mark.parametrize("order", ["EmailAddress", "ContactKey", "FullName sideways", "FullName,LastModifiedDateTime"])
def test_other_orders_are_refused(karbon: Karbon, order: str) -> None:
    assert both(lambda resource: refusal(karbon.listing(resource, orderby=order))) == [(400, "4002")] * 2


@row("2.11 400", "2.3 Page size", "2.5 list rows have no cards", "2.13 no batch")
@pytest.mark.parametrize(
    "option",
    [
        {"expand": "BusinessCards"},
        {"count": "true"},
        {"search": "x"},
        {"apply": "x"},
        {"skip": "-1"},
        {"skip": "x"},
        {"top": "-1"},
        {"top": "x"},
        {"top": "1.5"},
    ],
    ids=str,
)
def test_options_that_lists_do_not_take(karbon: Karbon, option: dict[str, str]) -> None:
    assert both(lambda resource: refusal(karbon.listing(resource, **option))) == [(400, "4002")] * 2


@row("2.3 `$select`")
def test_select_is_refused_or_works(karbon: Karbon, sandbox: KarbonControls) -> None:
    assert refusal(karbon.listing(select="FullName")) == (400, "4002")
    sandbox.karbon_switch(select_works=True)
    answer = karbon.send("GET", "/Contacts", params={"$select": "FullName,EmailAddress"}, unchecked="a part of a row")
    assert {tuple(one) for one in answer.json()["value"]} == {("@odata.type", "FullName", "EmailAddress")}
