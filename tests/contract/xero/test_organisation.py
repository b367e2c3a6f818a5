"""GET /Organisation and the contact's page on the web (xero.md 7)."""

import httpx2

from .client import Xero
from .rows import row
from .signin import connections


@row("7 Organisation")
def test_the_organisation(xero: Xero, http: httpx2.Client) -> None:
    answer = xero.send("GET", "/Organisation")
    assert answer.status_code == 200
    (organisation,) = answer.json()["Organisations"]
    names = "Name LegalName CountryCode BaseCurrency IsDemoCompany OrganisationID ShortCode Timezone"
    assert organisation.keys() >= {*names.split(), "Addresses", "Phones"}
    assert organisation["ShortCode"].startswith("!")
    assert (len(organisation["CountryCode"]), len(organisation["BaseCurrency"])) == (2, 3)
    named = {one["tenantId"]: one["tenantName"] for one in connections(http, xero.token)}
    assert organisation["Name"] == named[xero.tenant]


@row("7 Organisation")
def test_organisations_differ(xero: Xero, other: Xero) -> None:
    pair = [one.send("GET", "/Organisation").json()["Organisations"][0] for one in (xero, other)]
    for key in ("OrganisationID", "ShortCode", "Name"):
        assert pair[0][key] != pair[1][key]


@row("7 contact (current)")
def test_the_contacts_page_shows_it_escaped(xero: Xero, http: httpx2.Client) -> None:
    short = xero.send("GET", "/Organisation").json()["Organisations"][0]["ShortCode"]
    contact = xero.create("Bold <b> & Sons")
    for code in (short, short.replace("!", "%21")):
        page = http.get(f"/app/{code}/contacts/contact/{contact}")
        assert page.status_code == 200
        assert page.headers["content-type"].startswith("text/html")
        assert "Bold &lt;b&gt; &amp; Sons" in page.text
    assert http.get(f"/app/!Wrong/contacts/contact/{contact}").status_code == 404
