"""Snapshots of what two-way syncing leaves to a person, at 80x24 and 120x40."""

from __future__ import annotations

import pytest
from peewee import SqliteDatabase

from tests.tui.conftest import Desk
from tests.tui.driving import opened
from tests.tui.snapshot import check
from tests.tui.test_snapshots import SIZES, follow
from xerosync_tui.domain.connection import Brake
from xerosync_tui.domain.contact import Field
from xerosync_tui.domain.states import FailedSide
from xerosync_tui.engine import sides
from xerosync_tui.engine.decisions import at_work
from xerosync_tui.engine.pull import pull_karbon
from xerosync_tui.program import Program
from xerosync_tui.services import clients, contacts, overview
from xerosync_tui.store import changes, connections, runs

SCENES = {
    "apps-needs": "~A_sync_was_stopped",
    "apps-approve": "~A_sync_was_stopped a ~Do_it_all",
    "clients-state": "2 ~failed",
    "clients-unsync": "2 ~failed space space u ~Both_records",
    "issues-details": "3 ~Confirm_would enter ~Close",
    "field-conflicts": "3 tab ~last_agreed",
    "field-conflicts-decided": "3 tab ~last_agreed x ~z_undoes:",
    "unsynced": "3 tab tab ~No_longer",
    "unsynced-deleted": "3 tab tab ~No_longer down ~Deleted_in_Karbon.",
    "unsynced-match": "3 tab tab ~No_longer m ~as_before",
    "unsynced-whose-data": "3 tab tab ~No_longer m ~as_before enter ~data_stands",
    "unsynced-create": "3 tab tab ~No_longer n ~Xero's_data",
    "unsynced-archive": "3 tab tab ~No_longer A ~no_way_back",
    "namesakes": "3 tab tab ~No_longer n ~Xero's_data down enter ~there_already",
    "failed": "3 tab tab tab ~Email_address_must",
    "activity": "5 ~initial",
    "activity-undo": "5 ~initial z ~can't_be_reversed",
    "journal": "5 ~initial enter ~Before",
    "journal-undo": "5 a ~Everything z ~It_can't_be_undone",
    "journal-undo-edit": "5 a ~Everything down down z ~y_Undo",
    "contact-history": "2 ~failed down enter ~ContactID",
}


async def go_on(program: Program) -> None:
    """Both sides went on since the first sync: conflicts, a refusal, ended links, a run that was stopped."""
    now = program.now_ms()
    both, refused, ended, deleted = (await overview.clients(program))[1:5]

    def write(db: SqliteDatabase) -> None:
        new = ("accounts@in-xero.example", "02 5550 1111", both.xero_id)
        db.execute_sql("UPDATE xero_contact SET email = ?, phone = ? WHERE xero_id = ?", new)
        changes.put_conflicts(db, 1, {both.xero_id: (Field.EMAIL, Field.PHONE)}, now)
        record = (refused.xero_id, refused.contact.name, "Xero refused the edit: Email address must be valid.")
        runs.put_failed(db, 1, FailedSide.TO_XERO, [record], now)
        connections.set_brake(db, 1, Brake("0" * 16, "It would overwrite 25 and end 3 of 48 links", now))

    await contacts.edit(program, both.karbon_key, {"email": "billing@in-karbon.example", "phone": "02 5550 2222"})
    async with at_work(program, "a look") as work, sides.karbon(work):
        await pull_karbon(work)
    await program.store.run(write)
    await clients.unsync(program, [ended.xero_id])
    await contacts.edit(program, ended.karbon_key, {"phone": "02 5550 4321"})
    await contacts.delete(program, deleted.karbon_key)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", SCENES)
async def test_scene(desk: Desk, name: str, size: tuple[int, int], request: pytest.FixtureRequest) -> None:
    async with desk.program("synced") as program:
        await go_on(program)
        async with opened(program, size) as screens:
            await follow(screens, SCENES[name])
            check(screens, name, request)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_later_preview(desk: Desk, size: tuple[int, int], request: pytest.FixtureRequest) -> None:
    """What the next sync would do, a brake of so many edits, and what `s` asks then."""
    async with desk.program("synced") as program:
        linked = await overview.clients(program)
        for number, client in enumerate(linked[:3]):
            await contacts.edit(program, client.karbon_key, {"phone": f"02 5550 10{number:02}"})
        async with opened(program, size) as screens:
            await follow(screens, "p ~What_would_change ~Changes_3")
            check(screens, "preview-later", request)
            await follow(screens, "enter ~Close")
            check(screens, "preview-later-row", request)
            for number, client in enumerate(linked[5:30]):
                await contacts.edit(program, client.karbon_key, {"phone": f"02 5550 20{number:02}"})
            await follow(screens, "escape p ~Changes_28")
            check(screens, "preview-brake", request)
            await follow(screens, "s ~Do_it_all")
            check(screens, "preview-brake-asks", request)
