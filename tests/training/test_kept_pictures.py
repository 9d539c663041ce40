"""Pictures that are learned from are decoded once and kept in files of a size that a worker may write."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

from media_assistant.analysis import training_run
from media_assistant.analysis.training_run import decode_pictures, run_training
from media_assistant.errors import Cancelled, UserFixable
from media_assistant.jobs import limits
from media_assistant.training import fine_tuning, pictures
from media_assistant.training.backbones import SIDE

GREYS = (10, 60, 110, 160, 210)


@pytest.fixture
def plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Five photos, and files of two pictures each."""
    for module in (training_run, pictures):
        monkeypatch.setattr(module, "PART", 2)
    return plan_of(tmp_path, GREYS)


def plan_of(folder: Path, greys: tuple[int, ...]) -> dict[str, Any]:
    items = []
    for number, grey in enumerate(greys):
        path = folder / f"{grey}.png"
        Image.new("RGB", (SIDE, SIDE), (grey, grey, grey)).save(path)
        items.append({"path": str(path), "kind": "photo", "at_ms": [], "item": number, "class": number % 2})
    return {"items": items}


def decode(folder: Path, plan: dict[str, Any], digest: str = "one") -> tuple[pictures.KeptPictures, list[int], int]:
    return decode_pictures(folder, plan, digest, lambda _: None, bool)


def test_a_part_is_less_than_a_worker_may_write() -> None:
    assert pictures.PART * SIDE * SIDE * 3 < limits._LARGEST_FILE


@pytest.mark.skipif(sys.platform == "win32", reason="there a file may be of any size")
def test_more_pictures_than_a_file_may_hold_are_kept(tmp_path: Path, plan: dict[str, Any]) -> None:
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2 * SIDE * SIDE * 3 + 200, hard))
    try:
        decode(tmp_path, plan)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    # Found again on the disk, with no photo left.
    for item in plan["items"]:
        Path(item["path"]).unlink()
    kept, taken, unreadable = decode(tmp_path, plan)
    assert (taken, unreadable) == ([0, 1, 2, 3, 4], 0)
    assert [int(kept[row].mean()) for row in range(5)] == list(GREYS)
    some = kept[[4, 0, 3]]
    assert some.shape == (3, SIDE, SIDE, 3)
    assert some.mean((1, 2, 3)).astype(int).tolist() == [210, 10, 160]
    with pytest.raises(UserFixable, match=r"training\.nothing_readable"):
        decode(tmp_path, plan, "another plan")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is always full")
def test_a_full_disk_is_said(tmp_path: Path, plan: dict[str, Any]) -> None:
    (tmp_path / "pictures-1.raw").symlink_to("/dev/full")
    with pytest.raises(UserFixable) as fault:
        decode(tmp_path, plan)
    assert (fault.value.code, fault.value.parameters) == ("training.not_kept", {"why": "system.ENOSPC"})


def test_no_plan_is_given_the_pictures_of_another(tmp_path: Path, plan: dict[str, Any]) -> None:
    decode(tmp_path, plan)
    told: list[object] = []
    others = plan_of(tmp_path, (30, 35, 40, 45, 50))
    with pytest.raises(Cancelled):
        decode_pictures(tmp_path, others, "another", told.append, lambda: len(told) == 4)
    kept, _, _ = decode(tmp_path, plan)
    assert [int(kept[row].mean()) for row in range(5)] == list(GREYS)


def test_what_is_there_already_needs_no_room(
    tmp_path: Path, plan: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, weights = tmp_path / "training", tmp_path / "weights.pth"
    folder.mkdir()
    weights.write_bytes(bytes(1000))
    Path(plan["items"][3]["path"]).unlink()  # what cannot be read will not be written the next time either
    settings = {"backbone": "resnet18", "labels": ["own:Rex", ""], "epochs": 1, "seed": 1, "threads": 1}
    (folder / "plan.json").write_text(json.dumps({**plan, **settings}), "utf-8")
    room = 5 * SIDE * SIDE * 3 + 6 * 1000 + (256 << 20)

    def usage(_folder: Path) -> SimpleNamespace:
        there = [*folder.glob("pictures-*.raw"), *folder.glob("state.pt")]
        return SimpleNamespace(free=room - sum(file.stat().st_size for file in there))

    def stop(*_: object) -> None:
        (folder / "state.pt").write_bytes(bytes(4000))
        raise Cancelled

    monkeypatch.setattr(shutil, "disk_usage", usage)
    monkeypatch.setattr(fine_tuning, "train", stop)
    for _ in range(2):
        with pytest.raises(Cancelled):
            run_training(folder, weights, lambda _: None, bool)
    # Half of it decoded, by a training that was killed.
    (folder / "pictures.json").unlink()
    (folder / "pictures-1.raw").unlink()
    with pytest.raises(Cancelled):
        run_training(folder, weights, lambda _: None, bool)
    room -= 1
    (folder / "pictures.json").unlink()
    with pytest.raises(UserFixable, match=r"training\.no_room"):
        run_training(folder, weights, lambda _: None, bool)
