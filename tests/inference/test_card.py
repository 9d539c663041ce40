from __future__ import annotations

import os
import tomllib
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from media_assistant.errors import UserFixable
from media_assistant.inference import card as card_module
from media_assistant.inference.card import load_card
from media_assistant.inference.install import to_toml

FULL = """
id = "a"
task = "text-embedding"
session = "onnx"
languages = ["en", "zh"]
licence = "MIT"
model = "m.onnx"
space = "a-1"
dimension = 8
priority = 3
odd_key = "kept"
[thresholds]
related = 1
[sha256]
"m.onnx" = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
"""


def write(folder: Path, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "model.toml").write_text(text, encoding="utf-8")
    return folder


def refused(folder: Path) -> UserFixable:
    with pytest.raises(UserFixable) as caught:
        load_card(folder)
    return caught.value


def test_every_key_arrives_and_unknown_ones_are_kept(tmp_path: Path) -> None:
    card = load_card(write(tmp_path, FULL))
    assert (card.id, card.task, card.dimension, card.priority) == ("a", "text-embedding", 8, 3)
    assert card.extra == {"odd_key": "kept"}
    assert card.thresholds == {"related": 1.0}
    assert card.sha256["m.onnx"] == "a" * 64
    assert len(card.revision) == 12
    assert card.speaks("zh_CN")
    assert not card.speaks("fr")


@pytest.mark.parametrize("key", ["id", "task", "session", "languages", "licence", "model", "space", "dimension"])
def test_a_missing_key_is_named(tmp_path: Path, key: str) -> None:
    lines = [line for line in FULL.splitlines() if not line.startswith(f"{key} ")]
    fault = refused(write(tmp_path, "\n".join(lines)))
    assert fault.code == "model.card_incomplete"
    assert fault.parameters["keys"] == key


def test_two_towers_stand_for_one_model(tmp_path: Path) -> None:
    text = FULL.replace('model = "m.onnx"', 'image_model = "i.onnx"\ntext_model = "t.onnx"')
    assert load_card(write(tmp_path, text)).named_files()[:2] == ("i.onnx", "t.onnx")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('licence = "MIT"', "licence = 3"),
        ("dimension = 8", 'dimension = "8"'),
        ("priority = 3", "priority = true"),
        ('["en", "zh"]', '"en"'),
        ('id = "a"', 'id = "../a"'),
        ("AAAAAAAAAA", "zz"),
        ("related = 1", 'related = "x"'),
    ],
)
def test_a_value_of_the_wrong_kind_is_named(tmp_path: Path, old: str, new: str) -> None:
    assert refused(write(tmp_path, FULL.replace(old, new, 1))).code == "model.card_wrong"


@pytest.mark.parametrize("name", ["../x.onnx", "/etc/passwd", "C:\\x.onnx", "sub/../../x", "..\\x.onnx", "\\\\host\\x"])
def test_no_file_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    text = FULL.replace('model = "m.onnx"', f"model = '{name}'")
    assert refused(write(tmp_path, text)).code == "model.outside"
    hashed = FULL.replace('"m.onnx" = ', f"'{name}' = ")
    assert refused(write(tmp_path, hashed)).code == "model.outside"


def test_a_link_does_not_lead_out_either(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")
    folder = write(tmp_path / "m", FULL)
    (folder / "m.onnx").symlink_to(tmp_path / "secret")
    assert refused(folder).code == "model.outside"


def test_no_card_and_no_toml(tmp_path: Path) -> None:
    assert refused(tmp_path).code == "model.no_card"
    assert refused(write(tmp_path, "id = ")).code == "model.card_unreadable"
    (tmp_path / "model.toml").write_bytes(b"\xff\xfe\x00broken")
    assert refused(tmp_path).code == "model.card_unreadable"


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    table = {"id": 'x"\\y', "n": 3, "f": 0.5, "b": True, "l": ["a", "中文"], "t": {"a.b/c": "d\x7f\n", "k": 1}}
    import tomllib

    assert tomllib.loads(to_toml(table)) == table


def test_the_test_cards_load(material: Path) -> None:
    cards = [load_card(folder) for folder in sorted((material / "models").iterdir())]
    assert len(cards) >= 8
    assert all(card.sha256 and card.licence for card in cards)


def test_a_card_with_a_byte_order_mark(tmp_path: Path, make_clip: Callable[..., Path]) -> None:
    folder = make_clip()
    text = (folder / "model.toml").read_text("utf-8")
    (folder / "model.toml").write_text("\ufeff" + text, encoding="utf-8")
    assert load_card(folder).id == "tiny"


def test_a_card_is_parsed_again_only_where_it_changed(
    tmp_path: Path, make_clip: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The queue asks for the cards before every file: parsing them held up the other threads each time."""
    folder = make_clip()
    card = load_card(folder)
    parsed: list[str] = []

    def loads(text: str) -> dict[str, object]:
        parsed.append(text)
        return tomllib.loads(text)

    monkeypatch.setattr(card_module, "tomllib", SimpleNamespace(loads=loads))
    assert load_card(folder) == card and not parsed
    file = folder / "model.toml"
    told = file.stat()
    file.write_text(file.read_text("utf-8").replace('id = "tiny"', 'id = "tina"'), "utf-8")
    os.utime(file, ns=(told.st_atime_ns, told.st_mtime_ns))
    assert load_card(folder).id == "tina" and len(parsed) == 1
    moved = folder.rename(tmp_path / "elsewhere")
    assert load_card(moved).folder == moved
