"""A transcript that another program or a person wrote: subtitles and lyrics of every kind, JSON with word times, plain text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from media_assistant.errors import UserFixable
from media_assistant.items.moment import Word
from media_assistant.items.span import LATEST_MS
from media_assistant.media import cues, lyrics, subtitles
from media_assistant.media.faults import check_file, reading
from media_assistant.media.subtitles import Line, Subtitles
from media_assistant.media.text import decode

SUFFIXES = (*subtitles.SUFFIXES, ".json", ".txt")
_MAX_BYTES = 32 * 1024 * 1024


def read_transcript(path: Path) -> Subtitles:
    """The file's lines. Plain text has one line a row, `is_timed` False and no times.

    Raises UserFixable("media.subtitles_damaged") where there is no line in it, and as `check_file`.
    """
    suffix = path.suffix.lower()
    if suffix not in (".json", ".txt"):
        return subtitles.read(path)
    check_file(path)
    with reading(), path.open("rb") as file:
        text = decode(file.read(_MAX_BYTES)).replace("\0", "").lstrip("\ufeff")
    language = subtitles.sidecar_language(path)
    if suffix == ".json":
        return _from_json(text, language)
    if cues.looks_like_cues(text) or lyrics.looks_like_lrc(text):
        return subtitles.read(text.encode(), language=language)
    rows = tuple(Line(0, 0, row) for part in text.splitlines() if (row := " ".join(part.split())))
    if not rows:
        raise UserFixable("media.subtitles_damaged")
    return Subtitles(language, rows, is_timed=False)


def _from_json(text: str, language: str) -> Subtitles:
    """Our own form (`start_ms`), and Whisper's (`start` in seconds, words as `word`)."""
    try:
        found = json.loads(text)
        if isinstance(found, list):
            found = {"segments": found}
        lines = tuple(line for segment in found["segments"] if (line := _segment(segment)).text)
        # What the file says of itself is worth more than what it is called.
        language = _readable(found.get("language") or "") or language
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        raise UserFixable("media.subtitles_damaged") from error
    if not lines:
        raise UserFixable("media.subtitles_damaged")
    return Subtitles(subtitles.language_code(language) or language[:8], tuple(sorted(lines, key=_times)))


def _segment(plain: dict[str, Any]) -> Line:
    start_ms, end_ms = _span(plain)
    words = tuple(
        Word(*_span(word), _readable(word.get("text", word.get("word", ""))).strip(), _share(word))
        for word in plain.get("words") or ()
    )
    rows = (" ".join(row.split()) for row in _readable(plain["text"]).splitlines())
    return Line(start_ms, end_ms, "\n".join(row for row in rows if row), tuple(word for word in words if word.text))


def _readable(value: object) -> str:
    """JSON can name halves of letters, which nobody can store or show."""
    return str(value).encode("utf-8", "replace").decode()


def _span(plain: dict[str, Any]) -> tuple[int, int]:
    start_ms = plain["start_ms"] if "start_ms" in plain else float(plain["start"]) * 1000
    end_ms = plain["end_ms"] if "end_ms" in plain else float(plain["end"]) * 1000
    start = min(max(0, round(start_ms)), LATEST_MS)
    return start, min(max(start, round(end_ms)), LATEST_MS)


def _share(plain: dict[str, Any]) -> float:
    return min(1.0, max(0.0, float(plain.get("probability", plain.get("score", 1.0)))))


def _times(line: Line) -> tuple[int, int]:
    return line.start_ms, line.end_ms
