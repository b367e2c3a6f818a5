"""Flags over environment over config.toml over defaults, and no nonsense accepted."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from xerosync_tui.errors import MachineError
from xerosync_tui.settings import Settings, load_settings


def load(home: Path, config: str | None = None, **environment: str) -> Settings:
    if config is not None:
        home.mkdir(exist_ok=True)
        (home / "config.toml").write_text(config, encoding="utf-8")
    return load_settings({"XEROSYNC_HOME": str(home), **environment})


def test_everything_lies_in_the_home(tmp_path: Path) -> None:
    settings = load(tmp_path / "home")
    home = tmp_path / "home"
    assert (settings.config_dir, settings.data_dir, settings.log_dir) == (home, home, home / "log")
    assert (settings.database, settings.key_file) == (home / "xerosync.sqlite3", home / "key")
    assert settings.redirect_uri == "http://localhost:8742/callback"
    assert not home.exists()  # looking makes nothing


def test_without_a_home_the_places_of_the_platform(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    settings = load_settings({"XEROSYNC_HOME": ""})
    assert settings.config_dir == tmp_path / "config" / "xerosync"
    assert settings.database == tmp_path / "data" / "xerosync" / "xerosync.sqlite3"


def test_the_environment_wins_over_the_config(tmp_path: Path) -> None:
    config = 'redirect_port = 9000\nxero_client_id = "FILE"\nuser = "file"\ndatabase = "~/here.sqlite3"\n'
    settings = load(tmp_path, config, XEROSYNC_XERO_CLIENT_ID="ENVIRONMENT", XEROSYNC_USER="")
    assert settings.redirect_port == 9000
    assert settings.xero_client_id == "ENVIRONMENT"
    assert settings.user == "file"  # an empty variable says nothing
    assert settings.database == Path.home() / "here.sqlite3"


def test_who_acts(tmp_path: Path) -> None:
    assert load(tmp_path, SUDO_USER="anna").user == "anna"
    assert load(tmp_path, SUDO_USER="anna", XEROSYNC_USER="ben").user == "ben"
    assert load(tmp_path).user


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "LOCALHOST"])
def test_plain_http_on_loopback(tmp_path: Path, host: str) -> None:
    assert load(tmp_path, XEROSYNC_XERO_API_URL=f"http://{host}:8000/").xero_api_url == f"http://{host}:8000"


@pytest.mark.parametrize(
    "url",
    [
        "nonsense",
        "//host",
        "https:",
        "https://",
        "ftp://localhost",
        "file:///etc/passwd",
        "http://example.com",
        "http://localhost.example.com",
        "http://localhost@evil.example",
        "http://127.0.0.1.evil.example",
        "http://0.0.0.0",
        "https://user:password@xero.example",
        "https://xero.example/path",
        "https://xero.example?query",
        "https://xero.example#fragment",
        "https://xero.example:99999",
        "https://xero.example:-1",
        "https://[::1",
        "https://xero example",
        "https://xero\n.example",
        "https://xero\t.example",
        "https://xero\x1b.example",
    ],
)
@pytest.mark.parametrize("key", ["xero_login_url", "xero_identity_url", "xero_api_url", "xero_web_url"])
def test_urls_that_are_none(tmp_path: Path, key: str, url: str) -> None:
    with pytest.raises(MachineError, match=key) as raised:
        load(tmp_path, **{f"XEROSYNC_{key.upper()}": url})
    assert raised.value.exit_code == 8


@pytest.mark.parametrize("port", ["0", "65536", "-1", "x", "1.5", "1e3", ""])
def test_ports_that_are_none(tmp_path: Path, port: str) -> None:
    if not port:
        assert load(tmp_path, XEROSYNC_REDIRECT_PORT=port).redirect_port == 8742
        return
    with pytest.raises(MachineError, match="XEROSYNC_REDIRECT_PORT must be a port"):
        load(tmp_path, XEROSYNC_REDIRECT_PORT=port)


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ("x = [", "not valid TOML"),
        ("config_dir = 'x'", "unknown key: 'config_dir'"),
        ("user = 1", "must be text, not 1"),
        ("database = ['a']", "must be text"),
        ("redirect_port = true", "must be a port"),
        ("redirect_port = 8742.5", "must be a port"),
        ("redirect_port = 2020-01-01", "must be a port"),
        ('user = "a\\tb"', "user must be printable"),
        ('xero_client_id = "\\u202e"', "xero_client_id must be printable"),
        ('database = "\\u0000"', "is not a path"),
        ('key_file = "~nobody-of-that-name"', "does not know"),
    ],
)
def test_configs_that_cannot_be_used(tmp_path: Path, config: str, said: str) -> None:
    with pytest.raises(MachineError, match=said):
        load(tmp_path, config)


def test_a_config_in_another_encoding(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_bytes('user = "é"'.encode("latin-1"))
    with pytest.raises(MachineError, match="not UTF-8"):
        load(tmp_path)


def test_an_empty_config_is_one(tmp_path: Path) -> None:
    assert load(tmp_path, "# nothing yet\n").redirect_port == 8742


# The keys


def keys(home: Path, *lines: str) -> dict[str, str]:
    return dict(load(home, "\n".join(["[keys]", *lines])).keys)


def test_keys_by_the_name_of_the_action(tmp_path: Path) -> None:
    given = keys(tmp_path, '"issues.confirm" = "y"', '"issues.ignore" = "f6, ctrl+t"', '"page.keys" = "?,ä"')
    assert given == {"issues.confirm": "y", "issues.ignore": "f6,ctrl+t", "page.keys": "question_mark,ä"}
    assert keys(tmp_path, '"list.filter" = "/"', '"list.sort" = "comma"') == {
        "list.filter": "slash",
        "list.sort": "comma",
    }
    assert load(tmp_path, "[keys]\n").keys == {}


def test_other_settings_stand_beside_the_keys(tmp_path: Path) -> None:
    settings = load(tmp_path, 'redirect_port = 9000\n[keys]\n"main.sync" = "y"\n')
    assert (settings.redirect_port, settings.keys) == (9000, {"main.sync": "y"})


def test_actions_that_change_their_keys_with_each_other(tmp_path: Path) -> None:
    swapped = {"issues.confirm": "n", "issues.create": "c"}
    assert keys(tmp_path, '"issues.confirm" = "n"', '"issues.create" = "c"') == swapped


def test_a_key_may_be_another_one_on_another_screen(tmp_path: Path) -> None:
    assert keys(tmp_path, '"issues.confirm" = "t"') == {"issues.confirm": "t"}  # apps.type
    assert keys(tmp_path, '"contact.undo_too" = "enter"') == {"contact.undo_too": "enter"}
    assert keys(tmp_path, '"preview.start" = "S,T"') == {"preview.start": "S,T"}  # S is shared from the start


@pytest.mark.parametrize(
    ("line", "said", "next_step"),
    [
        ('"issues.confrim" = "y"', "unknown action: 'issues.confrim'", "Near it: issues.confirm"),
        ('"nothing.like.it" = "y"', "unknown action", "The key help"),
        ('"" = "y"', "unknown action: ''", ""),
        ('"issues.confirm" = 1', "must be text, not 1", ""),
        ('"issues.confirm" = ["y"]', "must be text", "y,enter"),
        ('"issues.confirm" = true', "must be text", ""),
        ('issues.confirm = "y"', "issues in \\[keys\\] of .* is a table", "quotes"),
        ('"issues.confirm" = ""', "names no key", ""),
        ('"issues.confirm" = " "', "names no key", ""),
        ('"issues.confirm" = "y,"', "names no key", ""),
        ('"issues.confirm" = ","', "names no key", "comma"),
        ('"issues.confirm" = "y, y"', "names 'y' twice", ""),
        ('"issues.confirm" = "?,question_mark"', "twice", ""),
        ('"issues.confirm" = "shift+o"', "is no key: 'shift\\+o'", ""),
        ('"issues.confirm" = "Enter"', "is no key: 'Enter'", ""),
        ('"issues.confirm" = "ctrl+m"', "is no key", ""),
        ('"issues.confirm" = "ctrl+"', "is no key", ""),
        ('"issues.confirm" = "\\u0007"', "is no key", ""),
        ('"issues.confirm" = "\\u202e"', "is no key", ""),
        ('"issues.confirm" = "escape"', "cannot be 'escape'", ""),
        ('"issues.confirm" = "ctrl+c"', "cannot be 'ctrl\\+c'", ""),
        ('"issues.confirm" = "ctrl+q"', "cannot be 'ctrl\\+q'", ""),
        ('"issues.confirm" = "ctrl+p"', "cannot be 'ctrl\\+p'", ""),
        ('"page.back" = "backspace"', "must keep escape", 'Write "escape,backspace"'),
        ('"app.quit" = "ctrl+x"', "must keep ctrl\\+c, ctrl\\+q", 'Write "ctrl\\+c,ctrl\\+q,ctrl\\+x"'),
        ('"tabs.next" = "w"', "which is typed there", ""),
        ('"edit.save" = "space"', "which is typed there", ""),
        ('"filter.leave" = "enter,ä"', "which is typed there", ""),
        ('"issues.confirm" = "n"', "'n' is both issues.confirm and issues.create", "Give issues.create another"),
        ('"issues.confirm" = "z"', "'z' is both issues.confirm and tabs.undo", ""),
        ('"issues.confirm" = "s"', "'s' is both issues.confirm and main.sync", ""),
        ('"issues.confirm" = "j"', "'j' is both issues.confirm and list.down", ""),
        ('"issues.confirm" = "ctrl+z"', "and app.suspend", ""),
        ('"main.sync" = "d"', "'d' is both main.sync and apps.disconnect", ""),
        ('"confirm.yes" = "f7"\n"dialog.close" = "escape,f7"', "'f7' is both", ""),
    ],
)
def test_keys_that_cannot_be(tmp_path: Path, line: str, said: str, next_step: str) -> None:
    with pytest.raises(MachineError, match=said) as raised:
        keys(tmp_path, line)
    assert re.search(next_step, raised.value.next_step)
    assert str(tmp_path / "config.toml") in raised.value.what
    assert "\n" not in f"{raised.value.what}{raised.value.next_step}"


@pytest.mark.parametrize("config", ['keys = "y"', "keys = 1", "keys = []", "[[keys]]"])
def test_keys_that_are_no_table(tmp_path: Path, config: str) -> None:
    with pytest.raises(MachineError, match="must be a table"):
        load(tmp_path, config)


def test_the_keys_are_no_environment_variable(tmp_path: Path) -> None:
    assert load(tmp_path, XEROSYNC_KEYS="issues.confirm=y").keys == {}


@pytest.mark.parametrize("command", ["doctor", "status", "clients"])
def test_every_command_tells_a_mistake_in_the_keys(tmp_path: Path, command: str) -> None:
    (tmp_path / "config.toml").write_text('[keys]\n"issues.confrim" = "y"\n', encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, "-m", "xerosync_tui", command],
        env={**os.environ, "XEROSYNC_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert (ran.returncode, ran.stdout, ran.stderr.count("\n")) == (8, "", 1)
    assert "unknown action: 'issues.confrim'. Near it: issues.confirm" in ran.stderr
