"""The whole first day by commands, as product.md tells it."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from .conftest import Inside, Office, organisation
from .shell import Shell, visit


def test_the_first_day(office: Office, practice: Path) -> None:
    """Import, connect, preview, start with a veto, look around, decide: nothing is written before the word is given."""
    shell = office.shell
    assert shell("status").code == 4
    brought = shell("import", str(practice), "--json").well().json
    assert brought["written"] and brought["people"] and brought["organizations"]

    done = shell.connect("--organisation", organisation(office), "--contact-type", "Client").well()
    assert organisation(office) in done.text
    shell("sync", "--yes").failed(3, "needs a preview")

    before = shell("contacts", "--json").json
    in_xero = office.contacts()
    shown = shell("sync", "--preview").well()
    assert "Nothing has been written" in shown.text
    assert shell("contacts", "--json").json == before
    shell("sync").failed(3, "sync --yes")

    plan = shell("sync", "--preview", "--json").well().json
    vetoed = plan["full_matches"][0]["xero_id"]
    done = shell("sync", "--yes", "--veto", vetoed, "--json").well()
    counts = done.json["counts"]
    assert counts["linked"] == len(plan["full_matches"]) - 1
    assert counts["created"] == counts["new"]
    clients = shell("clients", "--json").well().json
    assert len(clients) == counts["linked"] + counts["created"]
    assert vetoed not in {client["xero_id"] for client in clients}
    issues = shell("issues", "--json").well().json
    assert vetoed in {issue["xero"]["id"] for issue in issues}
    assert len(issues) == counts["conflict"]
    assert office.contacts() == in_xero  # the first sync writes nothing to Xero

    status = shell("status", "--json").well().json
    assert status["counts"]["synced"] == len(clients)
    assert status["counts"]["match_issues"] == len(issues)
    assert status["last_run"]["state"] == "done"
    assert shell("sync", "--fail-on-issues").code == 3


def test_what_is_synced_stays_when_synced_again(synced: Shell) -> None:
    before = synced("clients", "--json").json
    again = synced("sync", "--json").well().json
    assert (again["counts"].get("linked", 0), again["counts"].get("created", 0)) == (0, 0)
    assert synced("clients", "--json").json == before


def test_a_contact_new_in_xero_arrives_with_the_next_sync(connected_office: Office) -> None:
    shell = connected_office.shell
    shell("sync", "--preview").well()
    shell("sync", "--yes").well()
    connected_office.control("edit", op="create", contact={"Name": "Brand New Pty Ltd"})
    assert shell("sync", "--json").well().json["counts"]["created"] == 1
    assert [c["name"] for c in shell("clients", "--search", "brand new", "--json").json] == ["Brand New Pty Ltd"]


@pytest.mark.parametrize("words", [("status",), ("clients",), ("contacts",), ("left-out",), ("issues",),
    ("issues", "--tab", "unsynced"), ("issues", "--tab", "failed"), ("types",), ("settings",), ("sync", "--preview"),
    ("doctor",)], ids=" ".join)  # fmt: skip
def test_json_is_one_ascii_document_and_nothing_else(
    synced_home: Shell, inside: Inside, words: tuple[str, ...]
) -> None:
    ran = inside(synced_home, *words, "--json").well()
    assert isinstance(ran.json, list | dict)
    assert (ran.err == b"") is (words != ("sync", "--preview"))  # which tells its progress


def test_lists_can_be_searched(synced_home: Shell, inside: Inside) -> None:
    everybody = inside(synced_home, "clients", "--json").json
    name = next(client["name"] for client in everybody if client["name"].isascii() and client["name"].isprintable())
    found = inside(synced_home, "clients", "--search", name[:9].upper(), "--json").json
    assert name in [client["name"] for client in found]
    assert len(found) < len(everybody)
    assert name[:30] in inside(synced_home, "clients", "--search", name).text
    assert inside(synced_home, "clients", "--search", "%").said == "0 synced clients\n"


def test_the_csv_is_the_export(synced_home: Shell) -> None:
    clients = synced_home("clients", "--json").json
    exported = list(csv.DictReader(io.StringIO(synced_home("clients", "--csv").text)))
    assert [row["xero_id"] for row in exported] == [client["xero_id"] for client in clients]
    assert [row["name"] for row in exported] == [client["name"] for client in clients]
    assert set(exported[0]) >= {"email", "phone", "line1", "city", "postal_code", "country", "contact_type"}


def test_karbon_contacts_show_which_are_synced(synced_home: Shell) -> None:
    contacts = synced_home("contacts", "--json").json
    unlinked = synced_home("contacts", "--unlinked", "--json").json
    assert [c for c in contacts if not c["synced"]] == unlinked
    assert len(unlinked) < len(contacts)


def test_contacts_left_out_by_the_filter_are_listed_and_can_be_linked(connected: Shell) -> None:
    connected("settings", "filter=customers").well()
    connected("sync", "--preview").well()
    left_out = connected("left-out", "--json").well().json
    assert left_out
    shown = connected("left-out", "--search", left_out[0]["email"] or left_out[0]["name"]).text
    assert left_out[0]["xero_id"] in shown  # whole, so that it can be copied
    connected("sync", "--yes").well()
    key = connected("contacts", "--unlinked", "--json").json[0]["key"]
    connected("resolve", left_out[0]["xero_id"], "--match", key).well()
    assert key in connected("clients", "--csv").text
    assert left_out[0]["xero_id"] not in connected("left-out").text


def test_disconnect_and_reconnect_keep_the_links(connected_office: Office) -> None:
    shell = connected_office.shell
    shell("sync", "--preview").well()
    shell("sync", "--yes").well()
    links = shell("clients", "--json").json

    assert "links and history are kept" in shell("disconnect").well().text
    assert shell("status").code == 4
    shell("sync").failed(4)
    shell("disconnect").failed(4)
    assert shell("clients", "--json").json == links

    shell.connect("reconnect").well()
    assert shell("clients", "--json").json == links
    assert shell("sync", "--json").well().json["counts"].get("linked", 0) == 0


@pytest.mark.parametrize("words", [("clients",), ("left-out",), ("issues",), ("sync", "--preview"), ("sync", "--yes"),
    ("disconnect",), ("reconnect",), ("resolve", "1", "--create"), ("settings",)], ids=" ".join)  # fmt: skip
def test_a_command_that_needs_a_connection_says_so(empty: Shell, inside: Inside, words: tuple[str, ...]) -> None:
    inside(empty, *words).failed(4, "Nothing is connected yet")


def test_the_directory_needs_no_connection(empty: Shell, inside: Inside) -> None:
    assert inside(empty, "contacts", "--json").json == []
    assert inside(empty, "types", "--json").json == ["Client", "Prospect", "Supplier", "Other"]
    inside(empty, "undo").failed(2, "anna has made no decision")
    inside(empty, "add", "--organization", "name=Bayside Club").well()
    assert "Bayside Club: undone; it is deleted." in inside(empty, "undo").well().text
    assert inside(empty, "contacts", "--json").json == []


def test_no_xero_app_says_how_to_get_one(empty: Shell) -> None:
    empty("connect").failed(4, "XEROSYNC_XERO_CLIENT_ID", "http://localhost:8742/callback")


def test_open_in_xero_leads_to_a_page(office: Office) -> None:
    """The sandbox's web address shows the contact, so that a demo's link leads somewhere."""
    main = next(iter(office.server.world.organisations.values()))
    contact = office.contacts()[0]
    page = visit(f"{office.server.url}/app/{main.short_code}/contacts/contact/{contact['ContactID']}")
    assert str(contact["Name"]) in page
