"""The continuous sync by commands, each a process of its own: edits both ways, brakes, clients, history, undo."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from .conftest import Inside, Office
from .shell import PATIENCE, Shell, interrupt


def clients(shell: Shell, inside: Inside) -> list[dict[str, Any]]:
    """The synced clients with plain names, in the order of the list."""
    found = inside(shell, "clients", "--json").json
    return [one for one in found if one["name"].isascii() and one["name"].isprintable()]


def karbon(shell: Shell, inside: Inside, key: str) -> dict[str, Any]:
    return dict(next(one for one in inside(shell, "contacts", "--json").json if one["key"] == key))


def sql(shell: Shell, statement: str) -> list[Any]:
    with closing(sqlite3.connect(shell.database)) as database:
        rows = database.execute(statement).fetchall()
        database.commit()
    return rows


# Edits


def test_edits_arrive_on_the_other_side_as_the_preview_said(two_way: Office, inside: Inside) -> None:
    shell = two_way.shell
    ours, theirs, gone, *_ = clients(shell, inside)
    shell("edit", ours["karbon_key"], "phone=0400 111 222").well()
    two_way.edit_in_xero(theirs["xero_id"], EmailAddress="new@client.example")
    two_way.control("edit", op="archive", id=gone["xero_id"])

    told = inside(shell, "sync", "--preview").well().text
    assert "in Xero, primary phone: " in told and "-> 0400 111 222" in told
    assert "-> new@client.example" in told
    assert "the link ends: archived in Xero" in told
    plan = inside(shell, "sync", "--preview", "--json").well().json
    assert plan["brake"] is None
    found = {one["xero_id"]: one for one in plan["changes"]}
    assert set(found) == {ours["xero_id"], theirs["xero_id"], gone["xero_id"]}
    assert found[ours["xero_id"]]["in_xero"]["phone"] == {"before": ours["phone"], "after": "0400 111 222"}
    assert found[theirs["xero_id"]]["in_karbon"]["email"]["after"] == "new@client.example"
    assert found[gone["xero_id"]]["ends"] == "archived in Xero"
    assert "0400 111 222" not in str(two_way.in_xero(ours["xero_id"]))  # so far nothing was written

    said = shell("sync").well().text
    for words in ("1 contacts were changed in Karbon", "1 contacts were changed in Xero", "1 links ended"):
        assert words in said
    assert "0400 111 222" in str(two_way.in_xero(ours["xero_id"]))
    assert karbon(shell, inside, theirs["karbon_key"])["email"] == "new@client.example"
    again = inside(shell, "sync", "--json").well().json["counts"]
    assert not {"changed in Karbon", "changed in Xero", "ended", "failed"} & set(again)
    assert inside(shell, "sync", "--preview", "--json").json["changes"] == []


def test_a_field_conflict_waits_and_is_resolved_by_field(two_way: Office, inside: Inside) -> None:
    shell = two_way.shell
    one = clients(shell, inside)[0]
    for issue in inside(shell, "issues", "--json").json:
        inside(shell, "resolve", str(issue["id"]), "--ignore").well()
    inside(shell, "sync", "--fail-on-issues").well()
    inside(shell, "edit", one["karbon_key"], "name=Ours Pty Ltd", "email=ours@client.example").well()
    two_way.edit_in_xero(one["xero_id"], Name="Theirs Pty Ltd", EmailAddress="theirs@client.example")
    ran = inside(shell, "sync", "--fail-on-issues")
    assert (ran.code, "2 fields were changed on both sides" in ran.text) == (3, True)
    assert inside(shell, "sync", "--fail-on-issues").code == 3  # it still waits

    assert "Theirs Pty Ltd" in inside(shell, "issues", "--tab", "fields").well().text
    (conflict,) = inside(shell, "issues", "--tab", "fields", "--json").well().json
    held = conflict["fields"]["name"]
    assert (held["xero"], held["karbon"], held["xero_base"]) == ("Theirs Pty Ltd", "Ours Pty Ltd", one["name"])
    assert inside(shell, "status", "--json").json["counts"]["field_conflicts"] == 2

    words = ("--take", "name=karbon", "email=xero", "--json")
    taken = shell("resolve", conflict["id"], *words).well().json
    assert (taken["in_xero"], taken["in_karbon"], taken["waiting"]) == (["name"], ["email"], False)
    assert two_way.in_xero(one["xero_id"])["Name"] == "Ours Pty Ltd"
    assert karbon(shell, inside, one["karbon_key"])["email"] == "theirs@client.example"
    assert inside(shell, "issues", "--tab", "fields", "--json").json == []
    inside(shell, "resolve", conflict["id"], *words).failed(2, "no field conflict")


def test_a_brake_stops_the_sync_until_its_digest_is_approved(two_way: Office, inside: Inside) -> None:
    shell = two_way.shell
    for number, one in enumerate(inside(shell, "clients", "--json").json):
        two_way.edit_in_xero(one["xero_id"], Name=f"Renamed {number}")
    stopped = shell("sync", "--json").failed(3, "stopped before it changed anything", "--approve")
    assert stopped.out == b""
    brake = inside(shell, "status", "--json").well().json["brake"]
    assert f"--approve {brake['digest']}" in stopped.last
    assert f"sync --approve {brake['digest']}" in inside(shell, "status").text
    assert inside(shell, "sync", "--preview", "--json").json["brake"]["digest"] == brake["digest"]
    assert f"sync --approve {brake['digest']}" in inside(shell, "sync", "--preview").text
    inside(shell, "sync", "--approve", "0" * 16).failed(2, "is not the code of a sync that was stopped")
    assert "Renamed" not in inside(shell, "clients").text

    done = shell("sync", "--approve", brake["digest"], "--json").well().json
    assert done["counts"]["changed_in_karbon"] == len(inside(shell, "clients", "--json").json)
    assert inside(shell, "status", "--json").json["brake"] is None
    inside(shell, "sync", "--preview", "--approve", brake["digest"]).failed(2)


def test_a_refused_edit_is_tried_again(two_way: Office, inside: Inside) -> None:
    shell = two_way.shell
    one = clients(shell, inside)[0]
    inside(shell, "edit", one["karbon_key"], "phone=0400 111 222").well()
    two_way.fault("element_errors", method="POST", times=2)
    assert inside(shell, "sync", "--json").well().json["failed_records"] == 1
    (failed,) = inside(shell, "issues", "--tab", "failed", "--json").json
    assert (failed["side"], failed["record"]) == ("to_xero", one["xero_id"])
    assert f"{failed['id']}  {one['name']} (writing to Xero)" in inside(shell, "issues", "--tab", "failed").text
    shell("resolve", failed["id"], "--retry").failed(5, one["name"], "failed again")
    assert inside(shell, "resolve", failed["id"], "--retry", "--json").well().json["done"]
    assert "0400 111 222" in str(two_way.in_xero(one["xero_id"]))
    inside(shell, "resolve", failed["id"], "--retry").failed(2, "no failed record")


# Clients


def test_unsync_stops_both_ways_and_rematch_links_again(two_way: Office, inside: Inside) -> None:
    shell = two_way.shell
    first, second, *_ = clients(shell, inside)
    ended = shell("unsync", first["xero_id"].upper(), second["karbon_key"], first["karbon_key"], "--json").well().json
    assert [one["name"] for one in ended] == [first["name"], second["name"]]
    inside(shell, "unsync", first["xero_id"], second["xero_id"]).failed(2, "no synced client")
    inside(shell, "edit", first["karbon_key"], "phone=0400 111 222", "email=ours@client.example").well()
    inside(shell, "edit", second["karbon_key"], "phone=0400 333 444").well()
    assert inside(shell, "sync", "--preview", "--json").well().json["changes"] == []
    inside(shell, "sync").well()
    assert "0400 111 222" not in str(two_way.in_xero(first["xero_id"]))

    waiting = {one["xero_id"]: one for one in inside(shell, "issues", "--tab", "unsynced", "--json").json}
    assert waiting[first["xero_id"]]["karbon_key"] == first["karbon_key"]
    words = (first["xero_id"], first["karbon_key"], "--take", "karbon")
    plan = inside(shell, "rematch", *words, "--preview", "--json").well().json
    assert plan["in_xero"]["phone"]["after"] == "0400 111 222"
    assert "Xero loses billing email" in inside(shell, "rematch", *words, "--preview").text
    assert "0400 111 222" not in str(two_way.in_xero(first["xero_id"]))
    linked = shell("rematch", *words, "--json").well().json
    assert (linked["karbon_key"], linked["later"]) == (first["karbon_key"], "")
    assert "0400 111 222" in str(two_way.in_xero(first["xero_id"]))
    inside(shell, "rematch", *words).failed(2, "linked already")

    number = waiting[second["xero_id"]]["id"]
    inside(shell, "resolve", number, "--match").failed(2, "--take xero or --take karbon")
    assert (
        "Karbon loses primary phone: 0400 333 444"
        in inside(shell, "resolve", number, "--match", "--take", "xero", "--preview").text
    )
    assert "linked with" in inside(shell, "resolve", number, "--match", "--take", "xero").well().text
    assert karbon(shell, inside, second["karbon_key"])["phone"] == second["phone"]
    assert inside(shell, "issues", "--tab", "unsynced", "--json").json == []
    assert "undone; it is under Unsynced again" in inside(shell, "undo").well().text


def test_an_unsynced_client_is_made_anew_on_either_side(two_way: Office, inside: Inside) -> None:
    shell = two_way.shell
    first, second, *_ = clients(shell, inside)
    two_way.control("edit", op="archive", id=first["xero_id"])
    inside(shell, "sync").well()
    inside(shell, "unsync", second["xero_id"]).well()
    waiting = {one["xero_id"]: one["id"] for one in inside(shell, "issues", "--tab", "unsynced", "--json").json}

    number = waiting[second["xero_id"]]
    inside(shell, "resolve", number, "--create").failed(2, "--in karbon or --in xero")
    made = shell("resolve", number, "--create", "--in", "karbon", "--json").well().json
    assert made["xero_id"] == second["xero_id"] and made["karbon_key"] != second["karbon_key"]

    made = inside(shell, "resolve", waiting[first["xero_id"]], "--create", "--in", "xero", "--json").well().json
    assert made["karbon_key"] == first["karbon_key"] and made["xero_id"] != first["xero_id"]
    assert two_way.in_xero(made["xero_id"])["Name"] == first["name"]


def test_a_karbon_contact_is_made_in_xero_once_and_never_over_a_namesake(two_way: Office, inside: Inside) -> None:
    shell = two_way.shell
    taken = clients(shell, inside)[0]
    words = ("add", "--organization", f"name={taken['name'].upper()}", "email=same@new.example", "--json")
    key = inside(shell, *words).well().json["key"]
    inside(shell, "sync").well()
    (namesake,) = inside(shell, "create-in-xero", key, "--candidates", "--json").well().json
    assert (namesake["xero_id"], namesake["takes_name"], namesake["linked"]) == (taken["xero_id"], True, True)
    before = len(two_way.contacts())
    refused = shell("create-in-xero", key, "--anyway").failed(3, "has an active contact", taken["xero_id"])
    assert f"{taken['xero_id']}  {taken['name']}" in refused.said.splitlines()[0]
    assert len(two_way.contacts()) == before

    made = shell("create-in-xero", key, "--name", "Another Name Pty Ltd", "--json").well().json
    assert two_way.in_xero(made["xero_id"])["Name"] == "Another Name Pty Ltd"
    assert key in inside(shell, "clients", "--csv").text
    inside(shell, "create-in-xero", key, "--name", "Third Name").failed(2, "linked already")

    other = inside(shell, "add", "--organization", "name=Fourth", "email=same@new.example", "--json").json["key"]
    inside(shell, "create-in-xero", other).failed(3, "with the billing email", "--anyway")
    assert "created in Xero as" in inside(shell, "create-in-xero", other, "--anyway").well().text
    inside(shell, "undo").failed(3, "Xero has no way to delete a contact")
    assert len(two_way.contacts()) == before + 2


def test_delete_archives_in_xero_only_when_asked(two_way: Office, inside: Inside) -> None:
    shell = two_way.shell
    kept, archived, *_ = clients(shell, inside)
    inside(shell, "delete", kept["karbon_key"]).well()
    inside(shell, "sync").well()
    assert two_way.in_xero(kept["xero_id"])["ContactStatus"] == "ACTIVE"
    assert "archived in Xero" in shell("delete", archived["karbon_key"], "--archive-in-xero").well().text
    assert two_way.in_xero(archived["xero_id"])["ContactStatus"] == "ARCHIVED"
    assert archived["karbon_key"] not in inside(shell, "contacts", "--csv").text

    unlinked = inside(shell, "contacts", "--unlinked", "--json").json[0]["key"]
    inside(shell, "delete", unlinked, "--archive-in-xero").failed(2, "linked with no Xero contact")
    refused = clients(shell, inside)[0]
    two_way.fault("element_errors", method="POST")
    ran = inside(shell, "delete", refused["karbon_key"], "--archive-in-xero").failed(5, "was not archived")
    assert "deleted in Karbon, but not archived" in ran.said
    sql(shell, "UPDATE connection SET state = 'reconnect', state_reason = 'The consent ended'")
    last = clients(shell, inside)[0]
    inside(shell, "delete", last["karbon_key"], "--archive-in-xero").failed(4, "The consent ended")
    assert {unlinked, last["karbon_key"]} <= {one["key"] for one in inside(shell, "contacts", "--json").json}


# History


def test_history_tells_each_field_and_undo_takes_back_an_entry_or_a_run(two_way: Office, inside: Inside) -> None:
    shell = two_way.shell
    ours, theirs, edited, *_ = clients(shell, inside)
    inside(shell, "edit", ours["karbon_key"], "phone=0400 111 222").well()
    two_way.edit_in_xero(theirs["xero_id"], EmailAddress="new@client.example")
    two_way.edit_in_xero(edited["xero_id"], EmailAddress="edited@client.example")
    inside(shell, "sync").well()
    inside(shell, "sync").well()  # does nothing, and is not listed
    run, first = shell("history", "--json").well().json
    assert (first["kind"], run["counts"]["changed_in_xero"], run["counts"]["changed_in_karbon"]) == ("initial", 1, 2)
    assert "1 changed in Xero" in inside(shell, "history", "--limit", "1").text.splitlines()[0]

    told = inside(shell, "history", run["id"], "--json").well().json
    entries = {one["xero_id"]: one for one in told["entries"]}
    ours_entry = entries[ours["xero_id"]]
    assert ours_entry["changes"] == {"phone": {"before": ours["phone"], "after": "0400 111 222"}}
    assert [ours_entry[name] for name in ("who", "side", "state", "run")] == ["anna", "xero", "done", run["id"]]
    said = inside(shell, "history", str(ours_entry["id"])).well().text
    assert f"primary phone: {ours['phone'] or '-'} -> 0400 111 222" in said and "changed in Karbon" in said
    by_id = inside(shell, "history", ours["xero_id"], "--json").well().json
    assert by_id[0] == ours_entry
    assert inside(shell, "history", ours["karbon_key"], "--json").json == by_id

    assert "can be undone" in inside(shell, "undo", str(ours_entry["id"]), "--preview").well().text
    assert "0400 111 222" in str(two_way.in_xero(ours["xero_id"]))
    assert "undone; primary phone as before" in inside(shell, "undo", str(ours_entry["id"])).well().text
    assert "0400 111 222" not in str(two_way.in_xero(ours["xero_id"]))
    assert inside(shell, "history", str(ours_entry["id"]), "--json").json["state"] == "undone"

    inside(shell, "edit", edited["karbon_key"], "email=since@client.example").well()
    planned = {one["name"]: one for one in inside(shell, "undo", run["id"], "--preview", "--json").json}
    assert planned[theirs["name"]]["can"] and karbon(shell, inside, theirs["karbon_key"])["email"] != theirs["email"]
    ran = shell("undo", run["id"], "--json")
    undone, ids = ran.json, {one["name"]: one["id"] for one in planned.values()}
    assert (ran.code, undone["undone"]) == (3, run["id"])
    assert ids[theirs["name"]] in undone["entries"] and ids[edited["name"]] not in undone["entries"]
    stays = {one["name"]: one for one in undone["stays"]}
    assert theirs["name"] not in stays and "changed since" in stays[edited["name"]]["reason"]
    assert karbon(shell, inside, theirs["karbon_key"])["email"] == theirs["email"]
    assert karbon(shell, inside, edited["karbon_key"])["email"] == "since@client.example"


# While somebody else is at work


@pytest.fixture
def syncing(two_way: Office) -> Any:
    """A sync under way in another process, which waits for Xero for longer than any test."""
    two_way.fault("slow", value=PATIENCE)
    with two_way.shell.started("sync", "--json") as process:
        two_way.until_asked()
        yield process


def test_a_decision_is_answered_while_another_process_syncs(
    two_way: Office, inside: Inside, syncing: subprocess.Popen[bytes]
) -> None:
    shell = two_way.shell.but(XEROSYNC_USER="ben")
    holder = inside(shell, "status", "--json").well().json["holder"]
    assert (holder["process"], holder["who"], holder["doing"]) == (syncing.pid, "anna", "a sync")
    assert f"anna, {holder['doing']}, since {holder['since']}" in inside(shell, "status").text

    one = next(i for i in inside(shell, "issues", "--json").json if i["reason"] == "name differs")
    match = ("resolve", str(one["id"]), "--match", "--json")
    decided = shell(*match).well().json
    assert decided["changed"] == one["candidates"][0]["would_change"]
    inside(shell, *match).failed(2, "There is no match issue")
    client = clients(shell, inside)[0]
    ended = inside(shell, "unsync", client["xero_id"], "--json").well().json
    assert ended[0]["name"] == client["name"]
    interrupt(syncing).failed(130)  # until here it was at work, and answered all of it
    [entry] = inside(shell, "history", str(decided["decision"]), "--json").json
    assert (entry["who"], entry["run"]) == ("ben", None)
    assert inside(shell, "undo", str(ended[0]["decision"]), "--json").well().json["undone"] == ended[0]["decision"]


def test_a_holder_that_is_silent_is_named(two_way: Office, syncing: subprocess.Popen[bytes], inside: Inside) -> None:
    shell = two_way.shell
    syncing.send_signal(signal.SIGSTOP)
    sql(shell, "UPDATE holder SET beat = beat - 3600000")
    shell("unsync", clients(shell, inside)[0]["xero_id"]).failed(6, "does not answer", str(syncing.pid))
    os.kill(syncing.pid, signal.SIGCONT)


# Copies


def test_a_backup_leads_back(two_way: Office, inside: Inside, tmp_path: Path) -> None:
    """P19, P4. As the README tells it: put the copy in place, give consent anew, look, sync."""
    shell = two_way.shell
    first, second, *_ = clients(shell, inside)
    copy = tmp_path / "copy.sqlite3"
    shell("backup", str(copy)).well()
    assert copy.stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(copy)) as database:
        assert database.execute("SELECT count(*) FROM secret").fetchone() == (0,)
    inside(shell, "backup", str(copy)).failed(2, "exists already")
    inside(shell, "backup", str(tmp_path / "nowhere" / "copy")).failed(8, "Cannot write")

    inside(shell, "edit", first["karbon_key"], "phone=0400 111 222").well()
    inside(shell, "sync").well()
    for beside in ("-wal", "-shm"):
        Path(f"{shell.database}{beside}").unlink(missing_ok=True)
    copy.replace(shell.database)
    assert karbon(shell, inside, first["karbon_key"])["phone"] == first["phone"]
    inside(shell, "sync").failed(4, "came back from a backup")
    shell.connect("reconnect").well()
    two_way.edit_in_xero(second["xero_id"], EmailAddress="new@client.example")
    plan = inside(shell, "sync", "--preview", "--json").well().json
    changed = {one["xero_id"]: one["in_karbon"] for one in plan["changes"]}
    assert changed[first["xero_id"]]["phone"]["after"] == "0400 111 222"  # nothing that is in Xero is lost
    inside(shell, "sync").well()
    assert karbon(shell, inside, first["karbon_key"])["phone"] == "0400 111 222"
    assert karbon(shell, inside, second["karbon_key"])["email"] == "new@client.example"
