"""Where things are and whom to talk to: flags over environment over ``config.toml`` over defaults.

What belongs to a connection (filter, contact type, ...) is not here but in the store, since several
admins share it.
"""

from __future__ import annotations

import os
import pwd
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from xerosync_tui.errors import MachineError
from xerosync_tui.keyboard import key_map

THEMES = ("dark", "light", "terminal")  # the last one: the terminal's own colours
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Settings:
    """All set-up values. Each field but the folders, ``login`` and ``keys`` is ``XEROSYNC_<NAME>`` and a key of
    config.toml. ``login`` is who acts as this machine knows it, ``user`` the name that person goes by.

    ``keys`` is the table of that name in config.toml: by action, its keys as Textual names them, with commas between.
    """

    config_dir: Path
    data_dir: Path
    log_dir: Path
    user: str
    login: str
    database: Path
    key_file: Path
    redirect_port: int = 8742
    xero_client_id: str = ""
    xero_login_url: str = "https://login.xero.com"
    xero_identity_url: str = "https://identity.xero.com"
    xero_api_url: str = "https://api.xero.com"
    xero_web_url: str = "https://go.xero.com"
    karbon_api_url: str = "https://api.karbonhq.com"
    karbon_web_url: str = "https://app2.karbonhq.com/{tenant}#/{kind}/{key}"
    theme: str = "dark"
    keys: Mapping[str, str] = field(default_factory=dict)

    @property
    def redirect_uri(self) -> str:
        """The URI to register in the Xero app; Xero compares it byte for byte (xero.md 1.4)."""
        return f"http://localhost:{self.redirect_port}/callback"

    @property
    def config_file(self) -> Path:
        """``config.toml``; it need not exist."""
        return self.config_dir / "config.toml"


_PLAIN_KEYS = tuple(
    f.name for f in fields(Settings) if f.name not in {"config_dir", "data_dir", "log_dir", "login", "keys"}
)
_URL_KEYS = ("xero_login_url", "xero_identity_url", "xero_api_url", "xero_web_url", "karbon_api_url")
_PATTERN_PARTS = ("{tenant}", "{kind}", "{key}")
_PATH_KEYS = frozenset({"database", "key_file"})


def load_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings in force.

    Raises MachineError when config.toml does not parse, has an unknown key or a value of the wrong kind.
    """
    settings = _defaults(environment)
    given = _config_values(settings.config_file)
    _, table = given.pop("keys", ("", {}))
    for key in _PLAIN_KEYS:
        if text := environment.get(f"XEROSYNC_{key.upper()}"):
            given[key] = (f"XEROSYNC_{key.upper()}", text)
    converted: dict[str, Any] = {key: _convert(key, *value) for key, value in given.items()}
    settings = replace(settings, keys=key_map(settings.config_file, table), **converted)
    # A lock beside the database belongs to the file, not to one spelling of its path.
    return _checked(replace(settings, database=_resolved(settings.database)))


def _resolved(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError) as error:  # no folder to begin at; links that lead to themselves
        why = error.strerror if isinstance(error, OSError) else error
        raise MachineError(f"Cannot use {path}: {why}", "Give the whole path of a folder that is there.") from error


def _defaults(environment: Mapping[str, str]) -> Settings:
    if home := environment.get("XEROSYNC_HOME"):
        config = data = _path("XEROSYNC_HOME", home)
        log = data / "log"
    else:
        import platformdirs

        config = Path(platformdirs.user_config_dir("xerosync"))
        data = Path(platformdirs.user_data_dir("xerosync"))
        log = Path(platformdirs.user_log_dir("xerosync"))
    login = _login(environment)
    return Settings(
        config_dir=config,
        data_dir=data,
        log_dir=log,
        user=environment.get("SUDO_USER") or login,
        login=login,
        database=data / "xerosync.sqlite3",
        key_file=config / "key",
    )


_LOGINUID = Path("/proc/self/loginuid")
_NO_LOGIN = 2**32 - 1


def _login(environment: Mapping[str, str]) -> str:
    """Who logged in, for the journal (engine.md 2.10): also behind sudo, and in a shell of a shared account.

    The kernel keeps it through sudo and su; else sudo says it.
    """
    try:
        number = int(_LOGINUID.read_text())
    except (OSError, ValueError):
        number = _NO_LOGIN
    if number == _NO_LOGIN:
        number = int(text) if (text := environment.get("SUDO_UID", "")).isdecimal() else os.getuid()
    try:
        return pwd.getpwuid(number).pw_name
    except (KeyError, OverflowError):  # a container whose uid has no passwd entry
        return f"uid {number}"


def _config_values(path: Path) -> dict[str, tuple[str, object]]:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise MachineError(f"Cannot read {path}: {error.strerror}", "Fix the file or its permissions.") from error
    except UnicodeDecodeError as error:
        raise MachineError(f"{path} is not UTF-8 (byte {error.start + 1})", "Save it as UTF-8.") from error
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MachineError(f"{path} is not valid TOML: {error}", "Fix that line and try again.") from error
    for key in values:
        if key not in _PLAIN_KEYS and key != "keys":
            known = ", ".join(sorted({*_PLAIN_KEYS, "[keys]"}))
            raise MachineError(f"{path} has an unknown key: {key!r}", f"Known keys: {known}.")
    return {key: (f"{key} in {path}", value) for key, value in values.items()}


def _convert(key: str, source: str, value: object) -> object:
    if key == "redirect_port":
        try:
            port = int(str(value))
        except ValueError:
            port = 0
        if isinstance(value, bool) or not 1 <= port <= 65535:
            raise MachineError(f"{source} must be a port from 1 to 65535, not {value!r}")
        return port
    if not isinstance(value, str):
        raise MachineError(f"{source} must be text, not {value!r}")
    return _path(source, value) if key in _PATH_KEYS else value


def _path(source: str, text: str) -> Path:
    if "\0" in text:
        raise MachineError(f"{source} is not a path: {text!r}")
    try:
        return Path(text).expanduser()
    except RuntimeError as error:  # ~somebody who is not there
        raise MachineError(f"{source} names a user this machine does not know: {text!r}") from error


def _checked(settings: Settings) -> Settings:
    for key in ("user", "xero_client_id", "karbon_web_url", *_URL_KEYS):
        if not getattr(settings, key).isprintable():
            raise MachineError(f"{key} must be printable text, not {getattr(settings, key)!r}")
    if settings.theme not in THEMES:
        raise MachineError(f"theme is one of {', '.join(THEMES)}, not {settings.theme!r}")
    for key in _URL_KEYS:
        url = str(getattr(settings, key)).rstrip("/")
        try:
            parts = urlsplit(url)
            _ = parts.port
        except ValueError as error:
            raise MachineError(f"{key} is not a URL: {url!r}") from error
        if parts.scheme not in {"http", "https"} or not parts.hostname or set("/?#@ ") & set(url.partition("://")[2]):
            raise MachineError(f"{key} must be a scheme and a host without a path, not {url!r}")
        if parts.scheme == "http" and parts.hostname not in LOOPBACK:
            raise MachineError(f"{key} is plain http to {parts.hostname}; only a loopback address may be", "Use https.")
        cleaned: dict[str, Any] = {key: url}
        settings = replace(settings, **cleaned)
    pattern = settings.karbon_web_url
    if "{key}" not in pattern or not pattern.startswith(("https://", "http://localhost", "http://127.0.0.1")):
        raise MachineError(f"karbon_web_url is an https address with {', '.join(_PATTERN_PARTS)}, not {pattern!r}")
    return settings
