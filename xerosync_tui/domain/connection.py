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

    ``approved``: a person said that its rows may go, each while it still holds (engine.md 2.8). ``previewed``: no run
    was stopped, a preview showed that one would be.
    """

    digest: str
    reason: str
    at: int
    approved: bool = False
    previewed: bool = False


KARBON_API = "karbon:"  # how a directory begins that is an account of Karbon's API; its TenantKey follows


def is_karbon_api(directory: str) -> bool:
    """Whether a connection's directory is an account of Karbon's API, and not the built-in one."""
    return directory.startswith(KARBON_API)


# Which entry of a card is the synced one: the first with the first of these labels (karbon.md 2.6: no flag says it).
PHONES = ("Work", "Office", "Mobile", "Home")
ADDRESSES = ("Mailing", "Physical", "Legal", "Home")


@dataclass(frozen=True, slots=True)
class KarbonAccount:
    """An account of Karbon's API, and what was chosen for it. ``connected_at``: milliseconds since the epoch.

    ``trouble`` is why Karbon refuses the keys, empty while it does not. ``phones`` and ``addresses`` are labels of
    entries on a business card by rank, empty for the usual ones. ``write_beside``: also pairs that Karbon's own
    Xero sync links are written.
    """

    tenant_key: str
    api_url: str
    connected_at: int
    trouble: str
    contact_types: tuple[str, ...]
    phones: tuple[str, ...]
    addresses: tuple[str, ...]
    write_beside: bool

    @property
    def directory(self) -> str:
        """How connections name it."""
        return f"{KARBON_API}{self.tenant_key}"


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
    shown_brake: Brake | None = None  # what an approval is about

    audited_at: int | None = None
    quota_until: int | None = None

    @property
    def brake(self) -> Brake | None:
        """The run that was stopped and waits for a person, if one was."""
        return None if self.shown_brake is None or self.shown_brake.previewed else self.shown_brake

    @property
    def region(self) -> str:
        """Default region of phone numbers: the organisation's country."""
        return self.organisation.country or "AU"
