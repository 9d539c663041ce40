"""Subtitles and lyrics: read them beside a file, inside it, or from bytes; write transcripts for other programs."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from operator import itemgetter
from pathlib import Path

import av
import av.error
from av.stream import Disposition, Stream

from media_assistant.errors import Cancelled, UserFixable
from media_assistant.items.moment import Word
from media_assistant.items.span import LATEST_MS
from media_assistant.items.transcript import segment_to_plain
from media_assistant.media import cues, file_tags, lyrics, styled
from media_assistant.media.container import duration_ms, has_decoder, measure_duration_ms, open_container, start_of
from media_assistant.media.faults import check_file, reading
from media_assistant.media.text import decode
from media_assistant.media.walk import played_stem

SUFFIXES = (".srt", ".vtt", ".ass", ".ssa", ".lrc")
"""In order of trust where several lie beside one file."""
_MAX_BYTES = 64 * 1024 * 1024
_MAX_RARE, _LONGEST_ROW = 4_000_000, 2000
_PACKETS_A_PULSE = 256
_RARE_FAULTS = (
    ValueError, ArithmeticError, LookupError, AttributeError, TypeError, SyntaxError, NotImplementedError, RecursionError,
)  # fmt: skip
"""What pysubs2 raises for what is none of its forms."""
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&nbsp;", " "), ("&lrm;", ""), ("&rlm;", ""), ("&amp;", "&"))
_LANGUAGES = {
    "zh": "zh zho chi chs cht cn tw hk sc tc gb big5 chinese mandarin cmn yue zh-hans zh-hant zh-cn zh-tw zh-hk 中文 简体 繁體 简中 繁中",
    "en": "en eng english en-us en-gb",
    "ja": "ja jpn jp japanese 日本語 日语",
    "ko": "ko kor korean kr 한국어",
    "de": "de deu ger german deutsch",
    "fr": "fr fra fre french français",
    "es": "es spa spanish español es-419",
    "pt": "pt por portuguese português pt-br",
    "it": "it ita italian italiano",
    "ru": "ru rus russian русский",
    "nl": "nl nld dut dutch",
    "pl": "pl pol polish",
    "tr": "tr tur turkish",
    "ar": "ar ara arabic",
    "hi": "hi hin hindi",
    "vi": "vi vie vietnamese",
    "th": "th tha thai",
    "id": "id ind indonesian",
    "sv": "sv swe swedish",
    "uk": "uk ukr ukrainian",
}
_BY_NAME = {name: code for code, names in _LANGUAGES.items() for name in names.split()}
_PARTIAL = re.compile(r"(?<![a-z])(forced|foreign|signs?|songs?|commentary|comments?)(?![a-z])")
"""How names call what is not a film's own words from its beginning to its end."""
_REMARK = re.compile(r"sdh|cc|hi|full|default|auto|[1-9][0-9]?")


@dataclass(frozen=True, slots=True)
class Line:
    """What is said from `start_ms` to `end_ms`. `words` only where the source has their times."""

    start_ms: int
    end_ms: int
    text: str
    words: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class Subtitles:
    """`language` is an ISO 639-1 code, empty if nobody said. Lyrics without times have `is_timed` False and span the whole.

    `is_partial` are signs, what is said in another tongue, and commentaries: not a film's own words from beginning to end.
    """

    language: str
    lines: tuple[Line, ...]
    is_timed: bool = True
    is_partial: bool = False


@dataclass(frozen=True, slots=True)
class Sidecar:
    """A subtitle file beside another file; what its name tells beyond that of the other."""

    path: Path
    language: str = ""
    is_partial: bool = False


def language_code(name: str) -> str:
    """`zho`, `chs`, `zh-Hans`, `Chinese` → `zh`; empty for what is no language that we know by name."""
    name = name.strip().lower().replace("_", "-")
    if name in _BY_NAME:
        return _BY_NAME[name]
    head = name.partition("-")[0]
    return _BY_NAME.get(head, head if "-" in name and re.fullmatch(r"[a-z]{2}", head) else "")


def find_sidecars(path: Path) -> list[Sidecar]:
    """Subtitle files beside `path` that bear its name: `film.srt`, `film.zh.srt`, `film.zh-Hans.forced.vtt`; best first.

    Nothing but languages and remarks stand between the name and the ending. A file that bears the longer name of another
    film or sound there (`film.2.srt` where there is a `film.2.mp4`) belongs to that.
    """
    stem = path.stem.lower()
    try:
        with os.scandir(path.parent) as entries:
            names = [entry.name for entry in entries if entry.name.lower().startswith(stem + ".") and entry.is_file()]
    except OSError:
        return []
    others = tuple(f"{other}." for name in names if (other := played_stem(name)) not in {"", stem})
    found: list[tuple[tuple[object, ...], Sidecar]] = []
    for name in names:
        front, suffix = os.path.splitext(name.lower())
        between = front[len(stem) :]
        is_of_it = between.count(".") <= 2 and len(between) <= 40 and not name.lower().startswith(others)
        if is_of_it and suffix in SUFFIXES:
            remarks = between.split(".")[1:]
            is_partial = _PARTIAL.search(between) is not None
            # Plain names first: what has remarks such as `sdh` or `2` may be another version or another film's.
            trust = (is_partial, not all(map(language_code, remarks)), SUFFIXES.index(suffix), bool(between), name)
            found.append((trust, Sidecar(path.parent / name, _language_in(remarks), is_partial)))
    return [sidecar for _, sidecar in sorted(found, key=itemgetter(0))]


def sidecar_language(sidecar: Path) -> str:
    """The language that the end of a name tells: `film.zh.forced.srt` → `zh`; empty if it tells none. What stands before
    other words is one of them: `Some.Like.It.Hot.1959.srt`.
    """
    told = takewhile(_is_remark, reversed(sidecar.name.split(".")[1:-1]))
    return _language_in([*told][::-1])


def _is_remark(part: str) -> bool:
    """Whether it says what subtitles these are: their language, whom they are for, which of several."""
    return bool(language_code(part) or _PARTIAL.fullmatch(part.lower()) or _REMARK.fullmatch(part.lower()))


def _language_in(remarks: Sequence[str]) -> str:
    codes = [code for remark in remarks if (code := language_code(remark))]
    if len(codes) > 1 and codes[-1] == "hi":
        codes.pop()  # for the hearing impaired
    return codes[-1] if codes else ""


def read(source: Path | bytes, *, language: str = "", suffix: str = "") -> Subtitles:
    """SRT, WebVTT, ASS, SSA and LRC in any encoding. `suffix` helps with bytes that could be several.

    Raises UserFixable("media.subtitles_damaged") when there is no line in it, and as `check_file` for a path.
    """
    if isinstance(source, Path):
        return Subtitles(language or sidecar_language(source), _lines(_load(source), suffix or source.suffix.lower()))
    return Subtitles(language, _lines(source[:_MAX_BYTES], suffix))


def read_sidecar(sidecar: Sidecar) -> Subtitles:
    """As `read`, for one that `find_sidecars` found."""
    lines = _lines(_load(sidecar.path), sidecar.path.suffix.lower())
    return Subtitles(sidecar.language, lines, is_partial=sidecar.is_partial)


def _load(path: Path) -> bytes:
    check_file(path)
    with reading(), path.open("rb") as file:
        return file.read(_MAX_BYTES)


def _lines(data: bytes, suffix: str) -> tuple[Line, ...]:
    text = decode(data).replace("\0", "").lstrip("\ufeff")
    # A clock in brackets is said in many a film, too.
    is_film = styled.looks_styled(text) or cues.looks_like_cues(text)
    is_sung = suffix == ".lrc" or (lyrics.looks_like_lrc(text) and not is_film)
    lines = _from_lrc(text) if is_sung else _from_film(text)
    if not lines:
        raise UserFixable("media.subtitles_damaged")
    return lines


def _from_lrc(text: str) -> tuple[Line, ...]:
    return tuple(Line(line.start_ms, line.end_ms, line.text, line.words) for line in lyrics.parse(text))


def _from_film(text: str) -> tuple[Line, ...]:
    found: Iterable[tuple[int, int, str]]
    if styled.looks_styled(text):
        found = styled.parse(text)
    elif "<tt" not in text and cues.looks_like_cues(text):
        found = cues.parse(text)
    else:
        found = _events(text)
    lines = [
        Line(max(0, start), min(max(0, start, end), LATEST_MS), words)
        for start, end, said in found
        if start < LATEST_MS and (words := _clean(said))
    ]
    return _in_order(lines)


def _in_order(lines: Iterable[Line]) -> tuple[Line, ...]:
    """By their times. The same words twice at once are an outline under a text, not speech."""
    return tuple(dict.fromkeys(sorted(lines, key=lambda line: (line.start_ms, line.end_ms))))


def _events(text: str) -> list[tuple[int, int, str]]:
    """Rarer forms (MicroDVD, MPL2, TMP, TTML): no more than a film needs, for the library's patterns take their time."""
    import pysubs2

    short = "\n".join(row[:_LONGEST_ROW] for row in text[:_MAX_RARE].splitlines())
    try:
        if "<!ENTITY" in short:
            raise ValueError("names of its own for texts")
        parsed = pysubs2.SSAFile.from_string(short)
        return [(each.start, each.end, each.plaintext) for each in parsed if not each.is_comment]
    except (*_RARE_FAULTS, pysubs2.exceptions.Pysubs2Error) as error:
        raise UserFixable("media.subtitles_damaged") from error


def _clean(text: str) -> str:
    text = re.sub(r"<[^<>]{0,80}>|\{\\[^{}]{0,400}\}", "", text)
    for entity, character in _ENTITIES:
        text = text.replace(entity, character)
    return "\n".join(stripped for line in text.split("\n") if (stripped := " ".join(line.split())))


def embedded(path: Path, should_stop: Callable[[], bool] = bool) -> list[Subtitles]:
    """Text subtitle streams and lyrics tags inside a file; pictures of letters (PGS, VobSub) are left alone.

    Lines lie between the pictures of a whole film: `should_stop` is asked all the while, and Cancelled raised where it
    says yes. Raises UserFixable as `open_container` does.
    """
    found: list[Subtitles] = []
    with open_container(path) as container:
        origin_ms = float(start_of(container) * 1000)
        length_ms = duration_ms(container)
        tags = file_tags.gather(container)
        streams = [stream for stream in container.streams.subtitles if _is_text(stream)]
        gathered: dict[int, list[Line]] = {stream.index: [] for stream in streams}
        if streams:
            try:
                # All packets, for between two lines there may be minutes of reading in which nobody would be asked.
                for number, packet in enumerate(container.demux()):
                    if number % _PACKETS_A_PULSE == 0 and should_stop():
                        raise Cancelled
                    if packet.stream.index not in gathered or packet.pts is None or not packet.size:
                        continue
                    start_ms = max(0, round(float(packet.pts * packet.time_base * 1000) - origin_ms))
                    end_ms = start_ms + round(float((packet.duration or 0) * packet.time_base * 1000))
                    words = _clean(_packet_text(packet.stream.codec_context.name, bytes(packet)))
                    if words and start_ms < LATEST_MS:
                        gathered[packet.stream.index].append(Line(start_ms, min(end_ms, LATEST_MS), words))
            except (av.error.FFmpegError, OSError):
                pass  # what came before the break is worth having
        found.extend(
            Subtitles(
                language_code(stream.language or ""), _in_order(gathered[stream.index]), is_partial=_is_partial(stream)
            )
            for stream in sorted(streams, key=_is_for_impaired)
            if gathered[stream.index]
        )
    for key, value in tags.items():
        name, _, language = key.partition("-")
        if name not in ("lyrics", "unsyncedlyrics", "syncedlyrics", "uslt", "sylt"):
            continue
        is_timed = lyrics.looks_like_lrc(value)
        if not is_timed:
            length_ms = length_ms or measure_duration_ms(path)
        if sung := _from_lrc(value) if is_timed else _sung(value, length_ms):
            found.append(Subtitles(language_code(language), sung, is_timed=is_timed))
    return found


def _sung(value: str, length_ms: int) -> tuple[Line, ...]:
    """Words without times are sung all the while."""
    plain = [text for line in value.replace("\r", "\n").split("\n") if (text := " ".join(line.split()))]
    return tuple(Line(0, length_ms, text) for text in plain)


def _is_text(stream: Stream) -> bool:
    return has_decoder(stream) and stream.codec_context.name in (
        "subrip",
        "srt",
        "mov_text",
        "webvtt",
        "ass",
        "ssa",
        "text",
    )


def _is_partial(stream: Stream) -> bool:
    is_said = bool(stream.disposition & (Disposition.forced | Disposition.comment))
    return is_said or _PARTIAL.search(stream.metadata.get("title", "").lower()) is not None


def _is_for_impaired(stream: Stream) -> bool:
    """Whether noises are written down, too."""
    title = stream.metadata.get("title", "").lower()
    return bool(stream.disposition & Disposition.hearing_impaired) or "sdh" in title


def _packet_text(codec: str, data: bytes) -> str:
    if codec == "mov_text":
        data = data[2 : 2 + int.from_bytes(data[:2], "big")]
    text = decode(data)
    if codec in ("ass", "ssa"):
        text = styled.without_marks(text.split(",", 8)[-1])
    return text


def write(lines: Iterable[Line], to: str, *, language: str = "") -> str:
    """A transcript as `srt`, `vtt`, `txt`, `json` (with word times) or `lrc`. Raises ValueError for another format.

    Texts stay as they are but for what would break the format: empty lines within SRT and WebVTT, markup in WebVTT.
    """
    kept = [line for line in lines if line.text.strip()]
    match to:
        case "srt":
            blocks = [
                f"{number}\n{_clock(line.start_ms, ',')} --> {_clock(line.end_ms, ',')}\n{_dense(line.text)}\n"
                for number, line in enumerate(kept, 1)
            ]
            return "\n".join(blocks)
        case "vtt":
            cues = [
                f"{_clock(line.start_ms, '.')} --> {_clock(line.end_ms, '.')}\n{_escaped(_dense(line.text))}\n"
                for line in kept
            ]
            return "\n".join(["WEBVTT\n", *cues])
        case "txt":
            return "".join(f"{' '.join(line.text.split())}\n" for line in kept)
        case "lrc":
            return lyrics.write((line.start_ms, line.end_ms, line.text) for line in kept)
        case "json":
            return json.dumps(to_plain(kept, language=language), ensure_ascii=False, indent=1) + "\n"
        case _:
            raise ValueError(f"not a transcript format: {to!r}")


def to_plain(lines: Iterable[Line], *, language: str = "") -> dict[str, object]:
    """`{"language", "segments": [{"start_ms", "end_ms", "text", "words"}]}`, as the command line shows it."""
    segments = [segment_to_plain(line.start_ms, line.end_ms, line.text.strip(), line.words) for line in lines]
    return {"language": language, "segments": segments}


def _clock(ms: int, point: str) -> str:
    seconds, ms = divmod(max(0, ms), 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{point}{ms:03}"


def _dense(text: str) -> str:
    return "\n".join(stripped for line in text.splitlines() if (stripped := line.strip())).replace("-->", "->")


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
