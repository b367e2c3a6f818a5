"""What a list can be filtered by, and what it refuses (karbon.md 2.3)."""

import pytest

from .client import Karbon, KarbonControls, both, refusal
from .rows import row


@pytest.fixture(autouse=True)
def records(karbon: Karbon) -> None:
    """A person and an organization that the filters look for, and one of each that they must not find."""
    phone = [{"Number": "0870105555", "Label": "Work"}]
    card = {"EmailAddresses": ["Zed@Filter.example", "other@filter.example"], "PhoneNumbers": phone}
    karbon.create("Contacts", FirstName="Zed", LastName="O'Filter", ContactType="Client-VIP", BusinessCards=[card])
    karbon.create("Organizations", FullName="Zed O'Filter", ContactType="Client-VIP", BusinessCards=[card])
    karbon.create("Contacts", FirstName="Zedd", LastName="Filters", ContactType="Inactive")
    karbon.create("Organizations", FullName="Zedd Filters", ContactType="Inactive")


FOUND = ["Zed O'Filter"]


@row("2.3 `/v3/Contacts`", "2.3 `/v3/Organizations`", "2.3 String quoting")
@pytest.mark.parametrize(
    "text",
    [
        "FullName eq 'Zed O''Filter'",
        "EmailAddress eq 'Zed@Filter.example'",
        "contains(FullName, 'O''Filt')",
        "contains(EmailAddress,'@Filter.')",
        "(contains(FullName, 'Zed O'))",
        "FullName eq 'Zed O''Filter' and ContactType eq 'Client-VIP'",
        "contains(ContactType, 'VIP') and EmailAddress eq 'Zed@Filter.example'",
        "(FullName eq 'Zed O''Filter') and (contains(EmailAddress, 'zed') and contains(FullName, 'e'))",
    ],
)
def test_filters_of_both(karbon: Karbon, text: str) -> None:
    assert both(lambda resource: karbon.names(resource, filter=text)) == [FOUND, FOUND]


@row("2.3 Case")
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("FullName eq 'ZED o''filter'", FOUND),
        ("contains(FullName, 'ZED O')", FOUND),
        ("EmailAddress eq 'zed@FILTER.EXAMPLE'", FOUND),
        ("contains(EmailAddress, 'ZED@')", FOUND),
        ("contains(FullName, 'Zed O') and ContactType eq 'client-vip'", []),
    ],
)
def test_name_and_email_ignore_case(karbon: Karbon, text: str, found: list[str]) -> None:
    assert both(lambda resource: karbon.names(resource, filter=text)) == [found, found]


@row("2.3 `/v3/Contacts`")
@pytest.mark.parametrize("text", ["PhoneNumber eq '0870105555'", "contains(PhoneNumber, '7010555')"])
def test_people_are_filtered_by_phone_too(karbon: Karbon, text: str) -> None:
    assert karbon.names(filter=text) == FOUND


@row("2.3 `/v3/Organizations`", "2.11 400")
@pytest.mark.parametrize("text", ["PhoneNumber eq '0870105555'", "contains(PhoneNumber, '7010555')"])
def test_organizations_are_not_filtered_by_phone(karbon: Karbon, text: str) -> None:
    assert refusal(karbon.listing("Organizations", filter=text)) == (400, "4002")


@row("2.3 `/v3/Organizations`")
@pytest.mark.parametrize("takes", [True, False])
def test_organizations_take_contains_or_not(karbon: Karbon, sandbox: KarbonControls, takes: bool) -> None:
    sandbox.karbon_switch(organizations_contains=takes)
    text = "contains(FullName, 'Zed O')"
    assert karbon.names(filter=text) == FOUND
    answer = karbon.listing("Organizations", filter=text)
    assert answer.status_code == (200 if takes else 400)


@row("2.3 `startswith`, date functions", "2.3 `or`, `gt/ge/lt/le`", "2.11 400")
@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("startswith(FullName, 'Zed')", "startswith"),
        ("day(LastModifiedDateTime) eq 3", "day"),
        ("FullName ne 'Zed'", "NotEqual"),
        ("FullName eq 'Zed' or FullName eq 'Zedd'", "Or"),
        ("FullName gt 'Zed'", "GreaterThan"),
        ("FullName ge 'Zed'", "GreaterThanOrEqual"),
        ("FullName lt 'Zed'", "LessThan"),
        ("FullName le 'Zed'", "LessThanOrEqual"),
        ("not contains(FullName, 'Zed')", "Not"),
        ("Website eq 'www'", "Website"),
        ("UserDefinedIdentifier eq 'C00001'", "UserDefinedIdentifier"),
        ("Nonsense eq 'x'", "Nonsense"),
        ("FullName eq Zed", "Zed"),
        ("FullName eq 'Zed", "unterminated"),
        ("FullName eq", "Syntax"),
        ("(FullName eq 'Zed'", "Syntax"),
        ("FullName eq 'Zed')", "Syntax"),
        ("FullName eq 'Zed' and", "Syntax"),
        ("contains(FullName 'Zed')", "Syntax"),
        ("'Zed' eq FullName", "Syntax"),
    ],
)
def test_what_is_refused_says_why(karbon: Karbon, text: str, word: str) -> None:
    for resource in ("Contacts", "Organizations"):
        answer = karbon.listing(resource, filter=text)
        assert refusal(answer) == (400, "4002")
        assert word in answer.json()["error"]["message"]


@row("2.3 Third-party caution", "2.5 EmailAddress (one)")
@pytest.mark.parametrize(("mode", "found"), [("row", []), ("any", FOUND)])
def test_a_filter_by_email_may_find_other_emails_than_the_row_shows(
    karbon: Karbon, sandbox: KarbonControls, mode: str, found: list[str]
) -> None:
    sandbox.karbon_switch(email_filter=mode)
    text = "EmailAddress eq 'other@filter.example'"
    assert both(lambda resource: karbon.names(resource, filter=text)) == [found, found]
