"""Words in a picture: PP-OCR detection and recognition as they come inside the rapidocr wheel (Apache-2.0).

Looking for writing costs in proportion to the picture's area, and most pictures have none. So it is looked for in a
picture of moderate size first; only where that shows small writing, or a hint of some, the whole is looked through
again. What is found is always read from the whole.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from media_assistant.errors import UserFixable
from media_assistant.inference.hardware import CPU
from media_assistant.inference.onnx_faults import FAULTS
from media_assistant.items.sentence import Sentence
from media_assistant.items.span import Box

_FIRST_LOOK_PX = 600_000
_LARGEST_ENLARGEMENT = 1.6
"""Writing of ten pixels is found in a picture that is enlarged so much, not in itself."""
_HINT, _SURE = 0.4, 0.5
"""The detector's mean probability in a box: worth a second look, and writing."""
_TEXTURE_PX = 8
"""Lower boxes in the first look are grass, hair and water; no letter could be read there."""
_SMALL_PX = 15
"""Boxes lower than this in the first look may have smaller neighbours that were not seen."""

Picture = NDArray[np.uint8]
Corners = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class WrittenLine:
    """One line of writing. `score` is the recogniser's mean probability of its characters."""

    text: str
    box: Box
    score: float


class Ocr:
    """Reads Chinese and English. Its networks are in the program; none is ever fetched."""

    notes: tuple[Sentence, ...] = ()
    device = CPU

    def __init__(self, *, threads: int = 2) -> None:
        self._threads = max(1, threads)
        self._engine: Any = None
        self._resting: set[str] = set()
        self._lock = threading.Lock()
        self.last_used = time.monotonic()

    def read(self, rgb: Picture, *, least_score: float = 0.6) -> list[WrittenLine]:
        """Lines in reading order of a picture `[h, w, 3]`; those less sure than `least_score` are left out.

        Raises UserFixable("model.failed").
        """
        self.last_used = time.monotonic()
        height, width = rgb.shape[:2]
        if height < 8 or width < 8:
            return []
        # rapidocr wants the channels in OpenCV's order.
        bgr = np.ascontiguousarray(rgb[:, :, ::-1])
        try:
            # Its object keeps what it was asked last, so one question at a time.
            with self._lock:
                engine = self._opened()
                boxes = _find(engine, bgr)
                self._let_rest(engine.text_det, "*_det_*.onnx")
                if not len(boxes):
                    return []
                read = engine.recognize_txt(engine.crop_text_regions(bgr, boxes))
                self._let_rest(engine.text_rec, "*_rec_*.onnx")
        except FAULTS as fault:
            raise UserFixable("model.failed", model="rapidocr", reason=str(fault)[:300]) from fault
        finally:
            self.last_used = time.monotonic()
        lines = []
        for corners, text, score in zip(boxes, read.txts, read.scores, strict=True):
            if score >= least_score and text.strip():
                lines.append(WrittenLine(text.strip(), _box(corners, width, height), float(score)))
        return lines

    def free(self) -> None:
        """Let go of the networks; the next reading opens them again."""
        with self._lock:
            self._engine = None
            self._resting.clear()

    def _opened(self) -> Any:
        if self._engine is None:
            import rapidocr

            models = _models()
            if not any(models.glob("*_det_*.onnx")) or not any(models.glob("*_rec_*.onnx")):
                # It would fetch them from the network by itself.
                raise UserFixable("model.file_missing", model="rapidocr", file=str(models))
            self._engine = rapidocr.RapidOCR(
                params={
                    "Global.log_level": "critical",
                    # The size is chosen here, per picture.
                    "Det.limit_type": "max",
                    "Det.limit_side_len": 100_000,
                    "EngineConfig.onnxruntime.intra_op_num_threads": self._threads,
                    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
                }
            )
            logging.getLogger("RapidOCR").setLevel(logging.CRITICAL)
        return self._engine

    def _let_rest(self, part: Any, name: str) -> None:
        """Open a network that rapidocr has opened once again, with threads that sleep while they wait.

        They spin as rapidocr has them, on the very cores on which the film is decoded and other networks work.
        """
        if part is None or name in self._resting:
            return
        options = part.session.session.get_session_options()
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        (file,) = _models().glob(name)
        part.session.session = onnxruntime.InferenceSession(str(file), options, ["CPUExecutionProvider"])
        self._resting.add(name)


def _models() -> Path:
    import rapidocr

    return Path(rapidocr.__file__).parent / "models"


def _find(engine: Any, bgr: Picture) -> Corners:
    """Four corners of each line of writing in reading order, `[n, 4, 2]` in pixels of `bgr`."""
    height, width = bgr.shape[:2]
    scale = min((_FIRST_LOOK_PX / (height * width)) ** 0.5, _LARGEST_ENLARGEMENT)
    size = max(32, round(width * scale)), max(32, round(height * scale))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    first = np.asarray(cv2.resize(bgr, size, interpolation=way), np.uint8)
    if scale >= 1:
        return _in_whole(_detect(engine, first, _SURE), bgr, first)
    boxes = _detect(engine, first, _HINT)
    lowest = np.array([np.linalg.norm(box - np.roll(box, 1, 0), axis=1).min() for box in boxes], np.float32)
    boxes, lowest = boxes[lowest >= _TEXTURE_PX], lowest[lowest >= _TEXTURE_PX]
    if len(boxes) and lowest.min() < _SMALL_PX:
        return _detect(engine, bgr, _SURE)
    return _in_whole(boxes, bgr, first)


def _in_whole(boxes: Corners, bgr: Picture, first: Picture) -> Corners:
    return np.asarray(boxes * (bgr.shape[1] / first.shape[1], bgr.shape[0] / first.shape[0]), np.float32)


def _detect(engine: Any, bgr: Picture, least: float) -> Corners:
    found = engine(bgr, use_det=True, use_cls=False, use_rec=False, box_thresh=least)
    if found.boxes is None or not len(found.boxes):
        return np.zeros((0, 4, 2), np.float32)
    return np.asarray(found.boxes, np.float32)


def _box(corners: Corners, width: int, height: int) -> Box:
    left, top = np.clip(corners.min(0) / (width, height), 0, 1)
    right, bottom = np.clip(corners.max(0) / (width, height), 0, 1)
    return Box(float(left), float(top), float(right - left), float(bottom - top))
