"""Karbon's lists: page after page along nextLink, as a whole or until known ground (karbon.md 2.3)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import msgspec

from xerosync_tui.domain.contact import Kind
from xerosync_tui.errors import RemoteUnreachable
from xerosync_tui.remotes.karbon import wire
from xerosync_tui.remotes.karbon.session import KarbonSession
from xerosync_tui.remotes.karbon.wire import TICKS, Row, RowPage
from xerosync_tui.remotes.ports import BadRecord

_NEWEST_FIRST = {"$orderby": "LastModifiedDateTime desc"}  # sorted on, but never filtered on (karbon.md 2.3)
_TRIES = 3
_LATER = "Run the sync again in a few minutes."


@dataclass(slots=True)
class Listed:
    """Rows and bad records by key, and each number that Karbon gave for the whole list meanwhile."""

    rows: dict[str, Row] = field(default_factory=dict)
    bad: dict[str, BadRecord] = field(default_factory=dict)
    counts: list[int] = field(default_factory=list)

    def take(self, page: RowPage) -> None:
        """A page read later, whose rows are newer."""
        self.rows |= {row.key: row for row in page.rows}
        self.bad |= {bad.record: bad for bad in page.bad}
        self.counts.append(page.count)

    @property
    def fits(self) -> bool:
        """Whether it is the whole list: all that was counted, and the count stood still."""
        return set(self.counts) == {len(self.rows.keys() | self.bad.keys())}


async def complete(session: KarbonSession, kind: Kind) -> Listed:
    """All rows of one kind. Raises RemoteUnreachable when they do not fit together, or what the session raises.

    Newest first, and then the top once more: what is edited meanwhile moves there, and pushes others onto the
    next page, where they are met again. What is deleted or made meanwhile shows in the count (karbon.md 2.3).
    """
    for _ in range(_TRIES):
        listed = Listed()
        async for page in _newest_first(session, kind):
            listed.take(page)
        top = await since(session, kind, max((row.modified for row in listed.rows.values()), default=0))
        listed.rows |= top.rows
        listed.bad |= top.bad
        listed.counts += top.counts
        if listed.fits:
            return listed
    raise RemoteUnreachable("Karbon's list did not fit together however often it was read", _LATER)


async def since(session: KarbonSession, kind: Kind, modified: int) -> Listed:
    """The rows of that second and later, by descending time until known ground (karbon.md 2.3).

    Raises RemoteUnreachable when the list is not in that order, or what the session raises.
    """
    known = modified // TICKS
    listed = Listed()
    async for page in _newest_first(session, kind):
        fresh = tuple(row for row in page.rows if row.modified // TICKS >= known)
        listed.take(RowPage(fresh, page.bad, page.count, page.next_link))
        if len(fresh) < len(page.rows):
            break
    return listed


async def linked_with(session: KarbonSession, kind: Kind, external_key: str) -> Listed:
    """The rows that Karbon's own integrations linked to that id; not unique (karbon.md 2.3, ExternalKey).

    Raises what the session raises.
    """
    text = external_key.replace("'", "''")  # OData's way to quote (karbon.md 2.3)
    listed = Listed()
    async for page in _pages(session, kind, {"$filter": f"ExternalKey eq '{text}'"}):
        listed.take(page)
    return listed


async def _newest_first(session: KarbonSession, kind: Kind) -> AsyncIterator[RowPage]:
    last = None
    async for page in _pages(session, kind, _NEWEST_FIRST):
        for row in page.rows:
            if last is not None and row.modified // TICKS > last:
                raise RemoteUnreachable("Karbon's list is not in the order that was asked for", _LATER)
            last = row.modified // TICKS
        yield page


async def _pages(session: KarbonSession, kind: Kind, options: Mapping[str, str]) -> AsyncIterator[RowPage]:
    """The pages, 100 rows each by default, as nextLink leads from one to the next (karbon.md 2.3).

    Raises RemoteUnreachable when it leads elsewhere, in a circle, or to the same page again.
    """
    path = f"/v3/{wire.RESOURCE[kind]}"
    page = await _page(session, kind, path, options)
    links: set[str] = set()
    seen = {_content(page)}
    yield page
    while page.next_link:
        link = _checked(f"{session.api_url}{path}", page.next_link, options)
        if link in links:
            raise RemoteUnreachable("Karbon's list leads in a circle from page to page", _LATER)
        links.add(link)
        page = await _page(session, kind, link)
        if _content(page) in seen:
            raise RemoteUnreachable("Karbon's list gives the same page again", _LATER)
        seen.add(_content(page))
        yield page


async def _page(session: KarbonSession, kind: Kind, path: str, options: Mapping[str, str] | None = None) -> RowPage:
    reply = await session.get(path, options)
    try:
        return wire.read_page(reply.body, kind)
    except msgspec.MsgspecError as error:
        raise RemoteUnreachable(f"Karbon's answer is no list: {error}", "Try again in a minute.") from error


def _content(page: RowPage) -> tuple[str, ...]:
    return (*(row.key for row in page.rows), *(bad.record for bad in page.bad))


def _checked(asked: str, link: str, options: Mapping[str, str]) -> str:
    """``link`` as it was given, if it leads to more of the same list; whether it keeps the options is unknown.

    (karbon.md 2.3.) Those that it lost are put back: without them another list would follow. Only to its own
    host and path are the credentials sent.
    """
    whole = urljoin(asked, link)
    here, there = urlsplit(asked), urlsplit(whole)
    given = dict(parse_qsl(there.query, keep_blank_values=True))
    same_place = (here.scheme, here.netloc, here.path.casefold()) == (there.scheme, there.netloc, there.path.casefold())
    if not same_place or any(given.get(name, value) != value for name, value in options.items()):
        raise RemoteUnreachable("Karbon's list leads to another one", _LATER)
    lost = {name: value for name, value in options.items() if name not in given}
    return f"{whole}{'&' if there.query else '?'}{urlencode(lost)}" if lost else whole
