from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import onnx
import pytest
from onnx.external_data_helper import convert_model_to_external_data

from media_assistant.errors import UserFixable
from media_assistant.inference.card import load_card
from media_assistant.inference.image_text import ImageText
from media_assistant.inference.onnx_files import external_files
from media_assistant.inference.verify import Verifier, sha256_of


@pytest.fixture
def hashed(make_clip: Callable[..., Path]) -> Path:
    folder = make_clip()
    names = ["onnx/vision_model.onnx", "onnx/text_model.onnx", "tokenizer.json"]
    return make_clip(sha256={name: sha256_of(folder / name) for name in names})


def code_of(verifier: Verifier, folder: Path, *, afresh: bool = False) -> str:
    try:
        verifier.check(load_card(folder), afresh=afresh)
    except UserFixable as fault:
        return fault.code
    return ""


def test_a_whole_model_passes_and_is_remembered(hashed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert code_of(Verifier(tmp_path / "user"), hashed) == ""

    def unexpected(file: Path) -> str:
        raise AssertionError(f"{file} was read again")

    monkeypatch.setattr("media_assistant.inference.verify.sha256_of", unexpected)
    assert code_of(Verifier(tmp_path / "user"), hashed) == ""
    with pytest.raises(AssertionError):
        code_of(Verifier(tmp_path / "user"), hashed, afresh=True)


def test_half_a_memory_of_a_killed_program_goes(hashed: Path, tmp_path: Path) -> None:
    assert code_of(Verifier(tmp_path / "user"), hashed) == ""
    (memory,) = (each for each in (tmp_path / "user").rglob("*") if each.is_file())
    left, in_work = memory.with_name(f".{'0' * 16}.tmp"), memory.with_name(f".{'1' * 16}.tmp")
    for draft in (left, in_work):
        draft.write_text("{")
    os.utime(left, (1e9, 1e9))
    assert code_of(Verifier(tmp_path / "user"), hashed, afresh=True) == ""
    assert {each.name for each in memory.parent.iterdir()} == {memory.name, in_work.name}


def test_promise_11_flipped_bytes_are_noticed(hashed: Path, tmp_path: Path) -> None:
    verifier = Verifier(tmp_path / "user")
    assert code_of(verifier, hashed) == ""
    file = hashed / "onnx" / "vision_model.onnx"
    whole = file.read_bytes()
    generator = random.Random(4)
    for _ in range(20):
        place = generator.randrange(len(whole))
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << generator.randrange(8)]) + whole[place + 1 :])
        assert code_of(verifier, hashed) == "model.broken"
    with pytest.raises(UserFixable, match="broken"):
        verifier.look(load_card(hashed))
    file.write_bytes(whole)
    assert code_of(verifier, hashed) == ""


@pytest.mark.parametrize("keep", [0, 1, 100])
def test_promise_11_a_truncated_file_without_a_hash_is_no_model(
    make_clip: Callable[..., Path], tmp_path: Path, keep: int
) -> None:
    folder = make_clip()
    file = folder / "onnx" / "text_model.onnx"
    file.write_bytes(file.read_bytes()[:keep])
    assert code_of(Verifier(tmp_path / "user"), folder) == "model.broken"


def test_promise_11_a_foreign_file_is_no_model(make_clip: Callable[..., Path], tmp_path: Path) -> None:
    folder = make_clip()
    (folder / "onnx" / "text_model.onnx").write_text("<html>404 not found</html>" * 40)
    assert code_of(Verifier(tmp_path / "user"), folder) == "model.broken"
    with pytest.raises(UserFixable) as caught:
        ImageText(load_card(folder))
    assert caught.value.code == "model.not_loadable"


def test_a_missing_file_is_named(hashed: Path, tmp_path: Path) -> None:
    (hashed / "tokenizer.json").unlink()
    with pytest.raises(UserFixable) as caught:
        Verifier(tmp_path / "user").check(load_card(hashed))
    assert caught.value.code == "model.file_missing"
    assert caught.value.parameters["file"] == "tokenizer.json"


def test_a_memory_that_cannot_be_written_or_read_does_no_harm(hashed: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert code_of(Verifier(tmp_path / "file"), hashed) == ""
    user = tmp_path / "user"
    user.mkdir()
    (user / ".kept").mkdir()
    (user / ".kept" / "checked.json").write_text("[1, 2")
    assert code_of(Verifier(user), hashed) == ""
    assert json.loads((user / ".kept" / "checked.json").read_text())


def with_external_weights(folder: Path, location: str) -> Path:
    file = folder / "onnx" / "vision_model.onnx"
    model = onnx.load(file)
    convert_model_to_external_data(model, location="weights.bin", size_threshold=0)
    onnx.save(model, file)
    for tensor in model.graph.initializer:
        for entry in tensor.external_data:
            if entry.key == "location":
                entry.value = location
    file.write_bytes(model.SerializeToString())
    return file


def test_external_weights_inside_the_folder_are_used(make_clip: Callable[..., Path], tmp_path: Path) -> None:
    folder = make_clip()
    file = with_external_weights(folder, "weights.bin")
    assert external_files(file) == {"weights.bin"}
    assert code_of(Verifier(tmp_path / "user"), folder) == ""
    (folder / "onnx" / "weights.bin").unlink()
    assert code_of(Verifier(tmp_path / "user"), folder) == "model.file_missing"


@pytest.mark.parametrize("location", ["../../../etc/passwd", "/etc/passwd", "..\\..\\x"])
def test_promise_11_external_weights_outside_are_refused(
    make_clip: Callable[..., Path], tmp_path: Path, location: str
) -> None:
    folder = make_clip()
    with_external_weights(folder, location)
    assert code_of(Verifier(tmp_path / "user"), folder) == "model.outside"


def test_the_protobuf_reader_agrees_with_onnx(material: Path) -> None:
    for file in sorted((material / "models").rglob("*.onnx")):
        assert external_files(file) == frozenset()


@contextlib.contextmanager
def as_nobody() -> Iterator[None]:
    """Root reads everything."""
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)


@pytest.mark.skipif(sys.platform == "win32", reason="files have no such rights there")
def test_an_unreadable_file_is_said(hashed: Path, tmp_path: Path) -> None:
    with tempfile.TemporaryDirectory() as place:  # whose way there is open to everybody
        Path(place).chmod(0o755)
        folder = Path(shutil.copytree(hashed, Path(place) / "model"))
        with as_nobody():
            assert code_of(Verifier(tmp_path / "user"), folder) == ""
        (folder / "tokenizer.json").chmod(0)
        with as_nobody():
            assert code_of(Verifier(tmp_path / "user"), folder) == "model.unreadable"
