"""Xero's own contact export as input (xero.md 10)."""

from pathlib import Path

import pytest

from xerosync_tui.sandbox import SandboxInputError, SandboxOptions
from xerosync_tui.sandbox.contact import Contact
from xerosync_tui.sandbox.world import World
from xerosync_tui.sandbox.xero_csv import Export, read_xero_csv


def export(folder: Path, text: str | bytes) -> Export:
    return read_xero_csv(written(folder, text))


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "Contacts.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def only(folder: Path, text: str | bytes) -> Contact:
    (contact,) = export(folder, text).contacts
    return contact


@pytest.mark.parametrize("header", ["*ContactName", "ContactName", "\ufeff*ContactName", " * ContactName "])
def test_the_name_column_in_all_its_spellings(tmp_path: Path, header: str) -> None:
    assert only(tmp_path, f"{header}\r\nKeeper & Co\r\n").name == "Keeper & Co"


def test_columns_go_by_name_in_any_order_and_unknown_ones_are_ignored(tmp_path: Path) -> None:
    contact = only(
        tmp_path,
        "MobileNumber,Nonsense,POAddressLine1,POCountry,SACity,EmailAddress,*ContactName,PhoneNumber,FaxNumber,DDINumber,"
        "BankAccountNumber,TaxNumber\n"
        "0491 570 006,x,PO Box 1,Australia,Perth,a@k.example,Keeper,5550 1,5550 2,5550 3,123,51\n",
    )
    assert contact.text == {
        "Name": "Keeper",
        "EmailAddress": "a@k.example",
        "BankAccountDetails": "123",
        "TaxNumber": "51",
    }
    assert {kind: parts["PhoneNumber"] for kind, parts in contact.phones.items()} == {
        "DEFAULT": "5550 1",
        "FAX": "5550 2",
        "MOBILE": "0491 570 006",
        "DDI": "5550 3",
    }
    assert contact.addresses == {
        "POBOX": {"AddressLine1": "PO Box 1", "Country": "Australia"},
        "STREET": {"City": "Perth"},
    }


def test_contact_persons_in_both_spellings_of_the_header(tmp_path: Path) -> None:
    contact = only(
        tmp_path,
        "ContactName,Person1FirstName,Person1Email,Person1IncludeInEmail,Person2LastName,Person2IncludeInEmails\n"
        "K,Ann,a@k.example,True,Bell,no\n",
    )
    assert [tuple(person.values()) for person in contact.persons] == [
        ("Ann", "", "a@k.example", True),
        ("", "Bell", "", False),
    ]


def test_every_contact_passes_every_filter(tmp_path: Path) -> None:
    contact = only(tmp_path, "ContactName\nK\n")
    assert (contact.is_customer, contact.is_supplier) == (True, True)


def test_of_equal_names_the_first_is_kept_and_the_others_are_noted_with_their_line(tmp_path: Path) -> None:
    read = export(
        tmp_path, 'ContactName,EmailAddress\n"Two\nLines",1@k.example\nKeeper,2@k.example\nKEEPER,3@k.example\n'
    )
    assert [contact.name for contact in read.contacts] == ["Two\nLines", "Keeper"]
    assert read.contacts[1].text["EmailAddress"] == "2@k.example"
    (note,) = read.notes
    assert "Contacts.csv, line 5" in note and "'KEEPER'" in note


def test_a_row_without_a_name_is_noted_and_blank_lines_are_not(tmp_path: Path) -> None:
    read = export(tmp_path, "ContactName,EmailAddress\n\n,a@k.example\nKeeper\n")
    assert [contact.name for contact in read.contacts] == ["Keeper"]
    assert read.notes == ["Contacts.csv, line 3: no ContactName; left out"]


def test_ids_follow_from_the_names(tmp_path: Path) -> None:
    first = {contact.name: contact.contact_id for contact in export(tmp_path, "ContactName\nA\nB\n").contacts}
    again = {contact.name: contact.contact_id for contact in export(tmp_path, "ContactName\nB\nA\n").contacts}
    assert first == again
    assert len(set(first.values())) == 2


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("Name,Email\nA,b\n", "line 1: no column ContactName"),
        ("", "line 1: no column ContactName"),
        ('ContactName\nA\n"never closed\nB\n', "line 3: unexpected end of data"),
        ('ContactName\n"A"b\n', "line 2: "),
        ("ContactName\nM\xfcller\n".encode("latin-1"), "not UTF-8 text"),
    ],
)
def test_a_file_that_cannot_be_read_says_where_and_why_in_one_line(
    tmp_path: Path, text: str | bytes, where: str
) -> None:
    with pytest.raises(SandboxInputError) as caught:
        export(tmp_path, text)
    message = str(caught.value)
    assert where in message and "Contacts.csv" in message and "\n" not in message


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "absent.csv", tmp_path):
        with pytest.raises(SandboxInputError, match=path.name):
            read_xero_csv(path)


def test_the_world_shows_the_file_and_its_notes(tmp_path: Path) -> None:
    world = World(SandboxOptions(xero_csv=written(tmp_path, "ContactName\nA\nB\na\n")))
    assert [contact.name for contact in world.main().by_update()] == ["A", "B"]
    assert len(world.csv_notes) == 1
