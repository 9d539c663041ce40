"""What a proposal is about, large: the photo, the second of the film, the sound, or the words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QImage
from PySide6.QtWidgets import QStackedWidget, QTextBrowser, QWidget

from media_assistant.items.answers import Details
from media_assistant.items.item import Item
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Moment
from media_assistant.items.span import TimeSpan
from media_assistant.items.tag import Proposal
from media_assistant.ui.desk import Desk
from media_assistant.ui.item_models.terms import Marker
from media_assistant.ui.playback.playback import Playback
from media_assistant.ui.playing import can_play, load_still, read_photo
from media_assistant.ui.widgets.plain import column
from media_assistant.ui.widgets.player.text_reader import MOST_MARKS, selection
from media_assistant.ui.widgets.player.video_surface import VideoSurface
from media_assistant.ui.widgets.search.code_units import stretches_in_units
from media_assistant.workflows.tags.evidence import Evidence, evidence_of

if TYPE_CHECKING:
    from media_assistant.assistant import Assistant

SHORTEST_MS = 3000
"""So long a moment is played at least."""
WORDS = 4000
"""Characters of a text that are shown without a place in it."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Everything that is shown of a proposal; read on another thread."""

    proposal: Proposal
    item: Item
    can_play: bool
    picture: QImage
    evidence: Sequence[Evidence]
    words: str = ""
    is_small: bool = False
    """Whether a small picture stands for the photo itself; see `load_original`."""


def load_shown(assistant: Assistant, proposal: Proposal) -> Shown:
    """On a reader thread. Raises UserFixable where the item is gone."""
    details = assistant.library.details(proposal.item_id)
    item = details.item
    picture = load_still(assistant, item.id)
    evidence = evidence_of(assistant.library, item.id, proposal.concept.id)
    is_small = item.kind is Kind.PHOTO and not item.is_missing
    return Shown(proposal, item, can_play(details), picture, evidence, _words_of(details, evidence), is_small)


def load_original(assistant: Assistant, shown: Shown, is_wanted: Callable[[], bool]) -> Shown:
    """With the photo itself where it can be read; see `read_photo`. On a thread that may hang."""
    picture = read_photo(assistant, Path(shown.item.path), is_wanted=is_wanted)
    return replace(shown, picture=shown.picture if picture.isNull() else picture, is_small=False)


def _words_of(details: Details, evidence: Sequence[Evidence]) -> str:
    if details.item.kind is not Kind.TEXT:
        return ""
    # A passage that has the word twice is shown once.
    quotes = dict.fromkeys(each.quote for each in evidence if each.quote)
    return "\n\n".join(quotes) or "\n".join(line.text for line in details.lines)[:WORDS]


class ReviewStage(QStackedWidget):
    """Signals: `switched()` playing or not. Nothing is played before `use_playback`."""

    switched = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._playback: Playback | None = None
        self._shown: Shown | None = None
        self._stops_at_ms = -1
        self.text = QTextBrowser()
        self.text.setProperty("role", "reader")
        self.text.setOpenLinks(False)
        self.text.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        desk.words.bind(self.text, QTextBrowser.setAccessibleName, "ui.reader.name")
        desk.look.changed.connect(self._mark)
        self._film = QWidget()
        self._place = column(self._film)
        self.addWidget(self._film)
        self.addWidget(self.text)

    def use_playback(self, playback: Playback) -> None:
        """Take the window's player."""
        self._playback = playback
        self.surface = VideoSurface(playback, self._desk.look, goes_on=False)
        self._desk.words.bind(self.surface, VideoSurface.setAccessibleName, "ui.picture.name")
        self.surface.clicked.connect(self.toggle)
        self._place.addWidget(self.surface)
        playback.moved.connect(self._moved)
        playback.switched.connect(self.switched)

    @property
    def is_timed(self) -> bool:
        """Whether there is something to play."""
        return self._shown is not None and self._shown.item.kind in (Kind.VIDEO, Kind.MUSIC)

    @property
    def is_playing(self) -> bool:
        """Whether what is shown plays."""
        return self._playback is not None and self._playback.is_playing

    def show_nothing(self) -> None:
        """While the next is on its way, and at the end."""
        self._shown = None
        self._let_go()
        self.text.clear()
        if self._playback is not None:
            self.surface.stands_for = ""
            self.surface.show_still(QImage())

    def show_proposal(self, shown: Shown) -> None:
        """Show the picture; a film stands still at the second that the tag comes from."""
        self._shown = shown
        if shown.words:
            self.text.setPlainText(shown.words)
            self._mark()
            self.setCurrentWidget(self.text)
            self._let_go()
            return
        self.setCurrentWidget(self._film)
        if self._playback is None:
            return
        self._let_go()
        self.surface.stands_for = shown.item.kind.value
        self.surface.setAccessibleDescription(" ".join(shown.item.title.split()))
        self.surface.show_still(shown.picture)
        if shown.item.kind is Kind.VIDEO and shown.can_play and self.isVisible():
            self._playback.load(shown.item)
            self._playback.seek(self._start_ms())

    def _mark(self) -> None:
        """The tag's own names stand out in the words that it is claimed of."""
        if self._shown is None:
            return
        concept, colours = self._shown.proposal.concept, self._desk.look.colours
        names = [name for name in (concept.en, concept.zh, *concept.aliases) if name]
        whole = self.text.toPlainText()
        marks = [
            selection(self.text.document(), start, end, colours.match_ground, colours.match_text)
            for start, end in islice(stretches_in_units(whole, Marker(names).find(whole)), MOST_MARKS)
        ]
        self.text.setExtraSelections(marks)

    def toggle(self) -> None:
        """Play the seconds that the tag comes from, or pause."""
        if self._playback is None or self._shown is None or not self.is_timed:
            return
        if self._playback.is_playing:
            self._playback.pause()
        elif not self._shown.can_play:
            self.surface.show_note(self._desk.words.say("ui.play.not_yet"))
        else:
            first = next((each.moment for each in self._shown.evidence), None)
            self.play(first)

    def play(self, moment: Moment | None) -> None:
        """Play a moment of what is shown, from its beginning to its end."""
        if self._playback is None or self._shown is None or not self.is_timed or not self._shown.can_play:
            return
        span = moment.span if moment is not None else None
        start, end = (span.start_ms, span.end_ms) if isinstance(span, TimeSpan) else (0, -1)
        self._playback.load(self._shown.item)
        self._playback.seek(start)
        self._stops_at_ms = max(end, start + SHORTEST_MS) if end >= 0 else -1
        self._playback.play()

    def hideEvent(self, event: QHideEvent) -> None:
        """Whoever is elsewhere does not want to hear it."""
        super().hideEvent(event)
        self._stops_at_ms = -1
        if self._playback is not None:
            self._playback.load(None)

    def _start_ms(self) -> int:
        found = self._shown.evidence if self._shown is not None else ()
        return next((e.moment.span.start_ms for e in found if isinstance(e.moment.span, TimeSpan)), 0)

    def _moved(self, ms: int) -> None:
        if self._playback is not None and self._stops_at_ms >= 0 and ms >= self._stops_at_ms and self.isVisible():
            self._stops_at_ms = -1
            self._playback.pause()

    def _let_go(self) -> None:
        """Of what was shown before. Out of sight that was done, and what plays now is of somebody else."""
        self._stops_at_ms = -1
        if self._playback is not None and self.isVisible():
            self._playback.load(None)
