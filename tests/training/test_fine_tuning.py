"""A network is trained for real where torch is installed (`pip install .[train]`); what needs no torch is tested always."""

from __future__ import annotations

import errno
import hashlib
import os
import pickle
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from media_assistant.errors import Cancelled, UserFixable
from media_assistant.items.training import Part, Phase
from media_assistant.training import checkpoints
from media_assistant.training.backbones import SIDE, build, check_weights, find_backbone, find_weights
from media_assistant.training.parting import part_items
from media_assistant.training.torch_parts import load, missing_parts

needs_torch = pytest.mark.skipif(bool(missing_parts()), reason="the extra `train` is not installed")


def test_parts_keep_an_item_together_and_every_label_is_held_back() -> None:
    labels = [0] * 30 + [1] * 12
    items = [number // 3 for number in range(30)] + [100 + number // 2 for number in range(12)]
    parts = part_items(labels, items, seed=3)
    for item in set(items):
        assert len({part for part, its in zip(parts, items, strict=True) if its == item}) == 1
    for label in (0, 1):
        there = Counter(part for part, its in zip(parts, labels, strict=True) if its == label)
        assert set(there) == set(Part)
        assert there[Part.LEARN] > there[Part.HELD_BACK]
    assert part_items(labels, items, seed=3) == parts
    assert part_items(labels, items, seed=4) != parts


def test_of_three_one_is_held_back_and_of_two_none() -> None:
    parts = part_items([0, 0, 0, 1, 1], [1, 2, 3, 4, 5], seed=1)
    assert Counter(parts[:3]) == {Part.LEARN: 2, Part.HELD_BACK: 1}
    assert parts[3:] == [Part.LEARN, Part.LEARN]


def test_weights_are_found_by_name_and_known_by_their_hash(tmp_path: Path) -> None:
    digits = hashlib.sha256(b"weights").hexdigest()[:8]
    right, wrong = tmp_path / f"resnet18-{digits}.pth", tmp_path / ".backbones" / "mobilenet_v2-00000000.pth"
    wrong.parent.mkdir()
    right.write_bytes(b"weights")
    wrong.write_bytes(b"weights")
    assert find_weights("resnet18", [tmp_path / "none", tmp_path]) == right
    assert find_weights("mobilenet_v2", [tmp_path]) == wrong
    assert find_weights("mobilenet_v3_small", [tmp_path]) is None
    check_weights(right)
    with pytest.raises(UserFixable) as fault:
        check_weights(wrong)
    assert fault.value.code == "training.weights_broken"
    with pytest.raises(UserFixable, match="unknown_backbone"):
        find_backbone("vgg")


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backbone that has seen nothing: enough to tell colours apart, and quickly made."""
    torch, torchvision = load()
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("weights")
    torch.save(torchvision.models.mobilenet_v3_small(weights=None).state_dict(), folder / "new.pth")
    digits = hashlib.sha256((folder / "new.pth").read_bytes()).hexdigest()[:8]
    return (folder / "new.pth").rename(folder / f"mobilenet_v3_small-{digits}.pth")


def colours(count: int) -> tuple[np.ndarray[Any, np.dtype[np.uint8]], tuple[int, ...]]:
    """Reddish and bluish noise, one after the other."""
    drawn = np.random.default_rng(0)
    pictures = drawn.integers(0, 90, (count, SIDE, SIDE, 3), np.uint8)
    classes = tuple(number % 2 for number in range(count))
    for number, its in enumerate(classes):
        pictures[number, :, :, 2 * its] += 150
    return pictures, classes


def wish_for(weights: Path, folder: Path, classes: tuple[int, ...], **others: Any) -> Any:
    from media_assistant.training.fine_tuning import Wish

    given = {"digest": "one", "state_file": folder / "state.pt", "epochs": 2, "batch": 8, "device": "cpu", **others}
    return Wish("mobilenet_v3_small", weights, ("red", "blue"), classes, tuple(range(len(classes))), **given)


@needs_torch
def test_colours_are_learned_exported_and_the_same_in_onnx_runtime(weights: Path, tmp_path: Path) -> None:
    from media_assistant.training.exporting import PARITY, export
    from media_assistant.training.fine_tuning import train

    pictures, classes = colours(32)
    told: list[Phase] = []
    made = train(pictures, wish_for(weights, tmp_path, classes), told.append, bool)
    assert made.report.accuracy == 1.0
    assert made.report.guess_accuracy == 0.5
    assert {phase.name for phase in told} >= {"head", "network"}
    assert sum(made.report.counts.values()) == 32
    exported = export(made.network, made.feeder, made.held_back, classes, tmp_path / "model.onnx", 1)
    assert exported.parity <= PARITY
    assert [file.name for file in tmp_path.glob("*.onnx")] == ["model.onnx"]


@needs_torch
def test_a_stopped_training_goes_on_and_one_for_other_pictures_begins_anew(weights: Path, tmp_path: Path) -> None:
    from media_assistant.training.fine_tuning import train

    pictures, classes = colours(16)
    told: list[Phase] = []

    def stop_in_the_second_round() -> bool:
        return bool(told) and told[-1].name == "network" and told[-1].step == 1

    with pytest.raises(Cancelled):
        train(pictures, wish_for(weights, tmp_path, classes), told.append, stop_in_the_second_round)
    told.clear()
    gone_on = train(pictures, wish_for(weights, tmp_path, classes), told.append, bool).report
    assert gone_on.is_resumed and gone_on.epochs == 2
    assert told[0].name == "network" and told[0].step == 1
    assert not train(pictures, wish_for(weights, tmp_path, classes, digest="two"), told.append, bool).report.is_resumed


@needs_torch
def test_what_cannot_be_trained_is_said(weights: Path, tmp_path: Path) -> None:
    from media_assistant.training.fine_tuning import train

    pictures, classes = colours(6)
    with pytest.raises(UserFixable, match=r"training\.too_few"):
        train(pictures, wish_for(weights, tmp_path, classes), lambda _: None, bool)
    pictures, classes = colours(16)
    broken = tmp_path / f"mobilenet_v3_small-{hashlib.sha256(b'no').hexdigest()[:8]}.pth"
    broken.write_bytes(b"no")
    with pytest.raises(UserFixable, match=r"training\.weights_unreadable"):
        train(pictures, wish_for(broken, tmp_path, classes), lambda _: None, bool)


@needs_torch
@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is always full")
def test_a_full_disk_keeps_what_was_kept_before(tmp_path: Path) -> None:
    torch, _ = load()
    file = tmp_path / "state.pt"
    checkpoints.save(torch, file, {"plan": "one", "epoch": 1})
    file.with_suffix(".new").symlink_to("/dev/full")
    with pytest.raises(UserFixable, match=r"training\.not_kept"):
        checkpoints.save(torch, file, {"plan": "one", "epoch": 2, "much": torch.zeros(1_000_000)})
    kept = checkpoints.load(torch, file, "one")
    assert kept is not None and kept["epoch"] == 1
    assert checkpoints.load(torch, file, "two") is None


def torch_that_raises(fault: Exception) -> Any:
    """As much of PyTorch as reading a file asks for."""

    def cannot(*_words: object, **_named: object) -> object:
        raise fault

    return SimpleNamespace(load=cannot, OutOfMemoryError=type("OutOfMemoryError", (RuntimeError,), {}))


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (MemoryError(), "system.ENOMEM"),
        (OSError(errno.EIO, "Input/output error"), "system.EIO"),
        (
            RuntimeError("[enforce fail at alloc_cpu.cpp:117] err == 0. DefaultCPUAllocator: can't allocate"),
            "system.ENOMEM",
        ),
    ],
)
def test_what_cannot_be_read_just_now_is_not_thrown_away(tmp_path: Path, fault: Exception, why: str) -> None:
    file = tmp_path / "state.pt"
    file.write_bytes(b"hours of work")
    with pytest.raises(UserFixable) as said:
        checkpoints.load(torch_that_raises(fault), file, "one")
    assert (said.value.code, said.value.parameters["why"]) == ("training.kept_unread", why)
    assert file.read_bytes() == b"hours of work"
    weights = tmp_path / f"mobilenet_v3_small-{hashlib.sha256(b'weights').hexdigest()[:8]}.pth"
    weights.write_bytes(b"weights")
    body = SimpleNamespace(load_state_dict=None)
    torchvision = SimpleNamespace(models=SimpleNamespace(get_model=lambda _name, weights: body))
    with pytest.raises(UserFixable) as said:
        build(torch_that_raises(fault), torchvision, "mobilenet_v3_small", weights, 2)
    assert (said.value.code, said.value.parameters["reason"]) == ("training.weights_unreadable", why)


def test_what_was_kept_and_is_no_state_is_put_aside(tmp_path: Path) -> None:
    file = tmp_path / "state.pt"
    file.write_bytes(b"no state")
    assert checkpoints.load(torch_that_raises(pickle.UnpicklingError("no state")), file, "one") is None
    assert not file.exists()
    assert [each.read_bytes() for each in tmp_path.iterdir()] == [b"no state"]
