"""Tool tips show what is written: names of files and what stands in them may look like HTML."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from PySide6.QtGui import QTextDocument

from media_assistant.ui.tips import LONGEST_TIP, plain_tip, short_tip
from media_assistant.ui.widgets.plain import ShortenedLabel

UI = Path(__file__).resolve().parents[2] / "media_assistant" / "ui"
PICTURE = '<img src="file:/dev/zero">.jpg'


@pytest.mark.parametrize(
    "text",
    ["a.jpg", PICTURE, f"of {PICTURE}\nand <b>more</b>  of it", "<b>&amp;</b> & co", "see &lt; x", "1 < 2 > 1", ""],
)
def test_a_tool_tip_shows_what_is_written(qapp: object, text: str) -> None:
    shown = QTextDocument()
    if plain_tip(text) == text:
        shown.setPlainText(text)
        assert "<img" not in text and "<b>" not in text
    else:
        shown.setHtml(plain_tip(text))
    assert shown.toPlainText() == text
    assert "\ufffc" not in shown.toPlainText(), "a picture"


def test_a_long_one_is_shortened_before_it_is_veiled(qapp: object) -> None:
    shown = QTextDocument()
    shown.setHtml(short_tip(PICTURE * 100))
    assert len(shown.toPlainText()) == LONGEST_TIP and shown.toPlainText().startswith(PICTURE)


def test_a_shortened_label_has_such_a_tip(qapp: object) -> None:
    label = ShortenedLabel()
    label.setText(PICTURE)
    assert (label.text(), label.toolTip()) == (PICTURE, plain_tip(PICTURE))
    assert label.toolTip() != PICTURE


def _is_safe(text: ast.expr) -> bool:
    """What the program says itself without putting anything in, or by the functions for it."""
    if not isinstance(text, ast.Call):
        return isinstance(text, ast.Constant)
    name = text.func.attr if isinstance(text.func, ast.Attribute) else getattr(text.func, "id", "")
    is_fixed = not text.keywords and all(isinstance(each, ast.Constant) for each in text.args)
    return name in ("plain_tip", "short_tip") or (name == "say" and is_fixed)


@pytest.mark.parametrize("module", sorted(UI.rglob("*.py")), ids=lambda path: str(path.relative_to(UI)))
def test_every_tool_tip_is_made_so(module: Path) -> None:
    source = module.read_text("utf-8")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            text = {"setToolTip": -1, "showText": 1}.get(node.func.attr)
            assert text is None or _is_safe(node.args[text]), f"{module}:{node.lineno}"
    if "ToolTipRole" in source:
        assert "plain_tip(" in source
