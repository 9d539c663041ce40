"""Every text of the window exists in both languages, and none stands in the code."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel

from media_assistant import sentences
from media_assistant.errors import UserFixable
from media_assistant.items.clock import clock
from media_assistant.items.concept import Concept
from media_assistant.items.item import Captured, DateSource, ItemState
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Layer, Moment, Sense
from media_assistant.items.span import Whole
from media_assistant.items.tag import TagState
from media_assistant.ui.item_models.terms import Marker, excerpt, terms_of
from media_assistant.ui.widgets.grid.painter import moments_line
from media_assistant.ui.words import Words

ROOM = Path(__file__).resolve().parents[2] / "media_assistant" / "ui"
MODULES = sorted(ROOM.rglob("*.py"))
SHOWING = {"setText", "setToolTip", "setWindowTitle", "setPlaceholderText", "setAccessibleName", "setAccessibleDescription",
           "addAction", "addTab", "setTabText", "addItem", "QLabel", "QPushButton", "setTitle", "tell", "warn"}  # fmt: skip


def strings(tree: ast.AST) -> Iterator[str]:
    """Literal texts; of an f-string the part before its first hole, with a `*`."""
    inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
            yield f"{node.values[0].value}*"
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
            yield node.value


@pytest.mark.parametrize("language", sentences.LANGUAGES)
def test_every_key_that_is_used_has_a_sentence(language: str) -> None:
    known = {re.sub(r"\.(one|other)$", "", key) for key in sentences.load_sentences(language)}
    missing = []
    for module in MODULES:
        for text in strings(ast.parse(module.read_text("utf-8"))):
            if (re.fullmatch(r"ui\.[a-z_.]+", text) and text not in known) or (
                text.endswith("*") and text.startswith("ui.") and not any(key.startswith(text[:-1]) for key in known)
            ):
                missing.append(f"{module.name}: {text}")
    assert not missing


@pytest.mark.parametrize("language", sentences.LANGUAGES)
def test_keys_that_are_put_together_exist_for_every_value(language: str) -> None:
    from media_assistant.analysis.registry import SPECS
    from media_assistant.items.order import GROUPS, SORTS
    from media_assistant.ui.look.tag_colours import PALETTE
    from media_assistant.ui.shortcuts import ROOMS, SHORTCUTS
    from media_assistant.ui.sureness import sureness
    from media_assistant.ui.widgets.grid.list_columns import COLUMNS
    from media_assistant.ui.widgets.transcript.view import FORMATS

    known = {re.sub(r"\.(one|other)$", "", key) for key in sentences.load_sentences(language)}
    wanted = [f"ui.kind.{form}.{kind}" for kind in Kind for form in ("one", "many")]
    wanted += [f"ui.{group}.{sense}" for sense in Sense for group in ("sense", "sense.tip", "why", "why.all")]
    wanted += [f"ui.tag.state.{state}" for state in TagState]
    wanted += [f"ui.date.from.{source}" for source in DateSource]
    wanted += [f"ui.{group}.{spec.name}" for spec in SPECS for group in ("analyser", "doing")]
    wanted += [f"ui.sort.{sort}" for sort in (*SORTS, "best")] + [f"ui.column.{column.name}" for column in COLUMNS]
    wanted += [f"ui.group.by.{group or 'none'}" for group in GROUPS] + [
        f"ui.group.none.{group}" for group in GROUPS if group
    ]
    wanted += [f"ui.many.kind.{kind}" for kind in Kind]
    wanted += [f"ui.state.{state}" for state in ("new", "waiting", "in_work", "missing", "offline")]
    wanted += [f"ui.export.{to}" for to in FORMATS]
    wanted += [f"ui.keys.section.{room}" for room in ROOMS] + [f"ui.keys.{each.name}" for each in SHORTCUTS]
    wanted += [f"ui.analysis.state.{state}" for state in ("waiting", "running", "done", "failed", "paused", "skipped")]
    wanted += [sureness(hundredth / 100) for hundredth in range(101)]
    wanted += [f"ui.tags.colour.{name}" for name in PALETTE]
    wanted += [f"ui.tab.{name}" for name in ("tags", "transcript", "similar", "details")]
    assert [key for key in wanted if key not in known] == []
    assert len(ItemState) == 5


def test_both_languages_have_the_same_holes() -> None:
    def holes(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    english, chinese = sentences.load_sentences("en"), sentences.load_sentences("zh_CN")
    mine = [key for key in english if key.startswith("ui.") and not key.endswith(".one")]
    assert [key for key in mine if key not in chinese] == []
    assert [key for key in mine if holes(english[key]) != holes(chinese[key])] == []
    untold = [key for key in chinese if key.startswith("ui.") and key not in english]
    assert untold == []


def test_no_text_stands_in_the_code() -> None:
    found = []
    for module in MODULES:
        for node in ast.walk(ast.parse(module.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            for value in node.args:
                is_text = isinstance(value, ast.Constant) and isinstance(value.value, str)
                text = value.value if is_text else ""  # type: ignore[attr-defined]
                is_shown = name in SHOWING and re.search(r"[A-Za-z\u4e00-\u9fff]{2}", text)
                if is_shown and not text.startswith("ui."):
                    found.append(f"{module.name}:{node.lineno} {text!r}")
    assert not found


def test_numbers_dates_and_plurals_by_language(qapp: object) -> None:
    words = Words("en")
    assert words.say("ui.search.moments", count=1) == "1 moment"
    assert words.say("ui.search.moments", count=1200).endswith("200 moments")
    assert words.date("2025-07-12T14:03:09") == "12 Jul 2025"
    assert words.captured(Captured("2025-07-12", None, DateSource.EXIF)) == "12 Jul 2025 (from the camera)"
    words.speak("zh_CN")
    assert words.say("ui.search.moments", count=1) == "1 个片段"
    assert words.say("ui.missing.relink", count=1) == "重新关联", "one alone may be said otherwise in Chinese too"
    assert words.date("2025-07-12T14:03:09") == "2025年7月12日"
    assert words.date("long ago") == "long ago"
    assert words.language_name("zh") == "中文"
    assert words.language_name("en") == "English"
    assert words.language_name("") == ""


def test_a_bound_text_follows_the_language_and_dies_with_its_widget(qapp: object) -> None:
    words = Words("en")
    kept, gone = QLabel(), QLabel()
    words.bind(kept, QLabel.setText, "ui.panel.models")
    words.bind(gone, QLabel.setText, "ui.panel.models")
    gone.deleteLater()
    del gone
    words.speak("zh_CN")
    assert kept.text() == "模型"
    for _ in range(2500):
        words.bind(QLabel(), QLabel.setText, "ui.panel.models")
    assert len(words._bound) < 1500, "texts of widgets that are gone are let go, also where nobody changes the language"


def test_faults_are_said_in_words(qapp: object) -> None:
    words = Words("en")
    assert "empty" in words.fault(UserFixable("media.empty", path="/a")).lower()
    assert "ZeroDivisionError" in words.fault(ZeroDivisionError())


def test_clock() -> None:
    assert [clock(ms) for ms in (0, 999, 61_000, 3_723_000, -5)] == ["0:00", "0:00", "1:01", "1:02:03", "0:00"]


def test_words_of_the_search_are_marked() -> None:
    terms = terms_of('kind:video said:"high tide" wave -storm 海')
    assert terms == ("wave", "海", "high tide") or set(terms) == {"wave", "海", "high tide"}
    text = "Waves at high tide: 大海. Microwave."
    assert [text[at : at + long] for at, long in Marker(terms).find(text)] == ["Waves", "high tide", "海"]
    assert list(Marker(()).find("anything")) == []


@pytest.mark.parametrize(
    ("term", "text", "marked"),
    [
        ("αθηνα", "Η Αθήνα, Αθήνας", ["Αθήνα", "Αθήνας"]),
        ("شمس", "هذه شَمْسٌ كبيرة", ["شَمْسٌ"]),
        ("cafe", "Café, cafe\u0301s, décaféiné", ["Café", "cafe\u0301s"]),
        ("灯塔", "燈塔和灯塔", ["燈塔", "灯塔"]),
        ("पानी", "पानी, पानीपत, खपानी", ["पानी", "पानीपत"]),
        ("strasse", "Strasse, Straße, STRAẞE", ["Strasse", "Straße", "STRAẞE"]),
        ("œuvre", "Œuvre, œuvres, oeuvre, chef-d'œuvre", ["Œuvre", "œuvres", "oeuvre", "œuvre"]),
        ("oeuvre", "Œuvre", ["Œuvre"]),
        ("Þingvellir", "þingvellir, Thingvellir", ["þingvellir", "Thingvellir"]),
        ("encyclopaedia", "Encyclopædia", ["Encyclopædia"]),
        ("waffle", "waﬄes", ["waﬄes"]),
        ("\u0301", "e\u0301", []),
    ],
)
def test_words_are_marked_as_they_are_found(term: str, text: str, marked: list[str]) -> None:
    assert [text[at : at + long] for at, long in Marker([term]).find(text)] == marked


def test_words_of_several_queries_are_marked_once() -> None:
    assert terms_of("wave sea kind:video", "sea -storm", "") == ("wave", "sea")


def test_what_was_measured_is_said_with_its_unit_and_a_language_by_its_name() -> None:
    words = Words("en")
    assert words.say("ui.trait.true_peak_dbtp") == "Peak"
    assert words.trait("true_peak_dbtp", "-1.2") == "-1.2 dBTP"
    assert [words.trait("language", code) for code in ("en", "zh", "?")] == ["English", "中文", "?"]


@pytest.mark.parametrize(
    ("term", "text", "shown"),
    [
        ("keeper", "# The keeper of\nthe lighthouse", "…keeper of the lighthouse"),
        ("the", "# The keeper of\nthe lighthouse", "The keeper of the lighthouse"),
        ("lamp", "Every evening, before the sun goes down, the lamp is lit.", "…lamp is lit."),
        ("lamp", "## Evening\n\nBefore #1 goes\n\n### The lamps", "…lamps"),
        ("灯塔", "每天傍晚，太阳落到海面以下之前，守塔人都要爬上灯塔", "…要爬上灯塔"),
        ("nowhere", "# Nothing of it\n## Is here", "Nothing of it Is here"),
    ],
)
def test_of_a_passage_is_shown_what_is_searched_for(term: str, text: str, shown: str) -> None:
    assert excerpt(text, Marker([term])) == shown


def test_a_tag_is_not_quoted_as_words_of_the_text(qapp: object) -> None:
    written = Moment(Whole(), Sense.WRITTEN, Layer.LINE, text="The lighthouse stands")
    tagged = Moment(Whole(), Sense.WRITTEN, Layer.LABEL, concept=Concept("own:L", "lighthouse", "灯塔"))
    english, chinese = Words("en"), Words("zh_CN")
    assert moments_line(english, [written, tagged]) == "2 moments · “The lighthouse stands”"
    assert moments_line(english, [tagged, written]) == "2 moments · tagged lighthouse"
    assert moments_line(english, [tagged] * 8) == "8 or more moments · tagged lighthouse", "no more are looked for"
    assert moments_line(chinese, [tagged]).endswith("标签：灯塔")
