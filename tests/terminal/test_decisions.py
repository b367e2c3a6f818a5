"""Deciding match issues, taking decisions back, and editing Karbon contacts by command."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Inside
from .shell import Shell


def issue(shell: Shell, reason: str, candidates: int = 1) -> dict[str, Any]:
    """An open issue with that reason and so many candidates."""
    for one in shell("issues", "--json").json:
        if one["reason"] == reason and len(one["candidates"]) == candidates:
            return dict(one)
    raise AssertionError(f"the sandbox has no issue with {reason!r}")


def contact(shell: Shell, key: str) -> dict[str, Any]:
    return dict(next(one for one in shell("contacts", "--json").json if one["key"] == key))


def test_match_shows_what_is_lost_does_it_and_undo_brings_it_back(synced: Shell) -> None:
    one = issue(synced, "name differs")
    (candidate,) = one["candidates"]
    number, key = str(one["id"]), candidate["key"]
    before = contact(synced, key)

    preview = synced("resolve", number, "--match", "--preview", "--json").well()
    assert preview.json["would_change"] == candidate["would_change"]
    assert contact(synced, key) == before
    assert f"Karbon loses name: {before['name']}" in synced("resolve", number, "--match", "--preview").text

    done = synced("resolve", number, "--match", "--json").well().json
    assert (done["karbon_key"], done["changed"]) == (key, candidate["would_change"])
    after = contact(synced, key)
    assert (after["name"], after["synced"]) == (one["xero"]["name"], True)
    assert key in synced("clients", "--csv").text
    synced("resolve", number, "--match").failed(2)
    synced("resolve", one["xero"]["id"], "--match", key).failed(2, "linked already")

    undone = synced("undo", str(done["decision"]), "--json").well().json
    assert undone["undone"] == done["decision"]
    assert contact(synced, key) == before
    assert one["xero"]["id"] in {again["xero"]["id"] for again in synced("issues", "--json").json}
    synced("undo", str(done["decision"])).failed(2, "nothing that was done and stands")


def test_all_issues_like_one_are_matched_as_the_preview_said(synced: Shell) -> None:
    one = issue(synced, "email differs")
    number = str(one["id"])
    shown = synced("resolve", number, "--match", "--like", "--preview", "--json").well().json
    assert one["id"] in {pair["id"] for pair in shown}
    assert f"{len(shown)} would be matched" in synced("resolve", number, "--match", "--like", "--preview").well().said
    done = synced("resolve", number, "--match", "--like", "--json").well().json
    assert [(pair["id"], pair["change"]) for pair in done] == [(pair["id"], pair["change"]) for pair in shown]
    left = {other["id"] for other in synced("issues", "--json").json}
    assert not left & {pair["id"] for pair in done}
    synced("resolve", number, "--match", "--like").failed(2, "There is no match issue")
    synced("undo", str(done[0]["decision"])).well()
    assert "1 matched" in synced("resolve", str(done[0]["id"]), "--match", "--like").well().said
    synced("resolve", number, "--create", "--like").failed(2, "--like goes with --match")
    synced("resolve", number, "--match", "k1", "--like").failed(2, "--like goes with --match")


def test_create_makes_a_contact_that_undo_takes_away(synced: Shell) -> None:
    one = issue(synced, "email differs")
    done = synced("resolve", str(one["id"]), "--create", "--json").well().json
    made = contact(synced, done["karbon_key"])
    assert (made["name"], made["synced"], made["contact_type"]) == (one["xero"]["name"], True, "Client")
    assert "1 can be undone, 0 stay as they are." in synced("undo", "--preview").well().text
    assert made["key"] in {one["key"] for one in synced("contacts", "--json").json}  # that only looked
    assert "undone; it waits for you again" in synced("undo").well().text
    assert done["karbon_key"] not in synced("contacts", "--csv").text


def test_ignored_issues_are_listed_apart(synced: Shell) -> None:
    one = issue(synced, "email differs")
    number = str(one["id"])
    synced("resolve", number, "--ignore").well()
    assert one["id"] not in {open_["id"] for open_ in synced("issues", "--json").json}
    assert one["id"] in {open_["id"] for open_ in synced("issues", "--ignored", "--json").json}
    assert synced("undo").code == 0
    assert one["id"] in {open_["id"] for open_ in synced("issues", "--json").json}


def test_several_candidates_need_a_key(synced: Shell) -> None:
    one = issue(synced, "several candidates", 2)
    ran = synced("resolve", str(one["id"]), "--match").failed(3, "--match KEY")
    for candidate in one["candidates"]:
        assert candidate["key"] in ran.last
    synced("resolve", str(one["id"]), "--match", one["candidates"][1]["key"]).well()


def test_undo_refuses_what_was_edited_since(synced: Shell) -> None:
    one = issue(synced, "name differs")
    done = synced("resolve", str(one["id"]), "--match", "--json").json
    synced("edit", done["karbon_key"], "name=Edited Since").well()
    synced("undo", str(done["decision"])).failed(3, "was edited in Karbon since")
    assert contact(synced, done["karbon_key"])["name"] == "Edited Since"


def test_undo_is_ones_own(synced: Shell) -> None:
    one = issue(synced, "name differs")
    synced("resolve", str(one["id"]), "--ignore").well()
    synced.but(XEROSYNC_USER="ben")("undo").failed(2, "ben has made no decision")


@pytest.mark.parametrize(
    "words",
    [
        ("resolve", "999", "--match"),
        ("resolve", "999", "--create"),
        ("resolve", "999", "--ignore"),
        ("resolve", "9" * 30, "--match"),
        ("resolve", "9" * 30, "--ignore"),
        ("resolve", "--ignore", "-5"),
        ("resolve", "٣", "--ignore"),
        ("resolve", "", "--ignore"),
        ("resolve", "nobody", "--match"),
        ("undo", "999"),
        ("undo", "9" * 30),
        ("undo", "-1"),
        ("undo", "x"),
        ("sync", "--veto", "x"),
        ("sync", "--preview", "--yes"),
        ("settings", "filter"),
        ("settings", "filter=nope"),
        ("settings", "nothing=1"),
        ("settings", "interval=nan"),
        ("settings", "interval=-1"),
        ("settings", "contact_type=Nope"),
        ("settings", "filter=customers", "filter=all"),
    ],
    ids=lambda words: " ".join(words)[:40],
)
def test_words_that_name_nothing(synced_home: Shell, inside: Inside, words: tuple[str, ...]) -> None:
    inside(synced_home, *words).failed(2)


def test_an_empty_key_is_no_choice(synced_home: Shell, inside: Inside) -> None:
    """A script's unset variable must not confirm the only candidate."""
    number = str(issue(synced_home, "name differs")["id"])
    inside(synced_home, "resolve", number, "--match", "").failed(2, "empty key")
    inside(synced_home, "resolve", number, "--match", "nokey").failed(2, "no Karbon contact nokey")
    inside(synced_home, "resolve", number, "--create", "--preview").failed(2, "--preview goes with --match")


def test_a_key_that_belongs_to_another(synced_home: Shell) -> None:
    taken = synced_home("clients", "--json").json[0]["karbon_key"]
    number = str(issue(synced_home, "name differs")["id"])
    synced_home("resolve", number, "--match", taken).failed(2, "belongs to the Xero contact")


def test_settings_are_kept_and_all_or_nothing(synced: Shell) -> None:
    synced("settings", "filter=customers", "interval=5").failed(2)
    assert synced("settings", "--json").json["filter"] == "all"
    synced("settings", "filter=customers", "contact_type=Prospect", "both_changed=xero", "fill_blanks=yes").well()
    chosen = synced("settings", "--json").json
    assert chosen == {
        "filter": "customers",
        "contact_type": "Prospect",
        "both_changed": "xero",
        "fill_blanks": "yes",
        "interval": "300",
    }
    synced("settings", "contact_type=").well()
    assert synced("settings", *synced("settings").text.split()).code == 0  # what it prints can be given back


def test_deleting_a_synced_contact_ends_its_link(synced: Shell) -> None:
    client = synced("clients", "--json").json[0]
    synced("delete", client["karbon_key"]).well()
    synced("sync").well()
    assert client["karbon_key"] not in synced("clients", "--csv").text
    (ended,) = synced("issues", "--tab", "unsynced", "--json").json
    assert (ended["xero_id"], ended["karbon_key"]) == (client["xero_id"], client["karbon_key"])
    assert "deleted in Karbon" in synced("issues", "--tab", "unsynced").text
