"""What the fields of a query may be completed with, from what the library holds now."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from PySide6.QtCore import QDate, QObject, Signal

from media_assistant.items.changes import LibraryChanges
from media_assistant.items.kind import Kind
from media_assistant.items.query_fields import FIELD_NAMES, HAS, IS, KINDS
from media_assistant.ui.desk import Desk

_READ = ("in", "album", "artist")
"""Fields whose values the library has to be asked for."""
_DAYS = ("today", "yesterday", "week", "month", "year")
_DAYS_ZH = ("今天", "昨天", "一周", "一月", "一年")
_LENGTHS = ("30s", "1m", "5m", "10m", "30m", "1h", "2h")
_RATINGS = ("5", ">=4", ">=3", "none")
_RATINGS_ZH = ("5", ">=4", ">=3", "无")
_YEARS = 6


class Offer(NamedTuple):
    """`value` is written behind the field; `hint` stands beside it and is read with it."""

    value: str
    hint: str = ""


class QueryOffers(QObject):
    """Signals: `arrived(str)` when the values of a field came from the library.

    `known` tells the tags, collections, groups and folders that the sidebar shows, with a count (0: not known).
    """

    arrived = Signal(str)

    def __init__(self, desk: Desk, known: Callable[[], Mapping[str, Sequence[tuple[str, int]]]]) -> None:
        super().__init__()
        self._desk = desk
        self._known = known
        self._read: dict[str, list[Offer]] = {}
        self._asked: set[str] = set()
        self._begun: str | None = None
        """What the titles that were asked for last begin with."""
        desk.events.changed.connect(self._library_changed)

    def fields(self, begun: str) -> list[Offer]:
        """Names of fields that begin so, in the language in which they are typed; all of them for nothing."""
        words = self._desk.words
        is_chinese = words.language.startswith("zh") if not begun else not begun.isascii()
        found = []
        for field, names in FIELD_NAMES.items():
            shown = next((name for name in names if not name.isascii()), names[0]) if is_chinese else names[0]
            if shown.startswith(begun.casefold()) or (is_chinese and any(name.startswith(begun) for name in names[1:])):
                found.append(Offer(f"{shown}{'：' if is_chinese else ':'}", words.say(f"ui.query.field.{field}")))
        return found

    def values(self, field: str, begun: str = "") -> list[Offer]:
        """The values of a field, best first; what the library has to be asked for arrives later. Of the names of all items
        only such as begin so.
        """
        words = self._desk.words
        is_chinese = words.language.startswith("zh")
        match field:
            case "kind":
                return [
                    Offer(next(n for n in KINDS[kind] if not n.isascii()) if is_chinese else KINDS[kind][0],
                          "" if is_chinese else words.kind(kind))
                    for kind in Kind
                ]  # fmt: skip
            case "has" | "missing":
                return self._named(HAS, "has", is_chinese=is_chinese)
            case "is":
                return self._named(IS, "is", is_chinese=is_chinese)
            case "since" | "after" | "before" | "until":
                return self._days(is_chinese=is_chinese)
            case "longer" | "shorter":
                return [Offer(length) for length in _LENGTHS]
            case "rated":
                ratings = _RATINGS_ZH if is_chinese else _RATINGS
                return [Offer(value, words.say(f"ui.query.rated.{at}")) for at, value in enumerate(ratings)]
            case "like":
                return self._titles(begun)
            case _:
                offers = [Offer(name, words.number(count) if count else "") for name, count in self._of(field)]
                taken = {offer.value.casefold() for offer in offers}
                return offers + [offer for offer in self._read.get(field, ()) if offer.value.casefold() not in taken]

    def _titles(self, begun: str) -> list[Offer]:
        """What the library gave last, and unless that is for the same beginning, it is asked."""
        if begun != self._begun:
            self._begun = begun
            store = self._desk.assistant.library.finding

            def take(found: Sequence[tuple[str, Kind]]) -> None:
                if begun == self._begun:
                    self._read["like"] = [Offer(title, self._desk.words.kind(kind)) for title, kind in found]
                    self.arrived.emit("like")

            self._desk.bridge.read(lambda: store.titles_begun(begun), take, owner=self)
        return self._read.get("like", [])

    def _of(self, field: str) -> Sequence[tuple[str, int]]:
        if field in _READ and field not in self._asked:
            self._asked.add(field)
            store = self._desk.assistant.library.finding

            def take(found: Sequence[tuple[str, int]]) -> None:
                self._read[field] = [Offer(name, self._desk.words.number(count)) for name, count in found]
                self.arrived.emit(field)

            self._desk.bridge.read(lambda: store.names_of(field), take, owner=self)
        return self._known().get(field, ())

    def _named(self, names: Mapping[str, Sequence[str]], room: str, *, is_chinese: bool) -> list[Offer]:
        return [
            Offer(
                next(n for n in each if not n.isascii()) if is_chinese else what,
                self._desk.words.say(f"ui.query.{room}.{what}"),
            )
            for what, each in names.items()
        ]

    def _days(self, *, is_chinese: bool) -> list[Offer]:
        this_year = QDate.currentDate().year()
        days = [
            Offer(written, self._desk.words.say(f"ui.query.day.{name}"))
            for name, written in zip(_DAYS, _DAYS_ZH if is_chinese else _DAYS, strict=True)
        ]
        return days + [Offer(str(year)) for year in range(this_year, this_year - _YEARS, -1)]

    def _library_changed(self, changes: LibraryChanges) -> None:
        if changes.added or changes.removed or changes.changed:
            self._asked.clear()
            self._begun = None
