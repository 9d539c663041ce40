"""What a person does to the lines of one transcript. Shown at once, kept by the library, one step of undo each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Signal

from media_assistant.items.changes import LibraryChanges
from media_assistant.items.moment import Moment
from media_assistant.items.transcript import (
    confirm,
    doubtful,
    merge,
    new_line,
    retime,
    retype,
    shift,
    span_of,
    split,
    word_places,
)
from media_assistant.ui import actions
from media_assistant.ui.desk import Desk
from media_assistant.ui.item_models.lines import LineItemModel
from media_assistant.ui.widgets.transcript.line_list import LineList

NUDGE_MS = 100
_NEW_LINE_MS = 2000
_LEAST_MS = 40
_SETTLES_MS = 600
"""Nudges that follow each other faster than this are one step."""


class LineVerbs(QObject):
    """Signals: `refused()` the library did not take an edit, so that what is shown must be asked for again."""

    refused = Signal()

    def __init__(self, desk: Desk, lines: LineItemModel, view: LineList) -> None:
        super().__init__(view)
        self._desk = desk
        self._lines = lines
        self._view = view
        self.item_id = 0
        self.track = ""
        self.duration_ms = 0
        self.position_ms = 0
        self._moved_from: Moment | None = None
        self._moved_to: Moment | None = None
        self._draft: Moment | None = None
        self._settling = QTimer(self)
        self._settling.setSingleShot(True)
        self._settling.setInterval(_SETTLES_MS)
        self._settling.timeout.connect(self.settle)
        view.retyped.connect(self.retype)
        view.split_wanted.connect(self.split)
        view.edit_ended.connect(self._drop_draft)

    @property
    def is_settling(self) -> bool:
        """Whether something is shown that the library does not know yet."""
        return self._moved_from is not None or self._draft is not None

    @property
    def has_lines(self) -> bool:
        """Whether there is anything to edit."""
        return bool(self._lines.lines)

    @property
    def has_times(self) -> bool:
        """Whether it is known when each of them is said."""
        return self._lines.has_times

    def do(self, verb: str) -> None:
        """A key of the room `transcript`."""
        acts: dict[str, Callable[[], None]] = {
            "edit": self.edit,
            "split": self.split_here,
            "merge": self.merge,
            "insert": self.insert,
            "delete": self.delete,
            "next_doubt": lambda: self.go_to_doubt(1),
            "previous_doubt": lambda: self.go_to_doubt(-1),
            "confirm": self.confirm,
            "start_here": lambda: self.set_here(is_start=True),
            "end_here": lambda: self.set_here(is_start=False),
            "start_earlier": lambda: self.nudge(-NUDGE_MS, 0),
            "start_later": lambda: self.nudge(NUDGE_MS, 0),
            "end_earlier": lambda: self.nudge(0, -NUDGE_MS),
            "end_later": lambda: self.nudge(0, NUDGE_MS),
        }
        if verb in acts:
            acts[verb]()

    def current(self) -> Moment | None:
        """The line that verbs are about."""
        row = self._view.currentIndex().row()
        return self._lines.lines[row] if 0 <= row < len(self._lines.lines) else None

    def chosen(self) -> list[Moment]:
        """The chosen lines in their order."""
        return [self._lines.lines[row] for row in self._view.chosen_rows()]

    # ── words ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def edit(self) -> None:
        """Open the current line, else the one that is spoken now; its first word in doubt is chosen."""
        line = self.current()
        if line is None and self._lines.lines:
            line = self._lines.lines[max(0, self._lines.row_at(self.position_ms))]
        if line is not None:
            doubts = doubtful(line)
            self._view.edit_row(self._lines.row_of(line), doubts[0] if doubts else None)

    def retype(self, line: Moment, text: str) -> None:
        """What was typed for a line; nothing at all takes the line away."""
        if line is self._draft:
            self._draft = None
            made = replace(line, text=retype(line, text).text)
            self._change([line], [made] if made.text else [], "insert_line", known=())
            return
        typed = retype(line, text)
        if typed is not line:
            self._change([line], [typed] if typed.text else [], "edit_line" if typed.text else "delete_lines")

    def split(self, line: Moment, text: str, place: int) -> None:
        """Cut what was typed before a character."""
        typed = retype(line, text) if text != line.text else line
        # What was typed is tidied; the cut stays behind the same letters.
        before = len("".join(text[:place].split()))
        at = next((n for n in range(len(typed.text) + 1) if len("".join(typed.text[:n].split())) >= before), 0)
        halves = split(typed, at)
        if halves is None:
            self._desk.tell("ui.lines.split_nowhere")
        else:
            self._change([line], halves, "split_line")
            self._view.go_to(self._lines.row_of(halves[1]), centres=False)
            self._view.setFocus()

    def split_here(self) -> None:
        """Cut the line where it plays now, between words."""
        line = self.current()
        if line is None:
            return
        places = zip(line.words, word_places(line), strict=True)
        parts = [begin for word, (begin, _) in places if word.start_ms >= self.position_ms]
        span = span_of(line)
        if not line.words and span.start_ms < self.position_ms < span.end_ms:
            share = (self.position_ms - span.start_ms) / (span.end_ms - span.start_ms)
            guess = round(share * len(line.text))
            gaps = [at for at, letter in enumerate(line.text) if letter.isspace()] or [guess]
            parts = [min(gaps, key=lambda at: abs(at - guess))]
        if parts:
            self.split(line, line.text, parts[0])
        else:
            self._desk.tell("ui.lines.split_nowhere")

    def merge(self) -> None:
        """Join the chosen lines, or the current one and the next."""
        lines = self.chosen()
        if len(lines) == 1:
            row = self._lines.row_of(lines[0])
            lines = self._lines.lines[row : row + 2]
        if len(lines) > 1:
            joined = merge(lines)
            self._change(lines, [joined], "merge_lines")
            self._view.go_to(self._lines.row_of(joined), centres=False)

    def insert(self) -> None:
        """A new line where it plays now, opened to be typed into; it is kept once it has words."""
        self.settle()
        start_ms = self.position_ms
        row = self._lines.row_before(start_ms)
        following = self._lines.lines[row + 1] if row + 1 < len(self._lines.lines) else None
        end_ms = start_ms + _NEW_LINE_MS
        if following is not None and span_of(following).start_ms - start_ms >= _LEAST_MS:
            end_ms = min(end_ms, span_of(following).start_ms)
        self._draft = new_line(start_ms, end_ms, "", self.track)
        self._lines.change([], [self._draft])
        self._view.edit_row(self._lines.row_of(self._draft))

    def delete(self) -> None:
        """Take the chosen lines out; undo brings them back."""
        lines = self.chosen()
        if lines:
            row = self._view.chosen_rows()[0]
            desk, count = self._desk, len(lines)

            def tell(changes: LibraryChanges) -> None:
                # This very step: another line may be put right while the notice is there.
                step = changes.step
                desk.tell("ui.lines.deleted", count=count, undo=actions.undoing(desk, owner=self, step=step))

            self._change(lines, [], "delete_lines", done=tell)
            self._view.go_to(min(row, len(self._lines.lines) - 1), centres=False)

    def confirm(self) -> None:
        """The words in doubt are right as they stand; on to the next ones."""
        lines = [line for line in self.chosen() if doubtful(line)]
        if lines:
            self._change(lines, [confirm(line) for line in lines], "confirm_lines")
        self.go_to_doubt(1)

    def go_to_doubt(self, direction: int) -> None:
        """Choose the next line with a word that the recogniser was unsure of."""
        index = self._view.currentIndex()
        start = index.row() if self._view.selectionModel().isSelected(index) else index.row() - 1
        row = self._lines.next_in_doubt(max(-1, start), direction)
        if row < 0:
            self._desk.tell("ui.lines.no_doubts")
        else:
            self._view.go_to(row)

    # ── times ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def retime(self, start_ms: int, end_ms: int) -> None:
        """The current line's times as they were typed."""
        line = self.current()
        if line is not None:
            self._move(retime(self._moved_from or line, max(0, start_ms), max(start_ms, end_ms)))
            self.settle()

    def set_here(self, *, is_start: bool) -> None:
        """The current line begins or ends where it plays now. A start behind the end takes the whole line along."""
        line = self.current()
        if line is None:
            return
        span, at = span_of(line), self.position_ms
        if is_start:
            self.retime(at, span.end_ms if at < span.end_ms else at + span.end_ms - span.start_ms)
        else:
            self.retime(min(span.start_ms, at), at)

    def nudge(self, start_by_ms: int, end_by_ms: int) -> None:
        """A little earlier or later. Many in a row are one step."""
        line = self.current()
        if line is not None:
            span = span_of(line)
            start_ms, end_ms = max(0, span.start_ms + start_by_ms), span.end_ms + end_by_ms
            if end_ms - start_ms >= _LEAST_MS:
                self._move(retime(self._moved_from or line, start_ms, end_ms))
                self._settling.start()

    def _move(self, moved: Moment) -> None:
        line = self.current()
        assert line is not None
        if self._moved_to is not line:
            self.settle()
            self._moved_from = line
        self._moved_to = moved
        self._lines.change([line], [moved])
        self._view.go_to(self._lines.row_of(moved), centres=False)

    def settle(self) -> None:
        """What was moved goes to the library."""
        self._settling.stop()
        old, new = self._moved_from, self._moved_to
        self._moved_from = self._moved_to = None
        if old is not None and new is not None and old.span != new.span:
            self._send([old], [new], "move_lines")

    def shift(self, by_ms: int, *, from_current: bool) -> None:
        """All lines later or earlier, or the current one and all after it."""
        row = self._view.currentIndex().row() if from_current else 0
        lines = self._lines.lines[max(0, row) :]
        if lines and by_ms:
            self._change(lines, [shift(line, by_ms) for line in lines], "shift_lines")
            self._view.go_to(max(0, row), centres=False)

    # ── keeping ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _change(
        self,
        out: Sequence[Moment],
        put: Sequence[Moment],
        verb: str,
        known: Sequence[Moment] | None = None,
        done: Callable[[LibraryChanges], None] = lambda _changes: None,
    ) -> None:
        self.settle()
        row = self._view.currentIndex().row()
        self._lines.change(out, put)
        if len(put) == 1:
            self._view.go_to(self._lines.row_of(put[0]), centres=False)
        elif not put:
            self._view.go_to(min(row, len(self._lines.lines) - 1), centres=False)
        self._send(out if known is None else known, put, verb, done)

    def _send(
        self,
        out: Sequence[Moment],
        put: Sequence[Moment],
        verb: str,
        done: Callable[[LibraryChanges], None] = lambda _changes: None,
    ) -> None:
        if not self.item_id or not (out or put):
            return
        future = self._desk.assistant.transcripts.rewrite(self.item_id, out, put, verb)
        self._desk.bridge.when_done(future, done, owner=self, failed=self._refuse)

    def _refuse(self, fault: BaseException) -> None:
        actions.show_fault(self._desk, fault=fault)
        self.refused.emit()

    def _drop_draft(self) -> None:
        """A new line without words never was."""
        if self._draft is not None:
            draft, self._draft = self._draft, None
            self._lines.change([draft], [])
