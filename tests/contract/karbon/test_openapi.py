"""The check against the OpenAPI file runs, and can fail."""

from typing import Any

import httpx2
import pytest

from .client import JSON, Karbon, KarbonControls
from .openapi import PATHS, OpenApi
from .rows import REFERENCE

needs_reference = pytest.mark.skipif(not REFERENCE.is_dir(), reason="the references are not beside the project")
TIME = "2026-01-02T03:04:05Z"
ROW: JSON = {
    "@odata.type": "#KarbonService.ContactSummaryDTO",
    "ContactKey": "29YXnqWcqCf3",
    "FullName": "Pat New",
    "LastModifiedDateTime": TIME,
}
SINGLE: JSON = {
    "@odata.context": "c",
    "@odata.type": "t",
    "ContactKey": "29YXnqWcqCf3",
    "FirstName": "Pat",
    "LastName": "New",
    "RestrictionLevel": "Public",
    "UserDefinedIdentifier": None,
}


@needs_reference
def test_every_documented_answer_is_checked(openapi: OpenApi, karbon: Karbon, sandbox: KarbonControls) -> None:
    before = openapi.checked
    key = karbon.person("open@api.example")
    card = karbon.card_of(key)
    karbon.put("Contacts", key)
    karbon.patch("Contacts", key, FirstName="P")
    karbon.put_card(card)
    karbon.send("GET", "/TenantSettings")
    karbon.listing("Organizations")
    karbon.listing(filter="Nonsense eq 'x'")
    karbon.send("GET", "/Contacts", headers={"AccessKey": ""})
    karbon.send("GET", "/Contacts/nobody")
    sandbox.limits(karbon_minute=0)
    karbon.listing()
    assert openapi.checked - before == 11


def answer(body: Any, method: str = "GET", path: str = "/v3/Contacts", status: int = 200) -> httpx2.Response:
    """An answer to a request, as the hook sees it; a str is plain text."""
    request = httpx2.Request(method, f"http://localhost{path}")
    kind = {"text": body} if isinstance(body, str) else {"json": body}
    return httpx2.Response(status, request=request, **kind)


def listed(**changes: Any) -> JSON:
    """A list of one good row, changed; Ellipsis leaves a name out."""
    row = {name: value for name, value in {**ROW, **changes}.items() if value is not ...}
    return {"@odata.context": "c", "@odata.count": 1, "value": [row]}


@needs_reference
@pytest.mark.parametrize(
    "body",
    [
        listed(EmailAdress="a@example.com"),
        listed(BusinessCards=[]),
        listed(FullName=None),
        listed(FullName=...),
        listed(ContactKey=None),
        listed(ContactType=7),
        listed(LastModifiedDateTime="2026-01-02"),
        listed(LastModifiedDateTime="2026-01-02T03:04:05.123Z"),
        {"@odata.context": "c", "value": []},
        {"@odata.context": "c", "@odata.count": "1", "value": []},
        {"@odata.context": "c", "@odata.count": 1, "value": [], "@odata.nextlink": "x"},
        {"@odata.context": "c", "@odata.count": 1, "value": {}},
        [],
        "<html>",
    ],
    ids=str,
)
def test_a_wrong_list_is_caught(openapi: OpenApi, body: Any) -> None:
    with pytest.raises(AssertionError):
        openapi.hook(answer(body))


@needs_reference
@pytest.mark.parametrize(
    "changes",
    [
        {"FullName": "x"},
        {"LastName": None},
        {"RestrictionLevel": "Secret"},
        {"BusinessCards": [{"Nonsense": 1}]},
        {"BusinessCards": [{"PhoneNumbers": [{"Phone": "1"}]}]},
        {"BusinessCards": [{"Addresses": [{"Label": "Billing"}]}]},
        {"BusinessCards": [{"EmailAddresses": [{"Email": "x"}]}]},
        {"AccountingDetail": {"Nonsense": 1}},
        {"EntityDescription": {"Txt": "x"}},
        {"LastModifiedDateTime": "yesterday"},
    ],
    ids=str,
)
def test_a_wrong_record_is_caught(openapi: OpenApi, changes: JSON) -> None:
    openapi.hook(answer(SINGLE, path="/v3/Contacts/29YXnqWcqCf3"))
    with pytest.raises(AssertionError):
        openapi.hook(answer(SINGLE | changes, path="/v3/Contacts/29YXnqWcqCf3"))


@needs_reference
def test_good_ones_pass(openapi: OpenApi) -> None:
    openapi.hook(answer(listed(EmailAddress=None, UserDefinedIdentifier=None)))
    parts = {"PhoneNumbers": [{"PhoneNumberKey": "k", "Number": "1"}], "Addresses": [{"AddressKey": "k"}]}
    openapi.hook(answer(SINGLE | {"BusinessCards": [parts]}, path="/v3/Contacts/29YXnqWcqCf3"))


@needs_reference
@pytest.mark.parametrize(
    ("method", "path", "status", "body"),
    [
        ("GET", "/v3/Organizations/29YXnqWcqCf3", 200, {**SINGLE, "OrganizationKey": "x", "FullName": "x"}),
        ("GET", "/v3/TenantSettings", 200, {"ContactTypes": ["Client"]}),
        ("GET", "/v3/BusinessCards/29YXnqWcqCf3", 200, {"Email": "x"}),
        ("GET", "/v3/Contacts/GetContactByUserDefinedIdentifier(UserDefinedIdentifier='x')", 200, {}),
        ("GET", "/v3/Organizations/GetOrganizationByUserDefinedIdentifier(UserDefinedIdentifier='x')", 200, {}),
        ("POST", "/v3/Contacts", 201, SINGLE | {"Nonsense": 1}),
        ("PATCH", "/v3/Contacts/29YXnqWcqCf3", 200, SINGLE | {"BusinessCards": []}),
        ("PUT", "/v3/Contacts/29YXnqWcqCf3", 204, SINGLE),
        ("PUT", "/v3/Contacts/29YXnqWcqCf3", 409, {"statusCode": "409", "message": "x"}),
        ("GET", "/v3/Contacts", 400, {"error": {"code": 4002, "message": "x"}}),
        ("GET", "/v3/Contacts", 400, {"error": {"code": "4002"}}),
        ("GET", "/v3/Contacts", 401, {"error": {"code": "401", "message": "x"}}),
        ("GET", "/v3/Contacts", 401, {"message": "x"}),
        ("GET", "/v3/Contacts", 429, {"error": {"statusCode": "429", "message": "x"}}),
        ("PUT", "/v3/Contacts/29YXnqWcqCf3", 404, {"error": {"code": "4004", "message": "x"}}),
    ],
)
def test_every_path_and_refusal_is_checked(openapi: OpenApi, method: str, path: str, status: int, body: Any) -> None:
    with pytest.raises(AssertionError):
        openapi.hook(answer(body, method, path, status))


@needs_reference
def test_undocumented_statuses_and_marked_requests_are_let_through(openapi: OpenApi) -> None:
    before = openapi.checked
    openapi.hook(answer("", status=503))
    request = httpx2.Request("GET", "http://localhost/v3/Contacts", extensions={"unchecked": "broken"})
    openapi.hook(httpx2.Response(200, text="<html>", request=request))
    assert openapi.checked == before


@needs_reference
def test_every_path_is_one_of_the_document(openapi: OpenApi) -> None:
    assert {template for _, template in PATHS} <= set(openapi.document["paths"])


def test_an_absent_folder_switches_the_check_off(tmp_path: Any) -> None:
    checker = OpenApi(tmp_path / "absent")
    checker.hook(answer({"value": "nonsense"}))
    assert checker.checked == 0
