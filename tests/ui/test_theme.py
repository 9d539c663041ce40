"""Both themes can be read by everybody."""

from __future__ import annotations

import re

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage, QPalette
from PySide6.QtWidgets import QMenu, QPushButton
from pytestqt.qtbot import QtBot

from media_assistant.assistant import Assistant
from media_assistant.items.moment import Sense
from media_assistant.paths import find_paths
from media_assistant.settings import Settings
from media_assistant.ui.look.colours import DARK, LIGHT, Colours, contrast, ink_on
from media_assistant.ui.look.icons import draw_icon, icon_file
from media_assistant.ui.look.style_sheet import SHEET, style_sheet
from media_assistant.ui.startup.app import prepare_application
from media_assistant.ui.startup.first_sight import FirstSight
from media_assistant.ui.startup.running import Running
from media_assistant.ui.widgets.fields import LineField, TextField
from media_assistant.ui.widgets.grid.painter import SIGN_COLOURS
from media_assistant.ui.widgets.plain import open_menu

GROUNDS = ("side", "ground", "card", "panel", "well", "field", "hovered", "selected", "chip", "bad_ground")
"""Whatever lies under words: a row that is hovered or chosen, a card, a notice."""
INKS = ("text", "text_soft", "text_faint", "link", "good", "bad")
"""Whatever words are written in; each may come to stand on each ground."""
MARKS = ("focus", "link", "said_text")
"""Rings, flags and the line under words in doubt: no text, but seen on each ground."""
OVER_PICTURES = "#3b3c3e"
"""The ground of words and signs over a picture at its worst: the dark veil over a white one."""


def text_pairs() -> list[tuple[str, str]]:
    """Names of (text, ground) for everything that the window writes on."""
    return [
        *((ink, ground) for ink in INKS for ground in GROUNDS),
        *((f"{sense.value}_text", f"{sense.value}_ground") for sense in Sense),
        ("text_soft", "shot"),
        ("on_accent", "accent"),
        ("on_accent", "accent_hovered"),
        ("match_text", "match_ground"),
    ]


def mark_pairs() -> list[tuple[str, str]]:
    """Names of (mark, ground) for what is no text but has to be seen: 3:1 (WCAG 2.2, 1.4.11)."""
    return [*((mark, ground) for mark in MARKS for ground in GROUNDS), ("accent", "well"), ("text_soft", "well")]


def test_contrast_is_as_the_standard_says() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("colours", [DARK, LIGHT], ids=["dark", "light"])
def test_text_stands_out_from_its_ground(colours: Colours) -> None:
    weak = {
        (text, ground): round(contrast(getattr(colours, text), getattr(colours, ground)), 2)
        for text, ground in text_pairs()
        if contrast(getattr(colours, text), getattr(colours, ground)) < 4.5
    }
    assert not weak


@pytest.mark.parametrize("colours", [DARK, LIGHT], ids=["dark", "light"])
def test_marks_that_are_no_text_stand_out_too(colours: Colours) -> None:
    """Focus rings, flags, the line under words in doubt, and the ticks of the four senses: 3:1 (WCAG 1.4.11)."""
    weak = {
        (mark, ground): round(contrast(getattr(colours, mark), getattr(colours, ground)), 2)
        for mark, ground in mark_pairs()
        if contrast(getattr(colours, mark), getattr(colours, ground)) < 3
    }
    assert not weak
    for sense in Sense:
        strong = getattr(colours, sense.value)
        assert contrast(strong, colours.well) >= 2.3
        assert contrast(ink_on(strong), strong) >= 4.5
    assert len({getattr(colours, sense.value) for sense in Sense}) == 4


def test_words_and_signs_over_a_picture_stand_out_whatever_it_shows() -> None:
    assert contrast("#ffffff", OVER_PICTURES) >= 4.5
    assert not [sign for sign, colour in SIGN_COLOURS.items() if contrast(colour, OVER_PICTURES) < 4.5]


def test_every_rule_of_the_style_sheet_writes_in_a_pair_that_is_held_to(qapp: object) -> None:
    named = {f"${name}" for name in LIGHT._asdict()}
    known = set(text_pairs())
    strange = set()
    for rule in re.findall(r"\{([^}]*)\}", SHEET.template):
        ink = re.search(r"(?<![-a-z])color: (\$\w+)", rule)
        ground = re.search(r"(?<![-a-z])background: (\$\w+)", rule)
        if ink and ground and (ink[1][1:], ground[1][1:]) not in known:
            strange.add((ink[1], ground[1]))
    assert not strange
    assert set(re.findall(r"\$\w+", SHEET.template)) - named == {"$tick", "$arrow", "$arrow_light"}


@pytest.mark.parametrize("colours", [DARK, LIGHT], ids=["dark", "light"])
@pytest.mark.parametrize("make", [LineField, TextField])
def test_what_a_field_asks_for_can_be_read(qtbot: QtBot, make: type[LineField | TextField], colours: Colours) -> None:
    field = make()
    qtbot.addWidget(field)
    field.setStyleSheet(style_sheet(colours))
    field.ensurePolished()
    shown = field.palette().color(QPalette.ColorRole.PlaceholderText)
    assert (shown.name(), shown.alpha()) == (colours.text_faint, 255)


@pytest.mark.parametrize("role", ["", "quiet", "primary"])
@pytest.mark.parametrize("colours", [DARK, LIGHT], ids=["dark", "light"])
def test_a_button_that_opens_a_menu_shows_it_beside_its_words(qtbot: QtBot, role: str, colours: Colours) -> None:
    def drawn(*, has_menu: bool) -> tuple[int, QImage]:
        shown = QPushButton("")
        qtbot.addWidget(shown)
        shown.setProperty("role", role)
        if has_menu:
            open_menu(shown, QMenu(shown))
        shown.setStyleSheet(style_sheet(colours))
        wide = shown.sizeHint().width()
        shown.resize(90, 31)
        return wide, shown.grab().toImage()

    (plain, without), (wide, with_arrow) = drawn(has_menu=False), drawn(has_menu=True)
    assert 10 <= wide - plain <= 20
    changed = [x for x in range(90) if any(without.pixel(x, y) != with_arrow.pixel(x, y) for y in range(31))]
    assert changed and min(changed) >= 90 - 22 and max(changed) <= 90 - 5


def test_the_style_sheet_uses_colours_of_the_theme_alone(qapp: object) -> None:
    sheet = style_sheet(DARK)
    assert "$" not in sheet
    assert DARK.accent in sheet
    values = {value for value in DARK._asdict().values() if value.startswith("#")}
    assert all(len(value) == 7 for value in values)


def test_icons_are_drawn_in_the_colour_that_is_asked_for(qapp: object) -> None:
    picture = draw_icon("play", "#ff0000", 24, 1.0).toImage()
    middle = picture.pixelColor(11, 12)
    assert (middle.red(), middle.green(), middle.blue()) == (255, 0, 0)
    with pytest.raises(FileNotFoundError):
        icon_file("no-such-icon")


def test_a_window_that_is_gone_dresses_the_program_no_more(home: object) -> None:
    """The system turns dark in the evening: after a change of library one look puts it on, and not each that ever was."""
    settings, scheme = Settings(theme="system"), QGuiApplication.styleHints().colorSchemeChanged
    worn: list[str] = []
    assistant = Assistant.open(find_paths(), settings, works=False)
    whole = Running.whole(prepare_application(), assistant)
    whole.desk.look.changed.connect(lambda: worn.append("whole"))
    begun = FirstSight(prepare_application(), find_paths(), settings)
    begun.look.changed.connect(lambda: worn.append("begun"))
    scheme.emit(Qt.ColorScheme.Light)
    assert sorted(worn) == ["begun", "whole"]
    worn.clear()
    whole.close()
    begun.leave()
    assistant.close()
    scheme.emit(Qt.ColorScheme.Dark)
    assert not worn
