"""A text to read: its passages in order, the words of the search marked, a found passage shown and lit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice

from PySide6.QtGui import QColor, QFont, QResizeEvent, QTextBlockFormat, QTextCharFormat, QTextCursor, QTextDocument
from PySide6.QtWidgets import QTextBrowser, QTextEdit

from media_assistant.items.moment import Layer, Moment
from media_assistant.items.span import TextSpan
from media_assistant.ui.item_models.terms import Marker
from media_assistant.ui.look.theme import Look
from media_assistant.ui.widgets.search.code_units import stretches_in_units
from media_assistant.ui.words import Words

READING_PIXELS = 16
MOST_MARKS = 2000
COLUMN = 820
"""Pixels: longer lines are hard to follow."""
_GAPS = re.compile(r"\n\s*\n")


class TextReader(QTextBrowser):
    """The text itself can be selected and copied; nothing in it is ever fetched or run."""

    def __init__(self, look: Look, words: Words) -> None:
        super().__init__()
        self._look = look
        self._words = words
        self._lines: tuple[Moment, ...] = ()
        self._terms: tuple[str, ...] = ()
        self._places: dict[TextSpan, tuple[int, int]] = {}
        self._lit: TextSpan | None = None
        self._found: tuple[TextSpan, ...] = ()
        self._marked: tuple[TextSpan, ...] = ()
        self._matches: list[tuple[int, int]] | None = None
        """Where the words of the search stand in what is written; None until it was looked for."""
        self.setProperty("role", "reader")
        self.setOpenLinks(False)
        words.bind(self, TextReader.setAccessibleName, "ui.reader.name")
        look.changed.connect(self._write_again)
        words.changed.connect(self._write_again)

    def show_text(
        self,
        lines: Sequence[Moment],
        terms: Sequence[str],
        *,
        found: Sequence[TextSpan] = (),
        marked: Sequence[TextSpan] = (),
    ) -> None:
        """Show passages (moments with a TextSpan and a text); those that the search found and that the person marked are
        told from the others.
        """
        kept = tuple(line for line in lines if line.layer is Layer.LINE and isinstance(line.span, TextSpan))
        self._found, self._marked = tuple(found), tuple(marked)
        if kept != self._lines or tuple(terms) != self._terms or self.document().isEmpty():
            self._write_again(kept, tuple(terms))
        else:
            self._mark()

    def span_in_sight(self) -> TextSpan | None:
        """The passage that is lit, or else the first that is seen."""
        top = self.cursorForPosition(self.viewport().rect().topLeft()).position()
        bottom = self.cursorForPosition(self.viewport().rect().bottomRight()).position()
        seen = [span for span, (start, end) in self._places.items() if end > top and start <= bottom]
        return self._lit if self._lit in seen else next(iter(seen), self._lit)

    def _holder(self, span: TextSpan) -> TextSpan | None:
        return next(
            (
                place
                for place in self._places
                if place.page == span.page and place.start < max(span.end, span.start + 1) and span.start < place.end
            ),
            None,
        )

    def show_moment(self, span: TextSpan) -> None:
        """Light the passage that holds this span and bring it into sight."""
        holder = self._holder(span)
        self._lit = holder
        self._mark()
        if holder is not None:
            self._bring(self._places[holder][0], self.viewport().height() // 3)

    def _bring(self, position: int, top: int) -> None:
        """Scroll so far that this place in the text stands so many pixels below the upper edge."""
        cursor = QTextCursor(self.document())
        cursor.setPosition(position)
        self.setTextCursor(cursor)
        self.ensureCursorVisible()
        bar = self.verticalScrollBar()
        bar.setValue(bar.value() + self.cursorRect(cursor).top() - top)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The text stands in the middle, no wider than is good to read."""
        aside = max(0, (self.width() - COLUMN) // 2)
        self.setViewportMargins(aside, 0, aside, 0)
        super().resizeEvent(event)

    def _write_again(self, lines: tuple[Moment, ...] | None = None, terms: tuple[str, ...] | None = None) -> None:
        """Write it, perhaps with more or fewer passages; who reads finds the passage where it was."""
        read = self._first_read()
        self._lines = self._lines if lines is None else lines
        self._terms = self._terms if terms is None else terms
        self._write()
        if read is not None and (holder := self._holder(read[0])) is not None:
            self._bring(self._places[holder][0], read[1])

    def _first_read(self) -> tuple[TextSpan, int] | None:
        """The first passage that is seen, and where it begins below the upper edge; None at the top."""
        if self.verticalScrollBar().value() == 0:
            return None
        top = self.cursorForPosition(self.viewport().rect().topLeft()).position()
        for span, (start, end) in self._places.items():
            if end > top:
                cursor = QTextCursor(self.document())
                cursor.setPosition(start)
                return span, self.cursorRect(cursor).top()
        return None

    def _write(self) -> None:
        document = self.document()
        self.clear()
        self._places.clear()
        self._matches = None
        document.setDocumentMargin(36)
        font = QFont(self.font())
        font.setPixelSize(READING_PIXELS)
        document.setDefaultFont(font)
        cursor = QTextCursor(document)
        cursor.beginEditBlock()  # else all of it is laid out anew with each passage
        paragraph = QTextBlockFormat()
        paragraph.setLineHeight(150, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        paragraph.setBottomMargin(14)
        plain = QTextCharFormat()
        plain.setForeground(QColor(self._look.colours.text))
        faint = QTextCharFormat()
        faint.setForeground(QColor(self._look.colours.text_faint))
        pages = {line.span.page for line in self._lines if isinstance(line.span, TextSpan)}
        page, end, is_first = 0, 0, True
        for line in sorted(
            self._lines, key=lambda each: each.span if isinstance(each.span, TextSpan) else TextSpan(1, 0, 0)
        ):
            span = line.span
            if not isinstance(span, TextSpan):
                continue
            if span.page != page:
                page, end = span.page, 0
                if len(pages) > 1:
                    is_first = self._begin(cursor, paragraph, is_first=is_first)
                    cursor.insertText(self._words.say("ui.page", page=self._words.number(page)), faint)
            text = line.text
            # Passages may overlap; what was written already is not written again.
            if span.start < end and len(text) == span.end - span.start:
                text = text[end - span.start :]
            end = max(end, span.end)
            if not text.strip():
                continue
            is_first = self._begin(cursor, paragraph, is_first=is_first)
            start = cursor.position()
            cursor.insertText(_GAPS.sub("\n", text.strip()), plain)
            self._places[span] = (start, cursor.position())
        if not self._lines:
            cursor.insertText(self._words.say("ui.reader.none"), faint)
        cursor.endEditBlock()
        self._mark()
        self.moveCursor(QTextCursor.MoveOperation.Start)

    @staticmethod
    def _begin(cursor: QTextCursor, paragraph: QTextBlockFormat, *, is_first: bool) -> bool:
        if is_first:
            cursor.setBlockFormat(paragraph)
        else:
            cursor.insertBlock(paragraph)
        return False

    def _mark(self) -> None:
        colours = self._look.colours
        marks = []
        for spans, ground in ((self._found, colours.hovered), (self._marked, colours.written_ground)):
            holders = dict.fromkeys(filter(None, map(self._holder, spans)))
            marks += [
                selection(self.document(), *self._places[holder], ground, colours.text)
                for holder in holders
                if holder != self._lit
            ]
        if self._lit is not None and self._lit in self._places:
            marks.append(selection(self.document(), *self._places[self._lit], colours.selected, colours.text))
        marks += [
            selection(self.document(), start, end, colours.match_ground, colours.match_text)
            for start, end in self._find_matches()[: max(1, MOST_MARKS - len(marks))]
        ]
        self.setExtraSelections(marks)

    def _find_matches(self) -> list[tuple[int, int]]:
        """Once for what is written: a passage is lit with each step through what was found, and a text may be long."""
        if self._matches is None:
            whole = self.document().toPlainText() if self._terms else ""
            stretches = stretches_in_units(whole, Marker(self._terms).find(whole))
            self._matches = list(islice(stretches, MOST_MARKS))
        return self._matches


def selection(document: QTextDocument, start: int, end: int, ground: str, ink: str) -> QTextEdit.ExtraSelection:
    """A stretch of a text, on another ground and in another ink."""
    made = QTextEdit.ExtraSelection()
    look = QTextCharFormat()
    look.setBackground(QColor(ground))
    look.setForeground(QColor(ink))
    made.format = look
    cursor = QTextCursor(document)
    cursor.setPosition(start)
    cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
    made.cursor = cursor
    return made
