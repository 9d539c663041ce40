"""Everything else known of one item: facts, measured traits, what each analysis did, in words that can be copied."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path

from PySide6.QtWidgets import QTextBrowser, QWidget

from media_assistant.items.answers import Analysis, Details
from media_assistant.sentences import load_sentences
from media_assistant.ui import actions
from media_assistant.ui.desk import Desk
from media_assistant.ui.widgets.flow_layout import FlowLayout
from media_assistant.ui.widgets.plain import button, column


class DetailsView(QWidget):
    """A table of two columns, and what can be done with the file."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._details: Details | None = None
        self._told: tuple[Details | None, str] = (None, desk.words.language)
        down = column(self, margins=(0, 8, 0, 0), gap=8)
        self.page = QTextBrowser()
        self.page.setProperty("role", "facts")
        self.page.setOpenLinks(False)
        # In a low window the facts scroll; the verbs under them stay whole.
        self.page.setMinimumHeight(24)
        desk.words.bind(self.page, QTextBrowser.setAccessibleName, "ui.details.name")
        down.addWidget(self.page, 1)
        holder = QWidget()
        foot = FlowLayout(holder)
        for code, act in (
            ("ui.details.folder", self._show_folder),
            ("ui.details.again", self._again),
            ("ui.details.copy", self._copy),
        ):
            foot.addWidget(button(desk.words, code, act))
        down.addWidget(holder)
        desk.look.changed.connect(self._show)
        desk.words.changed.connect(self._show)

    def show_details(self, details: Details | None) -> None:
        """Show an item's facts."""
        language = self._desk.words.language
        if (details, language) != self._told:
            self._details, self._told = details, (details, language)
            self._show()

    def _show(self) -> None:
        if self._details is None:
            self.page.clear()
            return
        colours = self._desk.look.colours
        # One table for all sections, so that the values of all of them begin at one place.
        parts = [
            f"<style>th {{ color: {colours.text_faint}; font-weight: normal; text-align: left; }}</style>",
            '<table width="100%">',
        ]
        for title, rows in self._sections(self._details):
            body = "".join(
                f'<tr><th width="36%" style="padding: 2px 14px 2px 0">{escape(name)}</th>'
                f'<td style="padding: 2px 0; color: {colours.bad if is_bad else colours.text}">{escape(value)}</td></tr>'
                for name, value, is_bad in rows
            )
            if body:
                heading = f'<tr><td colspan="2" style="padding: 10px 0 3px 0"><b>{escape(title)}</b></td></tr>'
                parts.append(f"{heading if title else ''}{body}")
        parts.append("</table>")
        at = self.page.verticalScrollBar().value()
        self.page.setHtml("".join(parts))
        self.page.verticalScrollBar().setValue(at)

    def _sections(self, details: Details) -> Iterator[tuple[str, list[tuple[str, str, bool]]]]:
        words = self._desk.words
        yield "", list(self._file_rows(details))
        yield words.say("ui.details.tags"), list(self._tag_rows(details))
        yield words.say("ui.details.traits"), list(self._trait_rows(details))
        yield words.say("ui.details.analyses"), [self._analysis_row(entry) for entry in details.analyses]

    def _file_rows(self, details: Details) -> Iterator[tuple[str, str, bool]]:
        words, item, facts = self._desk.words, details.item, details.item.facts
        if item.error:
            yield words.say("ui.details.fault"), words.sentence(item.error), True
        if item.is_missing:
            yield words.say("ui.details.fault"), words.say("ui.state.missing_long"), True
        yield words.say("ui.details.path"), item.path, False
        for copy in item.copies:
            yield words.say("ui.details.copy_at"), copy, False
        yield words.say("ui.details.size"), words.size(item.size_bytes), False
        if facts.captured:
            yield words.say("ui.details.date"), words.captured(facts.captured), False
        yield words.say("ui.details.added"), words.date(item.added_at), False
        if facts.place:
            place = f"{words.decimal(facts.place.latitude, 5)}, {words.decimal(facts.place.longitude, 5)}"
            yield words.say("ui.details.place"), place, False
        if facts.codecs:
            yield words.say("ui.details.format"), " · ".join(facts.codecs), False
        if facts.frame_rate:
            yield (
                words.say("ui.details.frame_rate"),
                words.say("ui.unit.fps", value=words.decimal(facts.frame_rate, 2)),
                False,
            )
        if facts.sample_rate_hz:
            value = words.say("ui.unit.hz", value=words.number(facts.sample_rate_hz))
            yield (
                words.say("ui.details.sound"),
                words.say("ui.details.sound_is", rate=value, count=facts.channels),
                False,
            )
        if facts.subtitle_languages:
            names = [words.language_name(code) or code for code in facts.subtitle_languages]
            yield words.say("ui.details.subtitles"), words.say("ui.list_separator").join(names), False

    def _tag_rows(self, details: Details) -> Iterator[tuple[str, str, bool]]:
        tags = details.item.facts.tags
        for field in ("title", "artist", "album", "date", "genre", "comment"):
            value = getattr(tags, field)
            if value:
                yield self._desk.words.say(f"ui.filetag.{field}"), value, False

    def _trait_rows(self, details: Details) -> Iterator[tuple[str, str, bool]]:
        known = load_sentences(self._desk.words.language)
        for name, value in details.traits.items():
            key = f"ui.trait.{name}"
            if key not in known or value is None or isinstance(value, list):
                continue
            text = self._desk.words.decimal(value, 2) if isinstance(value, float) else str(value)
            yield self._desk.words.say(key), self._desk.words.trait(name, text), False

    def _analysis_row(self, entry: Analysis) -> tuple[str, str, bool]:
        words = self._desk.words
        state = words.say(f"ui.analysis.state.{entry.state}")
        if entry.error:
            return words.analyser(entry.analyser), words.sentence(entry.error), entry.state == "failed"
        took = words.say("ui.unit.s", value=words.decimal(entry.took_s, 1)) if entry.took_s else ""
        return words.analyser(entry.analyser), " · ".join(part for part in (state, entry.model, took) if part), False

    def _show_folder(self) -> None:
        if self._details is not None:
            actions.show_in_folder(self._details.item)

    def _again(self) -> None:
        if self._details is not None:
            future = self._desk.assistant.redo_analysis((self._details.item.id,))
            self._desk.bridge.when_done(
                future, lambda count: self._desk.tell("ui.details.queued", count=count), owner=self
            )

    def _copy(self) -> None:
        if self._details is None:
            return
        lines = [Path(self._details.item.path).name]
        for title, rows in self._sections(self._details):
            lines += [title] if title and rows else []
            lines += [f"{name}: {value}" for name, value, _ in rows]
        actions.copy_text(self._desk, text="\n".join(lines))
