"""The synced clients as a CSV."""

from __future__ import annotations

import asyncio
import csv
import os
from collections.abc import Collection, Sequence
from pathlib import Path

from xerosync_tui.domain.contact import ADDRESS_PARTS, Contact
from xerosync_tui.errors import MachineError, UsageError
from xerosync_tui.program import Program
from xerosync_tui.services import overview
from xerosync_tui.store.lists import Client

CONTACT_COLUMNS = ("name", "email", "phone", *ADDRESS_PARTS)
COLUMNS = ("xero_id", "karbon_key", "kind", "contact_type", *CONTACT_COLUMNS)


def contact_cells(contact: Contact) -> tuple[str, ...]:
    """A contact under ``CONTACT_COLUMNS``."""
    return (contact.name, contact.email, contact.phone, *contact.address.parts())


def cells(client: Client) -> tuple[str, ...]:
    """A client under ``COLUMNS``."""
    return (client.xero_id, client.karbon_key, client.kind.value, client.contact_type, *contact_cells(client.contact))


async def export_clients(program: Program, target: Path, wanted: Collection[str]) -> int:
    """Write the clients with these ContactIDs, or all when there are none, to a new file; returns how many.

    ``~`` is the home folder. Raises UsageError where the file exists or names nobody's home, MachineError when it
    cannot be written, NotConnected.
    """
    try:
        target = target.expanduser()
    except RuntimeError as error:
        raise UsageError(f"{target} names a user this machine does not know", "Name another file.") from error
    found = await overview.clients(program)
    rows = [cells(client) for client in found if not wanted or client.xero_id in wanted]
    await asyncio.to_thread(_write, target, rows)
    return len(rows)


def _write(target: Path, rows: Sequence[Sequence[str]]) -> None:
    try:
        file = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)  # clients are nobody else's business
    except FileExistsError as error:
        raise UsageError(f"{target} exists already", "Name another file.") from error
    except (OSError, ValueError) as error:
        raise MachineError(f"Cannot write {target}: {getattr(error, 'strerror', error)}", "Name another.") from error
    try:
        with os.fdopen(file, "w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(COLUMNS)
            writer.writerows(rows)
    except OSError as error:
        target.unlink(missing_ok=True)
        raise MachineError(f"Writing {target} failed: {error.strerror}", "Make room, or name another.") from error
