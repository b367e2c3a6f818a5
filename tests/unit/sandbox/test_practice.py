"""The practice's CSV."""

import csv
import io

from xerosync_tui.sandbox.cast import cast
from xerosync_tui.sandbox.practice import practice_csv

HEADER = (
    "Client Identifier,Kind,Name,First Name,Last Name,Email,Phone,Address Line 1,Address Line 2,City,State,"
    "Postal Code,Country,Contact Type"
)


def test_the_columns_and_rows_survive_the_csv() -> None:
    header, *rows = csv.reader(io.StringIO(practice_csv(1, 250), newline=""))
    assert ",".join(header) == HEADER
    assert [tuple(row) for row in rows] == [card.row() for card in cast(1, 250).cards]


def test_it_grows_with_the_size() -> None:
    assert practice_csv(1, 0).splitlines() == [HEADER]
    assert len(practice_csv(1, 1000)) > 3 * len(practice_csv(1, 250))
