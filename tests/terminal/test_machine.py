"""This machine in the way: config, database, disk, rights, key file. Exit code 8, one line, nothing lost."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from .conftest import Inside, Office
from .shell import PATIENCE, Ran, Shell, interrupt

NOISE = random.Random(1).randbytes(100_000)


@pytest.mark.parametrize(
    ("config", "said"),
    [
        (b"x = [", "is not valid TOML"),
        (b'evil = "x"', "unknown key: 'evil'"),
        (b'"a\\u001b]52;c" = 1', "unknown key"),
        (b"[database]\npath = 'x'", "must be text"),
        (b'redirect_port = "x"', "must be a port"),
        (b"redirect_port = 0", "must be a port"),
        (b"redirect_port = true", "must be a port"),
        (b'user = "a\\nb"', "printable"),
        (b'database = "a\\u0000b"', "not a path"),
        (b'key_file = "~nobody-of-that-name/key"', "does not know"),
        (b'xero_api_url = "http://example.com"', "plain http"),
        ('user = "é"'.encode("latin-1"), "not UTF-8"),
        (NOISE[:500], "config.toml"),
    ],
    ids=range(13),
)
def test_a_config_that_cannot_be_used(empty: Shell, inside: Inside, config: bytes, said: str) -> None:
    empty.home.mkdir()
    (empty.home / "config.toml").write_bytes(config)
    shell = Shell(empty.home)
    ran = inside(shell, "contacts").failed(8, said)
    assert ran.said.count("\n") == 1
    assert ran.err.isascii()
    assert not shell.database.exists()


def test_a_config_that_is_a_folder(empty: Shell, inside: Inside) -> None:
    (empty.home / "config.toml").mkdir(parents=True)
    inside(empty, "status").failed(8, "config.toml", "Is a directory")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("XEROSYNC_XERO_API_URL", "nonsense"),
        ("XEROSYNC_XERO_API_URL", "http://example.com"),
        ("XEROSYNC_XERO_LOGIN_URL", "http://localhost@evil.example"),
        ("XEROSYNC_XERO_LOGIN_URL", "https://user:secret@xero.example"),
        ("XEROSYNC_XERO_IDENTITY_URL", "ftp://localhost"),
        ("XEROSYNC_XERO_WEB_URL", "https://go.xero.com/app#x"),
        ("XEROSYNC_XERO_API_URL", "https://exa\nmple.com"),
        ("XEROSYNC_XERO_API_URL", "http://[::1"),
        ("XEROSYNC_REDIRECT_PORT", "99999"),
        ("XEROSYNC_USER", "anna\x1b[31m"),
        ("XEROSYNC_USER", "\udcff"),
        ("XEROSYNC_HOME", "~nobody-of-that-name"),
        ("XEROSYNC_HOME", "/dev/null/home"),
        ("XEROSYNC_DATABASE", "/"),
        ("XEROSYNC_HOME", "/tmp/" + "x" * 300),
    ],
)
def test_an_environment_that_cannot_be_used(empty: Shell, inside: Inside, name: str, value: str) -> None:
    ran = inside(empty.but(**{name: value}), "contacts").failed(8)
    assert ran.said.count("\n") == 1
    assert b"\x1b" not in ran.err


def newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("INSERT INTO schema_migration (name, applied) VALUES ('9999_future', '2030-01-01')")
        database.commit()


def overwritten(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(8192)
        file.write(NOISE)


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


HARM: dict[str, tuple[Callable[[Path], object], str]] = {
    "newer": (newer, "newer XeroSync"),
    "garbage": (lambda path: path.write_bytes(NOISE), "damaged or not a XeroSync database"),
    "overwritten": (overwritten, "damaged"),
    "cut": (lambda path: os.truncate(path, 20_000), "damaged"),
    "cut in the header": (lambda path: os.truncate(path, 50), "damaged"),
    "a folder": (folder, "Is a directory"),
}


@pytest.mark.parametrize("harm", HARM)
def test_a_database_that_cannot_be_used(synced: Shell, inside: Inside, harm: str) -> None:
    do, said = HARM[harm]
    for beside in ("-wal", "-shm"):
        Path(f"{synced.database}{beside}").unlink(missing_ok=True)
    do(synced.database)
    before = b"" if synced.database.is_dir() else synced.database.read_bytes()
    inside(synced, "contacts", "--json").failed(8, said)
    inside(synced, "add", "--person", "name=A B").failed(8, said)
    doctor = inside(synced, "doctor")
    assert (doctor.code, b"BAD database" in doctor.out) == (8, True)
    if not synced.database.is_dir():
        assert synced.database.read_bytes() == before  # nothing was "repaired" away


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 600 kB of its own; only where this user may mount."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", place], capture_output=True)
    if mounted.returncode:
        pytest.skip("may not mount a disk here")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", place], check=True)


def test_a_full_disk(empty: Shell, small_disk: Path, tmp_path: Path) -> None:
    """The import that does not fit is told and leaves what was there."""
    shell = Shell(small_disk / "home")
    shell("add", "--person", "name=Ada Lovelace").well()
    many = tmp_path / "many.csv"
    many.write_text("Name,Email\n" + "".join(f"Client {n} Pty Ltd,c{n}@example.com\n" for n in range(20_000)))
    shell("import", str(many)).failed(8, "disk is full")
    assert [one["name"] for one in shell("contacts", "--json").well().json] == ["Ada Lovelace"]


def test_a_limit_on_file_size(empty: Shell, tmp_path: Path) -> None:
    many = tmp_path / "many.csv"
    many.write_text("Name\n" + "".join(f"Client {n} Pty Ltd\n" for n in range(5_000)))
    empty("add", "--person", "name=Ada Lovelace").well()
    ran = empty.script(f"ulimit -f 300; $X import {many}")
    assert (ran.code, b"Traceback" in ran.err) == (8, False), ran.said
    assert [one["name"] for one in empty("contacts", "--json").well().json] == ["Ada Lovelace"]


def test_a_disk_that_cannot_be_written(small_disk: Path, practice: Path) -> None:
    shell = Shell(small_disk / "home")
    shell("add", "--person", "name=Ada Lovelace").well()
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    shell("add", "--person", "name=Grace Hopper").failed(8)
    shell("import", str(practice)).failed(8)
    Shell(small_disk / "other")("contacts").failed(8)
    doctor = shell("doctor")
    assert (doctor.code, b"cannot be written" in doctor.out) == (8, True)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_home_without_rights(empty: Shell) -> None:
    empty.home.mkdir(mode=0o500)
    empty("contacts").failed(8, "No right to use")


def garbage(key: Path) -> None:
    key.write_bytes(b"garbage")


def another(key: Path) -> None:
    key.write_bytes(Fernet.generate_key())


def key_folder(key: Path) -> None:
    key.unlink()
    key.mkdir()


@pytest.mark.parametrize(
    ("harm", "code", "said"),
    [
        (Path.unlink, 4, "key file is gone"),
        (another, 4, "key file changed"),
        (garbage, 8, "holds no key"),
        (lambda key: key.write_bytes(b""), 8, "holds no key"),
        (lambda key: key.chmod(0o644), 8, "chmod 600"),
        (key_folder, 8, "key file"),
    ],
    ids=["gone", "another", "garbage", "empty", "wide rights", "folder"],
)
def test_a_key_file_that_does_not_serve(
    connected: Shell, inside: Inside, harm: Callable[[Path], object], code: int, said: str
) -> None:
    harm(connected.home / "key")
    ran = inside(connected, "sync", "--preview").failed(code, said)
    assert ran.said.count("\n") == 1
    assert inside(connected, "contacts").code == 0  # what needs no consent goes on


def test_two_at_once(connected_office: Office) -> None:
    """The second ends at once; the first is not disturbed."""
    shell = connected_office.shell
    connected_office.fault("slow", value=3)
    with shell.started("sync", "--preview", "--json") as first:
        connected_office.until_asked()
        shell("sync", "--preview").failed(6, "is at work on this data: a preview")
        out, err = first.communicate(timeout=PATIENCE)
    assert Ran(first.returncode, out, err).well().json["counts"]["new"]


def test_interrupted_amid_a_sync(connected_office: Office) -> None:
    shell = connected_office.shell
    connected_office.fault("slow", value=20)
    with shell.started("sync", "--preview") as process:
        connected_office.until_asked()
        interrupt(process).failed(130, "what was done stays done")
    assert shell("status", "--json").json["last_run"]["state"] in ("cancelled", "interrupted")
    shell("sync", "--preview").well()  # the lock is free again


def test_unexpected_is_one_line_and_a_log_without_values(synced: Shell) -> None:
    """A bug still ends in one line; its places are in the log, its values nowhere."""
    with closing(sqlite3.connect(synced.database)) as database:
        database.execute("UPDATE karbon_contact SET kind = 'sentinel-value'")
        database.commit()
    ran = synced("clients").failed(1, "unexpected error: ValueError", "errors.log")
    log = synced.home / "log" / "errors.log"
    assert "clients" in log.read_text()
    assert "sentinel-value" not in log.read_text() + ran.said
    assert log.stat().st_mode & 0o077 == 0
    shutil.rmtree(log.parent)
    log.parent.write_text("in the way")
    synced("clients").failed(1, "unexpected error", "Its place")
