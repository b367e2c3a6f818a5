"""The check against the OpenAPI files runs, and can fail."""

from typing import Any

import httpx2
import pytest

from .client import JSON, Xero, contacts
from .openapi import PATHS, OpenApi
from .rows import REFERENCE
from .signin import connections

needs_reference = pytest.mark.skipif(not REFERENCE.is_dir(), reason="the references are not beside the project")
LIST = "/api.xro/2.0/Contacts"
ID = "8138a266-fb42-49b2-a104-014b7045753d"


@needs_reference
def test_openapi_check_ran(openapi: OpenApi, xero: Xero, http: httpx2.Client) -> None:
    before = openapi.checked
    connections(http, xero.token)
    (created,) = contacts(xero.put({"Name": "Checked"}))
    xero.update(created["ContactID"], FirstName="Again")
    xero.put({"Name": "Checked"})
    xero.page()
    xero.send("GET", "/Organisation")
    assert openapi.checked - before == 7


def answer(body: Any, method: str = "GET", path: str = LIST, status: int = 200) -> httpx2.Response:
    """An answer to a request, as the hook sees it; a str is plain text."""
    request = httpx2.Request(method, f"http://localhost{path}")
    kind = {"text": body} if isinstance(body, str) else {"json": body}
    return httpx2.Response(status, request=request, **kind)


def listed(**changes: Any) -> JSON:
    """A list of one good contact, changed."""
    return {"Status": "OK", "Contacts": [{"ContactID": ID, "Name": "A", **changes}]}


@needs_reference
@pytest.mark.parametrize(
    "body",
    [
        listed(EmailAdress="a@example.com"),
        listed(TaxNumbeType="EIN"),
        listed(ContactID="no-uuid"),
        listed(ContactStatus="SLEEPING"),
        listed(EmailAddress=None),
        listed(Name="n" * 256),
        listed(Name=""),
        listed(UpdatedDateUTC="2026-11-22T10:00:00"),
        listed(Phones=[{"PhoneType": "DEFAULT", "Number": "1"}]),
        listed(Addresses=[{"AddressType": "DELIVERY"}]),
        listed(IsCustomer="true"),
        {"Contacts": [{"ContactID": ID}]},
        {"Contacts": [], "pagination": {"page": "1"}},
        {"Contacts": {}},
        {"contacts": []},
    ],
    ids=str,
)
def test_a_wrong_list_is_caught(openapi: OpenApi, body: JSON) -> None:
    with pytest.raises(AssertionError):
        openapi.hook(answer(body))


@needs_reference
def test_a_good_list_passes(openapi: OpenApi) -> None:
    openapi.hook(answer(listed(Phones=[{"PhoneType": "DDI"}], UpdatedDateUTC="/Date(1551459777193+0000)/")))


@needs_reference
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", f"{LIST}/{ID}", listed(Nonsense=1)),
        ("GET", f"{LIST}/a-number", listed(Nonsense=1)),
        ("POST", f"{LIST}/{ID}", listed(Nonsense=1)),
        ("PUT", LIST, listed(Nonsense=1)),
        ("GET", "/api.xro/2.0/Organisation", {"Organisations": [{"ShortCod": "!1"}]}),
        ("GET", "/connections", [{"id": "no-uuid"}]),
        ("GET", "/connections", [{"id": ID, "createdDateUtc": "2019-12-07T18:46:19Z"}]),
        ("POST", "/connect/token", {"access_token": 1}),
    ],
)
def test_every_path_is_checked(openapi: OpenApi, method: str, path: str, body: Any) -> None:
    with pytest.raises(AssertionError):
        openapi.hook(answer(body, method, path))


@needs_reference
def test_a_refusal_and_a_body_that_is_no_json_are_checked(openapi: OpenApi) -> None:
    with pytest.raises(AssertionError):
        openapi.hook(answer("<html>"))
    wrong = {"ErrorNumber": 10, "Elements": [{"ContactID": ID, "Nonsense": 1}]}
    with pytest.raises(AssertionError):
        openapi.hook(answer(wrong, "PUT", status=400))


@needs_reference
def test_undocumented_statuses_and_marked_requests_are_let_through(openapi: OpenApi) -> None:
    before = openapi.checked
    openapi.hook(answer("", status=429))
    request = httpx2.Request("GET", f"http://localhost{LIST}", extensions={"unchecked": "broken"})
    openapi.hook(httpx2.Response(200, text="<html>", request=request))
    assert openapi.checked == before


@needs_reference
@pytest.mark.parametrize(("name", "path"), sorted({(name, path) for _, name, path in PATHS}))
def test_the_documents_own_examples_pass_but_for_their_typo(openapi: OpenApi, name: str, path: str) -> None:
    example = _example(openapi.documents[name]["paths"][path])
    if example is not None:
        problems = openapi.problems(f"{name}{_place(path)}", example)
        assert [one for one in problems if "'TaxNumbeType' was unexpected" not in one] == []


def _example(operations: JSON) -> Any:
    answers = operations.get("get", {}).get("responses", {}).get("200", {})
    return answers.get("content", {}).get("application/json", {}).get("example")


def _place(path: str) -> str:
    escaped = path.replace("/", "~1").replace("{", "%7B").replace("}", "%7D")
    return f"#/paths/{escaped}/get/responses/200/content/application~1json/schema"


def test_an_absent_folder_switches_the_check_off(tmp_path: Any) -> None:
    checker = OpenApi(tmp_path / "absent")
    checker.hook(answer({"Contacts": "nonsense"}))
    assert checker.checked == 0
