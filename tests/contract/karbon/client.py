"""A plain Karbon client and the sandbox's controls, as the tests use them."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx2

from ..xero.client import JSON, Controls

KEYS = {"Contacts": "ContactKey", "Organizations": "OrganizationKey"}


class KarbonControls(Controls):
    """`/_sandbox/`: what tests do to Karbon that no API client could."""

    def karbon_edit(self, op: str, **details: Any) -> JSON:
        """What a user does in Karbon's web app: keys of the record and of its cards."""
        return self._post("karbon-edit", {"op": op, **details})

    def karbon_switch(self, **switches: Any) -> None:
        """Chooses how a behaviour plays that the reference marks unknown."""
        self._post("karbon-switches", switches)

    def records(self) -> dict[str, JSON]:
        """Every stored record by its key, with its cards and ExternalKeys."""
        stored = self.state()["karbon"]["records"]
        return {record.get("ContactKey") or record["OrganizationKey"]: record for record in stored}


class Karbon:
    """The tenant over the API; answers pass the OpenAPI hook of the client."""

    def __init__(self, http: httpx2.Client, token: str, access_key: str) -> None:
        self.http = http
        self.headers = {"Authorization": f"Bearer {token}", "AccessKey": access_key}

    def send(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        headers: dict[str, str] | None = None,
        unchecked: str = "",
        params: dict[str, Any] | None = None,
    ) -> httpx2.Response:
        """One request. `unchecked` says why the answer is not held against the OpenAPI file."""
        extensions = {"unchecked": unchecked} if unchecked else {}
        return self.http.request(
            method,
            f"/v3{path}",
            json=json,
            headers=self.headers | (headers or {}),
            params=params,
            extensions=extensions,
        )

    def listing(self, resource: str = "Contacts", **options: Any) -> httpx2.Response:
        """A page; `filter`, `orderby`, `top`, `skip` and any other option without its $."""
        return self.send("GET", f"/{resource}", params={f"${name}": value for name, value in options.items()})

    def rows(self, resource: str = "Contacts", **options: Any) -> list[JSON]:
        """The rows of a page that must be a success."""
        response = self.listing(resource, **options)
        assert response.status_code == 200, response.text
        listed: list[JSON] = response.json()["value"]
        return listed

    def pages(self, resource: str = "Contacts", **options: Any) -> Iterator[list[JSON]]:
        """The pages of a list, each next one by its nextLink as it was given."""
        body = self.listing(resource, **options).json()
        followed: set[str] = set()
        yield body["value"]
        while link := body.get("@odata.nextLink"):
            assert link not in followed, f"{link} leads in a circle"
            followed.add(link)
            body = self.http.get(link, headers=self.headers).json()
            yield body["value"]

    def names(self, resource: str = "Contacts", **options: Any) -> list[str]:
        """The FullNames of a page, in order."""
        return [row["FullName"] for row in self.rows(resource, **options)]

    def one(self, resource: str, key: str, expand: str = "BusinessCards") -> JSON:
        """A record by its key, with what it is expanded by."""
        response = self.send("GET", f"/{resource}/{key}", params={"$expand": expand} if expand else None)
        assert response.status_code == 200, response.text
        record: JSON = response.json()
        return record

    def create(self, resource: str, **fields: Any) -> str:
        """The key of a new record; a person is named Pat Newcomer unless told otherwise."""
        named = {"FirstName": "Pat", "LastName": "Newcomer"} if resource == "Contacts" else {"FullName": "New & Co"}
        response = self.send("POST", f"/{resource}", json=named | fields)
        assert response.status_code == 201, response.text
        return str(response.json()[KEYS[resource]])

    def put(self, resource: str, key: str, **fields: Any) -> httpx2.Response:
        """PUT of a whole record."""
        named = {"FirstName": "Pat", "LastName": "Newcomer"} if resource == "Contacts" else {"FullName": "New & Co"}
        return self.send("PUT", f"/{resource}/{key}", json=named | fields)

    def patch(self, resource: str, key: str, **fields: Any) -> httpx2.Response:
        """PATCH of one record."""
        return self.send("PATCH", f"/{resource}/{key}", json=fields)

    def person(self, *emails: str, **fields: Any) -> str:
        """The key of a new person with one card that has these emails."""
        return self.create("Contacts", BusinessCards=[{"EmailAddresses": list(emails)}], **fields)

    def card_of(self, key: str, resource: str = "Contacts", number: int = 0) -> JSON:
        """One of a record's business cards."""
        card: JSON = self.one(resource, key)["BusinessCards"][number]
        return card

    def put_card(self, card: JSON, **changes: Any) -> httpx2.Response:
        """PUT of a business card as it was read, changed."""
        return self.send("PUT", f"/BusinessCards/{card['BusinessCardKey']}", json=card | changes)


def refusal(response: httpx2.Response) -> tuple[int, str]:
    """Status and code of a refusal, whichever of the two shapes it has (2.11)."""
    body = response.json()
    error = body.get("error", body)
    assert error["message"], body
    return response.status_code, error.get("code") or error["statusCode"]


def both(act: Callable[[str], Any]) -> list[Any]:
    """What `act` gives for contacts and for organizations."""
    return [act("Contacts"), act("Organizations")]
