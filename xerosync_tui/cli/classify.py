"""``xerosync classify``: person or organization, for anyone who wants to try it. Opens no database."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from xerosync_tui.cli import output
from xerosync_tui.domain.contact import Kind
from xerosync_tui.domain.display import counted
from xerosync_tui.domain.kinds import KindGuess, guess_kind
from xerosync_tui.errors import UsageError


def run(arguments: argparse.Namespace) -> int:
    """Print the kind of each name, how sure that is, and why."""
    found = [(name, guess_kind(name)) for name in _names(arguments.names)]
    if arguments.json:
        output.as_json([_document(name, guess) for name, guess in found])
        return 0
    rows = [(guess.kind.value, guess.sureness, name, guess.reason) for name, guess in found]
    output.table(("Becomes", "Sure", "Name", "Because"), rows)
    people = sum(guess.kind is Kind.PERSON for _, guess in found)
    guesses = sum(not guess.certain for _, guess in found)
    organizations = counted(len(found) - people, "organization")
    output.say(f"{counted(people, 'person', 'people')}, {organizations}; {counted(guesses, 'guess', 'guesses')}")
    return 0


def _document(name: str, guess: KindGuess) -> dict[str, object]:
    return {
        "name": name,
        "kind": guess.kind.value,
        "probability": round(guess.probability, 4),
        "certain": guess.certain,
        "reason": guess.reason,
    }


def _names(words: Sequence[str]) -> list[str]:
    """The words, or the lines of the file that a single word names. Raises UsageError for a file that is not text."""
    path = Path(words[0])
    if len(words) > 1 or not _is_file(path):
        return list(words)
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise UsageError(f"Cannot read {path}: {why}", _USE) from error
    if names := [line.strip() for line in lines if line.strip()]:
        return names
    raise UsageError(f"{path} holds no name", _USE)


_USE = "Give names, or a text file with a name a line."


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name too long for a path, or with a zero byte in it
        return False
