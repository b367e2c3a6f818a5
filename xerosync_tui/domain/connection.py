"""A connection: one Xero organisation joined to one Karbon directory, and what was chosen for it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ImportFilter(StrEnum):
    """Which Xero contacts take part. Customer and supplier come from invoices (xero.md 2.4)."""

    ALL = "all"
    CUSTOMERS = "customers"
    CUSTOMERS_SUPPLIERS = "customers-suppliers"


class BothChanged(StrEnum):
    """Whose value stands when both sides changed a field differently."""

    ASK = "ask"
    XERO = "xero"
    KARBON = "karbon"


class ConnectionState(StrEnum):
    """Whether the consent holds."""

    CONNECTED = "connected"
    RECONNECT = "reconnect"
    DISCONNECTED = "disconnected"


@dataclass(frozen=True, slots=True)
class Organisation:
    """A Xero organisation of a consent. ``connection_id`` is what disconnecting it takes, not ``id``."""

    id: str
    name: str
    connection_id: str
    short_code: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class Brake:
    """A run that was stopped before it did anything: why, and the digest of what it would have done.

    An approval holds for that digest only (engine.md 2.8).
    """

    digest: str
    reason: str
    at: int


@dataclass(frozen=True, slots=True)
class Connection:
    """The active (or a former) connection. Times are milliseconds since the epoch.

    ``plan_run`` is the run whose plan was not carried out to its end, if any; ``audited_at`` when everything was
    last read; ``quota_until`` when Xero's day limit, once used up, lets us go on.
    """

    id: int
    organisation: Organisation
    directory: str
    state: ConnectionState
    state_reason: str
    import_filter: ImportFilter
    contact_type: str
    both_changed: BothChanged
    fill_xero_blanks: bool
    interval_seconds: int
    connected_at: int
    started_at: int | None
    previewed_at: int | None
    plan_run: int | None
    read_until: int | None
    directory_version: int
    brake: Brake | None = None
    audited_at: int | None = None
    quota_until: int | None = None

    @property
    def region(self) -> str:
        """Default region of phone numbers: the organisation's country."""
        return self.organisation.country or "AU"
