"""From a decoded picture to what a network wants to see: size, crop and constants from the files beside its weights.

Reads `preprocessor_config.json` (Hugging Face processors), `preprocess_cfg.json` (open_clip), or the card's `[input]`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from media_assistant.errors import UserFixable
from media_assistant.inference.card import ModelCard
from media_assistant.inference.onnx_session import OnnxSession, Port

Pixels = NDArray[np.uint8]
_FILES = ("preprocessor_config.json", "preprocess_cfg.json")
_LONGEST_SHAPE = 16
_RESAMPLE = {"nearest": 0, "lanczos": 1, "bilinear": 2, "bicubic": 3, "box": 4, "hamming": 5}


@dataclass(frozen=True, slots=True)
class ImageInput:
    """Sizes are (width, height). Values become `pixel * factor[c] - offset[c]` per channel, RGB."""

    resize: Literal["short", "long", "stretch"]
    """`short`: the short side becomes `size`; `long`: the long side, the rest is filled; `stretch`: both exactly."""
    size: tuple[int, int]
    crop: tuple[int, int]
    factor: NDArray[np.float32]
    offset: NDArray[np.float32]
    resample: int = 3
    fill: int = 0

    def fit(self, width: int, height: int) -> tuple[int, int]:
        """The size to which a picture of `width` × `height` is scaled before the crop."""
        if self.resize == "stretch":
            return self.size
        # A strip (16 times as long as wide) is squeezed rather than made into a huge picture.
        width, height = min(width, height * _LONGEST_SHAPE), min(height, width * _LONGEST_SHAPE)
        is_wide = width >= height
        if self.resize == "short":
            side = self.size[0]
            return (max(side, side * width // height), side) if is_wide else (side, max(side, side * height // width))
        side = max(self.size)
        other = max(1, round(side * min(width, height) / max(width, height)))
        return (side, other) if is_wide else (other, side)

    def prepare(self, rgb: Pixels, out: NDArray[np.float32] | None = None) -> NDArray[np.float32]:
        """`[3, height, width]` of one picture `[h, w, 3]`, scaled first unless it has the size that `fit` gives."""
        wanted = self.fit(rgb.shape[1], rgb.shape[0])
        if (rgb.shape[1], rgb.shape[0]) != wanted and not self._is_fitted(rgb):
            rgb = np.asarray(Image.fromarray(rgb).resize(wanted, Image.Resampling(self.resample)))
        width, height = self.crop
        rgb = _centre(rgb, width, height, self.fill)
        if out is None:
            out = np.empty((3, height, width), np.float32)
        np.multiply(rgb.transpose(2, 0, 1), self.factor[:, None, None], out=out, casting="unsafe")
        out -= self.offset[:, None, None]
        return out

    def _is_fitted(self, rgb: Pixels) -> bool:
        """Whether somebody asked a frame for `fit` of its own size: rounding may differ by a pixel."""
        height, width = rgb.shape[:2]
        if self.resize == "short":
            return bool(min(width, height) == self.size[0])
        return self.resize == "long" and bool(max(width, height) == max(self.size))


def read_image_input(card: ModelCard, model: str, session: OnnxSession, port: Port) -> ImageInput:
    """What `port` of the graph in the file `model` wants to see.

    Raises UserFixable("model.unsupported") if neither the files nor the card nor the graph tell it.
    """
    found = _read_config(card, model)
    declared = (port.shape[3], port.shape[2])
    size, resize = _size(found)
    crop = _pair(found.get("crop_size") if found.get("do_center_crop", True) else None)
    if crop is None and resize == "stretch":
        crop = size
    if declared[0] is not None and declared[1] is not None:
        crop = (declared[0], declared[1])
    crop = crop or (size if size and size[0] == size[1] else None)
    if crop is None:
        raise session.unsupported("preprocessor_config.json")
    if size is None:
        size, resize = (min(crop), min(crop)), "short"
    mean = np.asarray(found.get("image_mean", found.get("mean", [0.0] * 3)), np.float32)
    std = np.asarray(found.get("image_std", found.get("std", [1.0] * 3)), np.float32)
    if not found.get("do_normalize", True):
        mean, std = np.zeros(3, np.float32), np.ones(3, np.float32)
    if mean.shape != (3,) or std.shape != (3,) or not (std > 0).all():
        raise session.unsupported("image_mean, image_std")
    rescale = float(found.get("rescale_factor", 1 / 255)) if found.get("do_rescale", True) else 1.0
    resample = found.get("resample", found.get("interpolation", 3))
    return ImageInput(
        resize,
        size,
        crop,
        factor=np.asarray(rescale / std, np.float32),
        offset=np.asarray(mean / std, np.float32),
        resample=_RESAMPLE.get(resample, 3) if isinstance(resample, str) else int(resample),
        fill=int(found.get("fill_color", 0)) if isinstance(found.get("fill_color", 0), int) else 0,
    )


def _read_config(card: ModelCard, model: str) -> dict[str, Any]:
    beside = Path(model).parent
    names = [card.preprocessor] if card.preprocessor else []
    names += [(folder / name).as_posix() for folder in (beside, Path()) for name in _FILES]
    for name in names:
        file = card.path(name)
        if not file.is_file():
            continue
        try:
            found = json.loads(file.read_text("utf-8"))
        except (OSError, ValueError) as fault:
            raise UserFixable("model.unreadable", model=card.id, file=name, reason=str(fault)) from fault
        if isinstance(found, dict):
            return found
    told = card.input
    found = {key: told[key] for key in ("mean", "std") if key in told}
    if "resize_short_side" in told:
        found["size"] = {"shortest_edge": told["resize_short_side"]}
    if "crop" in told:
        found["crop_size"] = told["crop"]
    return found


def _size(found: dict[str, Any]) -> tuple[tuple[int, int] | None, Literal["short", "long", "stretch"]]:
    size, mode = found.get("size"), found.get("resize_mode")
    if not found.get("do_resize", True):
        return None, "short"
    if isinstance(size, dict):
        if "shortest_edge" in size:
            return (int(size["shortest_edge"]),) * 2, "short"
        if "longest_edge" in size:
            return (int(size["longest_edge"]),) * 2, "long"
        return _pair(size), "stretch"
    # A bare number is a short side; a bare pair is open_clip's, which says how in `resize_mode`.
    how: Literal["short", "long", "stretch"] = "short"
    if mode == "squash":
        how = "stretch"
    elif mode == "longest":
        how = "long"
    return _pair(size), how


def _pair(size: Any) -> tuple[int, int] | None:
    match size:
        case int() | float():
            return int(size), int(size)
        case [height, width]:
            return int(width), int(height)
        case {"height": height, "width": width}:
            return int(width), int(height)
        case _:
            return None


def _centre(rgb: Pixels, width: int, height: int, fill: int) -> Pixels:
    """The middle of a picture, filled around where it is smaller."""
    missing_y, missing_x = max(0, height - rgb.shape[0]), max(0, width - rgb.shape[1])
    if missing_y or missing_x:
        top, left = missing_y // 2, missing_x // 2
        around = ((top, missing_y - top), (left, missing_x - left), (0, 0))
        rgb = np.pad(rgb, around, constant_values=fill)
    top, left = (rgb.shape[0] - height) // 2, (rgb.shape[1] - width) // 2
    return rgb[top : top + height, left : left + width]
