"""Checks answers against Karbon's OpenAPI file, as the response hook of an httpx2 client.

The published file is loose, and at places differs from what Karbon says elsewhere. What is done about it, and why:

- Unknown properties are allowed there, which would pass any misspelling: here an object may hold what its schema or
  `ALSO` names and nothing else.
- Texts are typed string even where Karbon says null (a card's OrganizationKey and RoleOrTitle, 2.5): a text that is
  not required may be null. So may UserDefinedIdentifier, which is required of a single record, but need not be set.
- Phones and addresses of a record's cards lack their keys, which responses have (2.5): in `ALSO`.
- A 401 is drawn flat in the schema, and under `error` in its example (2.11): both pass.
- A time has no decimals in lists and seven in single records (2.3): either passes here, the tests tell them apart.
- 405, 503 and whatever else is not documented is not checked here; the tests spell it out.
"""

import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2
import yaml
from openapi_schema_validator import OAS31Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

FILE = "karbon-openapi.yml"
KEY = r"[A-Za-z0-9]+"
PATHS = (
    (r"/v3/TenantSettings", "/v3/TenantSettings"),
    (r"/v3/Contacts", "/v3/Contacts"),
    (r"/v3/Organizations", "/v3/Organizations"),
    (rf"/v3/Contacts/{KEY}", "/v3/Contacts/{Contactkey}"),
    (rf"/v3/Organizations/{KEY}", "/v3/Organizations/{Organizationkey}"),
    (rf"/v3/BusinessCards/{KEY}", "/v3/BusinessCards/{BusinessCardKey}"),
    *(
        (
            rf"/v3/{kind}s/Get{kind}ByUserDefinedIdentifier\(.*\)",
            f"/v3/{kind}s/Get{kind}ByUserDefinedIdentifier(UserDefinedIdentifier='{{UserDefinedIdentifier}}')",
        )
        for kind in ("Contact", "Organization")
    ),
)
ALSO = {"GetTenantSettings": ("@odata.context",)}
PART_KEYS = {"PhoneNumbers": "PhoneNumberKey", "Addresses": "AddressKey"}
NEVER_NULL = ("EntityType", "EntityKey", "BusinessCardKey", "ContactKey", "RestrictionLevel", "MemberKey")
TIME = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{7})?Z$"


class OpenApi:
    """The document, and how many answers were checked against it (none where the folder is absent)."""

    def __init__(self, folder: Path) -> None:
        self.checked = 0
        self.present = folder.is_dir()
        self.document = _strict(_load(folder / FILE)) if self.present else {}
        self.registry: Registry[Any] = Registry().with_contents(
            [(FILE, self.document)], default_specification=DRAFT202012
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
        for pattern, template in PATHS:
            if re.fullmatch(pattern, path, re.DOTALL):
                return self._documented(template, method.lower(), str(status))
        return None

    def _documented(self, template: str, method: str, status: str) -> str | None:
        responses = self.document["paths"][template].get(method, {}).get("responses", {})
        if status not in responses:
            return None
        if "content" not in responses[status]:
            return ""
        path = quote(template.replace("~", "~0").replace("/", "~1"), safe="~")
        return f"{FILE}#/paths/{path}/{method}/responses/{status}/content/application~1json/schema"

    def check(self, reference: str, response: httpx2.Response) -> None:
        """Raises AssertionError with every deviation of the body from the schema."""
        if not reference:
            assert response.content == b""
            return
        assert response.headers["content-type"].startswith("application/json"), response.headers
        problems = self.problems(reference, response.json())
        assert problems == [], f"{response.request.method} {response.request.url} -> {response.status_code}"

    def problems(self, reference: str, body: Any) -> list[str]:
        """Every deviation of a JSON value from the schema, with its place."""
        validator = OAS31Validator({"$ref": reference}, registry=self.registry)
        return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(body)]


def _load(path: Path) -> dict[str, Any]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    with path.open(encoding="utf-8") as stream:
        document: dict[str, Any] = yaml.load(stream, Loader=loader)
    return document


def _strict(document: dict[str, Any]) -> dict[str, Any]:
    for name, schema in document["components"]["schemas"].items():
        for also in ALSO.get(name, ()):
            schema["properties"][also] = {}
        _tighten(schema)
    for operations in document["paths"].values():
        for operation in operations.values():
            for status, response in operation.get("responses", {}).items() if isinstance(operation, dict) else ():
                for content in response.get("content", {}).values():
                    _tighten(content["schema"])
                    content["schema"] = _whole(content["schema"], status)
    return document


def _whole(schema: dict[str, Any], status: str) -> dict[str, Any]:
    """A response's schema that allows nothing else; for a 401 in both of its shapes."""
    closed = {**schema, "unevaluatedProperties": False}
    if status != "401":
        return closed
    nested = {"type": "object", "required": ["error"], "properties": {"error": closed}, "additionalProperties": False}
    return {"anyOf": [nested, {**closed, "required": ["statusCode", "message"]}]}


def _tighten(schema: Any) -> None:
    """Closes what lies below `schema`; what an allOf puts together is closed by whoever holds it."""
    if not isinstance(schema, dict):
        return
    for part in schema.get("allOf", ()):
        _tighten(part)
    if isinstance(schema.get("items"), dict):
        _tighten(schema["items"])
        schema["items"]["unevaluatedProperties"] = False
    for name, value in schema.get("properties", {}).items():
        _tighten(value)
        _loosen(name, value, name in schema.get("required", ()))
        value["unevaluatedProperties"] = False
        if name in PART_KEYS and "items" in value:
            value["items"].get("properties", {}).setdefault(PART_KEYS[name], {"type": "string"})


def _loosen(name: str, value: dict[str, Any], required: bool) -> None:
    if value.get("format") == "date-time":
        value["pattern"] = TIME
    nullable = (not required and name not in NEVER_NULL) or name == "UserDefinedIdentifier"
    if value.get("type") == "string" and nullable:
        value["type"] = ["string", "null"]
