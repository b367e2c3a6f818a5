"""One request to the accounting API that was let in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from xerosync_tui.sandbox.answers import wants_json
from xerosync_tui.sandbox.faults import Fault
from xerosync_tui.sandbox.organisation import Organisation
from xerosync_tui.sandbox.render import envelope, json_bytes, xml_bytes
from xerosync_tui.sandbox.world import World


@dataclass(frozen=True, slots=True)
class Call:
    """The request, its whole body, the organisation it is for, and the fault that happens to it."""

    world: World
    request: Request
    body: bytes
    organisation: Organisation
    fault: Fault | None

    @property
    def params(self) -> Mapping[str, str]:
        return self.request.query_params

    @property
    def target(self) -> str:
        """Path and query as they came over the wire."""
        raw: bytes = self.request.scope["raw_path"]
        query: bytes = self.request.scope["query_string"]
        return (raw + b"?" + query if query else raw).decode("latin-1")

    def suffers(self, kind: str) -> bool:
        return self.fault is not None and self.fault.kind == kind

    def answer(self, name: str, elements: list[Any], pagination: dict[str, int] | None = None) -> Response:
        """200 with a list of elements, as JSON or XML."""
        body = envelope(self.world.clock.now_ms(), name, elements, pagination)
        if wants_json(self.request):
            return Response(json_bytes(body), 200, media_type="application/json; charset=utf-8")
        return Response(xml_bytes(body), 200, media_type="text/xml")
