"""The query parameters of GET /Contacts (xero.md 2.2)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from xerosync_tui.sandbox.bodies import is_uuid
from xerosync_tui.sandbox.contact import TEXT_LENGTHS

WHERE_FIELDS = ("Name", "EmailAddress", "AccountNumber")
FIELDS = (*TEXT_LENGTHS, "ContactStatus")
ORDER_FIELDS = ("UpdatedDateUTC", "Name", "ContactID")
MOST_IDS = 52
LONGEST_URL = 2090
_CLAUSE = re.compile(r'\s*(\w+)\s*==?\s*"((?:[^"\\]|\\.)*)"\s*', re.DOTALL)
_AND = re.compile(r"(?:AND\b|&&)", re.IGNORECASE)


class QueryError(Exception):
    """Raised for a query that cannot be read: 400 with ErrorNumber 16 (xero.md 3)."""


class InvalidPrecondition(Exception):
    """Raised for an If-Modified-Since that is no time: 412 (xero.md 3)."""


@dataclass(frozen=True, slots=True)
class Query:
    """Which contacts, in which order. `since` is in seconds; `where` holds (field, value) pairs."""

    order: str = "UpdatedDateUTC"
    descending: bool = False
    archived: bool = False
    since: int | None = None
    where: tuple[tuple[str, str], ...] = ()
    ids: frozenset[str] | None = None
    search: str = ""

    @property
    def is_optimised(self) -> bool:
        """Whether Xero has an index for every field; without one, large organisations are refused (xero.md 2.2)."""
        return self.order in ORDER_FIELDS and all(field in WHERE_FIELDS for field, _ in self.where)


@dataclass(frozen=True, slots=True)
class Page:
    """A page from 1 and its size; None in its place means the whole list."""

    number: int
    size: int


def read_query(params: Mapping[str, str], modified_since: str | None) -> Query:
    """The selection a client asks for; raises QueryError or InvalidPrecondition."""
    order, descending = _order(params.get("order") or "UpdatedDateUTC ASC")
    return Query(
        order=order,
        descending=descending,
        archived=is_true(params.get("includeArchived")),
        since=None if modified_since is None else _seconds(modified_since),
        where=_where(params["where"]) if params.get("where") else (),
        ids=_ids(params["IDs"]) if params.get("IDs") else None,
        search=params.get("searchTerm", "").casefold(),
    )


def read_page(params: Mapping[str, str]) -> Page | None:
    """The page; sizes are clamped to 1..1000, default 100. summaryOnly forces paging (xero.md 2.2)."""
    if not params.get("page") and not is_true(params.get("summaryOnly")):
        return None
    number = _integer(params.get("page") or "1")
    size = _integer(params.get("pageSize") or "100")
    return Page(max(1, number), min(1000, max(1, size)))


def is_true(text: str | None) -> bool:
    return (text or "").lower() == "true"


def _integer(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise QueryError(f"{text!r} is not a number") from None


def _order(text: str) -> tuple[str, bool]:
    """The leading order; ContactID is always the tie-break, so it may be named last."""
    first, *rest = [part.split() for part in text.split(",")]
    if rest not in ([], [["ContactID"]], [["ContactID", "ASC"]]) or len(first) not in (1, 2):
        raise QueryError(f"cannot order by {text!r}")
    direction = first[1].upper() if len(first) == 2 else "ASC"
    if first[0] not in (*ORDER_FIELDS, *FIELDS) or direction not in ("ASC", "DESC"):
        raise QueryError(f"cannot order by {text!r}")
    return first[0], direction == "DESC"


def _where(text: str) -> tuple[tuple[str, str], ...]:
    clauses, rest = [], text
    while True:
        found = _CLAUSE.match(rest)
        if found is None or found[1] not in FIELDS:
            raise QueryError(f"cannot filter by {text!r}")
        clauses.append((found[1], re.sub(r"\\(.)", r"\1", found[2], flags=re.DOTALL)))
        rest = rest[found.end() :]
        if not rest:
            return tuple(clauses)
        joined = _AND.match(rest)
        if joined is None:
            raise QueryError(f"cannot filter by {text!r}")
        rest = rest[joined.end() :]


def _ids(text: str) -> frozenset[str]:
    ids = [part.strip().lower() for part in text.split(",") if part.strip()]
    if not all(is_uuid(part) for part in ids):
        raise QueryError("IDs must be ContactIDs")
    return frozenset(ids)


def too_long(params: Mapping[str, str], target: str) -> bool:
    """Whether the address is one that Xero answers with 404: over 52 ids or about 2,090 characters (xero.md 2.2)."""
    url_length = len("https://api.xero.com") + len(target)
    return url_length > LONGEST_URL or params.get("IDs", "").count(",") >= MOST_IDS


def _seconds(text: str) -> int:
    """If-Modified-Since to the second; without a zone it is UTC (xero.md 2.2)."""
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = parse(text.strip())
        except ValueError:
            continue
        return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
    raise InvalidPrecondition(text)
