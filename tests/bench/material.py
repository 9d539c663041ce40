"""Where the benchmarks find media and networks: the test material if there is some, else what the program brings along."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def find_material() -> Path | None:
    """The folder with `media/` and `models/`, or None."""
    named = os.environ.get("MEDIA_ASSISTANT_TEST_MATERIAL")
    folder = Path(named) if named else ROOT.parent / "shared"
    return folder if (folder / "media" / "index.jsonl").is_file() else None


def model_folders() -> list[Path]:
    """Folders of model folders, best first."""
    material = find_material()
    return [material / "models"] if material else []
