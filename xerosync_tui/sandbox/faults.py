"""Faults on request: which requests go wrong, how often and how."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

KINDS = frozenset(
    (
        "refuse",
        "lost_reply",
        "rate_minute",
        "rate_day",
        "rate_concurrent",
        "server_error",
        "unavailable",
        "empty_body",
        "malformed_json",
        "html",
        "slow",
        "element_errors",
        "half_applied",
        "token_revoked",
        "organisation_gone",
        "malformed_element",
        "drop_last",
        "touch",
        "invalid_grant",
        "unauthorized_expired",
        "insufficient_scope",
    )
)


@dataclass(slots=True)
class Fault:
    """`kind` happens to the matching requests: not to the first `skip`, then `times` times."""

    kind: str
    value: Any = None
    method: str = "*"
    path: str = "*"
    query: dict[str, str] = field(default_factory=dict)
    skip: int = 0
    times: int = 1

    def matches(self, method: str, path: str, query: Mapping[str, str]) -> bool:
        return (
            self.method in ("*", method)
            and (self.path == "*" or normal(path).startswith(normal(self.path)))
            and all(query.get(name) == value for name, value in self.query.items())
        )


class FaultPlan:
    """The faults still to come, in the order they were asked for."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    @property
    def left(self) -> int:
        """How many requests are still to go wrong."""
        return sum(fault.times for fault in self._faults)

    def add(self, wanted: dict[str, Any]) -> None:
        """Adds the fault that a control describes; ValueError when it describes none."""
        query = {name: str(value) for name, value in (wanted.get("query") or {}).items()}
        try:
            fault = Fault(**{**wanted, "query": query})
        except TypeError as error:
            raise ValueError(f"not a fault: {error}") from None
        if fault.kind not in KINDS:
            raise ValueError(f"no fault {fault.kind!r}")
        self._faults.append(fault)

    def take(self, method: str, path: str, query: Mapping[str, str]) -> Fault | None:
        """The fault that happens to this request, used up by one."""
        for fault in self._faults:
            if fault.matches(method, path, query):
                if fault.skip > 0:
                    fault.skip -= 1
                    continue
                fault.times -= 1
                if fault.times <= 0:
                    self._faults.remove(fault)
                return fault
        return None


async def delay(fault: Fault | None) -> None:
    """Waits the seconds that a slow fault asks for; any other passes at once."""
    if fault is not None and fault.kind == "slow":
        await asyncio.sleep(float(fault.value or 1))


def normal(path: str) -> str:
    """A path as faults compare it: lower case, no slash at the end."""
    return path.lower().rstrip("/")
