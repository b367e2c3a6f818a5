"""Writes an identity down the way bookkeepers do in Xero: now split, now whole, now empty."""

from random import Random
from typing import Any

from xerosync_tui.sandbox.contact import Contact
from xerosync_tui.sandbox.identity import Identity

FIRST_UPDATE_MS = 1_706_745_600_000  # 2024-02-01, so that no generated contact lies in the future
STEP_MS = 3_600_000 * 4


def random_uuid(random: Random) -> str:
    """A version 4 UUID from `random`; spelled here because uuid.UUID is most of the cost of a contact."""
    digits = f"{random.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


class Ledger:
    """Makes the Xero contacts of one organisation from identities, with rising UpdatedDateUTC."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self._count = 0
        self._step_ms = STEP_MS
        self._now_ms = FIRST_UPDATE_MS

    def contact(self, who: Identity, *, phone: bool = True, address: bool = True, **changes: Any) -> Contact:
        """`who` as a Xero contact; `phone` and `address` False leave those empty, `changes` are fields of Contact."""
        random = self.random
        self._count += 1
        fields: dict[str, Any] = {
            "contact_id": random_uuid(random),
            "updated_ms": self._stamp(),
            "text": self._text(who),
            "phones": self._phones(who, filled=phone),
            "addresses": self._addresses(who) if address else {},
            "persons": self._persons(who),
            **self._flags(),
        }
        return Contact(**{**fields, **changes})

    def _stamp(self) -> int:
        """A tenth share their instant with the one before, as after an import: ContactID breaks the tie."""
        if self.random.random() >= 0.1:
            self._now_ms += 1 + int(self.random.random() * self._step_ms)
            self._step_ms = max(1000, self._step_ms - self._step_ms // 2000)
        return self._now_ms

    def _text(self, who: Identity) -> dict[str, str]:
        text = {"Name": who.name}
        if who.first:
            text |= {"FirstName": who.first, "LastName": who.last}
        if who.email:
            text["EmailAddress"] = who.email
        chance = self.random.random()
        if chance < 0.1:
            text["ContactNumber"] = f"PMS-{self._count:05}"
        elif chance < 0.25:
            text["AccountNumber"] = f"H{self._count:06}"
        if chance > 0.6 and not who.is_person:
            text |= {"TaxNumber": f"{self._count:011}", "BankAccountDetails": f"000000{self._count:09}"}
        return text

    def _flags(self) -> dict[str, bool]:
        chance = self.random.random()
        return {"is_customer": chance < 0.65, "is_supplier": 0.55 <= chance < 0.8}

    def _phones(self, who: Identity, *, filled: bool) -> dict[str, dict[str, str]]:
        phones = {"DEFAULT": self._spelled(who.phone)} if filled and who.phone else {}
        chance = self.random.random()
        if chance < 0.15:
            phones["MOBILE"] = {"PhoneNumber": "0491 570 006"}
        elif chance < 0.25:
            phones["DDI"] = {"PhoneNumber": "5550 0100", "PhoneAreaCode": "02"}
        elif chance < 0.3:
            phones["FAX"] = {"PhoneNumber": "7010 0199", "PhoneAreaCode": "03", "PhoneCountryCode": "61"}
        return phones

    def _spelled(self, digits: str) -> dict[str, str]:
        """The web app lets people split a number over three parts or put it all in one (xero.md 2.4)."""
        area, rest = digits[:2], f"{digits[2:6]} {digits[6:]}"
        whole = f"{digits[:4]} {digits[4:7]} {digits[7:]}" if area == "04" else f"({area}) {rest}"
        chance = self.random.random()
        if chance < 0.3:
            return {"PhoneNumber": rest, "PhoneAreaCode": area[1:], "PhoneCountryCode": "61"}
        if chance < 0.5:
            return {"PhoneNumber": rest, "PhoneAreaCode": area}
        if chance < 0.6:
            return {"PhoneNumber": f"+61 {area[1:]} {rest}"}
        return {"PhoneNumber": whole}

    def _addresses(self, who: Identity) -> dict[str, dict[str, str]]:
        lines = {"AddressLine1": who.street}
        if self.random.random() < 0.2:
            lines = {"AddressLine1": f"Unit {self.random.randint(1, 40)}", "AddressLine2": who.street}
        place = {"City": who.city, "Region": who.state, "PostalCode": who.postcode, "Country": "Australia"}
        addresses = {"POBOX": {**lines, **place}}
        if self.random.random() < 0.1:
            addresses["POBOX"]["AttentionTo"] = "Accounts Payable"
        if self.random.random() < 0.3:
            addresses["STREET"] = {"AddressLine1": who.street, **place}
        return addresses

    def _persons(self, who: Identity) -> tuple[dict[str, Any], ...]:
        if who.is_person or self.random.random() > 0.12:
            return ()
        email = f"payables@{who.email.partition('@')[2]}" if who.email else ""
        return ({"FirstName": "Pat", "LastName": "Keeper", "EmailAddress": email, "IncludeInEmails": True},)
