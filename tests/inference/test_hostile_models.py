"""Model files are data: none is run, none leads out of its folder, and what is not the right one is never loaded."""

from __future__ import annotations

import ast
import io
import os
import pickle
import random
import shutil
import struct
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from media_assistant.errors import UserFixable
from media_assistant.inference.card import load_card
from media_assistant.inference.hardware import Hardware
from media_assistant.inference.models import Models
from media_assistant.inference.onnx_files import external_files
from media_assistant.inference.speech import Speech
from media_assistant.inference.store import ModelStore
from media_assistant.inference.verify import Verifier, sha256_of
from tests.inference.test_verify import code_of, with_external_weights

ROOT = Path(__file__).resolve().parents[2]
CPU_ALONE = Hardware(cores=2, memory_mb=8000, onnx_providers=("CPUExecutionProvider",), cuda_devices=0)


class Bait:
    """Whoever unpickles it writes a file."""

    def __init__(self, mark: Path) -> None:
        self._mark = mark

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self._mark,)


def pickled(mark: Path) -> bytes:
    return pickle.dumps(Bait(mark))


def torch_file(mark: Path) -> bytes:
    """As `torch.save` writes: a zip with a pickle in it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("archive/data.pkl", pickled(mark))
        archive.writestr("archive/version", "3\n")
    return out.getvalue()


def keras_file(_mark: Path) -> bytes:
    return b"\x89HDF\r\n\x1a\n" + bytes(500)


def safetensors_file(_mark: Path) -> bytes:
    head = b'{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'
    return struct.pack("<Q", len(head)) + head + bytes(4)


FOREIGN = (pickled, torch_file, keras_file, safetensors_file)


@pytest.mark.parametrize("make", FOREIGN, ids=lambda make: make.__name__)
def test_promise_11_a_pickle_is_refused_whatever_it_is_called(
    make_clip: Callable[..., Path], tmp_path: Path, make: Callable[[Path], bytes]
) -> None:
    mark = tmp_path / "unpickled"
    for name in ("onnx/vision_model.onnx", "onnx/text_model.onnx"):
        folder = make_clip(tmp_path / make.__name__ / name.replace("/", "-"))
        (folder / name).write_bytes(make(mark))
        assert code_of(Verifier(tmp_path / "user"), folder) == "model.broken"
        with pytest.raises(UserFixable) as caught:
            models_of(folder, tmp_path).image_text()
        assert caught.value.code == "model.broken"
    assert not mark.exists()


@pytest.mark.parametrize("name", ["weights.pt", "weights.bin", "weights.ckpt", "weights.pth", "weights.pkl"])
def test_promise_11_a_card_that_names_a_pickle_opens_nothing(
    make_clip: Callable[..., Path], tmp_path: Path, name: str
) -> None:
    mark = tmp_path / "unpickled"
    folder = make_clip(image_model=name)
    (folder / name).write_bytes(torch_file(mark))
    with pytest.raises(UserFixable) as caught:
        models_of(folder, tmp_path).image_text()
    assert caught.value.code in ("model.broken", "model.not_loadable")
    assert not mark.exists()


@pytest.mark.parametrize("make", [pickled, torch_file, lambda _mark: b"", lambda _mark: bytes(range(256)) * 40])
def test_promise_11_weights_of_speech_that_are_something_else_are_said(
    material: Path, tmp_path: Path, make: Callable[[Path], bytes]
) -> None:
    mark = tmp_path / "unpickled"
    folder = tmp_path / "speech"
    shutil.copytree(material / "models" / "asr-whisper-digits", folder)
    for file in (folder, *folder.iterdir()):
        file.chmod(0o755)
    (folder / "model.bin").write_bytes(make(mark))
    assert code_of(Verifier(tmp_path / "user"), folder) == "model.broken"
    # Without a hash the library that reads it is the last to know, and it says so.
    card = folder / "model.toml"
    card.write_text(card.read_text("utf-8").partition("[sha256]")[0], "utf-8")
    with pytest.raises(UserFixable) as caught:
        Speech(load_card(folder)).transcribe(np.zeros(16_000, np.float32))
    assert caught.value.code == "model.not_loadable"
    assert not mark.exists()


def test_promise_11_every_cut_and_turned_byte_of_a_graph_is_recognised_by_its_hash(
    make_clip: Callable[..., Path], tmp_path: Path
) -> None:
    folder = make_clip()
    file = folder / "onnx" / "text_model.onnx"
    whole = file.read_bytes()
    make_clip(folder, sha256={"onnx/text_model.onnx": sha256_of(file)})
    dice = random.Random(11)
    wrong = [whole[:at] for at in (0, 1, len(whole) // 2, len(whole) - 1)] + [whole + b"\0", whole[1:]]
    for _ in range(20):
        data = bytearray(whole)
        data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
        wrong.append(bytes(data))
    for data in wrong:
        file.write_bytes(data)
        assert code_of(Verifier(tmp_path / "user"), folder, afresh=True) == "model.broken"
        with pytest.raises(UserFixable) as caught:
            models_of(folder, tmp_path).image_text()
        assert caught.value.code == "model.broken"
    file.write_bytes(whole)
    assert models_of(folder, tmp_path).image_text().space


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right there")
@pytest.mark.parametrize("name", ["onnx/weights.bin", "onnx/text_model.onnx", "tokenizer.json", "onnx"])
def test_promise_11_a_link_out_of_the_folder_is_not_followed(
    make_clip: Callable[..., Path], tmp_path: Path, name: str
) -> None:
    folder = make_clip()
    with_external_weights(folder, "weights.bin")
    outside = tmp_path / "outside"
    shutil.move(folder / name, outside)
    (folder / name).symlink_to(outside)
    with pytest.raises(UserFixable) as caught:
        models_of(folder, tmp_path).image_text()
    # A card that leads out is no card, and its model is none.
    assert caught.value.code in ("model.outside", "model.missing")


@pytest.mark.parametrize(
    "name", ["../outside.onnx", "/etc/passwd", "..\\outside.onnx", "C:\\outside.onnx", "a/../../b", "\0"]
)
def test_promise_11_a_card_names_no_file_outside_its_folder(
    make_clip: Callable[..., Path], tmp_path: Path, name: str
) -> None:
    for key in ("image_model", "text_model", "tokenizer", "preprocessor", "labels"):
        folder = make_clip(tmp_path / f"{key}{abs(hash(name))}", **{key: name})
        with pytest.raises(UserFixable) as caught:
            load_card(folder)
        assert caught.value.code in ("model.outside", "model.card_unreadable")


def test_promise_11_a_graph_in_graphs_is_refused_in_time(tmp_path: Path) -> None:
    inner = b""
    for _ in range(400):  # Graph 1 is Node, Node 5 is Attribute, Attribute 6 is Graph
        for field in (6, 5, 1):
            length = len(inner)
            size = bytes((length & 0x7F | 0x80, length >> 7 & 0x7F | 0x80, length >> 14)) if length else b"\0"
            inner = bytes((field << 3 | 2,)) + size + inner
    file = tmp_path / "a.onnx"
    length = len(inner)
    file.write_bytes(b"\x3a" + bytes((length & 0x7F | 0x80, length >> 7 & 0x7F | 0x80, length >> 14)) + inner)
    with pytest.raises(ValueError, match="deep"):
        external_files(file)


def test_promise_11_nothing_here_can_unpickle() -> None:
    """No module of the program imports what runs code out of a file; NumPy and torch are told not to."""
    everywhere = {"pickle", "marshal", "shelve", "joblib", "dill", "cloudpickle", "runpy"}
    for file in (ROOT / "media_assistant").rglob("*.py"):
        forbidden = everywhere if file.parent.name == "training" else everywhere | {"torch"}
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not forbidden & {name.partition(".")[0] for name in names}, file
            if isinstance(node, ast.keyword) and node.arg == "allow_pickle":
                assert isinstance(node.value, ast.Constant) and node.value.value is False, file
            if isinstance(node, ast.keyword) and node.arg == "weights_only":
                assert isinstance(node.value, ast.Constant) and node.value.value is True, file
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("np.load", "numpy.load"):
                assert "allow_pickle" in [each.arg for each in node.keywords], file
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("torch.load", "self._torch.load"):
                assert "weights_only" in [each.arg for each in node.keywords], file


def models_of(folder: Path, tmp_path: Path) -> Models:
    """The program's way to a network: found in a folder, checked, loaded."""
    nowhere = tmp_path / "nowhere"
    store = ModelStore([folder], tmp_path / f"user {os.urandom(4).hex()}", nowhere, nowhere / "catalogue.toml")
    return Models(store, CPU_ALONE)
