"""What the window says, in the person's language: sentences from the catalogue, and numbers, times and dates by locale."""

from __future__ import annotations

import unicodedata
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import shiboken6
from PySide6.QtCore import QDate, QLocale, QObject, QTime, Signal

from media_assistant import sentences
from media_assistant.errors import UserFixable
from media_assistant.items.clock import clock
from media_assistant.items.item import Captured, Item
from media_assistant.items.kind import Kind
from media_assistant.items.sentence import Sentence

if TYPE_CHECKING:
    from datetime import datetime

    from media_assistant.items.concept import Concept

Widget = TypeVar("Widget", bound=QObject)
Parameter = str | int | float
_Bound = tuple["weakref.ref[Any]", Callable[[], None]]
_SIFTED_FROM = 1000
"""Bound texts from which on those of widgets that are gone are looked for; then again when there are twice as many."""


class Words(QObject):
    """The language in use.

    Signals: `changed` after another language was chosen; texts given by `bind` are renewed before it.
    """

    changed = Signal()

    def __init__(self, wish: str) -> None:
        super().__init__()
        self.language = sentences.choose_language(wish)
        self.locale = _locale(self.language)
        self._bound: list[_Bound] = []
        self._sifted_at = _SIFTED_FROM

    def speak(self, wish: str) -> None:
        """Change the language; `wish` is `system`, `en` or `zh_CN`."""
        self.language = sentences.choose_language(wish)
        self.locale = _locale(self.language)
        self._sift()
        for _, renew in self._bound:
            renew()
        self.changed.emit()

    def say(self, code: str, **parameters: Parameter) -> str:
        """The sentence for `code`; a count is grouped by locale."""
        if "count" in parameters and "n" not in parameters:
            parameters["n"] = self.number(int(parameters["count"]))
        return sentences.say(self.language, code, **parameters)

    def bind(self, widget: Widget, setter: Callable[[Widget, str], object], code: str, **parameters: Parameter) -> None:
        """Set a text now and whenever the language changes, for as long as the widget lives."""
        known = weakref.ref(widget)

        def renew() -> None:
            if (alive := _alive(known)) is not None:
                setter(alive, self.say(code, **parameters))

        renew()
        self._bound.append((known, renew))
        if len(self._bound) >= self._sifted_at:
            self._sift()

    def _sift(self) -> None:
        """Let go of the texts of widgets that are gone."""
        self._bound = [bound for bound in self._bound if _alive(bound[0]) is not None]
        self._sifted_at = max(_SIFTED_FROM, 2 * len(self._bound))

    def sentence(self, said: Sentence) -> str:
        """A sentence of the engine: a reason, a fault on an item."""
        known = sentences.load_sentences(self.language)
        is_known = said.code in known or f"{said.code}.other" in known
        parameters = dict(said.parameters)
        if "task" in parameters:
            parameters["task"] = self.task(str(parameters["task"]))
        return sentences.say(self.language, said.code if is_known else f"error.{said.code}", **parameters)

    def fault(self, fault: BaseException) -> str:
        """What a person reads when something went wrong."""
        if isinstance(fault, UserFixable):
            return self.sentence(Sentence(fault.code, fault.parameters))
        return self.say("ui.fault.bug", what=type(fault).__name__)

    def concept(self, concept: Concept) -> str:
        """The name of a tag in this language."""
        return concept.name(self.language)

    def kind(self, kind: Kind) -> str:
        """One file of this kind: Video, Audio, Text, Photo."""
        return self.say(f"ui.kind.one.{kind.value}")

    def language_name(self, code: str) -> str:
        """`English`, `中文`: how a language calls itself; empty for an unknown one."""
        found = QLocale(code.replace("-", "_")) if code else QLocale(QLocale.Language.C)
        if found.language() == QLocale.Language.C:
            return ""
        if found.language() == QLocale.Language.Chinese:
            return "中文"
        # Qt adds the country to some (“American English”, “português do Brasil”); the language alone is meant.
        own = "English" if found.language() == QLocale.Language.English else found.nativeLanguageName().split(" ")[0]
        return own[:1].upper() + own[1:]

    def number(self, number: int) -> str:
        """With the locale's grouping."""
        return self.locale.toString(number)

    def decimal(self, value: float, places: int) -> str:
        """With the locale's point, without trailing noughts."""
        text = self.locale.toString(float(value), "f", places)
        point = self.locale.decimalPoint()
        return text.rstrip("0").rstrip(point) if point in text else text

    def analyser(self, name: str) -> str:
        """What an analyser does, for a person; its own name if nobody gave it words."""
        return sentences.say_name(self.language, "analyser", name)

    def task(self, name: str) -> str:
        """What a model is for."""
        key = f"ui.task.{name}"
        return self.say(key if key in sentences.load_sentences(self.language) else "ui.task.unknown")

    def trait(self, name: str, value: str) -> str:
        """A measured value with its unit, as `ui.unit.<last part of the name>` says; a key and a language in words."""
        if name == "key":
            return sentences.say_key(self.language, value)
        if name == "language":
            return self.language_name(value) or value
        key = f"ui.unit.{name.rpartition('_')[2]}"
        return self.say(key, value=value) if key in sentences.load_sentences(self.language) else value

    def size(self, size_bytes: int) -> str:
        """`412 MB`, in powers of ten as disks and downloads are sold."""
        return self.locale.formattedDataSize(
            size_bytes, 1 if size_bytes >= 1_000_000_000 else 0, QLocale.DataSizeFormat.DataSizeSIFormat
        )

    def date(self, iso: str) -> str:
        """`12 Jul 2025` of an ISO 8601 date; what is not one is shown as it stands."""
        date = QDate.fromString(iso[:10], "yyyy-MM-dd")
        return self.locale.toString(date, self.say("ui.date.pattern")) if date.isValid() else iso

    def at(self, moment: datetime) -> str:
        """`12 Jul 2025, 14:03` on this computer's clock."""
        here = moment.astimezone()
        time = self.locale.toString(QTime(here.hour, here.minute), QLocale.FormatType.ShortFormat)
        return self.say("ui.date.at", date=self.date(here.date().isoformat()), time=time)

    def captured(self, captured: Captured) -> str:
        """The capture date, and where it comes from."""
        return self.say(f"ui.date.from.{captured.source.value}", date=self.date(captured.at))

    def left(self, seconds: float) -> str:
        """`about 3 min left`."""
        if seconds < 60:
            return self.say("ui.left.seconds")
        minutes = round(seconds / 60)
        if minutes < 90:
            return self.say("ui.left.minutes", count=minutes)
        return self.say("ui.left.hours", count=round(minutes / 60))

    def facts(self, item: Item) -> str:
        """One line under a title: kind, size of the picture, length, pages."""
        facts = item.facts
        parts = [self.kind(item.kind)]
        if facts.width and facts.height:
            parts.append(f"{facts.width}×{facts.height}")
        if facts.duration_ms:
            parts.append(clock(facts.duration_ms))
        if facts.pages > 1:
            parts.append(self.say("ui.pages", count=facts.pages))
        return " · ".join(parts)


def _alive(known: weakref.ref[Widget]) -> Widget | None:
    widget = known()
    return widget if widget is not None and shiboken6.isValid(widget) else None


def is_right_to_left(text: str) -> bool:
    """Whether its first letter with a direction is written from the right."""
    if text.isascii():
        return False
    for letter in text:
        direction = unicodedata.bidirectional(letter)
        if direction in ("L", "R", "AL"):
            return direction != "L"
    return False


def _locale(language: str) -> QLocale:
    system = QLocale.system()
    wanted = QLocale(language)
    return system if system.language() == wanted.language() else wanted
