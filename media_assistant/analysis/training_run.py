"""A training from its plan on disk to a network on disk: pictures decoded once, learned from, exported.

The plan is a folder: `plan.json` (what shall be trained), `pictures-0.raw` and on (what was decoded for it), `state.pt` (where the
training stood after its last epoch) and `made/` with the network, once there is one. Killed anywhere, it goes on from there.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import logging
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from media_assistant.analysis.course_training_run import run_course_training
from media_assistant.errors import Cancelled, UserFixable, is_no_room, why_of
from media_assistant.items.kind import Kind
from media_assistant.items.sentence import Sentence
from media_assistant.items.training import Matter, Phase, TrainingReport
from media_assistant.media.registry import open_source
from media_assistant.media.source import Frame
from media_assistant.training.backbones import SIDE
from media_assistant.training.pictures import PART, KeptPictures, Pixels, keep_part

log = logging.getLogger(__name__)

PLAN, MADE, STATE = "plan.json", "made", "state.pt"
_PICTURES = "pictures.json"
_SPARE_BYTES = 256 << 20
_STATE_BYTES = 6
"""Bytes of a kept state for each byte of the weights: the network, its best, and two moments of each number."""


def run_training(
    folder: Path, weights: Path, tell: Callable[[Phase], None], should_stop: Callable[[], bool]
) -> tuple[TrainingReport, list[Sentence]]:
    """Train what the plan in `folder` asks for, from pictures with a backbone of these `weights`: they may lie elsewhere than
    when it was begun. Raises UserFixable("training.…") and Cancelled.
    """
    text = (folder / PLAN).read_text("utf-8")
    plan: dict[str, Any] = json.loads(text)
    if plan.get("matter", Matter.PICTURES) != Matter.PICTURES:
        return run_course_training(folder, plan, tell, should_stop)
    from media_assistant.training.exporting import export
    from media_assistant.training.fine_tuning import Wish, train

    digest = hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
    _check_room(folder, plan, digest, weights)
    pictures, taken, unreadable = decode_pictures(folder, plan, digest, tell, should_stop)
    wish = Wish(
        backbone=plan["backbone"],
        weights=weights,
        labels=tuple(plan["labels"]),
        classes=tuple(plan["items"][place]["class"] for place in taken),
        items=tuple(plan["items"][place]["item"] for place in taken),
        digest=f"{digest}:{len(taken)}",
        state_file=folder / STATE,
        epochs=plan["epochs"],
        seed=plan["seed"],
        threads=plan["threads"],
    )
    trained = train(pictures, wish, tell, should_stop)
    tell(Phase("export", 0, 1))
    (folder / MADE).mkdir(exist_ok=True)
    exported = export(
        trained.network, trained.feeder, trained.held_back, wish.classes, folder / MADE / "model.onnx", wish.threads
    )
    report = dataclasses.replace(
        trained.report, parity=exported.parity, speed_up=exported.speed_up, is_quantised=exported.is_quantised
    )
    if unreadable:
        trained.notes.append(Sentence("training.left_out", {"count": unreadable}))
    return report, trained.notes


def _check_room(folder: Path, plan: dict[str, Any], digest: str, weights: Path) -> None:
    """For what is not there yet: the pictures of a training that goes on lie there, and most of its state."""
    count = 0 if _decoded(folder, digest) else sum(len(item["at_ms"]) or 1 for item in plan["items"])
    pictures = max(0, count * SIDE * SIDE * 3 - _bytes_of(folder.glob("pictures-*.raw")))
    try:
        state = max(0, _STATE_BYTES * weights.stat().st_size - _bytes_of(folder.glob(STATE)))
    except OSError as fault:
        raise UserFixable("training.weights_unreadable", file=weights.name, reason=str(fault)) from fault
    needed, free = pictures + state + _SPARE_BYTES, shutil.disk_usage(folder).free
    if needed > free:
        raise UserFixable("training.no_room", needed_mb=-(-needed // 2**20), free_mb=free // 2**20)


def _bytes_of(files: Iterable[Path]) -> int:
    return sum(file.stat().st_size for file in files)


def decode_pictures(
    folder: Path, plan: dict[str, Any], digest: str, tell: Callable[[Phase], None], should_stop: Callable[[], bool]
) -> tuple[KeptPictures, list[int], int]:
    """(the pictures, the place in the plan's items that each is of, how many items gave none); from the disk where they
    were decoded before. Raises UserFixable("training.not_kept", "training.nothing_readable") and Cancelled.
    """
    if before := _decoded(folder, digest):
        return before
    said = folder / _PICTURES
    with _keeping():
        # Files that are written over one by one are those of no plan until they are whole.
        said.unlink(missing_ok=True)
    items = plan["items"]
    waiting: list[Pixels] = []
    taken: list[int] = []
    unreadable = parts = 0
    began = time.monotonic()
    for place, item in enumerate(items):
        if should_stop():
            raise Cancelled
        left_s = (time.monotonic() - began) / place * (len(items) - place) if place else None
        tell(Phase("pictures", place, len(items), left_s))
        try:
            found = _pictures_of(Path(item["path"]), Kind(item["kind"]), item["at_ms"])
        except UserFixable as fault:
            log.warning("%r is not learned from: %s", item["path"], fault)
            found = []
        unreadable += not found
        waiting += found
        taken += [place] * len(found)
        with _keeping():
            while len(waiting) >= PART:
                keep_part(folder, parts, waiting[:PART])
                parts, waiting = parts + 1, waiting[PART:]
    if not taken:
        raise UserFixable("training.nothing_readable")
    with _keeping():
        if waiting:
            keep_part(folder, parts, waiting)
        said.write_text(json.dumps({"digest": digest, "taken": taken, "unreadable": unreadable}), "utf-8")
    return KeptPictures(folder, len(taken)), taken, unreadable


def _decoded(folder: Path, digest: str) -> tuple[KeptPictures, list[int], int] | None:
    """As `decode_pictures`, where all of them were decoded for this plan before."""
    try:
        told = json.loads((folder / _PICTURES).read_text("utf-8"))
        if told["digest"] == digest:
            return KeptPictures(folder, len(told["taken"])), told["taken"], told["unreadable"]
    except (OSError, ValueError, KeyError):
        pass  # not decoded yet, or by a training that was killed while it wrote
    return None


@contextlib.contextmanager
def _keeping() -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        raise UserFixable("training.not_kept", why="system.ENOSPC" if is_no_room(fault) else why_of(fault)) from fault


def _pictures_of(path: Path, kind: Kind, at_ms: list[int]) -> list[Pixels]:
    """A photo, or a film's pictures at these times."""
    source = open_source(path, kind)
    try:
        if kind is Kind.PHOTO:
            at_ms = [0]
        return [_square(frame) for at in at_ms if (frame := source.frame_at(at)) is not None]
    finally:
        source.close()


def _square(frame: Frame) -> Pixels:
    """The middle of a picture whose short side is brought to SIDE: what the network will be fed later, too."""
    scale = SIDE / min(frame.width, frame.height)
    width, height = max(SIDE, round(frame.width * scale)), max(SIDE, round(frame.height * scale))
    # A panorama as narrow as a hair would become a picture as wide as a street.
    width, height = min(width, 16 * SIDE), min(height, 16 * SIDE)
    rgb = frame.rgb(width, height)
    left, top = (width - SIDE) // 2, (height - SIDE) // 2
    return np.ascontiguousarray(rgb[top : top + SIDE, left : left + SIDE])
