"""Checks answers against Xero's OpenAPI files, as the response hook of an httpx2 client.

The published files are loose and at places wrong (xero.md 9). What is done about it, and why:

- Unknown properties are allowed there, which would pass any misspelling: here an object may hold what its
  schema or `ALSO` names and nothing else. This also refuses `TaxNumbeType`, a typo in the files' examples.
- `Name` is not marked required: a contact that is read must have `ContactID` and `Name`.
- `/Contacts/{ContactID}` and `/Contacts/{ContactNumber}` are one path to a matcher: `PATHS` tells them apart.
- Connection dates are typed date-time but have no zone (1.7): checked by a pattern of seven digits instead.
  If-Modified-Since has the same fault; requests are not checked here.
- `/Date(…)/` is typed as a bare string: checked by a pattern, as are uuids (formats are only annotations).
- `Element` leaves out what a refused element echoes (3, "without"): a contact's properties may be there, with any
  value, since a value was just what was refused.
- 401, 403, 404, 429 and 5xx are not documented: not checked here, their tests spell them out.
- `summarizeErrors` has a wrong default and `page` a wrong size: parameters are the tests' matter.
"""

import re
from pathlib import Path
from typing import Any

import httpx2
import yaml
from openapi_schema_validator import OAS30Validator
from referencing import Registry
from referencing.jsonschema import DRAFT4

UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
ACCOUNTING, IDENTITY = "xero-openapi.yaml", "xero-identity-openapi.yaml"
PATHS = (
    (r"/api\.xro/2\.0/Contacts", ACCOUNTING, "/Contacts"),
    (rf"/api\.xro/2\.0/Contacts/{UUID}", ACCOUNTING, "/Contacts/{ContactID}"),
    (r"/api\.xro/2\.0/Contacts/[^/]+", ACCOUNTING, "/Contacts/{ContactNumber}"),
    (r"/api\.xro/2\.0/Organisation", ACCOUNTING, "/Organisation"),
    (r"/[cC]onnections", IDENTITY, "/Connections"),
    (r"/[cC]onnections/[^/]+", IDENTITY, "/Connections/{id}"),
)
ENVELOPE = ("Id", "Status", "ProviderName", "DateTimeUTC")
ALSO = {
    "Contacts": ENVELOPE,  # 2.6, and the files' own examples
    "Organisations": ENVELOPE,
    "Contact": ("Warnings",),  # 3, "with false"
    "Phone": ("ValidationErrors",),  # 3, "nested errors"
    "Address": ("ValidationErrors",),
    "ContactPerson": ("ValidationErrors",),
    "Bill": ("ValidationErrors",),
    "AccessToken": ("scope",),  # 1.3
}
FORMATS = {
    "uuid": rf"^{UUID}$",
    "date-time": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}$",
}
MS_DATE = r"^/Date\(-?\d+([+-]\d{4})?\)/$"


class OpenApi:
    """The two documents, and how many answers were checked against them (none where the folder is absent)."""

    def __init__(self, folder: Path) -> None:
        self.checked = 0
        self.present = folder.is_dir()
        names = (ACCOUNTING, IDENTITY) if self.present else ()
        self.documents = {name: _strict(_load(folder / name)) for name in names}
        self.registry: Registry[Any] = Registry().with_contents(
            [(name, document) for name, document in self.documents.items()], default_specification=DRAFT4
        )

    def hook(self, response: httpx2.Response) -> None:
        """Checks one answer. A request with the extension `unchecked` (the reason) is let through."""
        if "unchecked" in response.request.extensions or not self.present:
            return
        expected = self._expected(response.request.method, response.request.url.path, response.status_code)
        if expected is None:
            return
        response.read()
        self.check(expected, response)
        self.checked += 1

    def _expected(self, method: str, path: str, status: int) -> str | None:
        """Reference to the answer's schema, "" where it has no body, None where it is not documented."""
        if (method, path, status) == ("POST", "/connect/token", 200):
            return f"{IDENTITY}#/components/schemas/AccessToken"
        for pattern, name, template in PATHS:
            if re.fullmatch(pattern, path):
                return self._documented(name, template, method.lower(), str(status))
        return None

    def _documented(self, name: str, template: str, method: str, status: str) -> str | None:
        responses = self.documents[name]["paths"][template].get(method, {}).get("responses", {})
        if status not in responses:
            return None
        if "$ref" in responses[status]:
            return f"{name}{responses[status]['$ref']}/content/application~1json/schema"
        if "content" not in responses[status]:
            return ""
        path = template.replace("/", "~1").replace("{", "%7B").replace("}", "%7D")
        return f"{name}#/paths/{path}/{method}/responses/{status}/content/application~1json/schema"

    def check(self, reference: str, response: httpx2.Response) -> None:
        """Raises AssertionError with every deviation of the body from the schema."""
        if not reference:
            assert response.status_code != 204 or response.content == b""
            return
        assert response.headers["content-type"].startswith("application/json"), response.headers
        body = response.json()
        problems = self.problems(reference, body)
        if response.request.method == "GET" and isinstance(body, dict):
            problems += [
                f"a contact without {key}: {contact}"
                for contact in body.get("Contacts", ())
                for key in ("ContactID", "Name")
                if not contact.get(key)
            ]
        assert problems == [], f"{response.request.method} {response.request.url} -> {response.status_code}"

    def problems(self, reference: str, body: Any) -> list[str]:
        """Every deviation of a JSON value from the schema, with its place."""
        validator = OAS30Validator({"$ref": reference}, registry=self.registry)
        return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(body)]


def _load(path: Path) -> dict[str, Any]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    with path.open(encoding="utf-8") as stream:
        document: dict[str, Any] = yaml.load(stream, Loader=loader)
    return document


def _strict(document: dict[str, Any]) -> dict[str, Any]:
    schemas = document["components"]["schemas"]
    for name, schema in schemas.items():
        if "properties" in schema:
            also = (*schemas["Contact"]["properties"], *ALSO["Contact"]) if name == "Element" else ALSO.get(name, ())
            schema["properties"] = {key: {} for key in also} | schema["properties"]
            schema["additionalProperties"] = False
            for value in schema["properties"].values():
                _with_pattern(value)
    return document


def _with_pattern(schema: dict[str, Any]) -> None:
    if schema.get("format") in FORMATS:
        schema["pattern"] = FORMATS[schema.pop("format")]
    if schema.get("x-is-msdate-time") or schema.get("x-is-msdate"):
        schema["pattern"] = MS_DATE
