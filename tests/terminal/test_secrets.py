"""Nothing secret is shown or kept in the clear: not in a stream, a log, the database or its write-ahead log."""

from __future__ import annotations

import os
import random
from pathlib import Path

from .conftest import Office, organisation
from .shell import PATIENCE, Ran, consent_url, redirect_of


def handed_out(office: Office) -> list[bytes]:
    """Every token the sandbox ever gave, and what could be cut out of one."""
    authority = office.server.world.authority
    access, refresh = list(authority._access), list(authority._refresh)
    assert access and refresh
    return [text.encode() for text in [*access, *refresh, *(token.rpartition(".")[2] for token in access)]]


def assert_kept_secret(secrets: list[bytes], home: Path, rans: list[Ran]) -> None:
    files = [path for path in home.rglob("*") if path.is_file()]
    assert any(path.name.startswith("xerosync.sqlite3") for path in files)
    for secret in secrets:
        assert not [ran for ran in rans if secret in ran.out + ran.err]
        assert not [path for path in files if secret in path.read_bytes()]


def test_a_whole_day(office: Office, practice: Path) -> None:
    """Connect, sync, renew the tokens, fail in every way, disconnect, reconnect."""
    shell, rans = office.shell, list[Ran]()
    with shell.started("connect", "--organisation", organisation(office)) as process:
        _, url = consent_url(process)
        redirect = redirect_of(url)
        rans.append(Ran(0, *process.communicate(redirect.encode(), timeout=PATIENCE)))
    rans += [shell("import", str(practice)), shell("sync", "--preview", "--json"), shell("sync", "--yes", "--json")]
    wal = shell.database.with_name(f"{shell.database.name}-wal")
    with shell.started("sync") as process:  # the write-ahead log while it is open
        office.control("clock", advance=1801)
        process.wait(PATIENCE)
    office.control("clock", advance=1801)
    for kind, code in (("html", 5), ("malformed_element", 0), ("rate_day", 7), ("element_errors", 0)):
        office.fault(kind, value=3600)
        rans.append(shell("sync", "--full"))
        assert rans[-1].code == code, (kind, rans[-1].said)
    rans += [shell("doctor"), shell("status", "--json"), shell("undo"), shell("settings")]
    office.fault("unauthorized_expired", times=5)
    rans.append(shell("sync", "--full").failed(4))
    rans += [shell("status"), shell.connect("reconnect"), shell("disconnect"), shell("sync")]

    redirect_code = redirect.partition("code=")[2].partition("&")[0].encode()
    assert len(redirect_code) > 20
    secrets = [*handed_out(office), redirect_code]
    assert len({secret for secret in secrets if secret.startswith(b"eyJ")}) >= 3  # consents and renewals
    assert_kept_secret(secrets, shell.home, rans)
    assert not wal.exists() or wal.stat().st_mode & 0o077 == 0


def test_a_crash_amid_a_run(connected_office: Office) -> None:
    """P19: The database is destroyed under a run: one line tells it, and nothing secret gets out with it."""
    shell = connected_office.shell
    connected_office.fault("slow", value=1)
    with shell.started("sync", "--preview") as process:
        connected_office.until_asked()
        with shell.database.open("r+b") as file:
            file.write(random.Random(1).randbytes(100_000))
        os.truncate(f"{shell.database}-wal", 0)
        out, err = process.communicate(timeout=PATIENCE)
    ran = Ran(process.returncode, out, err)
    assert ran.code in (1, 8), ran
    ran.failed(ran.code)
    assert_kept_secret(handed_out(connected_office), shell.home, [ran])


def test_killed_amid_a_run(connected_office: Office) -> None:
    """P19."""
    shell = connected_office.shell
    connected_office.fault("slow", value=20)
    with shell.started("sync", "--preview") as process:
        connected_office.until_asked()
        process.kill()
        out, err = process.communicate(timeout=PATIENCE)
    assert_kept_secret(handed_out(connected_office), shell.home, [Ran(0, out, err)])
    after = shell("sync", "--preview").well()
    assert_kept_secret(handed_out(connected_office), shell.home, [after])


def test_an_unexpected_refusal_of_the_token(connected_office: Office) -> None:
    """The token endpoint answers nonsense when the token is renewed."""
    shell, rans = connected_office.shell, list[Ran]()
    for kind in ("html", "invalid_grant", "malformed_json"):
        connected_office.control("clock", advance=1801)
        connected_office.fault(kind, "/connect/token")
        rans.append(shell("sync", "--preview"))
    assert b"Traceback" not in b"".join(ran.err for ran in rans)
    assert_kept_secret(handed_out(connected_office), shell.home, rans)
