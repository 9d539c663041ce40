"""Import of 2,000 small files without analysis, against a bare scandir + stat + hash of the same bytes.

Ours does what a person waits for: walk, decide the kind by content, identify, look every file up among the known ones,
and store it, searchable by name, in a new library on disk.
"""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
from itertools import count
from pathlib import Path

from measure import in_turn, report
from PIL import Image

from media_assistant.assistant import Assistant
from media_assistant.paths import Paths
from media_assistant.settings import Settings

FILES = 2000


def make_files(folder: Path) -> None:
    """Half photos, half notes, each with bytes of its own, forty to a folder."""
    buffer = io.BytesIO()
    Image.new("RGB", (64, 48), (30, 90, 160)).save(buffer, "JPEG")
    jpeg = buffer.getvalue()
    for number in range(FILES):
        home = folder / f"{number // 40:02d}"
        home.mkdir(exist_ok=True)
        if number % 2:
            (home / f"note {number}.txt").write_text(f"Note {number}\n" + "the tide comes in at five. " * 40)
        else:
            (home / f"IMG_{number}.jpg").write_bytes(jpeg + b"%d" % number)


def walk_and_hash(folder: Path) -> int:
    """The least that any importer must do with these files."""
    seen = 0
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                seen += walk_and_hash(Path(entry.path))
            else:
                entry.stat()
                with open(entry.path, "rb") as file:
                    hashlib.blake2b(file.read()).hexdigest()
                seen += 1
    return seen


def main() -> None:
    """Print the JSON line."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        media = root / "media"
        media.mkdir()
        make_files(media)
        runs = count()

        def ours() -> None:
            home = root / f"home{next(runs)}"
            paths = Paths(
                home / "data", home / "cache", home / "config", home / "logs", home / "data" / "library.sqlite"
            )
            assistant = Assistant.open(paths, Settings())
            try:
                assert len(assistant.import_paths([media], analyse=False).result().added) == FILES
            finally:
                assistant.close()

        ours_s, theirs_s = in_turn(ours, lambda: walk_and_hash(media), pairs=5)
        median = sorted(ours_s)[len(ours_s) // 2]
        report(
            "import",
            ours_s,
            theirs_s,
            target="told, no target",
            peer="os.scandir + stat + blake2b of the same bytes",
            files=FILES,
            items_per_s=round(FILES / median),
        )


if __name__ == "__main__":
    main()
