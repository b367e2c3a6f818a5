"""PUT and POST /Contacts, POST /Contacts/{id}: batches and their errors (xero.md 2.5 and 3)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import Response

from xerosync_tui.sandbox.answers import VALIDATION, api_exception, bare, not_found
from xerosync_tui.sandbox.bodies import BodyError, Element, read_elements
from xerosync_tui.sandbox.call import Call
from xerosync_tui.sandbox.contact import NO_ID, Contact
from xerosync_tui.sandbox.contacts_read import find
from xerosync_tui.sandbox.render import refused, written
from xerosync_tui.sandbox.revise import Change, Ledgerkeeper, Rejected, UnknownContact, without_nulls

Save = Callable[[Element], Change]


def create_contacts(call: Call) -> Response:
    """PUT: creates only."""
    return _write(call, _keeper(call).create)


def save_contacts(call: Call) -> Response:
    """POST: updates by ContactID, creates otherwise."""
    return _write(call, _keeper(call).create_or_update)


def update_contact(call: Call, key: str) -> Response:
    """POST to one contact; the path says which, whatever the body says."""
    contact = find(call, key)
    if contact is None:
        return not_found()
    keeper = _keeper(call)
    return _write(call, lambda element: keeper.create_or_update({**element, "ContactID": contact.contact_id}), only=1)


@dataclass(slots=True)
class Batch:
    """The elements of one request as they are worked off; `before` undoes what was saved."""

    results: list[dict[str, Any]] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)
    before: list[tuple[str, Contact | None]] = field(default_factory=list)


def _keeper(call: Call) -> Ledgerkeeper:
    return Ledgerkeeper(call.organisation, call.world.switches, call.world.clock.now_ms())


def _write(call: Call, save: Save, only: int | None = None) -> Response:
    try:
        elements = read_elements(call.body, call.request.headers.get("content-type", ""))
        if only is not None and len(elements) != only:
            raise BodyError("The request must hold exactly one contact")
    except BodyError as error:
        return api_exception(call.request, 17, "PostDataInvalidException", str(error))
    if call.suffers("half_applied"):
        elements = elements[: len(elements) // 2]
    batch = Batch()
    try:
        for element in elements:
            _save_one(call, save, without_nulls(element, call.world.switches), batch)
    except UnknownContact:
        _undo(call, batch)
        return not_found()
    if call.suffers("half_applied"):
        return bare(500, call.world.switches["error_bodies"])
    return _reply(call, batch)


def _save_one(call: Call, save: Save, element: Element, batch: Batch) -> None:
    try:
        if call.fault is not None and call.fault.kind == "element_errors":
            raise Rejected(str(call.fault.value or "A validation exception occurred"))
        old, saved = save(element)
    except Rejected as rejected:
        echo = refused(element, element.get("ContactID") or NO_ID, rejected.messages)
        batch.errors.append(echo)
        batch.results.append({**echo, "StatusAttributeString": "ERROR"})
        return
    batch.before.append((saved.contact_id, old))
    batch.results.append({**written(saved), "StatusAttributeString": "OK"})


def _undo(call: Call, batch: Batch) -> None:
    for contact_id, old in reversed(batch.before):
        if old is None:
            call.organisation.remove(contact_id)
        else:
            call.organisation.put(old)


def _reply(call: Call, batch: Batch) -> Response:
    if not _summarizes(call):
        return call.answer("Contacts", batch.results)
    if not batch.errors:
        plain = [{k: v for k, v in item.items() if k != "StatusAttributeString"} for item in batch.results]
        return call.answer("Contacts", plain)
    if call.world.switches["batch_atomic"]:
        _undo(call, batch)
    return api_exception(call.request, *VALIDATION, batch.errors)


def _summarizes(call: Call) -> bool:
    """Whether errors refuse the whole request; true unless the client says false (xero.md 3)."""
    default: bool = call.world.switches["summarize_default"]
    text = call.params.get("summarizeErrors", "").lower()
    return {"true": True, "false": False}.get(text, default)
