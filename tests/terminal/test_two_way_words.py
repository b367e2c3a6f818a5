"""The words of the two-way commands: ids that name nothing, options that do not fit, names that hold anything."""

from __future__ import annotations

import uuid

import pytest

from .conftest import Inside, Office
from .shell import Shell
from .test_hostile_names import NAMES, assert_harmless

NOBODY = str(uuid.UUID(int=7))


@pytest.mark.parametrize(
    "words",
    [
        ("unsync", "nokey"),
        ("unsync", NOBODY),
        ("unsync", ""),
        ("unsync", "9" * 30),
        ("rematch", NOBODY, "nokey", "--take", "xero"),
        ("rematch", "nokey", "nokey", "--take", "karbon", "--preview"),
        ("create-in-xero", "nokey"),
        ("create-in-xero", "nokey", "--candidates"),
        ("create-in-xero", ""),
        ("delete", "nokey", "--archive-in-xero"),
        ("history", "r999"),
        ("history", "r0"),
        ("history", "999"),
        ("history", "9" * 30),
        ("history", "٣"),
        ("history", ""),
        ("history", NOBODY),
        ("undo", "r999"),
        ("undo", "r999", "--preview"),
        ("undo", "999", "--preview"),
        ("resolve", "f999", "--take", "name=xero"),
        ("resolve", "u999", "--match", "--take", "xero"),
        ("resolve", "u999", "--create", "--in", "xero"),
        ("resolve", "x999", "--retry"),
        ("resolve", "f0", "--ignore"),
        ("resolve", "u" + "9" * 30, "--create"),
    ],
    ids=lambda words: " ".join(words)[:40],
)
def test_ids_that_name_nothing(synced_home: Shell, inside: Inside, words: tuple[str, ...]) -> None:
    ran = inside(synced_home, *words).failed(2)
    assert (ran.out, ran.said.count("\n")) == (b"", 1)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("1",), "--match, --create, --ignore"),
        (("1", "--retry"), "--match, --create, --ignore"),
        (("1", "--match", "--take", "xero"), "--match, --create, --ignore"),
        (("1", "--create", "--in", "karbon"), "--in goes with"),
        (("f1",), "takes one of --take"),
        (("f1", "--match"), "takes one of --take"),
        (("f1", "--take", "name=xero", "--preview"), "--preview goes with --match"),
        (("f1", "--take", "xero"), "is not KEY=VALUE"),
        (("f1", "--take", "name=both"), "is not FIELD=xero"),
        (("f1", "--take", "fax=xero"), "Fields: name, email, phone, address"),
        (("f1", "--take", "name=xero", "--take", "name=karbon"), "given twice"),
        (("u1", "--ignore"), "takes one of --match, --create"),
        (("u1", "--match", "key"), "--take xero or --take karbon"),
        (("u1", "--match", "key", "--take", "name=xero"), "--take xero or --take karbon"),
        (("u1", "--match", "", "--take", "xero"), "empty key"),
        (("u1", "--match", "key", "--take", "xero", "--in", "xero"), "--in goes with"),
        (("u1", "--create"), "--in karbon or --in xero"),
        (("u1", "--create", "--take", "xero"), "takes one of --match, --create"),
        (("x1", "--create"), "takes one of --retry"),
    ],
    ids=lambda words: " ".join(words)[:40] if isinstance(words, tuple) else "",
)
def test_what_an_id_does_not_take(synced_home: Shell, inside: Inside, words: tuple[str, ...], said: str) -> None:
    assert inside(synced_home, "resolve", *words).failed(2, said).said.count("\n") == 1


@pytest.mark.parametrize(
    "words",
    [
        ("history",),
        ("history", "r1"),
        ("undo", "r1"),
        ("unsync", NOBODY),
        ("rematch", NOBODY, "key", "--take", "xero"),
        ("create-in-xero", "key"),
        ("create-in-xero", "key", "--candidates"),
        ("issues", "--tab", "fields"),
        ("resolve", "f1", "--take", "name=xero"),
        ("resolve", "u1", "--match", "--take", "xero"),
        ("resolve", "x1", "--retry"),
        ("sync", "--approve", "0" * 16),
    ],
    ids=" ".join,
)
def test_without_a_connection(empty: Shell, inside: Inside, words: tuple[str, ...]) -> None:
    inside(empty, *words).failed(4, "Nothing is connected yet")


def test_a_backup_needs_no_connection(empty: Shell, inside: Inside) -> None:
    inside(empty, "add", "--person", "name=Ada Lovelace").well()
    inside(empty, "backup", str(empty.home / "copy")).well()
    other = empty.but(XEROSYNC_DATABASE=str(empty.home / "copy"))
    assert [one["name"] for one in inside(other, "contacts", "--json").json] == ["Ada Lovelace"]


@pytest.mark.parametrize("words", ["history", "history r2", "history 1", "issues --tab fields", "issues --tab unsynced",
    "issues --tab failed", "status"])  # fmt: skip
def test_json_is_one_document(synced_home: Shell, inside: Inside, words: str) -> None:
    ran = inside(synced_home, *words.split(), "--json").well()
    assert isinstance(ran.json, list | dict) and ran.err == b""


def test_names_that_hold_anything_are_harmless_everywhere(two_way: Office, inside: Inside) -> None:
    """Conflicts, ends, failures, the journal and every report of a command with them."""
    shell = two_way.shell
    found = inside(shell, "clients", "--json").json
    hostile = [name for name in NAMES if name != "null"]
    for name, one in zip(hostile, found, strict=False):
        two_way.control("edit", op="raw", id=one["xero_id"], patch={"Name": NAMES[name]})
    conflict, ended, client, refused, *others = found[: len(hostile)]
    inside(shell, "edit", conflict["karbon_key"], "name=Ours").well()
    inside(shell, "edit", refused["karbon_key"], "phone=0400 111 222").well()
    two_way.control("edit", op="archive", id=ended["xero_id"])
    two_way.fault("element_errors", method="POST")
    assert_harmless(inside(shell, "sync", "--preview", "--full").well())
    assert_harmless(inside(shell, "sync", "--full").well())

    (waiting,) = inside(shell, "issues", "--tab", "fields", "--json").json
    (failed,) = inside(shell, "issues", "--tab", "failed", "--json").json
    (run, *_) = inside(shell, "history", "--json").json
    assert (waiting["name"], failed["record"]) == (NAMES[hostile[0]], refused["xero_id"])
    for words in (
        ("issues", "--tab", "fields"),
        ("issues", "--tab", "unsynced"),
        ("issues", "--tab", "failed"),
        ("history",),
        ("history", run["id"]),
        ("history", client["xero_id"]),
        ("undo", run["id"], "--preview"),
        ("resolve", waiting["id"], "--take", "name=xero"),
        ("unsync", client["karbon_key"]),
        ("rematch", client["xero_id"], client["karbon_key"], "--take", "xero"),
        ("create-in-xero", client["karbon_key"], "--candidates"),
        ("delete", others[0]["karbon_key"], "--archive-in-xero"),
    ):
        assert_harmless(inside(shell, *words).well())
    two_way.fault("element_errors", method="POST")
    assert_harmless(inside(shell, "resolve", failed["id"], "--retry").failed(5))
    assert_harmless(inside(shell, "create-in-xero", client["karbon_key"]).failed(2))
    assert_harmless(inside(shell, "undo", run["id"]))
    named = {entry["name"] for entry in inside(shell, "history", run["id"], "--json").json["entries"]}
    assert {NAMES["colours"], NAMES["clipboard"], NAMES["c1"], NAMES["bidi"]} <= named
