"""Which records a list shows, and in which order (karbon.md 2.3)."""

from collections.abc import Callable, Iterable

from xerosync_tui.sandbox.karbon.entity import Entity, Kind
from xerosync_tui.sandbox.karbon.query import Clause, Query
from xerosync_tui.sandbox.karbon.render import row_text
from xerosync_tui.sandbox.karbon.tenant import Tenant

CASELESS = ("FullName", "EmailAddress")


def select(tenant: Tenant, kind: Kind, query: Query) -> list[Entity]:
    """The records of a query in order, kept for its next page until something changes."""
    question = (kind, query.where, query.order, query.descending, tenant.revision, tuple(tenant.switches.values()))
    kept = tenant.kept_selection
    if kept is None or kept[0] != question:
        kept = (question, _select(tenant, kind, query))
        tenant.kept_selection = kept
    if query.order or tenant.switches["default_order"] == "key":
        return kept[1]
    return _shifted(tenant, kept[1])


def _select(tenant: Tenant, kind: Kind, query: Query) -> list[Entity]:
    passes = [_test(tenant, clause) for clause in query.where]
    found = [
        entity
        for entity in _candidates(tenant, query.where)
        if entity.kind == kind and _is_listed(tenant, entity) and all(test(entity) for test in passes)
    ]
    found.sort(key=lambda entity: entity.key)
    if query.order == "FullName":
        found.sort(key=lambda entity: entity.full_name.casefold(), reverse=query.descending)
    elif query.order:
        found.sort(key=lambda entity: entity.modified, reverse=query.descending)
    return found


def _candidates(tenant: Tenant, where: tuple[Clause, ...]) -> Iterable[Entity]:
    for clause in where:
        if clause.field == "ExternalKey":
            return tenant.linked(clause.value)
    return tenant.entities.values()


def _is_listed(tenant: Tenant, entity: Entity) -> bool:
    if entity.level == "Public" or tenant.switches["lists_show_restricted"]:
        return True
    return bool(tenant.switches[f"include_{entity.level.lower()}"])


def _test(tenant: Tenant, clause: Clause) -> Callable[[Entity], bool]:
    field, switches = clause.field, tenant.switches
    if field == "ExternalKey":
        return lambda entity: clause.value in entity.external_keys
    fold = str.casefold if field in CASELESS else str
    wanted = fold(clause.value)
    matches = wanted.__eq__ if clause.operator == "eq" else lambda text: wanted in text
    if field == "EmailAddress" and switches["email_filter"] == "any":
        return lambda entity: any(matches(fold(email)) for email in entity.emails())
    return lambda entity: bool(matches(fold(row_text(entity, field, switches))))


def _shifted(tenant: Tenant, found: list[Entity]) -> list[Entity]:
    """The same records, begun at another place each time: page borders shift."""
    tenant.shifts += 1
    start = tenant.shifts * 7 % len(found) if found else 0
    return found[start:] + found[:start]
