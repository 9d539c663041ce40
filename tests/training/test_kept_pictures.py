"""Pictures that are learned from are decoded once and kept in files of a size that a worker may write."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from media_assistant.analysis import training_run
from media_assistant.analysis.training_run import decode_pictures
from media_assistant.errors import UserFixable
from media_assistant.jobs import limits
from media_assistant.training import pictures
from media_assistant.training.backbones import SIDE

GREYS = (10, 60, 110, 160, 210)


@pytest.fixture
def plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Five photos, and files of two pictures each."""
    for module in (training_run, pictures):
        monkeypatch.setattr(module, "PART", 2)
    items = []
    for grey in GREYS:
        path = tmp_path / f"{grey}.png"
        Image.new("RGB", (SIDE, SIDE), (grey, grey, grey)).save(path)
        items.append({"path": str(path), "kind": "photo", "at_ms": []})
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
