"""The lists: clients, contacts left out, Karbon contacts."""

from __future__ import annotations

import argparse

from xerosync_tui.cli import output
from xerosync_tui.cli.running import with_program
from xerosync_tui.domain.display import counted
from xerosync_tui.services import contacts as directory
from xerosync_tui.services import export, overview


def clients(arguments: argparse.Namespace) -> int:
    """``xerosync clients``."""
    found = with_program(lambda program: overview.clients(program, arguments.search))
    if arguments.json:
        output.as_json(
            [
                {
                    "xero_id": c.xero_id, "karbon_key": c.karbon_key, "kind": c.kind.value,
                    **output.fields(c.contact), "contact_type": c.contact_type, "matched": c.why,
                    "linked_at": output.moment(c.linked_at), "synced_at": output.moment(c.synced_at),
                }
                for c in found
            ]
        )  # fmt: skip
    elif arguments.csv:
        output.as_csv(export.COLUMNS, map(export.cells, found))
    else:
        rows = [(c.contact.name, c.contact.email, c.contact_type, c.karbon_key) for c in found]
        output.table(("Name", "Billing email", "Type", "Karbon key"), rows)
        output.note(counted(len(found), "synced client"))
    return 0


def left_out(arguments: argparse.Namespace) -> int:
    """``xerosync left-out``."""
    found = with_program(lambda program: overview.left_out(program, arguments.search))
    if arguments.json:
        output.as_json([{"xero_id": x.id, **output.fields(x.contact)} for x in found])
    else:
        output.table(("Name", "Billing email", "ContactID"), [(x.contact.name, x.contact.email, x.id) for x in found])
        count = counted(len(found), "Xero contact")
        output.note(f"{count} outside the filter; link one with `xerosync resolve ContactID --match KEY`")
    return 0


def contacts(arguments: argparse.Namespace) -> int:
    """``xerosync contacts``."""
    only = {"unlinked": arguments.unlinked, "guesses": arguments.guesses}
    found = with_program(lambda program: directory.listed(program, arguments.search, **only))
    if arguments.json:
        output.as_json(
            [
                {
                    "key": r.key, "kind": r.kind.value, **output.fields(r.contact), "first_name": r.first_name,
                    "middle_name": r.middle_name, "last_name": r.last_name,
                    "other_phones": list(r.other_phones), "contact_type": r.contact_type,
                    "client_identifier": r.client_identifier, "kind_reason": r.kind_reason,
                    "kind_guess": r.kind_guess / 100 or None,
                    "synced": synced,
                }
                for r, synced in found
            ]
        )  # fmt: skip
    elif arguments.csv:
        columns = ("key", "kind", "contact_type", "client_identifier", *export.CONTACT_COLUMNS)
        output.as_csv(
            columns,
            (
                (r.key, r.kind.value, r.contact_type, r.client_identifier, *export.contact_cells(r.contact))
                for r, _ in found
            ),
        )
    else:
        rows = [(r.contact.name, r.contact.email, r.kind.value, r.key, "synced" if s else "") for r, s in found]
        output.table(("Name", "Billing email", "Kind", "Key", ""), rows)
        output.note(counted(len(found), "Karbon contact"))
    return 0
