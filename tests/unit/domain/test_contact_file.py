"""Reading a CSV of contacts: what is recognised, what is rejected and why, and that nothing is guessed."""

from __future__ import annotations

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xerosync_tui.domain.contact import ADDRESS_PARTS, Address, Kind
from xerosync_tui.domain.contact_file import (
    FIELD_NAMES,
    ContactFile,
    ContactFileError,
    FileRow,
    read_contacts,
)
from xerosync_tui.domain.person_name import PersonName


def read(text: str, **mapping: str) -> ContactFile:
    return read_contacts(text.encode(), mapping)


def only(file: ContactFile) -> FileRow:
    assert file.rejected == ()
    (row,) = file.rows
    return row


def rejection(file: ContactFile) -> str:
    (rejected,) = file.rejected
    return f"{rejected.line}: {rejected.reason}"


PRACTICE = (
    "Client Identifier,Kind,Name,First Name,Middle Name,Last Name,Billing Email,Primary Phone,Mobile,"
    "Address Line 1,Address Line 2,Address Line 3,Address Line 4,City,State,Postcode,Country,Contact Type\n"
    "C-1,Person,Jane Q Smith,Jane,Q,Smith,jane@example.com,02 9876 5432,0412 345 678,"
    "Level 2,12 Builder St,Rear,Door 4,Parramatta,NSW,2150,Australia,Client\n"
)


def test_every_practice_column_lands_in_its_field() -> None:
    row = only(read(PRACTICE))
    assert (row.line, row.kind, row.client_identifier, row.contact_type) == (2, Kind.PERSON, "C-1", "Client")
    assert (row.contact.name, row.contact.email, row.contact.phone) == (
        "Jane Q Smith",
        "jane@example.com",
        "02 9876 5432",
    )
    assert row.other_phones == ("0412 345 678",)
    assert row.contact.address == Address(
        "Level 2", "12 Builder St", "Rear", "Door 4", "Parramatta", "NSW", "2150", "Australia"
    )
    assert row.person_name == PersonName("Jane", "Q", "Smith")


@pytest.mark.parametrize(
    ("column", "field"),
    [
        ("CLIENT_IDENTIFIER", "client_identifier"),
        ("full name", "name"),
        ("Organization Name", "name"),
        ("Organisation-Name", "name"),
        ("Contact Name", "name"),
        ("*ContactName", "name"),
        ("E-mail", "email"),
        ("Email Address", "email"),
        ("Phone Number", "phone"),
        ("Mobile Number", "other_phone"),
        ("Street", "line1"),
        ("Region", "region"),
        ("Zip", "postal_code"),
    ],
)
def test_columns_are_recognised_by_name(column: str, field: str) -> None:
    file = read(f"{column},Name\nx,Jane Smith\n")
    assert file.columns[column] == field


def test_unknown_columns_are_ignored_and_named() -> None:
    file = read("Name,Shoe Size,,Shoe Size\nJane,38,x,39\n")
    assert (file.columns, file.ignored) == ({"Name": "name"}, ("Shoe Size", "Shoe Size"))
    assert only(file).contact.name == "Jane"


def test_the_better_of_two_columns_for_a_field_is_used_and_the_other_named() -> None:
    file = read("Name,Email,Billing Email\nJane,jane@example.com,\n")
    assert (file.columns["Billing Email"], file.ignored) == ("email", ("Email",))
    assert only(file).contact.email == ""


def test_a_name_may_come_from_more_than_one_column() -> None:
    file = read("Organization Name,Full Name\nAcme,\n,Jane Smith\nAcme,Bob Smith\n")
    assert [row.contact.name for row in file.rows] == ["Acme", "Jane Smith", "Bob Smith"]


def test_first_and_last_name_make_the_name_where_it_is_blank() -> None:
    file = read("Name,First Name,Last Name\n,Jane,Smith\nAcme,Bob,Jones\n,Madonna,\n")
    assert [row.contact.name for row in file.rows] == ["Jane Smith", "Acme", "Madonna"]


def test_a_contact_name_column_alone_does_not_make_it_xeros_file() -> None:
    assert only(read("Contact Name,First Name,Last Name\n,Jane,Smith\n")).contact.name == "Jane Smith"


def test_typed_parts_are_kept_only_where_they_make_the_name() -> None:
    file = read("Name,First Name,Last Name\nMary Ann Smith,Mary Ann,Smith\nAnna van Dam,Bob,Jones\n")
    assert [row.person_name for row in file.rows] == [
        PersonName("Mary Ann", "", "Smith"),
        PersonName("Anna", "", "van Dam"),
    ]


XERO_HEADER = (
    "*ContactName,AccountNumber,EmailAddress,FirstName,LastName,POAttentionTo,POAddressLine1,POAddressLine2,"
    "POAddressLine3,POAddressLine4,POCity,PORegion,POPostalCode,POCountry,SAAddressLine1,SACity,PhoneNumber,"
    "FaxNumber,MobileNumber,TrackingName1,TrackingName1\n"
)
XERO_ROW = "A-7,ap@acme.example,Bob,Jones,Attn,PO Box 1,,,,Perth,WA,6000,AU,9 Other St,Albany,08 1,08 2,04 3,,\n"


@pytest.mark.parametrize("header", [XERO_HEADER, XERO_HEADER.replace("*", "")])
def test_xeros_export(header: str) -> None:
    file = read(f"{header}Acme,{XERO_ROW}")
    row = only(file)
    assert (row.contact.name, row.contact.email, row.contact.phone) == ("Acme", "ap@acme.example", "08 1")
    assert row.contact.address == Address("PO Box 1", city="Perth", region="WA", postal_code="6000", country="AU")
    assert (row.first_name, row.last_name, row.other_phones) == ("Bob", "Jones", ("04 3",))
    assert row.client_identifier == ""
    assert {"AccountNumber", "SAAddressLine1", "SACity", "FaxNumber"} <= set(file.ignored)


@pytest.mark.parametrize("header", [XERO_HEADER, XERO_HEADER.replace("*", "")])
def test_a_contact_person_of_xero_never_becomes_the_name(header: str) -> None:
    assert rejection(read(f"{header},{XERO_ROW}")) == "2: has no name"


def test_mapping_goes_before_recognition() -> None:
    file = read("Name,Firma,Email\nx,Acme,jane@example.com\n", Firma="name", Email="contact_type")
    row = only(file)
    assert (row.contact.name, row.contact.email, row.contact_type) == ("Acme", "", "jane@example.com")
    assert file.ignored == ("Name",)


def test_a_mapped_column_may_be_written_in_any_case() -> None:
    assert only(read("Firma Name\nAcme\n", **{"firma name": "name"})).contact.name == "Acme"


def test_the_parts_of_an_address_can_be_mapped() -> None:
    assert set(ADDRESS_PARTS) <= set(FIELD_NAMES)


@pytest.mark.parametrize(
    ("header", "mapping", "message"),
    [
        ("Name,Town", {"Tonw": "city"}, "there is no column 'Tonw'; the columns are: Name, Town"),
        ("Name,Town", {"": "city"}, "there is no column ''; the columns are: Name, Town"),
        ("Name,Town", {"Town": "cty"}, "there is no field 'cty'; the fields are: client_identifier, kind, name"),
        ("Name,A,B", {"A": "email", "B": "email"}, "two columns are mapped to email"),
        ("Name,A,A", {"A": "email"}, "two columns are called A; rename one"),
    ],
)
def test_a_mapping_that_does_not_fit_names_the_choices(header: str, mapping: dict[str, str], message: str) -> None:
    with pytest.raises(ContactFileError) as caught:
        read_contacts(f"{header}\n".encode(), mapping)
    assert str(caught.value).startswith(message)


ACCENTS = "Name,Email\r\nJosé Núñez,jose@example.com\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_unicode_encodings(encoding: str) -> None:
    assert only(read_contacts(ACCENTS.encode(encoding))).contact.name == "José Núñez"


def test_big_endian_utf_16() -> None:
    assert only(read_contacts(b"\xfe\xff" + ACCENTS.encode("utf-16-be"))).contact.name == "José Núñez"


@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
def test_another_encoding_is_not_guessed(bom: bytes) -> None:
    with pytest.raises(ContactFileError) as caught:
        read_contacts(bom + ACCENTS.encode("cp1252"))
    byte = len(bom) + ACCENTS.index("é") + 1
    assert str(caught.value).startswith(f"byte {byte}, on line 2, is not UTF-8; save the file as CSV UTF-8")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the file is empty"),
        (b"\xef\xbb\xbf \r\n\r\n", "the file is empty"),
        (b"PK\x03\x04\x14\x00", "this is a spreadsheet"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "this is not a text file"),
        ("Name\nJane\n".encode("utf-16-le"), "this is not a text file"),
        ("Name\nJane\n".encode("utf-16")[:-1], "byte "),
        (b"Jane Smith,jane@example.com\n", "no column holds a name; the columns are: Jane Smith, jane@example"),
        (b"Email,Phone\na@example.com,1\n", "no column holds a name; the columns are: Email, Phone"),
        (b"Name,Email,E-Mail\nJane,a,b\n", "two columns are called Email; rename one"),
        (b'Name,"Em"ail"\nJane,a\n', "the header on line 1 cannot be read"),
        (b'Name,Email\nJane,"a@example.com\nBob,b\n', "the quotation mark on line 2 is never closed"),
        (b'"Name\nJane\n', "the quotation mark on line 1 is never closed"),
    ],
)
def test_an_unreadable_file_says_why_on_one_line(data: bytes, message: str) -> None:
    with pytest.raises(ContactFileError) as caught:
        read_contacts(data)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends(delimiter: str, end: str) -> None:
    lines = ["Name{0}Email{0}City", "Jane{0}jane@example.com{0}Perth", "Bob{0}{0}Albany"]
    file = read(end.join(lines).format(delimiter) + end)
    assert [(row.line, row.contact.name, row.contact.address.city) for row in file.rows] == [
        (2, "Jane", "Perth"),
        (3, "Bob", "Albany"),
    ]


def test_a_delimiter_inside_quotes_does_not_count() -> None:
    assert only(read('Name;"Notes, a, b, c\n,d";City\nJane;x;Perth\n')).contact.address.city == "Perth"


def test_a_quoted_cell_may_follow_a_space() -> None:
    assert only(read('Name, City\nJane, "Perth, WA"\n')).contact.address.city == "Perth, WA"


def test_one_column_is_enough() -> None:
    assert only(read("Name\nJane Smith")).contact.name == "Jane Smith"


def test_a_header_alone_has_no_rows() -> None:
    assert read("Name,Email\n").rows == ()


def test_blank_lines_and_rows_are_passed_over_and_lines_still_count() -> None:
    file = read("\n\nName,Email\n\n , \nJane,\n,,\nBob,\n")
    assert [row.line for row in file.rows] == [6, 8]


def test_quoted_newlines_in_a_row() -> None:
    file = read('Name,Address,City\n"Jane\r\nSmith","12 Builder St\nRear",Perth\nBob,,\n')
    assert [row.line for row in file.rows] == [2, 5]
    assert file.rows[0].contact.name == "Jane Smith"
    assert file.rows[0].contact.address.line1 == "12 Builder St Rear"


def test_values_are_trimmed_and_otherwise_as_typed() -> None:
    assert only(read('Name,Email\n"\u00a0 Jane  ""JJ"" O’Brien\t",not an address\n')).contact.name == (
        'Jane  "JJ" O’Brien'
    )


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (",a@example.com,", "has no name"),
        ("\u200b,a@example.com,", "has no name"),
        ("Jane,a@example.com", "has 2 cells where the header has 3"),
        ("Jane,a@example.com,Person,x", "has 4 cells where the header has 3"),
        ("Jane,,Alien", 'the kind "Alien" is neither person nor organization'),
        (f"{'x' * 256},,", "the name has 256 characters; at most 255 fit"),
        (f"Jane,{'x' * 256},", "the email has 256 characters; at most 255 fit"),
        (f"Jane,{'x' * 10_001},", "a cell has 10,001 characters; is a quotation mark missing?"),
        ("Ja\0ne,,", "the name has the control character U+0000"),
        ("Jane,a\x1b[31m@example.com,", "the email has the control character U+001B"),
        ("Jane\x85,,", "the name has the control character U+0085"),
        ('"Jane "JJ" Smith",,', "a quotation mark is out of place"),
    ],
)
def test_a_bad_row_is_rejected_with_its_line_and_the_others_are_read(row: str, reason: str) -> None:
    file = read(f"Name,Email,Kind\nAnn,,\n{row}\nBob,,\n")
    assert [row.contact.name for row in file.rows] == ["Ann", "Bob"]
    assert rejection(file) == f"3: {reason}"


def test_a_rejected_row_shows_its_text_shortened_on_one_line() -> None:
    (rejected,) = read('Name,Email\n,"a\nb"\n').rejected
    assert rejected.text == ',"a b"'
    (rejected,) = read(f"Name,Email\n,{'x' * 300}\n").rejected
    assert len(rejected.text) == 200


def test_empty_cells_beyond_the_header_do_no_harm() -> None:
    assert only(read("Name,Email\nJane,a@example.com,,\n")).contact.email == "a@example.com"


def test_cells_may_be_missing_where_only_ignored_columns_are() -> None:
    assert only(read("Name,Email,Notes\nJane,a@example.com\n")).contact.email == "a@example.com"


def test_a_cell_of_ten_megabytes_is_a_rejected_row_and_csvs_limit_is_put_back() -> None:
    before = csv.field_size_limit()
    file = read(f'Name,Notes\nJane,"{"x" * 10_000_000}"\nBob,\n')
    assert rejection(file) == "2: a cell has 10,000,000 characters; is a quotation mark missing?"
    assert [row.contact.name for row in file.rows] == ["Bob"]
    with pytest.raises(ContactFileError):
        read('Name\n"Jane')
    assert csv.field_size_limit() == before


@pytest.mark.parametrize(
    ("cell", "kind"),
    [("", None), ("PERSON", Kind.PERSON), ("Organisation", Kind.ORGANIZATION), ("organization", Kind.ORGANIZATION)],
)
def test_kind(cell: str, kind: Kind | None) -> None:
    assert only(read(f"Name,Kind\nJane,{cell}\n")).kind is kind


def test_identity_is_the_client_identifier() -> None:
    before, after = only(read("Name,Client Identifier\nJane,C-1\n")), only(read("Client ID,Name\n c-1 ,Janet\n"))
    assert before.identity == after.identity


def test_a_client_identifier_twice_rejects_the_later_row() -> None:
    file = read("Name,Client Identifier\nJane,C-1\nAnn,\nBob,c-1\n")
    assert rejection(file) == "4: the client identifier c-1 is on line 2 already"


def test_a_rejected_row_does_not_hold_its_client_identifier() -> None:
    file = read("Name,Client Identifier\n,C-1\nBob,C-1\n")
    assert [row.contact.name for row in file.rows] == ["Bob"]


def test_identical_rows_are_distinct_and_keep_their_identities() -> None:
    text = "Name,City\nJane,Perth\nBob,\nJane,Perth\n"
    file = read(text)
    identities = [row.identity for row in file.rows]
    assert len(set(identities)) == 3
    assert [row.identity for row in read(text).rows] == identities


def test_identity_survives_another_order_encoding_and_further_columns() -> None:
    before = read("Name,City\nJane,Perth\nBob,Albany\n")
    after = read_contacts("Notes;City;Name\nx;Albany;Bob\ny;Perth;Jane\n".encode("utf-16"))
    assert {row.identity for row in before.rows} == {row.identity for row in after.rows}


def test_values_in_other_fields_are_other_content() -> None:
    one, other = only(read("Name,City\nJane,Perth\n")), only(read("Name,State\nJane,Perth\n"))
    assert one.identity != other.identity


CELL = st.text(st.characters(codec="utf-8"), max_size=12)


@given(st.lists(st.tuples(CELL, CELL, CELL), max_size=5), st.sampled_from(",;\t"))
def test_any_text_is_read_or_rejected(cells: list[tuple[str, str, str]], delimiter: str) -> None:
    quoted = [delimiter.join('"' + cell.replace('"', '""') + '"' for cell in row) for row in cells]
    file = read("\n".join([delimiter.join(["Name", "Email", "Notes"]), *quoted]))
    filled = sum(any(cell.strip() for cell in row) for row in cells)
    assert len(file.rows) + len(file.rejected) == filled
    assert len({row.identity for row in file.rows}) == len(file.rows)


@given(st.binary(max_size=60) | st.binary(max_size=60).map(lambda junk: b"Name,Email\n" + junk))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        read_contacts(data)
    except ContactFileError as error:
        assert str(error)


@pytest.mark.parametrize(
    ("header", "value", "kind"),
    [("Type", "Company", Kind.ORGANIZATION), ("type", "Person", Kind.PERSON), ("Type", "Client", None)],
)
def test_a_type_that_holds_only_kinds_says_the_kind(header: str, value: str, kind: Kind | None) -> None:
    found = read(f"Name,{header}\nAcme,{value}\nBravo,\n")
    assert [row.kind for row in found.rows] == [kind, None]
    assert found.ignored == (() if kind else (header,))


def test_a_column_for_the_kind_goes_before_one_called_type() -> None:
    row = only(read("Name,Type,Kind\nAcme,Person,Organization\n"))
    assert row.kind is Kind.ORGANIZATION
