"""Small pictures of items: files in the cache, never the truth; deleted ones are made again."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from media_assistant.whole_files import DRAFT, write_whole


def preview_file(folder: Path, item_id: int, name: str) -> Path | None:
    """The preview `name` of an item if it is there."""
    file = folder / str(item_id) / name
    return file if file.is_file() else None


def write_preview(folder: Path, item_id: int, name: str, data: bytes) -> Path:
    """Replace it in one step: whoever looks sees the old picture or the new one. Raises OSError."""
    file = folder / str(item_id) / Path(name).name
    file.parent.mkdir(parents=True, exist_ok=True)
    write_whole(file, data, is_private=True)
    return file


def forget_previews_like(folder: Path, item_id: int, pattern: str) -> None:
    """Remove what was made of an older content of the item; where that cannot be, it stays."""
    for file in (folder / str(item_id)).glob(pattern):
        with suppress(OSError):
            file.unlink()


def forget_previews(folder: Path, item_ids: Iterable[int]) -> None:
    """Remove the previews of items that are no more."""
    for item_id in item_ids:
        shutil.rmtree(folder / str(item_id), ignore_errors=True)


def forget_drafts(folder: Path, item_ids: Iterable[int]) -> None:
    """Remove what a program that was killed in the middle of writing left of the previews of these items."""
    for item_id in item_ids:
        for draft in (folder / str(item_id)).glob(f"*{DRAFT}"):
            draft.unlink(missing_ok=True)
