"""Idempotency-Key: the first answer to a write is the answer to its repetitions, errors too (xero.md 3)."""

from dataclasses import dataclass

from starlette.responses import Response

LONGEST_KEY = 128
KEPT_SECONDS = 360.0


@dataclass(frozen=True, slots=True)
class Kept:
    """A write that was answered: what was asked, the answer, and until when it is kept."""

    method: str
    url: str
    body: bytes
    response: Response
    until: float


class KeyReused(Exception):
    """Raised when a key comes back with another method, URL or body."""


class IdempotencyCache:
    """Answers by tenant and key."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], Kept] = {}

    def find(self, tenant: str, key: str, method: str, url: str, body: bytes, now: float) -> Response | None:
        """The kept answer to this very request, None for a fresh key; raises KeyReused for another request."""
        kept = self._kept.get((tenant, key))
        if kept is None or now >= kept.until:
            return None
        if (kept.method, kept.url, kept.body) != (method, url, body):
            raise KeyReused(key)
        return kept.response

    def keep(self, tenant: str, key: str, kept: Kept) -> None:
        self._kept[tenant, key] = kept
