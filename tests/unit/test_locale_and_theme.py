"""What the terminal can draw by its locale, and the colours that the config file chooses."""

from __future__ import annotations

from pathlib import Path

import pytest

from xerosync_tui.errors import MachineError
from xerosync_tui.settings import load_settings
from xerosync_tui.tui.terminal import is_utf8


@pytest.mark.parametrize(
    ("environment", "utf8"),
    [
        ({}, True),  # nothing was said; a container seldom says more
        ({"LANG": "en_AU.UTF-8"}, True),
        ({"LANG": "C.utf8"}, True),
        ({"LANG": "C"}, False),
        ({"LANG": "de_DE.ISO-8859-1"}, False),
        ({"LC_ALL": "POSIX", "LANG": "en_AU.UTF-8"}, False),
        ({"LC_ALL": "en_AU.UTF-8", "LANG": "C"}, True),
        ({"LC_CTYPE": "en_AU.UTF-8", "LANG": "C"}, True),
        ({"LC_CTYPE": "C.UTF-8", "LANG": "C"}, False),  # Python set the first one, the person the second
        ({"LC_CTYPE": "UTF-8", "LANG": "en_AU.UTF-8"}, True),
        ({"LC_CTYPE": "C.UTF-8"}, True),
        ({"LC_ALL": "", "LANG": "C"}, False),
    ],
)
def test_whether_the_locale_is_utf8(environment: dict[str, str], utf8: bool) -> None:
    assert is_utf8(environment) is utf8


def load_theme(home: Path, config: str, **environment: str) -> str:
    (home / "config.toml").write_text(config, encoding="utf-8")
    return load_settings({"XEROSYNC_HOME": str(home), **environment}).theme


def test_the_theme(tmp_path: Path) -> None:
    assert load_theme(tmp_path, "") == "dark"
    assert load_theme(tmp_path, 'theme = "terminal"') == "terminal"
    assert load_theme(tmp_path, 'theme = "terminal"', XEROSYNC_THEME="light") == "light"


@pytest.mark.parametrize("value", ["'Dark'", "''", "'nord'", "true", "3"])
def test_a_theme_there_is_not(tmp_path: Path, value: str) -> None:
    with pytest.raises(MachineError, match="theme") as raised:
        load_theme(tmp_path, f"theme = {value}")
    assert raised.value.exit_code == 8
