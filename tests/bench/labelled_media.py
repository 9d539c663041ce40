"""A folder of labelled media (`index.jsonl`), understood once by the real networks, and what is right to find in it.

A line of the index names a `file` (relative to the folder or to the one above it) and says some of: `label` and
`label_zh` (what it is of: a sight, a sound, a topic), `shots` `[[start_s, end_s, label, …]]`, `audio` (the label of a
film's sound), `words` and `segments` `[[start_s, end_s, words]]` (what is said when), `transcript`, and `written` (see
written_material); labelled_index tells in how many ways that may be written. Files come into the library under names that
say nothing, without their subtitle files: what is found is found by what is in them. Lines of the same content are one.
"""

from __future__ import annotations

import filecmp
import json
import os
import shutil
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from labelled_index import Index, Names, Row, has_han, is_remark, read_index
from material import find_material
from PIL import Image
from written_material import make_written

from media_assistant.assistant import Assistant
from media_assistant.items.span import Span, TimeSpan
from media_assistant.paths import Paths
from media_assistant.settings import Settings

SIGHT, FINER, SOUND, TOPIC, SAID, WRITTEN = "sights", "finer sights", "sounds", "topics", "spoken", "written"
_PATIENCE_S = 3600


@dataclass(frozen=True)
class Spot:
    """Something that is in an item: in `[start_ms, end_ms)`, or in the whole of it."""

    item_id: int
    start_ms: int | None = None
    end_ms: int | None = None

    def is_met_by(self, span: Span) -> bool:
        """Whether a moment lies on it. The whole of an item that has times is no place in it, unless all of it is meant."""
        if self.start_ms is None or self.end_ms is None:
            return True
        return isinstance(span, TimeSpan) and span.start_ms < self.end_ms and span.end_ms > self.start_ms


@dataclass
class Wanted:
    """One thing that can be asked for, and where it is. `names` is by language."""

    sense: str
    names: dict[str, str]
    spots: list[Spot] = field(default_factory=list)

    @property
    def item_ids(self) -> set[int]:
        """The items that have it."""
        return {spot.item_id for spot in self.spots}


@dataclass
class Labelled:
    """The understood library, everything that can be asked for in it, and all words that its labels say."""

    assistant: Assistant
    wanted: list[Wanted]
    own_words: dict[int, str]
    """By item, what is known to be said or written in it: a query for such a word is answered rightly by it."""
    files: dict[str, int]
    """By the index's name of the file."""
    rows: list[dict[str, Any]]
    """`file`, `kind` and, where there is one, `label`, once for each item: what classes are made of."""
    named: set[str]
    """Every name in the index of what is in a file, asked for or not."""


def open_labelled(media: Path, home: Path) -> Labelled:
    """The library of `media` in `home`: made and understood there unless it already is. Prints a line if not all of the
    index could be used, and exits in words where `home` was made of other files.

    Networks are those of MEDIA_ASSISTANT_MODELS, of a folder `models` beside `media`, or of the test material.
    """
    index = read_index(media)
    if not index.rows:
        sys.exit(f"{media / 'index.jsonl'} names no file that the library reads. {_in_words(index.left_out)}".strip())
    files, library = home / "files", home / "data" / "library.sqlite"
    if files.is_dir() or library.exists():
        _check_home(index.rows, media, home)
    if not files.is_dir():
        _copy(index.rows, files)
    own = read_index(files / "written").rows
    assistant = Assistant.open(
        Paths(home / "data", home / "cache", home / "config", home / "logs", library, _model_folders(media)),
        Settings(),
        is_foreground=True,
    )
    assistant.import_paths([files]).result(timeout=_PATIENCE_S)
    assistant.when_idle().result(timeout=_PATIENCE_S)
    # By its places: of two files with the same content one item is made.
    ids = {Path(place.path).stem: place.item_id for place in assistant.library.locations()}
    return _labelled(assistant, index, own, ids)


def _labelled(assistant: Assistant, index: Index, own: Sequence[Row], ids: dict[str, int]) -> Labelled:
    """`ids` are by the neutral names."""
    photos = {_name(number): row for number, row in enumerate(index.rows) if row.kind == "photo"}
    for row in own:
        # Written on a photo, it is a picture of what that photo is of.
        ground = list(photos)[row.ground] if isinstance(row.ground, int) else row.ground
        if ground is not None:
            row.labels, row.finer = list(photos[ground].labels), photos[ground].finer
    places = [(row, _name(number)) for number, row in enumerate(index.rows)]
    places += [(row, Path(row.file).stem) for row in own]
    drawn = {row.file for row in own}
    rows: dict[int, Row] = {}
    for row, name in places:
        if name not in ids:
            index.left_out["files that the library did not take"] += 1
        elif ids[name] in rows:
            index.left_out["lines that were put together with others of the same content"] += 1
            rows[ids[name]].add(row)
        else:
            rows[ids[name]] = row
    sounds = [names for row in rows.values() if row.kind in {"sound", "music"} for names in row.labels]
    heard = {name.casefold() for names in sounds for name in names.values()}
    wanted: dict[tuple[str, str], Wanted] = {}
    for item_id, row in rows.items():
        for sense, names, spot in _spots(row, item_id, heard):
            if sense in {SIGHT, SOUND, TOPIC} and any(map(is_remark, names.values())):
                index.left_out["labels that nobody would type"] += 1
                continue
            name = next(iter(names.values()))
            wanted.setdefault((sense, name.casefold()), Wanted(sense, names)).spots.append(spot)
        if len(row.labels) > 1:
            index.left_out["further labels of a file, in comparisons of classes"] += len(row.labels) - 1
    if index.left_out:
        said = {"bench": "labelled media", "files": len(rows), "left_out": dict(index.left_out)}
        print(json.dumps(said, ensure_ascii=False), flush=True)
    return Labelled(
        assistant,
        list(wanted.values()),
        {item_id: _own_words(row) for item_id, row in rows.items()},
        {row.file: ids[name] for row, name in places if name in ids},
        [
            {"file": row.file, "kind": row.kind} | ({"label": row.first_label} if row.labels else {})
            for row in rows.values()
            if row.file not in drawn
        ],
        {name for row in rows.values() for name in row.named()},
    )


def _in_words(left_out: Counter[str]) -> str:
    return "; ".join(f"{count} {what}" for what, count in left_out.items())


def _name(number: int) -> str:
    return f"m{number:05}"


def _check_home(rows: Sequence[Row], media: Path, home: Path) -> None:
    """Labels are read anew each time, and may change; whose they are follows from the files and their order."""
    copies = sorted((home / "files").glob("m*"))
    if len(copies) != len(rows) or not all(
        filecmp.cmp(row.path, copy, shallow=False) for row, copy in zip(rows, copies, strict=True)
    ):
        sys.exit(
            f"{home} was made of other files than {media / 'index.jsonl'} names now, or of the same in another order: "
            "name another --home, or remove it."
        )


def _copy(rows: Sequence[Row], files: Path) -> None:
    making = files.with_name("files.part")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    for number, row in enumerate(rows):
        shutil.copyfile(row.path, making / f"{_name(number)}{row.path.suffix}")
    grounds = {
        _name(number): row.path for number, row in enumerate(rows) if row.kind == "photo" and _can_be_ground(row.path)
    }
    drawn = make_written(making / "written", list(grounds.values()))
    neutral = []
    for number, row in enumerate(drawn):
        old = making / "written" / row["file"]
        new = old.with_name(f"w{number:05}{old.suffix}")
        old.rename(new)
        ground = row.get("ground")
        neutral.append({**row, "file": new.name, "ground": None if ground is None else list(grounds)[ground]})
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in neutral)
    (making / "written" / "index.jsonl").write_text(lines, "utf-8")
    making.rename(files)


def _can_be_ground(photo: Path) -> bool:
    """Whether Pillow reads it: the library reads more, and takes what breaks off."""
    try:
        with Image.open(photo) as picture:
            picture.draft("RGB", (64, 64))
            picture.load()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return False
    return True


def _model_folders(media: Path) -> tuple[Path, ...]:
    named = tuple(Path(part) for part in os.environ.get("MEDIA_ASSISTANT_MODELS", "").split(os.pathsep) if part)
    if named:
        return named
    beside = media.parent / "models"
    if beside.is_dir():
        return (beside,)
    material = find_material()
    return (material / "models",) if material else ()


def _spots(row: Row, item_id: int, heard: set[str]) -> list[tuple[str, Names, Spot]]:
    """(sense, names, where) of everything that a line of the index says. `heard` are the names of sounds in the folder."""
    whole = Spot(item_id)
    found: list[tuple[str, Names, Spot]] = []

    def within(start_s: float, end_s: float) -> Spot:
        return Spot(item_id, round(1000 * start_s), round(1000 * end_s))

    sense = TOPIC if row.kind == "text" else SIGHT if row.kind.startswith(("photo", "video")) else SOUND
    found += [(sense, names, whole) for names in row.labels]
    if row.finer:
        found.append((FINER, {"en": row.finer.split(",")[0]}, whole))
    found += [(SIGHT, names, within(start_s, end_s)) for start_s, end_s, names in row.shots]
    for names in row.sounds:
        # Of a film in which somebody speaks it is mostly a remark that somebody does: `spoken digits`.
        if not (row.said or row.transcript) or any(name.casefold() in heard for name in names.values()):
            found.append((SOUND, names, whole))
    for start_s, end_s, said in row.said:
        words = (word.strip(".,;:!?\"'()。，；：！？“”") for word in said.split())
        found += [(SAID, _in_language(word), within(start_s, end_s)) for word in dict.fromkeys(words) if word]
    for written in row.written:
        asked, spot = (written, whole) if isinstance(written, str) else (written[2], within(*written[:2]))
        if row.kind == "text":
            # Of a whole passage one asks for a stretch of it: three words, or five characters.
            parts = asked.split()
            stretches = [" ".join(parts[at : at + 3]) for at in range(2, len(parts) - 3, 9)]
            if has_han(asked):
                stretches = [asked[at : at + 5] for at in range(3, len(asked) - 5, 11)]
            stretches = ["".join(c for c in part if c.isalnum() or c == " ") for part in stretches]
        else:
            stretches = [asked]
        found += [(WRITTEN, _in_language(part), spot) for part in stretches]
    return found


def _in_language(words: str) -> Names:
    return {"zh" if has_han(words) else "en": words}


def _own_words(row: Row) -> str:
    said = [row.transcript, *(words for _, _, words in row.said)]
    said += [written if isinstance(written, str) else written[2] for written in row.written]
    if row.kind == "text":
        said.append(row.path.read_text("utf-8", "replace"))
    return " ".join(filter(None, said)).casefold()
