"""Where the benchmarks find media and networks: the test material if there is some, else what the program brings along."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from media_assistant.inference.hardware import detect
from media_assistant.inference.models import Models
from media_assistant.inference.store import ModelStore
from media_assistant.paths import bundled

ROOT = Path(__file__).resolve().parents[2]


def find_material() -> Path | None:
    """The folder with `media/` and `models/`, or None."""
    named = os.environ.get("MEDIA_ASSISTANT_TEST_MATERIAL")
    folder = Path(named) if named else ROOT.parent / "shared"
    return folder if (folder / "media" / "index.jsonl").is_file() else None


def open_models() -> Models:
    """The material's networks before the bundled ones, on two threads."""
    material = find_material()
    folders = [material / "models"] if material else []
    store = ModelStore(
        folders, Path(tempfile.mkdtemp(prefix="bench-models-")), bundled("models"), bundled("models") / "catalogue.toml"
    )
    return Models(store, detect(), threads=2)
