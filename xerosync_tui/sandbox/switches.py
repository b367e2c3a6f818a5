"""What nobody outside Xero knows for certain (rows marked U in xero.md 2.2-2.6 and 3), as switches.

| name | default | row of xero.md |
| --- | --- | --- |
| not_modified | "empty" | 2.3 answer when nothing changed: "empty" (200, no contacts) or "304" |
| since_inclusive | True | 2.3 boundary second inclusive? |
| ignore_modified_since | False | 2.3: a server that forgets the header and lists everything |
| post_without_id | "update" | 2.1 POST without ContactID and with a known Name or ContactNumber: "update" or "refuse" |
| unknown_id | "404" | 2.5 ContactID that does not exist: "404" (whole request) or "element" |
| vanished_id | "absent" | 2.2 IDs, one of them not there: "absent" (of the list) or "404" (whole request) |
| partial_slots | "keep" | 2.5 types and parts that a sent Phones or Addresses leaves out: "keep" or "clear" |
| json_null | "clear" | 2.5 JSON null: "clear" or "keep" |
| name_case_insensitive | True | 8.6 names that differ in case only are the same name |
| name_strict | False | 2.4 refuse `<` `>`, leading, trailing and repeated spaces in a Name |
| name_cleaned | False | 2.4 the same, but mended silently: the stored Name differs from the one sent |
| email_strict | False | 2.4 exact grammar: refuse dots at an end or in a row, and plus tags |
| unstated_max | None | 2.4 longest BankAccountDetails and ContactPersons text; None for no limit |
| batch_atomic | True | 3 a refused batch without summarizeErrors=false saves none |
| summarize_default | True | 3 what a missing summarizeErrors means |
| error_bodies | "empty" | 3 body of 412, 500, 501: "empty", "html" or "json" |
"""

from typing import Any

DEFAULTS: dict[str, Any] = {
    "not_modified": "empty",
    "since_inclusive": True,
    "ignore_modified_since": False,
    "post_without_id": "update",
    "unknown_id": "404",
    "vanished_id": "absent",
    "partial_slots": "keep",
    "json_null": "clear",
    "name_case_insensitive": True,
    "name_strict": False,
    "name_cleaned": False,
    "email_strict": False,
    "unstated_max": None,
    "batch_atomic": True,
    "summarize_default": True,
    "error_bodies": "empty",
}

CHOICES: dict[str, tuple[Any, ...]] = {
    "not_modified": ("empty", "304"),
    "post_without_id": ("update", "refuse"),
    "unknown_id": ("404", "element"),
    "vanished_id": ("absent", "404"),
    "partial_slots": ("keep", "clear"),
    "json_null": ("clear", "keep"),
    "error_bodies": ("empty", "html", "json"),
}


def changed(switches: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    """`switches` with `wanted` over them; ValueError for an unknown name or value."""
    for name, value in wanted.items():
        default = DEFAULTS.get(name, KeyError)
        if default is KeyError:
            raise ValueError(f"no switch {name!r}")
        allowed = CHOICES.get(name)
        fits = value in allowed if allowed else default is None or isinstance(value, type(default))
        if not fits:
            raise ValueError(f"switch {name}: {value!r} is not possible")
    return {**switches, **wanted}
