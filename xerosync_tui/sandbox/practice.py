"""The practice's own contacts: the other side, as a CSV that a firm could export from its practice management."""

import csv
import io

from xerosync_tui.sandbox.cast import cast

COLUMNS = (
    "Client Identifier",
    "Kind",
    "Name",
    "First Name",
    "Last Name",
    "Email",
    "Phone",
    "Address Line 1",
    "Address Line 2",
    "City",
    "State",
    "Postal Code",
    "Country",
    "Contact Type",
)


def practice_csv(seed: int, size: int) -> str:
    """The practice's contacts that go with the Xero contacts of `seed` and `size`, as CSV text with a header."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(card.row() for card in cast(seed, size).cards)
    return text.getvalue()
