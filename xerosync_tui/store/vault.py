"""Secrets at rest: sealed with Fernet in the database, the key in a file beside the configuration.

A copy of the database alone, a backup or its write-ahead log, opens nothing.
"""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from peewee import SqliteDatabase

from xerosync_tui.errors import MachineError, ReconnectNeeded
from xerosync_tui.hints import Do, Hint
from xerosync_tui.store import models

if TYPE_CHECKING:
    from cryptography.fernet import Fernet


class Vault:
    """Seals and opens with the key in ``key_file``, which is made (0600, in a 0700 folder) at the first ``put``.

    All raise MachineError for a key file that others may read, that cannot be read or written, or that holds no key.
    """

    def __init__(self, key_file: Path) -> None:
        self._key_file = key_file

    def put(self, db: SqliteDatabase, name: str, text: str, now: int) -> None:
        """Keep ``text`` under ``name`` in place of what was there."""
        sealed = self._fernet(make=True).encrypt(text.encode())
        models.Secret.insert(name=name, sealed=sealed, changed_at=now).on_conflict_replace().execute(db)

    def get(self, db: SqliteDatabase, name: str) -> str | None:
        """What is kept under ``name``, or None. Raises ReconnectNeeded when the key does not open it."""
        from cryptography.fernet import InvalidToken

        row = models.Secret.select().where(models.Secret.name == name).first(db)
        if row is None:
            return None
        try:
            return self._fernet(make=False).decrypt(bytes(row.sealed)).decode()
        except InvalidToken:
            raise ReconnectNeeded(
                f"The kept consent cannot be opened: the key file changed ({self._key_file})",
                Hint(Do.RESTORE_KEY),
            ) from None

    def forget(self, db: SqliteDatabase, name: str) -> None:
        """Keep nothing under ``name``."""
        models.Secret.delete().where(models.Secret.name == name).execute(db)

    def _fernet(self, *, make: bool) -> Fernet:
        from cryptography.fernet import Fernet

        try:
            if make and not self._key_file.exists():
                _make_key(self._key_file, Fernet.generate_key())
            return Fernet(_read_key(self._key_file))
        except FileNotFoundError:
            raise ReconnectNeeded(
                f"The kept consent cannot be opened: the key file is gone ({self._key_file})",
                Hint(Do.RESTORE_KEY),
            ) from None
        except OSError as error:
            raise MachineError(
                f"Cannot use the key file {self._key_file}: {error.strerror}",
                "Fix its owner or permissions, or set XEROSYNC_KEY_FILE.",
            ) from error
        except ValueError:
            raise MachineError(
                f"The key file {self._key_file} holds no key",
                Hint(Do.REPLACE_KEY),
            ) from None


def _read_key(path: Path) -> bytes:
    with path.open("rb") as file:
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        if mode & 0o077:
            raise MachineError(f"The key file {path} is open to others (rights {mode:04o})", f"Run: chmod 600 {path}")
        return file.read(1024).strip()


def _make_key(path: Path, key: bytes) -> None:
    """Written whole beside it, then linked into place: nobody sees half a key, and the first maker wins."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # O_EXCL, 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(key)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            return  # another process was first
    finally:
        Path(draft).unlink()
    _fsync_folder(path.parent)


def _fsync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)  # a token must not outlive the key that opens it
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
