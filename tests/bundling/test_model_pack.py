"""A model pack: what may be in it, and that it comes in whole or not at all."""

from __future__ import annotations

import json
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from media_assistant.errors import UserFixable
from media_assistant.inference.card import load_card
from media_assistant.inference.install import to_toml
from media_assistant.inference.model_pack import LIST, import_pack, packs_in, read_pack
from media_assistant.inference.store import State
from media_assistant.paths import carried_folders, find_paths
from media_assistant.workflows.models import installing
from media_assistant.workflows.models.installing import find_pack, import_folder, open_store

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "build"))

from bundling import model_pack

from tests.inference.strange_zips import (
    squeezed_with_nonsense,
    with_a_name_that_is_none,
    with_a_password,
    with_a_place_before_its_start,
    with_a_table_of_gigabytes,
)


def make_model(folder: Path, licence: str, task: str = "image-classification") -> Path:
    folder.mkdir(parents=True)
    (folder / "weights.bin").write_bytes(folder.name.encode() * 1000)
    card = {"id": folder.name, "task": task, "session": "own", "languages": ["*"], "licence": licence}
    (folder / "model.toml").write_text(to_toml({**card, "model": "weights.bin"}), "utf-8")
    return folder


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    carried = tmp_path / "carried"
    for name, licence in (("sights", "Apache-2.0"), ("sounds", "MIT (someone)"), ("secret", "CC BY-NC-SA 4.0")):
        make_model(carried / name, licence, "audio-tagging" if name == "sounds" else "image-classification")
    made, refused = model_pack.make(tmp_path, "9", [str(carried)])
    assert made is not None and [line.partition(":")[0] for line in refused] == ["secret"]
    return made


def code_of(work: Callable[[], object]) -> str:
    with pytest.raises(UserFixable) as caught:
        work()
    return caught.value.code


def test_only_what_may_be_passed_on_is_packed_with_its_licences(pack: Path) -> None:
    assert [(one.id, one.task) for one in read_pack(pack)] == [
        ("sights", "image-classification"),
        ("sounds", "audio-tagging"),
    ]
    with zipfile.ZipFile(pack) as archive:
        assert "Apache License" in archive.read("sights/LICENCE.txt").decode()
        assert "free of charge" in archive.read("sounds/LICENCE.txt").decode()
        assert not any("secret" in name for name in archive.namelist())
    for may in ("MIT", "Apache-2.0 (vision), CC BY 4.0 (text)", "BSD-3-Clause", "CC BY-SA 4.0"):
        assert model_pack.refusal(may) == "" and all(file.is_file() for file in model_pack.texts_of(may)), may
    for may_not in ("", "unknown", "CC-BY-NC-4.0", "MIT for research use only", "Llama 3 Community License", "yours"):
        assert model_pack.refusal(may_not), may_not


def test_a_pack_is_found_brings_what_is_missing_and_mends_what_is_broken(pack: Path, home: Path) -> None:
    paths = find_paths()
    store = open_store(paths)
    downloads = carried_folders()[-1]
    assert find_pack(store, carried_folders()) is None
    downloads.mkdir()
    (downloads / "media-assistant-models-8.zip").write_bytes(b"half a pack")
    there = downloads / pack.name
    there.write_bytes(pack.read_bytes())
    assert packs_in(carried_folders())[0] == there
    found = find_pack(store, carried_folders())
    assert found is not None and found.file == there and found.tasks == ("image-classification", "audio-tagging")
    steps: list[tuple[int, int]] = []
    import_folder(store, downloads, progress=lambda done, total: steps.append((done, total)))
    assert {one.id for one in read_pack(pack)} <= {state.id for state in store.states() if state.state is State.READY}
    assert steps[-1][0] == steps[-1][1] > 0
    assert load_card(paths.user_models / "sounds").sha256 and find_pack(store, carried_folders()) is None
    (paths.user_models / "sights" / "weights.bin").unlink()
    import_folder(store, there)
    assert (paths.user_models / "sights" / "weights.bin").read_bytes() == b"sights" * 1000


def test_a_pack_that_is_not_right_brings_nothing(pack: Path, tmp_path: Path) -> None:
    user = tmp_path / "user"

    def taken(change: Callable[[str, bytes], tuple[str, bytes] | None]) -> str:
        other = tmp_path / "other.zip"
        with zipfile.ZipFile(pack) as old, zipfile.ZipFile(other, "w") as new:
            for name in old.namelist():
                if kept := change(name, old.read(name)):
                    new.writestr(*kept)
        code = code_of(lambda: import_pack(other, user, ["sounds"]))
        assert not (user / "sights").exists() and not list(tmp_path.rglob("outside*"))
        return code

    def said(**changes: object) -> Callable[[str, bytes], tuple[str, bytes]]:
        """Another list of what is inside."""

        def change(name: str, data: bytes) -> tuple[str, bytes]:
            if name != LIST:
                return name, data
            told = json.loads(data)
            told["models"][0] |= changes
            return name, json.dumps(told).encode()

        return change

    half = tmp_path / "half.zip"
    half.write_bytes(pack.read_bytes()[:-100])
    assert code_of(lambda: import_pack(half, user, [])) == "model.pack_half"
    for damage in (
        with_a_password,
        with_a_name_that_is_none,
        squeezed_with_nonsense,
        with_a_place_before_its_start,
        with_a_table_of_gigabytes,
    ):
        assert code_of(lambda damage=damage: import_pack(damage(pack, half), user, [])) == "model.pack_half"
        (tmp_path / "media-assistant-models-99.zip").write_bytes(half.read_bytes())
        found = find_pack(open_store(find_paths()), [tmp_path])
        assert found is not None and found.file == pack, "it is passed over"
        assert installing._pack_in(tmp_path) == pack
    for size in (float("inf"), float("nan"), "5", True, -1, 1.5, 10**400):
        assert taken(said(size_bytes=size)) == "model.pack_half"
    assert taken(said(task=["music"])) == "model.pack_half"
    assert taken(lambda name, data: (name, b"[" * 100_000 if name == LIST else data)) == "model.pack_half"

    def without_hashes(name: str, data: bytes) -> tuple[str, bytes]:
        return name, b"sha256 = 7\n" + data.partition(b"[sha256]")[0] if name == "sights/model.toml" else data

    assert taken(without_hashes) == "model.pack_half"
    swollen = (1 << 20) + 10_000
    assert (
        taken(lambda name, data: (name, bytes(swollen) if name == "sights/weights.bin" else data)) == "model.pack_half"
    )
    assert taken(lambda name, data: None if name == LIST else (name, data)) == "model.pack_not_one"
    assert taken(lambda name, data: (name, data[:-1] if name == "sights/weights.bin" else data)) == "model.broken"
    assert taken(lambda name, data: None if name == "sights/weights.bin" else (name, data)) == "model.file_missing"
    assert taken(lambda name, data: None if name == "sights/model.toml" else (name, data)) == "model.pack_half"
    assert (
        taken(lambda name, data: ("sights/../outside" if name == "sights/LICENCE.txt" else name, data))
        == "model.outside"
    )
    outside = json.dumps({"models": [{"id": "../x", "task": "", "licence": "", "size_bytes": 1}]}).encode()
    assert taken(lambda name, data: (name, outside if name == LIST else data)) == "model.pack_half"
