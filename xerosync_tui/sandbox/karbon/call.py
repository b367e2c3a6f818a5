"""One request to Karbon that was let in."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request

from xerosync_tui.sandbox.faults import Fault
from xerosync_tui.sandbox.karbon.entity import TICKS, Entity
from xerosync_tui.sandbox.karbon.errors import stale
from xerosync_tui.sandbox.karbon.tenant import Tenant
from xerosync_tui.sandbox.world import World


@dataclass(frozen=True, slots=True)
class Call:
    """The request, its whole body, the tenant, its fault, and the record to be changed as it was on arrival."""

    world: World
    tenant: Tenant
    request: Request
    body: bytes
    fault: Fault | None
    seen: Entity | None

    @property
    def params(self) -> Mapping[str, str]:
        return self.request.query_params

    @property
    def base(self) -> str:
        """Scheme, host and port that the client used: links lead back to them."""
        return str(self.request.base_url).rstrip("/")

    @property
    def now(self) -> int:
        return int(self.world.clock.now() * TICKS)

    def suffers(self, kind: str) -> bool:
        return self.fault is not None and self.fault.kind == kind

    def current(self, entity: Entity) -> Entity:
        """`entity`, unless another request changed it while this one was under way: Refusal, 409 (karbon.md 2.7)."""
        if self.seen is not None and self.seen is not entity:
            raise stale()
        return entity
