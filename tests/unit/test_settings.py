"""Flags over environment over config.toml over defaults, and no nonsense accepted."""

from __future__ import annotations

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
