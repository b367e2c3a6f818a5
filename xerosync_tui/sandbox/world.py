"""The state of the sandbox: organisations, Karbon, sign-ins, clock, faults, switches, limits, record of requests."""

import gc
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

from xerosync_tui.sandbox import switches
from xerosync_tui.sandbox.authority import Authority
from xerosync_tui.sandbox.cast import cast
from xerosync_tui.sandbox.clock import Clock
from xerosync_tui.sandbox.contact import Contact
from xerosync_tui.sandbox.faults import FaultPlan
from xerosync_tui.sandbox.idempotency import IdempotencyCache
from xerosync_tui.sandbox.karbon.clients import karbon_tenant
from xerosync_tui.sandbox.karbon.tenant import Tenant
from xerosync_tui.sandbox.ledger import random_uuid
from xerosync_tui.sandbox.limits import RateLimiter
from xerosync_tui.sandbox.options import SandboxOptions
from xerosync_tui.sandbox.organisation import Organisation
from xerosync_tui.sandbox.record import Record
from xerosync_tui.sandbox.xero_csv import read_xero_csv

MAIN_NAME = "Harbour & Co Accounting"
SECOND_SIZE = 12


class World:
    """Everything behind the HTTP surface. `csv_notes` says which rows of the Xero CSV were left out, and why."""

    def __init__(self, options: SandboxOptions) -> None:
        self.reset(options)

    def reset(self, options: SandboxOptions) -> None:
        """Back to the start: new contacts of the same seed, no tokens, faults, counts; switches and limits as given."""
        with _collector_paused():
            contacts, self.csv_notes = _main_contacts(options)
            self.organisations = _organisations(options, contacts)
            self.karbon = _karbon(options, contacts)
        self.options = options
        self.clock = Clock()
        self.authority = Authority(
            options.client_id, options.redirect_uris, list(self.organisations.values()), self.clock
        )
        self.faults = FaultPlan()
        self.limiter = RateLimiter(options.limits)
        self.idempotency = IdempotencyCache()
        self.record = Record()
        self.switches: dict[str, Any] = dict(switches.DEFAULTS)

    def main(self) -> Organisation:
        return next(iter(self.organisations.values()))


@contextmanager
def _collector_paused() -> Iterator[None]:
    """A large world is a million objects and no garbage; looking for some takes a third of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _main_contacts(options: SandboxOptions) -> tuple[tuple[Contact, ...], list[str]]:
    if options.xero_csv is None:
        return cast(options.seed, options.size).contacts, []
    export = read_xero_csv(options.xero_csv)
    return export.contacts, export.notes


def _organisations(options: SandboxOptions, contacts: tuple[Contact, ...]) -> dict[str, Organisation]:
    """Two organisations and a practice; ids and short codes follow from the seed."""
    random = Random(f"organisations {options.seed}")
    main = _organisation(random, MAIN_NAME, "ORGANISATION", "AU")
    main.load(contacts)
    second = _organisation(random, "Wattle Street Bakery", "ORGANISATION", "AU")
    second.load(cast(options.seed + 1_000_003, SECOND_SIZE).contacts)
    practice = _organisation(random, f"{MAIN_NAME} (practice)", "PRACTICE", "AU")
    return {organisation.tenant_id: organisation for organisation in (main, second, practice)}


def _karbon(options: SandboxOptions, contacts: tuple[Contact, ...]) -> Tenant | None:
    """The practice's Karbon, where one was asked for."""
    return karbon_tenant(options.seed, cast(options.seed, options.size).cards, contacts) if options.karbon else None


def _organisation(random: Random, name: str, kind: str, country: str) -> Organisation:
    tenant_id = random_uuid(random)
    short_code = "!" + hashlib.sha256(tenant_id.encode()).hexdigest()[:5]
    return Organisation(tenant_id, name, short_code, kind=kind, country=country)
