"""An `index.jsonl` of labelled media, read in whichever way it was written.

What a line says is told in labelled_media. Taken as well: a byte order mark, empty lines, `null` for nothing, one label or
a list of them, a Chinese `label` alone, objects with `start`, `end` and `text` for `[start_s, end_s, words]`, further
fields behind these three, and other words for a kind. A line without a kind, or with one that its file is not, is of the
kind that its file is by its content. What cannot be used is left out and counted, never guessed.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PureWindowsPath
from typing import Any

from media_assistant.errors import UserFixable
from media_assistant.items.kind import Kind
from media_assistant.media.sniff import sniff
from media_assistant.media.subtitles import SUFFIXES

Names = dict[str, str]
"""Of one thing, by language: `en` first, then `zh`."""
Timed = tuple[float, float, str]
"""`[start_s, end_s)`, and what is shown or said then."""

SUBTITLE = "subtitle"
_KINDS = {
    "photo": Kind.PHOTO,
    "video": Kind.VIDEO,
    "video-composed": Kind.VIDEO,
    "sound": Kind.MUSIC,
    "music": Kind.MUSIC,
    "speech": Kind.MUSIC,
    "speech-digits": Kind.MUSIC,
    "text": Kind.TEXT,
}
_OTHER_WORDS = {
    **dict.fromkeys(("image", "picture", "photograph", "img"), "photo"),
    **dict.fromkeys(("film", "movie", "clip"), "video"),
    "audio": "sound",
    "song": "music",
    "document": "text",
    "article": "text",
    **dict.fromkeys((SUBTITLE, "caption", "srt"), SUBTITLE),
}
_BY_CONTENT = {Kind.PHOTO: "photo", Kind.VIDEO: "video", Kind.MUSIC: "sound", Kind.TEXT: "text"}
_REMARK = re.compile(r"[,/()|;，、（）；]+")


@dataclass
class Row:
    """What the index says of one file."""

    file: str
    """As the index names it."""
    path: Path
    kind: str
    labels: list[Names] = field(default_factory=list)
    sounds: list[Names] = field(default_factory=list)
    """Of a film: what is heard in it."""
    finer: str = ""
    """All names of a narrower class, with commas between them."""
    shots: list[tuple[float, float, Names]] = field(default_factory=list)
    said: list[Timed] = field(default_factory=list)
    transcript: str = ""
    written: list[str | Timed] = field(default_factory=list)
    ground: int | str | None = None
    """Of a picture that was written on: the photo below the words."""

    @property
    def first_label(self) -> str:
        """Its class, where a file has but one; empty if it has none."""
        return next(iter(self.labels[0].values())) if self.labels else ""

    def add(self, other: Row) -> None:
        """What another line says of the same content."""
        self.labels += [names for names in other.labels if names not in self.labels]
        self.sounds += [names for names in other.sounds if names not in self.sounds]
        self.finer = self.finer or other.finer
        self.shots += [shot for shot in other.shots if shot not in self.shots]
        self.said += [said for said in other.said if said not in self.said]
        self.transcript = " ".join(dict.fromkeys(filter(None, (self.transcript, other.transcript))))
        self.written += [written for written in other.written if written not in self.written]

    def named(self) -> Iterator[str]:
        """Every name of what is in it, those within a remark too."""
        for names in (*self.labels, *self.sounds, *(names for _, _, names in self.shots)):
            for name in names.values():
                yield from filter(None, (part.strip() for part in _REMARK.split(name)))
        yield from filter(None, (part.strip() for part in self.finer.split(",")))


@dataclass
class Index:
    """The usable lines in their order, without those of subtitle files, and how many others there are by what is wrong."""

    rows: list[Row]
    left_out: Counter[str]


def read_index(media: Path) -> Index:
    """The `index.jsonl` of a folder."""
    rows: list[Row] = []
    left_out: Counter[str] = Counter()
    # By its own marks: a line separator of Unicode may stand within a line.
    for line in (media / "index.jsonl").read_bytes().removeprefix(b"\xef\xbb\xbf").split(b"\n"):
        if not line.strip():
            continue
        try:
            said = json.loads(line.decode())
        except (ValueError, RecursionError):
            left_out["lines that are no JSON"] += 1
            continue
        if not isinstance(said, dict) or not isinstance(said.get("file"), str):
            left_out["lines without a file"] += 1
            continue
        path = _file(media, said["file"])
        kind = _kind(said.get("kind"), path) if path else ""
        if path is None:
            left_out["files that are not there"] += 1
        elif not kind:
            left_out["files that the library does not read"] += 1
        elif kind != SUBTITLE:
            rows.append(_row(said, path, kind, left_out))
    _complete(rows)
    return Index(rows, left_out)


def is_remark(name: str) -> bool:
    """Whether nobody would type it: `animated film, rabbit`."""
    return bool(_REMARK.search(name))


def has_han(text: str) -> bool:
    """Whether any of it is Chinese."""
    return any("\u3400" <= letter <= "\u9fff" or letter >= "\U00020000" for letter in text)


def _file(media: Path, name: str) -> Path | None:
    """Names are relative to the folder or to the one above it, and may have been written on Windows."""
    names = (name, PureWindowsPath(name).as_posix())
    try:
        return next((file for each in names for file in (media / each, media.parent / each) if file.is_file()), None)
    except (OSError, ValueError):
        return None


def _kind(said: Any, file: Path) -> str:
    """One of `_KINDS`, or SUBTITLE; empty if the library does not read it."""
    kind = said.strip().casefold() if isinstance(said, str) else ""
    for each in (kind, kind.removesuffix("s")):
        kind = each if each in _KINDS else _OTHER_WORDS.get(each, kind)
    if kind == SUBTITLE or (kind not in _KINDS and file.suffix.lower() in SUFFIXES):
        return SUBTITLE
    try:
        sniffed = sniff(file)
    except UserFixable:
        return ""
    if sniffed is None:
        return ""
    # From a few bytes, sound in a film's container looks like a film.
    if sniffed.kind == _KINDS.get(kind) or (sniffed.kind is Kind.VIDEO and _KINDS.get(kind) is Kind.MUSIC):
        return kind
    return _BY_CONTENT[sniffed.kind]


def _row(said: Mapping[str, Any], path: Path, kind: str, left_out: Counter[str]) -> Row:
    row = Row(said["file"], path, kind)
    row.labels = _all_names(said, "label", left_out)
    row.sounds = _all_names(said, "audio", left_out)
    row.finer = said["imagenet_label"] if isinstance(said.get("imagenet_label"), str) else ""
    row.shots = [(start, end, _names(label)) for start, end, label in _all_timed(said, "shots", left_out)]
    row.said = [*_all_timed(said, "words", left_out), *_all_timed(said, "segments", left_out)]
    row.transcript = said["transcript"] if isinstance(said.get("transcript"), str) else ""
    written = said.get("written")
    for each in [written] if isinstance(written, str) else _list(written, "written", left_out):
        if isinstance(each, str) and each.strip():
            row.written.append(each)
        else:
            row.written += _all_timed({"written": [each]}, "written", left_out)
    row.ground = said.get("ground")
    return row


def _list(value: Any, name: str, left_out: Counter[str]) -> list[Any]:
    if value is None or isinstance(value, list):
        return value or []
    left_out[f"{name}: not a list"] += 1
    return []


def _all_timed(said: Mapping[str, Any], name: str, left_out: Counter[str]) -> list[Timed]:
    found = []
    for entry in _list(said.get(name), name, left_out):
        timed = _timed(entry)
        if timed:
            found.append(timed)
        else:
            left_out[f"{name}: not [start_s, end_s, words]"] += 1
    return found


def _timed(entry: Any) -> Timed | None:
    if isinstance(entry, dict):
        words = next((entry[name] for name in ("text", "word", "label") if name in entry), None)
        entry = [entry.get("start"), entry.get("end"), words]
    match entry:
        case [int() | float() as start, int() | float() as end, str(words), *_] if words.strip():
            return (start, end, words) if math.isfinite(end) and 0 <= start <= end else None
    return None


def _all_names(said: Mapping[str, Any], name: str, left_out: Counter[str]) -> list[Names]:
    """One thing for each of a list of names; the Chinese ones stand at the same places."""
    columns = []
    for key in (name, f"{name}_zh"):
        value = said.get(key)
        column = value if isinstance(value, list) else [value]
        if any(not isinstance(each, str | None) for each in column):
            left_out[f"{key}: not a name"] += 1
        columns.append([_tidy(each) if isinstance(each, str) else "" for each in column])
    places = range(max(map(len, columns)))
    things = [_names(*(column[at] if at < len(column) else "" for column in columns)) for at in places]
    return [names for names in things if names]


def _tidy(name: str) -> str:
    """As people type it: data sets write `fire_hydrant`."""
    return " ".join(name.replace("_", " ").split())


def _names(*labels: str) -> Names:
    """By what they are written in, whatever field they stood in."""
    found: Names = {}
    for label in filter(None, map(_tidy, labels)):
        found.setdefault("zh" if has_han(label) else "en", label)
    return dict(sorted(found.items()))


def _complete(rows: list[Row]) -> None:
    """What one line says in two languages, other lines need not say again; and it is spelt in one way."""
    things = [names for row in rows for names in (*row.labels, *row.sounds, *(shot[2] for shot in row.shots))]
    both: dict[str, Names] = {}
    spelt: dict[str, str] = {}
    for names in things:
        for name in names.values():
            spelt.setdefault(name.casefold(), name)
            if len(names) == 2:
                both.setdefault(name.casefold(), dict(names))
    for names in things:
        if len(names) == 1:
            names.update(both.get(next(iter(names.values())).casefold(), {}))
        for language, name in sorted(names.items()):
            del names[language]
            names[language] = spelt[name.casefold()]
