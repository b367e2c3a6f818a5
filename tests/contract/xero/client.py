"""A plain Xero client and the sandbox's controls, as the tests use them."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2

from .signin import bearer

API = "/api.xro/2.0"
JSON = dict[str, Any]
PHONE_KEYS = ("PhoneNumber", "PhoneAreaCode", "PhoneCountryCode")


class Controls:
    """`/_sandbox/`: what tests do to the sandbox that no API client could."""

    def __init__(self, http: httpx2.Client) -> None:
        self.http = http

    def _post(self, name: str, body: JSON) -> JSON:
        response = self.http.post(f"/_sandbox/{name}", json=body)
        assert response.status_code == 200, response.text
        answer: JSON = response.json()
        return answer

    def reset(self, **options: int) -> None:
        """As at the start, with another seed or size if given."""
        self._post("reset", options)

    def state(self, **query: str) -> JSON:
        """The whole state; `contacts="0"` leaves the contacts out."""
        answer: JSON = self.http.get("/_sandbox/state", params=query).json()
        return answer

    def requests(self, kind: str) -> int:
        """How many requests of a kind ("PUT /Contacts") were received."""
        return int(self.state(contacts="0")["requests"].get(kind, 0))

    def edit(self, op: str, **details: Any) -> JSON:
        """What a user does in the web app (or `raw`, what nobody could)."""
        return self._post("edit", {"op": op, **details})

    def fault(self, kind: str, **details: Any) -> None:
        """The next matching request goes wrong."""
        self._post("fault", {"method": "*", "path": "*", "kind": kind} | details)

    def advance(self, **units: float) -> None:
        """Moves the sandbox's clock, by timedelta's units."""
        self._post("clock", {"advance": timedelta(**units).total_seconds()})

    def limits(self, **limits: int | None) -> None:
        """Changes rate limits; None is off."""
        self._post("limits", limits)

    def switch(self, **switches: Any) -> None:
        """Chooses how a behaviour plays that the reference marks unknown."""
        self._post("switches", switches)


class Xero:
    """One organisation over the Accounting API; answers pass the OpenAPI hook of the client."""

    def __init__(self, http: httpx2.Client, token: JSON, tenant: str) -> None:
        self.http, self.token, self.tenant = http, token, tenant
        self.headers = bearer(token) | {"xero-tenant-id": tenant}

    def send(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        headers: dict[str, str] | None = None,
        unchecked: str = "",
        **params: Any,
    ) -> httpx2.Response:
        """One request. `unchecked` says why the answer is not held against the OpenAPI files."""
        extensions = {"unchecked": unchecked} if unchecked else {}
        return self.http.request(
            method,
            API + path,
            json=json,
            headers=self.headers | (headers or {}),
            params=params,
            extensions=extensions,
        )

    def get(self, **params: Any) -> httpx2.Response:
        """GET /Contacts."""
        return self.send("GET", "/Contacts", **params)

    def page(self, **params: Any) -> list[JSON]:
        """The contacts of a list, page 1 and all fields unless told otherwise."""
        return contacts(self.get(**{"page": 1} | params))

    def since(self, moment: datetime, **params: Any) -> list[JSON]:
        """The contacts changed since a moment, whichever way "none" is answered."""
        query = {"page": 1, "includeArchived": "true"} | params
        response = self.get(headers=since_header(moment), **query)
        return [] if response.status_code == 304 else contacts(response)

    def one(self, contact_id: str) -> JSON:
        """A contact by ContactID or ContactNumber, all fields."""
        (contact,) = contacts(self.send("GET", f"/Contacts/{contact_id}"))
        return contact

    def put(self, *elements: Any, **options: Any) -> httpx2.Response:
        """PUT /Contacts: create."""
        return self.send("PUT", "/Contacts", json={"Contacts": list(elements)}, **options)

    def post(self, *elements: Any, **options: Any) -> httpx2.Response:
        """POST /Contacts: create or update."""
        return self.send("POST", "/Contacts", json={"Contacts": list(elements)}, **options)

    def create(self, name: str, **fields: Any) -> str:
        """ContactID of a new contact."""
        (contact,) = contacts(self.put({"Name": name, **fields}))
        return str(contact["ContactID"])

    def update(self, contact_id: str, **fields: Any) -> JSON:
        """An update that must succeed: the contact read again."""
        contacts(self.post({"ContactID": contact_id, **fields}))
        return self.one(contact_id)


def contacts(response: httpx2.Response) -> list[JSON]:
    """The elements of an answer that must be a success."""
    assert response.status_code == 200, response.text
    listed: list[JSON] = response.json()["Contacts"]
    return listed


def ids(elements: list[JSON]) -> list[str]:
    """ContactIDs, in order."""
    return [element["ContactID"] for element in elements]


def refusals(response: httpx2.Response) -> list[str]:
    """The messages of a whole-request refusal, nested ones included."""
    assert response.status_code == 400, (response.status_code, response.text)
    body = response.json()
    assert (body["ErrorNumber"], body["Type"]) == (10, "ValidationException")
    return [message for element in body["Elements"] for message in messages(element)]


def messages(element: JSON) -> list[str]:
    """The validation messages of one element, nested ones included."""
    nested = [*(element.get("Phones") or ()), *(element.get("Addresses") or ())]
    nested += element.get("ContactPersons") or ()
    return [error["Message"] for part in (element, *nested) for error in part.get("ValidationErrors") or ()]


def phone(contact: JSON, kind: str) -> tuple[str, ...]:
    """Number, area code and country code of a slot; missing, null and "" are equal (2.6)."""
    (slot,) = (slot for slot in contact["Phones"] if slot["PhoneType"] == kind)
    return tuple(slot.get(key) or "" for key in PHONE_KEYS)


def address(contact: JSON, kind: str) -> JSON:
    """The filled parts of an address slot."""
    (slot,) = (slot for slot in contact["Addresses"] if slot["AddressType"] == kind)
    return {key: value for key, value in slot.items() if value and key != "AddressType"}


def moment(ms_date: str) -> datetime:
    """A `/Date(…)/` as an aware datetime in UTC (2.6)."""
    match = re.fullmatch(r"/Date\((-?\d+)([+-]\d{4})?\)/", ms_date)
    assert match, ms_date
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(match[1]))


def since_header(moment: datetime) -> dict[str, str]:
    """If-Modified-Since in the form Xero's SDK sends (2.2)."""
    return {"If-Modified-Since": moment.astimezone(UTC).isoformat(timespec="seconds")}
