"""What comes of a model that arrives."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from media_assistant.errors import UserFixable
from media_assistant.inference.install import to_toml
from media_assistant.paths import find_paths
from media_assistant.workflows.search.liking import OutsideExamples
from tests.inference.conftest import CARD
from tests.inference.graphs import text_tower, write_tokenizer
from tests.stress.killing.prepared import make_picture_model
from tests.workflows.engine import BRISK, open_assistant


def spaces_of(analyser: str) -> set[str]:
    with sqlite3.connect(find_paths().library) as connection:
        query = "SELECT DISTINCT space FROM vectors JOIN runs ON runs.id = run_id WHERE analyser = ?"
        found = {str(space) for (space,) in connection.execute(query, (analyser,))}
    connection.close()
    return found


def make_text_model(folder: Path, **more: object) -> Path:
    """One whose vectors mean nothing, in a space of its own."""
    text_tower(folder / "model.onnx", names=("input_ids", "attention_mask"), out="last_hidden_state", rank=3)
    write_tokenizer(folder / "tokenizer.json")
    name = folder.name
    card = {"id": name, "task": "text-embedding", "session": "onnx", "languages": ["en"], "licence": "MIT"}
    card |= {"model": "model.onnx", "tokenizer": "tokenizer.json", "space": f"{name}-space", "dimension": 16}
    (folder / "model.toml").write_text(to_toml(card | more), "utf-8")
    return folder


def test_of_several_models_what_is_here_is_passed_over_and_what_came_before_a_fault_is_used(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("A red dog looks at the sky. The photo of the cat is blue and green.")
    stick = tmp_path / "stick"
    here = make_text_model(stick / "1-here")
    make_text_model(stick / "2-new")
    make_text_model(stick / "3-broken", sha256={"model.onnx": "0" * 64})
    assistant = open_assistant(settings=BRISK)
    try:
        assistant.import_paths([tmp_path / "note.txt"]).result(60)
        assistant.import_model_folder(here).result(60)
        assistant.when_idle().result(120)
        with pytest.raises(UserFixable) as caught:
            assistant.import_model_folder(stick).result(60)
        assert caught.value.code == "model.broken"
        assistant.when_idle().result(120)
        assert {"1-here-space", "2-new-space"} <= spaces_of("words")
    finally:
        assistant.close()


def test_a_file_outside_is_looked_at_again_by_a_model_that_came_since(tmp_path: Path) -> None:
    outside = tmp_path / "note.txt"
    outside.write_text("A red dog looks at the sky. The photo of the cat is blue and green.")
    assistant = open_assistant(works=False)
    try:
        portrait, examples = (
            assistant.similarity.portrait,
            OutsideExamples(assistant.similarity.portrait, assistant.similarity.understood_by),
        )
        before = portrait(outside)
        assert portrait(outside) is before is examples.get(outside, 60)
        assistant.import_model_folder(make_text_model(tmp_path / "little")).result()
        after = portrait(outside)
        assert examples.get(outside, 60) is after
        assert after.vectors.keys() == before.vectors.keys() | {"little-space"}
        assistant.remove_model("little").result()
        assert portrait(outside).vectors.keys() == before.vectors.keys()
    finally:
        assistant.close()


def test_texts_that_were_read_already_get_a_place_in_the_space_of_a_new_model(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("A red dog looks at the sky. The photo of the cat is blue and green.")
    folder = make_text_model(tmp_path / "little")
    assistant = open_assistant()
    try:
        assistant.import_paths([tmp_path / "note.txt"]).result()
        assistant.when_idle().result(120)
        before = spaces_of("words")
        assert before
        assistant.import_model_folder(folder).result()
        assistant.when_idle().result(120)
        assert spaces_of("words") == before | {"little-space"}
    finally:
        assistant.close()


def test_pictures_are_found_by_the_network_that_saw_them_until_a_better_one_has(
    tmp_path: Path, home: Path, samples: Path
) -> None:
    better = tmp_path / "better"
    for priority, folder in enumerate((home / "data" / "models" / "tiny", better)):
        make_picture_model(folder)
        card = CARD | {"id": folder.name, "space": f"{folder.name}-space", "priority": priority}
        (folder / "model.toml").write_text(to_toml(card), "utf-8")
    assistant = open_assistant(settings=BRISK)
    try:
        assistant.import_paths([samples / "balloon.jpg"]).result(60)
        assistant.when_idle().result(120)
        assert spaces_of("sights") == {"tiny-space"}
        assistant.pause().result(30)
        assistant.import_model_folder(better).result(60)
        assert {"tiny-space", "better-space"} <= set(assistant._embedder(["red dog"]))
        assistant.resume().result(30)
        assistant.when_idle().result(120)
        assert spaces_of("sights") == {"better-space"}
        spaces = set(assistant._embedder(["red dog"]))
        assert "better-space" in spaces and "tiny-space" not in spaces
    finally:
        assistant.close()
