"""Short ways to write records of both sides."""

from __future__ import annotations

from typing import Any

from xerosync_tui.domain.contact import Address, Contact, KarbonContact, Kind, XeroContact

EMAIL = "accounts@acme.example"
ADDRESS = Address(line1="12 Builder St", city="Parramatta", region="NSW", postal_code="2150", country="Australia")


def xero(id: str, name: str = "Acme", email: str = "", phone: str = "", **more: Any) -> XeroContact:
    """A Xero contact; ``address`` and any other attribute by name."""
    address = more.pop("address", Address())
    return XeroContact(id, Contact(name, email, phone, address), **more)


def karbon(key: str, name: str = "Acme", email: str = "", phone: str = "", **more: Any) -> KarbonContact:
    """A Karbon organization; ``address`` and any other attribute by name."""
    address, kind = more.pop("address", Address()), more.pop("kind", Kind.ORGANIZATION)
    return KarbonContact(key, kind, Contact(name, email, phone, address), **more)
