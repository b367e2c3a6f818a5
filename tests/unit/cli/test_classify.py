"""``xerosync classify``: names or a file, one clear line for what is neither."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from xerosync_tui.cli import main

Capture = pytest.CaptureFixture[str]


def test_names_with_kind_sureness_and_reason(capsys: Capture) -> None:
    assert main(["classify", "J Smith Plumbing", "Jane Smith", "Harvey Norman"]) == 0
    _, firm, person, guess, total = capsys.readouterr().out.splitlines()
    assert " ".join(firm.split()) == 'organization sure J Smith Plumbing has the word "Plumbing"'
    assert person.startswith("person        sure")
    assert guess.split()[1] in ("likely", "unsure")
    assert total == "2 people, 1 organization; 1 guess"


def test_a_file_has_a_name_a_line(tmp_path: Path, capsys: Capture) -> None:
    file = tmp_path / "names.txt"
    file.write_bytes("\ufeffTe Rūnanga o Ngāi Tahu\r\n\r\n  Jane Smith \n".encode())
    assert main(["classify", str(file), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [(one["name"], one["kind"]) for one in found] == [
        ("Te Rūnanga o Ngāi Tahu", "organization"),
        ("Jane Smith", "person"),
    ]
    assert found[1]["certain"] is True and 0.9 <= found[1]["probability"] <= 1


@pytest.mark.parametrize(("content", "said"), [(b"", "holds no name"), (b"\xff\xfe\x00", "not UTF-8")])
def test_a_file_that_is_no_list_of_names_is_one_line(
    tmp_path: Path, capsys: Capture, content: bytes, said: str
) -> None:
    file = tmp_path / "names.txt"
    file.write_bytes(content)
    assert main(["classify", str(file)]) == 2
    told = capsys.readouterr().err
    assert said in told and "Traceback" not in told


def test_what_is_no_path_is_a_name(capsys: Capture) -> None:
    for word in ("A" * 5000, "/nowhere/at/all", "Acme\x1b[31m Ltd"):
        assert main(["classify", word]) == 0
        assert "\x1b" not in capsys.readouterr().out


def test_no_name_is_wrong_usage(capsys: Capture) -> None:
    assert main(["classify"]) == 2
    assert "NAME" in capsys.readouterr().err
