"""The keys of this screen on its last line."""

from __future__ import annotations

from typing import Any

from textual.actions import parse
from textual.binding import ActiveBinding, Binding, BindingsMap
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Input, Static

from xerosync_tui.domain.display import width
from xerosync_tui.tui import text

COMMON = {"filter": 1, "list": 1, "page": 2, "main": 3, "app": 4}  # what pages share, by the first part of the id
_LAST = 5


def in_force(screen: Screen[Any]) -> list[ActiveBinding]:
    """What the keys do: the page's own first, in the order it names them, then lists, then all pages; ``esc`` last.

    A widget's own binding without an id (``enter`` in a list of choices) does what the page says for that key.
    """
    own = next((bindings for node, bindings in screen._binding_chain if node is screen), BindingsMap())
    found = [_named(screen, own, key, active) for key, active in screen.active_bindings.items() if active.enabled]
    named = [b.id for kind in type(screen).__mro__ for b in vars(kind).get("BINDINGS", ()) if isinstance(b, Binding)]
    return sorted(found, key=lambda active: _rank(active.binding, named))


def in_order(screen: Screen[Any]) -> list[Binding]:
    """The bindings that are in force, in the order of ``in_force``."""
    return [active.binding for active in in_force(screen)]


def _named(screen: Screen[Any], own: BindingsMap, key: str, active: ActiveBinding) -> ActiveBinding:
    if active.binding.id or isinstance(active.node, Input):  # keys of an Input edit what is typed
        return active
    for binding in own.key_to_bindings.get(key, ()):
        _, name, arguments = parse(binding.action)
        if binding.id and screen.check_action(name, arguments):
            return ActiveBinding(screen, binding, True, binding.tooltip)
    return active


def _rank(binding: Binding, named: list[str | None]) -> tuple[int, int]:
    home = _LAST if binding.key == "escape" else COMMON.get((binding.id or "").partition(".")[0], 0)
    return home, named.index(binding.id) if binding.id in named else len(named)


class KeyBar(Static):
    """What the keys do here. What does not fit is in the key help, whose key stands at the end wherever it works."""

    def __init__(self) -> None:
        super().__init__(markup=False)

    def on_mount(self) -> None:
        """Follow the focus: other keys may be in force."""
        self.screen.bindings_updated_signal.subscribe(self, self._follow)

    def on_resize(self) -> None:
        """More or fewer fit."""
        self._follow()

    def _follow(self, _: Any = None) -> None:
        if self.is_attached and self.size.width:
            self.update(self._fitting(self.size.width))

    def _fitting(self, room: int) -> Content:
        shown: dict[str, Binding] = {}
        for binding in in_order(self.screen):
            if binding.show:
                shown.setdefault(binding.action, binding)  # of several keys the first
        labels = {b.key: (self.app.get_key_display(b), f" {b.description}  ") for b in shown.values()}
        ways = [b for b in shown.values() if b.key == "escape" or b.id == "page.keys"]  # out, and to the rest
        ends = {b.key: labels.pop(b.key) for b in sorted(ways, key=lambda b: b.id == "page.keys")}  # their room is kept
        room -= 1 + sum(map(_taken, ends.values()))
        parts: list[Content] = [text.safe(" ")]
        for key, words in labels.values():
            taken = _taken((key, words))
            if taken <= room:
                room -= taken
                parts += [text.safe(key, "bold"), text.safe(words)]
        for key, words in ends.values():
            parts += [text.safe(key, "bold"), text.safe(words)]
        return text.line(*parts)


def _taken(label: tuple[str, str]) -> int:
    return width("".join(label))
