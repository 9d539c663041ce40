"""A complete small image–text model for the tests of this room."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.inference.graphs import text_tower, vision_tower, write_json, write_tokenizer

CARD = {
    "id": "tiny",
    "task": "image-text-embedding",
    "session": "onnx",
    "languages": ["en"],
    "licence": "MIT",
    "image_model": "onnx/vision_model.onnx",
    "text_model": "onnx/text_model.onnx",
    "space": "tiny-1",
    "dimension": 16,
}


@pytest.fixture
def make_clip(tmp_path: Path) -> Callable[..., Path]:
    """A complete image–text model in the Xenova layout; keywords change its card."""

    def make(folder: Path | None = None, **changes: object) -> Path:
        from media_assistant.inference.install import to_toml

        folder = folder or tmp_path / "models" / str(changes.get("id", "tiny"))
        vision_tower(folder / "onnx" / "vision_model.onnx")
        text_tower(folder / "onnx" / "text_model.onnx")
        write_tokenizer(folder / "tokenizer.json")
        write_json(
            folder / "preprocessor_config.json",
            {
                "size": {"shortest_edge": 36},
                "crop_size": {"height": 32, "width": 32},
                "image_mean": [0.5, 0.4, 0.3],
                "image_std": [0.2, 0.25, 0.5],
                "resample": 3,
            },
        )
        card = {key: value for key, value in (CARD | changes).items() if value is not None}
        (folder / "model.toml").write_text(to_toml(card), encoding="utf-8")
        return folder

    return make
