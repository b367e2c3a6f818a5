"""The OData options that Karbon takes, and how it refuses the others (karbon.md 2.3)."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from xerosync_tui.sandbox.karbon.entity import Kind
from xerosync_tui.sandbox.karbon.errors import bad_request

PAGE = 100
OPTIONS = ("$filter", "$orderby", "$top", "$skip")
FILTERED: dict[Kind, tuple[str, ...]] = {
    "Contact": ("FullName", "EmailAddress", "PhoneNumber", "ContactType", "ExternalKey"),
    "Organization": ("FullName", "EmailAddress", "ContactType", "ExternalKey"),
}
ORDERED = ("FullName", "LastModifiedDateTime")
SERVED = ("LastModifiedDateTime", "PhoneNumber", "UserDefinedIdentifier", "Website", "PreferredName", "Salutation")
"""Properties of a row that cannot be filtered by; any other name is unknown to Karbon."""

LOGICAL = {
    "or": "Or",
    "not": "Not",
    "ne": "NotEqual",
    "gt": "GreaterThan",
    "ge": "GreaterThanOrEqual",
    "lt": "LessThan",
    "le": "LessThanOrEqual",
}
_TOKEN = re.compile(r"\s*('(?:[^']|'')*'|[A-Za-z_][\w./]*|[(),]|[^\s'(),]+)")


@dataclass(frozen=True, slots=True)
class Clause:
    """`field eq 'value'`, or `contains(field, 'value')`."""

    field: str
    operator: str
    value: str


@dataclass(frozen=True, slots=True)
class Query:
    """Which rows, in which order, and which part of them. `order` is "" where none was asked for."""

    where: tuple[Clause, ...] = ()
    order: str = ""
    descending: bool = False
    top: int | None = None
    skip: int = 0
    select: tuple[str, ...] = ()


def read_query(params: Mapping[str, str], kind: Kind, switches: Mapping[str, Any]) -> Query:
    """The selection that a list is asked for. Raises Refusal (400, 4002)."""
    allowed = (*OPTIONS, "$select") if switches["select_works"] else OPTIONS
    refuse_options(params, allowed)
    order, descending = _order(params.get("$orderby", ""))
    return Query(
        where=tuple(_where(params["$filter"], kind, switches)) if params.get("$filter") else (),
        order=order,
        descending=descending,
        top=_top(params, switches),
        skip=_number("$skip", params.get("$skip", "0")),
        select=tuple(name.strip() for name in params.get("$select", "").split(",") if name.strip()),
    )


def refuse_options(params: Mapping[str, str], allowed: tuple[str, ...]) -> None:
    """Raises Refusal for a query option that is not among `allowed`."""
    for name in params:
        if name.startswith("$") and name not in allowed:
            raise bad_request(_not_allowed("Query option", name[1:].capitalize(), "AllowedQueryOptions"))


def read_expand(params: Mapping[str, str], allowed: tuple[str, ...], kind: Kind) -> tuple[str, ...]:
    """What a single record is expanded with. Raises Refusal."""
    refuse_options(params, ("$expand",))
    wanted = tuple(name.strip() for name in params.get("$expand", "").split(",") if name.strip())
    for name in wanted:
        if name not in allowed:
            raise bad_request(f"Could not find a property named '{name}' on type 'KarbonService.{kind}DTO'.")
    return wanted


def _top(params: Mapping[str, str], switches: Mapping[str, Any]) -> int | None:
    if "$top" not in params:
        return None
    top = _number("$top", params["$top"])
    if top > PAGE and switches["top_over_100"] == "refuse":
        raise bad_request(
            f"The limit of '{PAGE}' for Top query has been exceeded. The value from the incoming request is '{top}'."
        )
    return min(top, PAGE)


def _number(name: str, text: str) -> int:
    if not re.fullmatch(r"\d{1,9}", text, re.ASCII):
        raise bad_request(f"Invalid value '{text}' for {name} query option found.")
    return int(text)


def _order(text: str) -> tuple[str, bool]:
    words = text.split()
    if not words:
        return "", False
    if words[0] not in ORDERED:
        raise bad_request(f"The property '{words[0]}' cannot be used in the $orderby query option.")
    if words[1:] not in ([], ["asc"], ["desc"]):
        raise bad_request(f"Syntax error in '{text}'.")
    return words[0], words[1:] == ["desc"]


def _where(text: str, kind: Kind, switches: Mapping[str, Any]) -> Iterator[Clause]:
    for clause in _Filter(text).all():
        yield _checked(clause, kind, switches)


def _tokens(text: str) -> list[str]:
    tokens, at, end = [], 0, len(text.rstrip())
    while at < end:
        found = _TOKEN.match(text, at)
        if found is None:
            raise bad_request(f"There is an unterminated string literal at position {end} in '{text}'.")
        tokens.append(found[1])
        at = found.end()
    return tokens


class _Filter:
    """Reads clauses joined by `and`, with parentheses where they change nothing."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = _tokens(text)

    def all(self) -> list[Clause]:
        clauses = self._joined()
        if self.tokens:
            raise self._refusal(self.tokens[0])
        return clauses

    def _joined(self) -> list[Clause]:
        clauses = self._term()
        while self.tokens and self.tokens[0] == "and":
            self._next()
            clauses += self._term()
        return clauses

    def _term(self) -> list[Clause]:
        word = self._next()
        if word == "(":
            clauses = self._joined()
            self._expect(")")
            return clauses
        if self.tokens and self.tokens[0] == "(":
            return [self._function(word)]
        operator = self._next()
        if operator != "eq":
            raise self._refusal(operator if word not in LOGICAL else word)
        return [Clause(word, "eq", self._literal())]

    def _function(self, name: str) -> Clause:
        if name != "contains":
            raise self._refusal(name, function=True)
        self._expect("(")
        field = self._next()
        self._expect(",")
        clause = Clause(field, "contains", self._literal())
        self._expect(")")
        return clause

    def _literal(self) -> str:
        token = self._next()
        if not token.startswith("'"):
            raise self._refusal(token)
        return token[1:-1].replace("''", "'")

    def _expect(self, token: str) -> None:
        found = self._next()
        if found != token:
            raise self._refusal(found)

    def _next(self) -> str:
        if not self.tokens:
            raise self._refusal("")
        return self.tokens.pop(0)

    def _refusal(self, token: str, *, function: bool = False) -> Exception:
        if token in LOGICAL:
            return bad_request(_not_allowed("Logical operator", LOGICAL[token], "AllowedLogicalOperators"))
        if function:
            return bad_request(_not_allowed("Function", token, "AllowedFunctions"))
        return bad_request(f"Syntax error at '{token}' in '{self.text}'.")


def _checked(clause: Clause, kind: Kind, switches: Mapping[str, Any]) -> Clause:
    field = clause.field
    if field == "ExternalId" and kind == "Organization" and switches["external_id_works"]:
        clause = Clause("ExternalKey", clause.operator, clause.value)
    elif field not in FILTERED[kind]:
        if field in SERVED:
            raise bad_request(f"The property '{field}' cannot be used in the $filter query option.")
        raise bad_request(f"Could not find a property named '{field}' on type 'KarbonService.{kind}SummaryDTO'.")
    if clause.operator == "contains":
        if clause.field == "ExternalKey":
            raise bad_request("Only the eq operator is supported for ExternalKey.")
        if kind == "Organization" and not switches["organizations_contains"]:
            raise bad_request(_not_allowed("Function", "contains", "AllowedFunctions"))
    return clause


def _not_allowed(what: str, name: str, setting: str) -> str:
    holder = "EnableQueryAttribute or QueryValidationSettings"
    return f"{what} '{name}' is not allowed. To allow it, set the '{setting}' property on {holder}."
