"""Karbon's own integration with Xero, as far as a client could collide with it (karbon.md 2.7, unknown)."""

from xerosync_tui.sandbox.karbon.entity import Entity
from xerosync_tui.sandbox.revise import overlaid
from xerosync_tui.sandbox.world import World


def carry_to_xero(world: World, entity: Entity) -> None:
    """Writes name and email of `entity` to the Xero contact that the integration linked it to, if there is one."""
    organisation = world.main()
    for external_key in entity.external_keys & organisation.contacts.keys():
        contact = organisation.contacts[external_key]
        changes = {"Name": entity.full_name, "EmailAddress": next(entity.emails(), "")}
        organisation.touch(overlaid(contact, changes), world.clock.now_ms())
