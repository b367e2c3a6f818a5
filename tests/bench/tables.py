"""Our table beside Textual's DataTable and textual-fastdatatable: the same 100,000 rows of five columns, at 80x24.

Each is the only widget of a program of its own, in turns, by the meter of ``tests.bench.screens``. The third one is
taken where it can be imported. Ours is given a function that makes the rows in sight and fits the columns into the
width; the others hold all rows and scroll sideways.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import Any

SIZE = 100_000
_ROUNDS = 3
_KEYS = "down*40 pagedown*20 end"
_TITLES = ("Name", "Billing email", "Phone", "Type", "Synced")


def _row(n: int) -> tuple[str, ...]:
    return f"Client {n:06} Pty Ltd", f"billing{n}@client{n}.example", "02 5550 1234", "Client", "2 min ago"


def _rows() -> Iterator[tuple[str, ...]]:
    return map(_row, range(SIZE))


def ours() -> None:
    """Our own."""
    from array import array
    from pathlib import Path

    from textual.app import App, ComposeResult

    import xerosync_tui
    from xerosync_tui.tui.widgets.table import Column, Table

    def column(number: int) -> Column[tuple[str, ...]]:
        return Column(_TITLES[number], lambda row: row[number])

    class Program(App[None]):
        CSS_PATH = Path(xerosync_tui.__file__).parent / "tui" / "app.tcss"

        def compose(self) -> ComposeResult:
            yield Table([column(number) for number in range(len(_TITLES))])

        def on_mount(self) -> None:
            table = self.query_one(Table)
            table.show(array("q", range(SIZE)), lambda ids: {n: _row(n) for n in ids})
            table.focus()

    Program().run()


def stock() -> None:
    """Textual's."""
    from textual.app import App, ComposeResult
    from textual.widgets import DataTable

    class Program(App[None]):
        def compose(self) -> ComposeResult:
            yield DataTable[str](cursor_type="row")

        def on_mount(self) -> None:
            table = self.query_one(DataTable)
            table.add_columns(*_TITLES)
            table.add_rows(_rows())

    Program().run()


def fast() -> None:
    """textual-fastdatatable, over Arrow."""
    from textual.app import App, ComposeResult
    from textual_fastdatatable import ArrowBackend, DataTable

    class Program(App[None]):
        def compose(self) -> ComposeResult:
            columns = zip(*_rows(), strict=True)
            backend = ArrowBackend.from_pydict(dict(zip(_TITLES, map(list, columns), strict=True)))
            yield DataTable(backend=backend, cursor_type="row")

    Program().run()


_TABLES: dict[str, Callable[[], None]] = {"ours": ours, "stock": stock, "fast": fast}


def _figures(found: dict[str, Any]) -> dict[str, float]:
    keys = {f"{name.partition('*')[0]} ms": key["median_ms"] for name, key in found["keys"].items()}
    bytes_of = {f"{name.partition('*')[0]} bytes": key["bytes"] for name, key in found["keys"].items()}
    return {"rows on screen s": found["wait_s"], **keys, "MB": found["rss_mb"], **bytes_of}


def main() -> None:
    """Print the medians, and how often ours goes into the others'."""
    from tests.bench.screens import METER, meter

    print(f"{SIZE:,} rows of five columns at 80x24; medians of {_ROUNDS} rounds, and the ratio to ours")
    if not METER.exists():
        print("  the meter is not beside this project")
        return
    names = [name for name in _TABLES if name != "fast" or find_spec("textual_fastdatatable")]
    if "fast" not in names:
        print("  textual-fastdatatable cannot be imported: without it")
    rounds: dict[str, list[dict[str, float]]] = {name: [] for name in names}
    for _ in range(_ROUNDS):
        for name in names:
            command = [sys.executable, "-m", "tests.bench.tables", name]
            rounds[name].append(_figures(meter(command, "Client 000005", _KEYS, size=(80, 24))))
    for figure in rounds["ours"][0]:
        medians = {name: statistics.median(one[figure] for one in found) for name, found in rounds.items()}
        beside = [f"{name} {m:,.2f} ({m / medians['ours']:.1f}x)" for name, m in medians.items() if name != "ours"]
        print(f"  {figure}: ours {medians['ours']:,.2f}, {', '.join(beside)}")


if __name__ == "__main__":
    _TABLES[sys.argv[1]]() if len(sys.argv) > 1 else main()
