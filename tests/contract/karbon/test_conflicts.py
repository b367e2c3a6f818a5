"""Lost write races, unknown keys and paths, and what the API has not (karbon.md 2.7, 2.11, 2.13)."""

import json
import socket
from typing import Any

import httpx2
import pytest

from .client import KEYS, Karbon, KarbonControls, both, refusal
from .rows import row


@row("2.7 Concurrency", "2.11 409")
@pytest.mark.parametrize("write", ["put", "patch", "card"])
def test_a_write_that_loses_a_race_gets_409_and_changes_nothing(
    karbon: Karbon, sandbox: KarbonControls, write: str
) -> None:
    key = karbon.person("race@conflict.example")
    card = karbon.card_of(key)
    acts: dict[str, Any] = {
        "put": lambda: karbon.put("Contacts", key, LastName="Loser"),
        "patch": lambda: karbon.patch("Contacts", key, LastName="Loser"),
        "card": lambda: karbon.put_card(card, RoleOrTitle="Loser"),
    }
    sandbox.fault("touch", path="/v3/", method="*")
    assert refusal(acts[write]()) == (409, "4020")
    assert "Loser" not in str(karbon.one("Contacts", key))
    assert acts[write]().status_code in (200, 204)


@row("2.7 Concurrency", "2.11 409")
def test_of_two_writes_at_once_the_one_that_is_overtaken_is_refused(karbon: Karbon, sandbox: KarbonControls) -> None:
    """The body of the first waits until the second is through."""
    key = karbon.create("Contacts")
    body = json.dumps({"FirstName": "Pat", "LastName": "Overtaken"}).encode()
    base = karbon.http.base_url
    lines = [f"PUT /v3/Contacts/{key} HTTP/1.1", f"Host: {base.host}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in karbon.headers.items()]
    with socket.create_connection((base.host, base.port or 80), timeout=20) as first:
        first.sendall("\r\n".join([*lines, "", ""]).encode())
        while not sandbox.requests("PUT /v3/Contacts/{key}"):
            pass
        second = karbon.put("Contacts", key, LastName="Second")
        first.sendall(body)
        status_line = first.recv(1000).partition(b"\r\n")[0]
    assert (second.status_code, status_line.split()[1]) == (204, b"409")
    assert karbon.one("Contacts", key)["LastName"] == "Second"


@row("2.7 Concurrency")
def test_a_change_between_read_and_write_is_overwritten_silently(karbon: Karbon, sandbox: KarbonControls) -> None:
    key = karbon.create("Contacts")
    read = karbon.one("Contacts", key)
    sandbox.karbon_edit("update", key=key, record={"LastName": "Between"})
    assert karbon.send("PUT", f"/Contacts/{key}", json=read).status_code == 204
    assert karbon.one("Contacts", key)["LastName"] == "Newcomer"


@row("2.11 404", "2.4 GET `/v3/Contacts/{key}`", "2.4 GET, PUT, PATCH `/v3/Organizations/{key}`")
@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/Contacts/nobody", "No Contact found for provided key"),
        ("/Organizations/nobody", "No organization exists with a key of nobody."),
        ("/BusinessCards/nobody", "Invalid businessCardPermaKey nobody"),
    ],
)
def test_a_key_that_does_not_exist(karbon: Karbon, path: str, message: str) -> None:
    answer = karbon.send("GET", path)
    assert (answer.status_code, answer.json()) == (404, {"error": {"code": "4004", "message": message}})


@row("2.11 404")
@pytest.mark.parametrize("path", ["/", "/Contact", "/Contacts/a/b", "/contacts", "/ClientGroups", "/TenantSettings/1"])
def test_a_path_that_does_not_exist(karbon: Karbon, path: str) -> None:
    answer = karbon.send("GET", path)
    assert (answer.status_code, answer.json()) == (404, {"statusCode": "404", "message": "Resource not found"})


@row("2.13 no delete", "2.13 no archive")
def test_nothing_can_be_deleted_or_archived(karbon: Karbon, sandbox: KarbonControls) -> None:
    before = sandbox.records().keys()
    for resource, key in KEYS.items():
        record = karbon.rows(resource)[0][key]
        assert karbon.send("DELETE", f"/{resource}/{record}").status_code == 404
        assert karbon.send("POST", f"/{resource}/{record}/archive").status_code == 404
        assert refusal(karbon.patch(resource, record, Archived=True)) == (400, "4002")
        for card in karbon.one(resource, record)["BusinessCards"]:
            assert karbon.send("DELETE", f"/BusinessCards/{card['BusinessCardKey']}").status_code == 404
    assert sandbox.records().keys() == before


@row("2.13 no batch")
def test_there_is_no_batch(karbon: Karbon) -> None:
    assert karbon.send("POST", "/$batch", json={"requests": []}).status_code == 404


@row("2.4 expand of organizations is BusinessCards", "2.11 400", "2.4 GET `/v3/Contacts/{key}`")
@pytest.mark.parametrize("name", ["BusinessCard", "Nonsense", "BusinessCards,Nonsense"])
def test_what_a_record_cannot_be_expanded_by(karbon: Karbon, name: str) -> None:
    def answer(resource: str) -> httpx2.Response:
        return karbon.send("GET", f"/{resource}/{karbon.create(resource)}", params={"$expand": name})

    assert both(lambda resource: refusal(answer(resource))) == [(400, "4002")] * 2


@row("2.11 400", "2.4 GET, PUT `/v3/BusinessCards/{key}`")
def test_options_that_single_records_and_writes_do_not_take(karbon: Karbon) -> None:
    key = karbon.person("options@conflict.example")
    card = karbon.card_of(key)
    path, option = f"/BusinessCards/{card['BusinessCardKey']}", {"$select": "x"}
    answers = [
        karbon.send("GET", f"/Contacts/{key}", params=option),
        karbon.send("GET", path, params={"$expand": "x"}),
        karbon.send("GET", "/TenantSettings", params=option),
        karbon.send("PUT", f"/Contacts/{key}", json=karbon.one("Contacts", key), params=option),
        karbon.send("PATCH", f"/Contacts/{key}", json={"FirstName": "x"}, params=option),
        karbon.send("PUT", path, json=card, params=option),
        karbon.send("POST", "/Contacts", json={"FirstName": "x", "LastName": "x"}, params=option),
    ]
    assert [refusal(answer) for answer in answers] == [(400, "4002")] * 7


@row("2.11 400 #3")
@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b"\xff"])
def test_a_body_that_holds_no_object(karbon: Karbon, body: bytes) -> None:
    key = karbon.person("body@conflict.example")
    card = karbon.card_of(key)["BusinessCardKey"]
    for method, path in (("POST", "/Contacts"), ("PUT", f"/Contacts/{key}"), ("PATCH", f"/Contacts/{key}"),
                         ("PUT", f"/BusinessCards/{card}")):  # fmt: skip
        answer = karbon.http.request(method, f"/v3{path}", content=body, headers=karbon.headers)
        assert refusal(answer) == (400, "4005")
