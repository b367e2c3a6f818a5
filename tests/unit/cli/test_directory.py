"""Karbon contacts by hand, through `main` in this process: every refusal is one line, nothing is half stored."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from xerosync_tui.cli import main

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.setenv("XEROSYNC_HOME", str(tmp_path / "home"))

    def command(*words: str) -> tuple[int, str, str]:
        code = main(words)
        return code, *capsys.readouterr()

    return command


def document(ran: tuple[int, str, str]) -> Any:
    assert ran[0] == 0, ran
    return json.loads(ran[1])


@pytest.fixture
def key(run: Run) -> str:
    words = ("name=Ada King Lovelace", "email=ada@example.com", "other_phones=1; 2 ;", "city=London")
    return str(document(run("add", "--person", *words, "client_identifier=A1", "--json"))["key"])


def only(run: Run) -> dict[str, Any]:
    (one,) = document(run("contacts", "--json"))
    return dict(one)


def test_add_edit_delete(run: Run, key: str) -> None:
    one = only(run)
    assert (one["first_name"], one["middle_name"], one["last_name"]) == ("Ada", "King", "Lovelace")
    assert (one["other_phones"], one["address"], one["client_identifier"]) == (["1", "2"], {"city": "London"}, "A1")
    changed = document(run("edit", key, "last_name=Byron", "email=", "contact_type=Client", "--json"))
    assert (changed["name"], changed["email"]) == ("Ada King Byron", "")
    assert only(run)["contact_type"] == "Client"
    assert run("delete", key)[0] == 0
    assert run("delete", key)[0] == 2
    assert document(run("contacts", "--json")) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["name"], "is not KEY=VALUE"),
        (["=x"], "is not KEY=VALUE"),
        (["name=a", "name=b"], "given twice"),
        (["nofield=1"], "there is no field 'nofield'"),
        (["key=1"], "there is no field"),
        (["kind=organization"], "changed by itself"),
        (["name="], "a contact has a name"),
        (["name= \u00a0 "], "a contact has a name"),
        (["name=\u200b\u200d"], "a contact has a name"),
        (["name=" + "x" * 256], "longer than 255"),
        (["name=a\x1b[31m"], "control character"),
        (["name=a\u2028b"], "line break"),
        (["line1=a\nb"], "control character"),
        (["name=a", "first_name=b"], "not both"),
        (["contact_type=Nope"], "no contact type 'Nope'"),
        (["first_name=", "middle_name=", "last_name="], "a contact has a name"),
    ],
)
def test_values_that_cannot_stand(run: Run, key: str, words: list[str], said: str) -> None:
    before = only(run)
    code, out, err = run("edit", key, "phone=new", *words)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert said in err and "\x1b" not in err
    assert only(run) == before
    assert run("add", "--person", *words)[0] == 2 or "name" not in "".join(words)


def test_255_characters_fit(run: Run, key: str) -> None:
    assert run("edit", key, "name=" + "山" * 255)[0] == 0
    assert only(run)["name"] == "山" * 255


def test_a_client_identifier_is_ones_own(run: Run, key: str) -> None:
    code, _, err = run("add", "--organization", "name=Other", "client_identifier=A1")
    assert (code, "another contact has that client identifier" in err) == (2, True)
    assert only(run)["key"] == key
    other = document(run("add", "--organization", "name=Other", "--json"))["key"]
    assert run("edit", other, "client_identifier=A1")[0] == 2


def test_an_organization_has_no_first_name(run: Run) -> None:
    code, _, err = run("add", "--organization", "name=Acme", "first_name=A")
    assert (code, "not first and last names" in err) == (2, True)


@pytest.mark.parametrize("text", ["%", "_", "\\", "' OR 1=1 --", "x" * 1000, "\x1b", "\u200b", "山"])
def test_searches_that_find_nothing(run: Run, key: str, text: str) -> None:
    code, out, _ = run("contacts", "--search", text, "--json")
    assert (code, json.loads(out)) == (0, [] if text != "\u200b" else json.loads(out))


def test_types(run: Run, key: str) -> None:
    assert document(run("types", "add", "VIP", "--json"))[-1] == "VIP"
    run("edit", key, "contact_type=VIP")
    assert document(run("types", "rename", "VIP", "Very Important", "--json"))[-1] == "Very Important"
    assert only(run)["contact_type"] == "Very Important"
    assert "1 contacts are Very Important" in run("types", "remove", "Very Important")[2]
    run("edit", key, "contact_type=")
    assert "Very Important" not in document(run("types", "remove", "Very Important", "--json"))


@pytest.mark.parametrize(
    "words",
    [
        ["add"],
        ["add", "a", "b"],
        ["add", ""],
        ["add", " "],
        ["add", " x"],
        ["add", "a\nb"],
        ["add", "\u202e"],
        ["add", "x" * 101],
        ["add", "Client"],
        ["rename", "Client"],
        ["rename", "Nope", "x"],
        ["rename", "Client", "Prospect"],
        ["rename", "Client", ""],
        ["remove", "Nope"],
        ["remove"],
    ],
)
def test_types_that_cannot_be(run: Run, words: list[str]) -> None:
    before = document(run("types", "--json"))
    code, out, err = run("types", *words)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert document(run("types", "--json")) == before


def test_a_kind_is_changed_by_itself_and_by_its_name(run: Run, key: str) -> None:
    changed = document(run("edit", key, "kind=organization", "--json"))
    assert changed["kind"] == "organization"
    assert (only(run)["first_name"], only(run)["kind_reason"]) == ("", "a person's own choice")
    assert document(run("edit", key, "kind=person", "--json"))["kind"] == "person"
    assert only(run)["last_name"] == "Lovelace"
    for words, said in ((("kind=firm",), "neither person nor"), (("kind=person", "email=x"), "by itself")):
        code, _, told = run("edit", key, *words)
        assert code == 2 and said in told and "\n" not in told.strip().partition("\n")[0]
    code, _, told = run("edit", "nobody", "kind=person")
    assert code == 2 and "no Karbon contact" in told


def test_guesses_of_an_import_are_listed_until_they_are_looked_at(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "contacts.csv"
    file.write_text("Name\nHarvey Norman\nAcme Pty Ltd\n")
    assert run("import", str(file))[0] == 0
    (guess,) = document(run("contacts", "--guesses", "--json"))
    assert guess["name"] == "Harvey Norman" and 0.5 <= guess["kind_guess"] < 0.9
    assert run("edit", guess["key"], f"kind={guess['kind']}")[0] == 0
    assert document(run("contacts", "--guesses", "--json")) == []
    assert {row["kind_guess"] for row in document(run("contacts", "--json"))} == {None}
