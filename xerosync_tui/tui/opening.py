"""Open in Xero and Open in Karbon, from wherever a contact is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xerosync_tui.domain.contact import Kind
from xerosync_tui.services import overview

if TYPE_CHECKING:
    from xerosync_tui.tui.app import XeroSyncApp


async def open_in_xero(app: XeroSyncApp, xero_id: str, name: str) -> None:
    """The contact's page in Xero, in a browser or as a link; says why where there is none."""
    from xerosync_tui.tui.links import open_link

    connection = app.connection
    if connection is None:
        app.say("Xero is not connected, so there is no page to open.", severity="warning")
        return
    if not connection.organisation.short_code:
        app.say("Xero has told no short code for this organisation, so its pages have no address.", severity="warning")
        return
    await open_link(app, overview.xero_page(app.program, connection, xero_id), f"{name} in Xero")


async def open_in_karbon(app: XeroSyncApp, kind: Kind, key: str, name: str) -> None:
    """The contact's page in Karbon's web app; of the built-in directory, which has none, our own page of it."""
    from xerosync_tui.tui.links import open_link
    from xerosync_tui.tui.screens.contact import ContactPage

    if account := app.account:
        await open_link(app, overview.karbon_page(app.program, account, kind, key), f"{name} in Karbon")
    else:
        await app.push_screen(ContactPage(key))
