"""The words of the commands: wrong ones are told in one line with code 2, nothing is obeyed."""

from __future__ import annotations

import argparse

import pytest

from xerosync_tui.cli.parser import build_parser, load, parse


def commands() -> dict[str, argparse.ArgumentParser]:
    (choices,) = [a.choices for a in build_parser()._actions if isinstance(a, argparse._SubParsersAction)]
    return dict(choices)


@pytest.mark.parametrize("name", commands())
def test_every_command_leads_to_a_function_and_explains_itself(name: str) -> None:
    parser = commands()[name]
    assert callable(load(parser.get_default("command")))
    assert parser.description
    help_ = parser.format_help()
    assert "exit codes" in help_


@pytest.mark.parametrize(
    "words",
    [
        ["nope"],
        ["--nope"],
        ["sync", "--approve"],
        ["sync", "extra"],
        ["watch", "extra"],
        ["watch", "--interval"],
        ["watch", "--interval", "29"],
        ["watch", "--interval", "86401"],
        ["watch", "--interval", "60.5"],
        ["resolve", "1", "--create", "--ignore"],
        ["resolve", "1", "--match", "--retry"],
        ["resolve", "1", "--take"],
        ["resolve", "1", "--create", "--in", "sage"],
        ["unsync"],
        ["unsync", "\udcff"],
        ["rematch", "id", "--take", "xero"],
        ["rematch", "id", "key"],
        ["rematch", "id", "key", "--take", "both"],
        ["create-in-xero"],
        ["create-in-xero", "key", "--name"],
        ["history", "1", "2"],
        ["history", "--limit", "0"],
        ["backup"],
        ["resolve", "--create"],
        ["undo", "x"],
        ["undo", "-1"],
        ["undo", "0"],
        ["undo", "9" * 19],
        ["undo", "r"],
        ["undo", "r0"],
        ["undo", "rr1"],
        ["undo", "r" + "9" * 19],
        ["undo", "٣"],
        ["add", "name=x"],
        ["add", "--person", "--organization", "name=x"],
        ["add", "--person"],
        ["edit", "key"],
        ["types", "frob", "x"],
        ["issues", "--tab", "nope"],
        ["clients", "--json", "--csv"],
        ["contacts", "--json", "--csv"],
        ["left-out", "--csv"],
        ["clients", "--search", "x" * 1001],
        ["clients", "--search", "\udcff"],
        ["edit", "key", "name=\udcff"],
        ["connect", "--filter", "x"],
        ["sandbox", "--port", "65536"],
        ["demo", "--size", "100001"],
        ["\x1b]52;c;AAAA\x07"],
        ["sync", "a\nb\u2028\u202e\x9b"],
    ],
    ids=lambda words: ascii(" ".join(words))[:40],
)
def test_wrong_words(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        parse(words)
    told = capsys.readouterr()
    assert (raised.value.code, told.out, told.err.count("\n")) == (2, "", 1)
    assert told.err.startswith("xerosync")
    assert "--help" in told.err
    assert not set("\x1b\x07\x9b\u202e\u2028") & set(told.err)


def test_a_file_may_have_any_name() -> None:
    assert parse(["import", "\udcff.csv"]).file == "\udcff.csv"


def test_what_undo_takes_back() -> None:
    assert [parse(["undo", *words]).id for words in ([], ["34"], ["r12"])] == [None, "34", "r12"]


def test_take_collects_every_field() -> None:
    words = ["resolve", "f1", "--take", "name=xero", "email=karbon", "--take", "phone=xero"]
    assert parse(words).take == ["name=xero", "email=karbon", "phone=xero"]
    assert parse(["resolve", "1", "--create"]).take == []


def test_match_tells_no_key_from_an_empty_one() -> None:
    assert parse(["resolve", "1", "--match"]).match is True
    assert parse(["resolve", "1", "--match", ""]).match == ""
    assert parse(["resolve", "1", "--match", "abc"]).match == "abc"
