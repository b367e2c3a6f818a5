"""What was asked of the sandbox: counts by kind and a log. Never a token."""

import re
from collections import Counter, deque
from dataclasses import asdict, dataclass, field
from typing import Any

from starlette.requests import Request

LOG_LENGTH = 20_000
_BASE = "/api.xro/2.0"


@dataclass(slots=True)
class Entry:
    """One request; `status` stays None when the connection was closed without an answer."""

    method: str
    path: str
    query: dict[str, str]
    status: int | None
    tenant: str | None
    idempotency_key: str | None


@dataclass(slots=True)
class Record:
    requests: Counter[str] = field(default_factory=Counter)
    log: deque[Entry] = field(default_factory=lambda: deque(maxlen=LOG_LENGTH))

    def open(self, request: Request) -> Entry:
        """Counts and logs a request as it arrives."""
        headers = request.headers
        entry = Entry(
            method=request.method,
            path=request.url.path,
            query=dict(request.query_params),
            status=None,
            tenant=headers.get("xero-tenant-id"),
            idempotency_key=headers.get("idempotency-key"),
        )
        self.requests[f"{request.method} {kind_of(request.url.path)}"] += 1
        self.log.append(entry)
        return entry

    def view(self) -> dict[str, Any]:
        return {"requests": dict(self.requests), "log": [asdict(entry) for entry in self.log]}


def kind_of(path: str) -> str:
    """`/api.xro/2.0/Contacts/<anything>` -> `/Contacts/{id}`, `/Connections` -> `/connections`."""
    path = path.removeprefix(_BASE)
    path = re.sub(r"^/connections", "/connections", path, flags=re.IGNORECASE)
    return re.sub(r"^/(Contacts|connections)/[^/]+", r"/\1/{id}", path)
