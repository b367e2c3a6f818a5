"""What nobody outside Karbon knows for certain (UNKNOWN, or an unsettled contradiction, in karbon.md 2), as switches.

| name | default | row of karbon.md |
| --- | --- | --- |
| unauthorized_body | "nested" | 2.11 401: "flat" ({statusCode, message}) or "nested" (the same under error) |
| top_over_100 | "refuse" | 2.3 $top above 100: "refuse" (400) or "cap" |
| next_link_keeps_query | True | 2.3 nextLink keeps $filter, $orderby and $top; False: only $skip |
| next_link_after_top | True | 2.3 a $top that leaves rows behind still gives a nextLink |
| select_works | False | 2.3 $select: False is 400, True gives the named properties |
| default_order | "key" | 2.3 without $orderby: by "key", or "shifting" from one request to the next |
| organizations_contains | True | 2.3 /v3/Organizations filters with contains |
| card_moves_modified | True | 2.3 a change of a business card alone moves its owner's LastModifiedDateTime |
| lists_show_restricted | True | 2.3 lists hold Private and Hidden records without their permission |
| email_filter | "row" | 2.3 to be re-checked: EmailAddress compares the "row" or "any" email of the cards |
| external_id_works | False | 2.3 the older name ExternalId in the filter of /v3/Organizations |
| external_key_survives_unsync | True | 2.3 ExternalKey still answers after an unsync |
| row_shows | "first" | 2.5 which of several emails and phones a list row shows: "first" or "last" of the primary card |
| unset_text | "null" | 2.5 a text that nobody has set: "null", "empty" or "missing" (typed string, drawn as null) |
| card_strict | False | 2.5 labels and country codes are validated |
| unique_emails | False | 2.5 an email can be on one record only |
| identifier_scope | "all" | 2.5 UserDefinedIdentifier is unique over "all" records or within its "kind" |
| put_omitted | "clear" | 2.7 what a PUT leaves out: "clear" or "keep" |
| cards_left_out | "remove" | 2.7 existing cards that a PUT does not carry with their three keys: "remove" or "keep" |
| patch_answer | "record" | 2.7 PATCH without Prefer: the "record" (200) or "empty" (204) |
| native_sync | False | 2.7 a write to a natively linked record changes its Xero contact |
| include_private, include_hidden | False | 2.7 the application's permissions for RestrictionLevel |
| empty_last_name | False | 2.14 a person's LastName may be empty |
| card_on_create | False | 2.4 a record created without a business card gets an empty one |
| unknown_contact_type | "refuse" | 2.8 no such ContactType: "refuse" (400), "error" (500), "blank" (stored as none) |
| put_unknown_key | "500" | 2.11 PUT and PATCH to a key that does not exist: "500" (5001) or "404" |
"""

from typing import Any

DEFAULTS: dict[str, Any] = {
    "unauthorized_body": "nested",
    "top_over_100": "refuse",
    "next_link_keeps_query": True,
    "next_link_after_top": True,
    "select_works": False,
    "default_order": "key",
    "organizations_contains": True,
    "card_moves_modified": True,
    "lists_show_restricted": True,
    "email_filter": "row",
    "external_id_works": False,
    "external_key_survives_unsync": True,
    "row_shows": "first",
    "unset_text": "null",
    "card_strict": False,
    "unique_emails": False,
    "identifier_scope": "all",
    "put_omitted": "clear",
    "cards_left_out": "remove",
    "patch_answer": "record",
    "native_sync": False,
    "include_private": False,
    "include_hidden": False,
    "empty_last_name": False,
    "card_on_create": False,
    "unknown_contact_type": "refuse",
    "put_unknown_key": "500",
}

CHOICES: dict[str, tuple[str, ...]] = {
    "unauthorized_body": ("nested", "flat"),
    "top_over_100": ("refuse", "cap"),
    "default_order": ("key", "shifting"),
    "email_filter": ("row", "any"),
    "row_shows": ("first", "last"),
    "unset_text": ("null", "empty", "missing"),
    "identifier_scope": ("all", "kind"),
    "put_omitted": ("clear", "keep"),
    "cards_left_out": ("remove", "keep"),
    "patch_answer": ("record", "empty"),
    "unknown_contact_type": ("refuse", "error", "blank"),
    "put_unknown_key": ("500", "404"),
}


def changed(switches: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    """`switches` with `wanted` over them; ValueError for an unknown name or value."""
    for name, value in wanted.items():
        if name not in DEFAULTS:
            raise ValueError(f"no Karbon switch {name!r}")
        if value not in CHOICES.get(name, (True, False)):
            raise ValueError(f"Karbon switch {name}: {value!r} is not possible")
    return {**switches, **wanted}
