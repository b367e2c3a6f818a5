"""How contacts lie in columns: four texts a contact, the address as JSON."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from xerosync_tui.domain.contact import NO_ADDRESS, Address, Contact, Field, Value

_encode = msgspec.json.Encoder().encode
_decode_parts = msgspec.json.Decoder(list[str]).decode
_decode_values = msgspec.json.Decoder(dict[str, str | list[str]]).decode


def pack_address(address: Address) -> str:
    """The address as a JSON list of its eight parts; empty text for none."""
    return _encode(address.parts()).decode() if address else ""


def unpack_address(text: str) -> Address:
    """The inverse of ``pack_address``."""
    return Address(*_decode_parts(text)) if text else NO_ADDRESS


def pack(contact: Contact) -> tuple[str, str, str, str]:
    """The contact in the order of the columns name, email, phone, address."""
    return contact.name, contact.email, contact.phone, pack_address(contact.address)


def unpack(name: str, email: str, phone: str, address: str) -> Contact:
    """The inverse of ``pack``."""
    return Contact(name, email, phone, unpack_address(address))


def values_to_json(values: Mapping[Field, Value]) -> str:
    """Some fields of a contact, for the journal."""
    plain = {f.value: v if isinstance(v, str) else v.parts() for f, v in values.items()}
    return _encode(plain).decode() if plain else "{}"


def values_from_json(text: str) -> dict[Field, Value]:
    """The inverse of ``values_to_json``."""
    return {Field(f): v if isinstance(v, str) else Address(*v) for f, v in _decode_values(text).items()}
