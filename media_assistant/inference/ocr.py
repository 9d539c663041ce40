"""Words in a picture: PP-OCR detection and recognition as they come inside the rapidocr wheel (Apache-2.0)."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from media_assistant.errors import UserFixable
from media_assistant.inference.onnx_session import FAULTS
from media_assistant.items.sentence import Sentence
from media_assistant.items.span import Box


@dataclass(frozen=True, slots=True)
class WrittenLine:
    """One line of writing. `score` is the recogniser's mean probability of its characters."""

    text: str
    box: Box
    score: float


class Ocr:
    """Reads Chinese and English. Its networks are in the program; none is ever fetched."""

    notes: tuple[Sentence, ...] = ()

    def __init__(self, *, threads: int = 2) -> None:
        self._threads = max(1, threads)
        self._engine: Any = None
        self._lock = threading.Lock()
        self.last_used = time.monotonic()

    def read(self, rgb: NDArray[np.uint8], *, least_score: float = 0.6) -> list[WrittenLine]:
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
                found = self._opened()(bgr, use_det=True, use_cls=False, use_rec=True)
        except FAULTS as fault:
            raise UserFixable("model.failed", model="rapidocr", reason=str(fault)[:300]) from fault
        finally:
            self.last_used = time.monotonic()
        if found.boxes is None or found.txts is None:
            return []
        lines = []
        for corners, text, score in zip(found.boxes, found.txts, found.scores, strict=True):
            if score >= least_score and text.strip():
                lines.append(WrittenLine(text.strip(), _box(corners, width, height), float(score)))
        return lines

    def free(self) -> None:
        """Let go of the networks; the next reading opens them again."""
        with self._lock:
            self._engine = None

    def _opened(self) -> Any:
        if self._engine is None:
            import rapidocr

            models = Path(rapidocr.__file__).parent / "models"
            if not any(models.glob("*_det_*.onnx")) or not any(models.glob("*_rec_*.onnx")):
                # It would fetch them from the network by itself.
                raise UserFixable("model.file_missing", model="rapidocr", file=str(models))
            self._engine = rapidocr.RapidOCR(
                params={
                    "Global.log_level": "critical",
                    "EngineConfig.onnxruntime.intra_op_num_threads": self._threads,
                    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
                }
            )
            logging.getLogger("RapidOCR").setLevel(logging.CRITICAL)
        return self._engine


def _box(corners: NDArray[np.float32], width: int, height: int) -> Box:
    left, top = np.clip(corners.min(0) / (width, height), 0, 1)
    right, bottom = np.clip(corners.max(0) / (width, height), 0, 1)
    return Box(float(left), float(top), float(right - left), float(bottom - top))
