"""A folder of labelled media (`index.jsonl`), understood once by the real networks, and what is right to find in it.

A line of the index names a `file` (relative to the folder or to the one above it) and says some of: `label` and
`label_zh` (what it is of: a sight, a sound, a topic), `shots` `[[start_s, end_s, label, …]]`, `audio` (the label of a
film's sound), `words` and `segments` `[[start_s, end_s, words]]` (what is said when), `transcript`, and `written` (see
written_material). Files come into the library under names that say nothing, without their subtitle files: what is
found is found by what is in them.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from material import find_material
from written_material import make_written

from media_assistant.assistant import Assistant
from media_assistant.items.span import Span, TimeSpan
from media_assistant.paths import Paths
from media_assistant.settings import Settings

SIGHT, FINER, SOUND, TOPIC, SAID, WRITTEN = "sights", "finer sights", "sounds", "topics", "spoken", "written"
_SUBTITLE = "subtitle"
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


def open_labelled(media: Path, home: Path) -> Labelled:
    """The library of `media` in `home`: made and understood there unless it already is.

    Networks are those of MEDIA_ASSISTANT_MODELS, of a folder `models` beside `media`, or of the test material.
    """
    rows = _rows(media)
    files = home / "files"
    if not files.is_dir():
        _copy(rows, media, files)
    own = [json.loads(line) for line in (files / "written" / "index.jsonl").read_text("utf-8").splitlines()]
    assistant = Assistant.open(
        Paths(
            home / "data",
            home / "cache",
            home / "config",
            home / "logs",
            home / "data" / "library.sqlite",
            _model_folders(media),
        ),
        Settings(),
        is_foreground=True,
    )
    assistant.import_paths([files]).result(timeout=_PATIENCE_S)
    assistant.when_idle().result(timeout=_PATIENCE_S)
    ids = {Path(item.path).stem: item.id for item in assistant.library.items(list(assistant.library.item_ids()))}
    places = [(row, ids[_name(number)]) for number, row in enumerate(rows) if _name(number) in ids]
    places += [(row, ids[Path(row["file"]).stem]) for row in own]
    wanted: dict[tuple[str, str], Wanted] = {}
    words: dict[int, str] = {}
    chinese = {row["label"]: row["label_zh"] for row in rows if row.get("label_zh") and row.get("label")}
    photos = [row for row in rows if row["kind"] == "photo"]
    for row, item_id in places:
        if row.get("ground") is not None:
            # Written on a photo, it is a picture of what that photo is of.
            row |= {key: value for key, value in photos[row["ground"]].items() if "label" in key}
        words[item_id] = _own_words(row, media)
        for sense, names, spot in _spots(row, item_id, chinese):
            name = names.get("en") or names["zh"]
            wanted.setdefault((sense, name), Wanted(sense, names)).spots.append(spot)
    return Labelled(assistant, list(wanted.values()), words, {row["file"]: item_id for row, item_id in places})


def _rows(media: Path) -> list[dict[str, Any]]:
    lines = (media / "index.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines if line.strip()]
    return [row for row in rows if row["kind"] != _SUBTITLE]


def _name(number: int) -> str:
    return f"m{number:05}"


def _file(media: Path, row: dict[str, Any]) -> Path:
    inside = media / row["file"]
    return inside if inside.is_file() else media.parent / row["file"]


def _copy(rows: list[dict[str, Any]], media: Path, files: Path) -> None:
    making = files.with_name("files.part")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    for number, row in enumerate(rows):
        file = _file(media, row)
        shutil.copyfile(file, making / f"{_name(number)}{file.suffix}")
    photos = [_file(media, row) for row in rows if row["kind"] == "photo"]
    drawn = make_written(making / "written", photos)
    neutral = []
    for number, row in enumerate(drawn):
        old = making / "written" / row["file"]
        new = old.with_name(f"w{number:05}{old.suffix}")
        old.rename(new)
        neutral.append({**row, "file": new.name})
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in neutral)
    (making / "written" / "index.jsonl").write_text(lines, "utf-8")
    making.rename(files)


def _model_folders(media: Path) -> tuple[Path, ...]:
    named = tuple(Path(part) for part in os.environ.get("MEDIA_ASSISTANT_MODELS", "").split(os.pathsep) if part)
    if named:
        return named
    beside = media.parent / "models"
    if beside.is_dir():
        return (beside,)
    material = find_material()
    return (material / "models",) if material else ()


def _spots(row: dict[str, Any], item_id: int, chinese: dict[str, str]) -> list[tuple[str, dict[str, str], Spot]]:
    """(sense, names, where) of everything that a line of the index says."""
    whole = Spot(item_id)
    found: list[tuple[str, dict[str, str], Spot]] = []

    def names(label: str) -> dict[str, str]:
        return {"en": label} | ({"zh": chinese[label]} if label in chinese else {})

    label = row.get("label")
    if label:
        kind = row["kind"]
        sense = SIGHT if kind in {"photo", "video"} else TOPIC if kind == "text" else SOUND
        # A label that is a remark (`animated film, rabbit`) is no name that anybody would type.
        if all(mark not in label for mark in ",/("):
            found.append((sense, names(label), whole))
    if row.get("imagenet_label"):
        found.append((FINER, {"en": row["imagenet_label"].split(",")[0]}, whole))
    for start_s, end_s, label, *_ in row.get("shots", ()):
        found.append((SIGHT, names(label), Spot(item_id, round(1000 * start_s), round(1000 * end_s))))
    if row.get("audio") in chinese:
        found.append((SOUND, names(row["audio"]), whole))
    for start_s, end_s, said in [*(row.get("words") or ()), *(row.get("segments") or ())]:
        spot = Spot(item_id, round(1000 * start_s), round(1000 * end_s))
        found += [(SAID, {"en": word}, spot) for word in dict.fromkeys(said.split())]
    for written in row.get("written", ()):
        if isinstance(written, str):
            asked, spot = written, whole
        else:
            asked, spot = written[2], Spot(item_id, round(1000 * written[0]), round(1000 * written[1]))
        if row["kind"] == "text":
            # Of a whole passage one asks for a stretch of it: three words, or five characters.
            parts = asked.split()
            stretches = [" ".join(parts[at : at + 3]) for at in range(2, len(parts) - 3, 9)]
            if not asked.isascii():
                stretches = [asked[at : at + 5] for at in range(3, len(asked) - 5, 11)]
            stretches = ["".join(c for c in part if c.isalnum() or c == " ") for part in stretches]
        else:
            stretches = [asked]
        found += [(WRITTEN, {"en" if part.isascii() else "zh": part}, spot) for part in stretches]
    return found


def _own_words(row: dict[str, Any], media: Path) -> str:
    said = [row.get("transcript") or "", *(part[2] for part in row.get("words") or ())]
    for written in row.get("written", ()):
        said.append(written if isinstance(written, str) else written[2])
    file = _file(media, row)
    if row["kind"] == "text" and file.is_file():
        said.append(file.read_text("utf-8", "replace"))
    return " ".join(said).casefold()
