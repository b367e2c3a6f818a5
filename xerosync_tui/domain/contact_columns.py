"""Which column of a contact file holds which field: recognised by name, or mapped by the admin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from xerosync_tui.domain.csv_records import ContactFileError
from xerosync_tui.hints import Do, Hint

# Column names as letters and digits only, best first. Where several are there, the best one is the field's
# column; only names and other phones may come from more than one.
_ALIASES: dict[str, tuple[str, ...]] = {
    "client_identifier": ("clientidentifier", "userdefinedidentifier", "clientid", "clientcode"),
    "kind": ("kind",),
    "name": ("name", "fullname", "clientname", "organizationname", "organisationname", "contactname"),
    "first_name": ("firstname",),
    "middle_name": ("middlename",),
    "last_name": ("lastname", "surname"),
    "email": ("billingemail", "billingemailaddress", "emailaddress", "email"),
    "phone": ("primaryphone", "primaryphonenumber", "phonenumber", "phone", "telephone"),
    "other_phone": ("mobile", "mobilenumber", "mobilephone", "cellphone", "otherphone"),
    "line1": ("poaddressline1", "billingaddress", "addressline1", "address1", "address", "streetaddress", "street"),
    "line2": ("poaddressline2", "addressline2", "address2"),
    "line3": ("poaddressline3", "addressline3", "address3"),
    "line4": ("poaddressline4", "addressline4", "address4"),
    "city": ("pocity", "city", "town", "suburb"),
    "region": ("poregion", "state", "region", "stateregion", "province"),
    "postal_code": ("popostalcode", "postalcode", "postcode", "zip", "zipcode"),
    "country": ("pocountry", "country"),
    "contact_type": ("contacttype",),
}
FIELD_NAMES: tuple[str, ...] = tuple(_ALIASES)
"""The fields a column can be mapped to. The parts of the address are those of ``Address``."""

_LONGEST_LIST = 500
_SEVERAL_COLUMNS = frozenset({"name", "other_phone"})
_MAKE_A_NAME = frozenset({"name", "first_name", "last_name"})
_XERO_COLUMNS = frozenset(
    {"poattentionto", "poaddressline1", "pocity", "popostalcode", "saaddressline1", "accountnumber", "ddinumber"}
)


@dataclass(frozen=True, slots=True)
class Columns:
    """A header understood. ``positions`` are a field's columns, best first, counted from 0.

    ``from_xero``: the file is Xero's own export or template (xero.md 10), whose first and last name are a contact
    person's.
    """

    count: int
    positions: dict[str, tuple[int, ...]]
    recognised: dict[str, str]
    ignored: tuple[str, ...]
    from_xero: bool


def understand(header: Sequence[str], mapping: Mapping[str, str]) -> Columns:
    """The columns of ``header``; ``mapping`` (column to field) goes before recognition.

    Raises ContactFileError for an unknown column or field, a column that is there twice, and where no column holds a
    name.
    """
    names = [" ".join(cell.split()) for cell in header]
    plain = [_plain(name) for name in names]
    fields = _mapped(names, mapping)
    for field in FIELD_NAMES:
        if field not in fields.values():
            fields.update(dict.fromkeys(_recognised(field, names, plain, set(fields)), field))
    if not _MAKE_A_NAME & set(fields.values()):
        raise ContactFileError(
            f"no column holds a name; the columns are: {_listed(names)}",
            Hint(Do.MAP_NAME),
        )
    return Columns(
        count=len(names),
        positions={field: tuple(at for at, held in fields.items() if held == field) for field in fields.values()},
        recognised={names[at]: fields[at] for at in sorted(fields)},
        ignored=tuple(name for at, name in enumerate(names) if name and at not in fields),
        from_xero="*ContactName" in names or ("contactname" in plain and not _XERO_COLUMNS.isdisjoint(plain)),
    )


def _recognised(field: str, names: Sequence[str], plain: Sequence[str], taken: set[int]) -> list[int]:
    found: list[int] = []
    for alias in _ALIASES[field]:
        same = [at for at, name in enumerate(plain) if name == alias and at not in taken]
        if len(same) > 1:
            raise ContactFileError(f"two columns are called {names[same[0]]}; rename one")
        found += same
    return found if field in _SEVERAL_COLUMNS else found[:1]


def _mapped(names: Sequence[str], mapping: Mapping[str, str]) -> dict[int, str]:
    fields: dict[int, str] = {}
    for column, field in mapping.items():
        if field not in FIELD_NAMES:
            raise ContactFileError(f"there is no field {field!r}; the fields are: {', '.join(FIELD_NAMES)}")
        if field in fields.values() and field not in _SEVERAL_COLUMNS:
            raise ContactFileError(f"two columns are mapped to {field}")
        fields[_position(column, names)] = field
    return fields


def _position(column: str, names: Sequence[str]) -> int:
    exact = [at for at, name in enumerate(names) if name and name == column]
    alike = [at for at, name in enumerate(names) if _plain(name) and _plain(name) == _plain(column)]
    found = exact or alike
    if not found:
        raise ContactFileError(f"there is no column {column!r}; the columns are: {_listed(names)}")
    if len(found) > 1:
        raise ContactFileError(f"two columns are called {names[found[0]]}; rename one")
    return found[0]


def _plain(name: str) -> str:
    return "".join(char for char in name.casefold() if char.isalnum())


def _listed(names: Sequence[str]) -> str:
    text = ", ".join(name for name in names if name)
    return text if len(text) <= _LONGEST_LIST else text[: _LONGEST_LIST - 1] + "…"
