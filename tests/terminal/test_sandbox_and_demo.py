"""`xerosync sandbox` and `xerosync demo --plain`, as somebody starts them who has nothing yet."""

from __future__ import annotations

import json
import signal
import socket
from pathlib import Path

import pytest

from .conftest import Inside
from .shell import PATIENCE, Ran, Shell, interrupt, read_line, visit

XERO_CSV = "*ContactName,EmailAddress,FirstName,LastName\nAcme Pty Ltd,office@acme.example,,\nBeta,,,\n"


def test_the_sandbox_says_where_it_is_and_serves_until_stopped(empty: Shell) -> None:
    with empty.started("sandbox", "--size", "5") as process:
        line = json.loads(read_line(process.stdout))
        state = json.loads(visit(f"{line['url']}/_sandbox/state"))
        csv = visit(line["practice_csv"])
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out, err) == (0, b"", b"")
    assert len(state["organisations"][0]["contacts"]) >= 5
    assert csv.startswith("Name") or "Email" in csv.splitlines()[0]
    assert set(line["environment"]) == {
        "XEROSYNC_XERO_CLIENT_ID",
        *(f"XEROSYNC_XERO_{host}_URL" for host in ("LOGIN", "IDENTITY", "API", "WEB")),
    }
    assert not empty.home.exists()


def test_the_sandbox_is_interrupted(empty: Shell) -> None:
    with empty.started("sandbox", "--size", "5") as process:
        read_line(process.stdout)
        ran = interrupt(process)
    assert (ran.code, ran.err) in ((0, b""), (130, ran.err))
    assert b"Traceback" not in ran.err


def test_the_demo_tells_the_whole_first_day(empty: Shell) -> None:
    told = empty("demo", "--plain", "--size", "20", "--seed", "7").well()
    for step in ("contacts, from a CSV", "Connected to", "Nothing has been written yet", "Linked", "in all"):
        assert step in told.text
    assert told.err == b""
    assert not told.text.count("\x1b")
    assert not empty.home.exists()  # its data folder is thrown away
    again = empty("demo", "--plain", "--size", "20", "--seed", "7").well()
    assert again.text.splitlines()[:12] == told.text.splitlines()[:12]


def test_the_demo_on_files_of_ones_own(empty: Shell, tmp_path: Path) -> None:
    xero, karbon = tmp_path / "xero.csv", tmp_path / "karbon.csv"
    xero.write_text(XERO_CSV)
    karbon.write_text("Name,Email\nAcme Pty Ltd,office@acme.example\n")
    told = empty("demo", "--plain", "--xero-csv", str(xero), "--karbon-csv", str(karbon)).well()
    assert "0 people and 1 organizations" in told.text
    assert "1 full matches" in told.text


@pytest.mark.parametrize(
    "words",
    [
        ("demo",),
        ("demo", "--plain", "--size", "0"),
        ("demo", "--plain", "--size", "x"),
        ("demo", "--plain", "--seed", "text"),
        ("demo", "--plain", "--seed", "9" * 5000),
        ("demo", "--plain", "--seed", "-1"),
        ("demo", "--plain", "--karbon-csv", "/nonexistent"),
        ("demo", "--plain", "--xero-csv", "/nonexistent"),
        ("sandbox", "--port", "65536"),
        ("sandbox", "--port", "-1"),
        ("sandbox", "--xero-csv", "/"),
        ("sandbox", "--xero-csv", "/dev/null"),
    ],
    ids=lambda words: " ".join(words)[:40],
)
def test_words_that_do_not_fit(empty: Shell, inside: Inside, words: tuple[str, ...]) -> None:
    ran = inside(empty, *words).failed(2)
    assert ran.said.count("\n") == 1
    assert len(ran.err) < 400


@pytest.mark.parametrize("words", [("sandbox",), ("demo", "--plain")])
def test_a_port_in_use(empty: Shell, inside: Inside, words: tuple[str, ...]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = str(listener.getsockname()[1])
        inside(empty, *words, "--port", port).failed(8, "Address already in use", "--port")


def test_the_demo_whose_reader_goes_away(empty: Shell) -> None:
    ran: Ran = empty.script("$X demo --plain --size 10 | head -2")
    assert (ran.code, ran.err) == (0, b"")


def test_without_a_command(empty: Shell, inside: Inside) -> None:
    inside(empty).failed(2, "--help")
