"""Our own parsers, each with inputs to begin with, the words of its language, and what must hold of whatever it reads."""

from __future__ import annotations

import io
import json
import math
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Callable
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from media_assistant import sentences
from media_assistant.analysis.passages import LONGEST as LONGEST_PASSAGE
from media_assistant.analysis.passages import cut_passages
from media_assistant.errors import UserFixable
from media_assistant.inference.card import load_card
from media_assistant.inference.onnx_files import external_files
from media_assistant.items import query
from media_assistant.items.span import LATEST_MS
from media_assistant.jobs.messages import read_message
from media_assistant.library.export.rebuild import Rebuild
from media_assistant.media import capture, cues, file_tags, lyrics, playlist, subtitles, transcript_files, xmp
from media_assistant.media.document import read_document
from media_assistant.media.markup import read_markup
from media_assistant.media.sniff import sniff_bytes
from media_assistant.media.text import decode
from media_assistant.settings import Settings, load, save
from media_assistant.workflows.keeping.rebuilding import _parse as parse_line
from tests.stress.fuzz_engine import Parser
from tests.stress.hostile_books import epub
from tests.stress.hostile_lists import SUBTITLES


def refused_in_words(fault: UserFixable) -> None:
    """A refusal is a sentence in both languages."""
    for language in sentences.LANGUAGES:
        assert len(sentences.say(language, f"error.{fault.code}", **fault.parameters)) > 5


def _file(suffix: str) -> Path:
    """One file for all inputs of a parser that reads from the disk."""
    return _folder() / f"input{suffix}"


@lru_cache(maxsize=1)
def _folder() -> Path:
    made = tempfile.TemporaryDirectory(prefix="fuzz-")
    _folder_kept.append(made)
    return Path(made.name)


_folder_kept: list[tempfile.TemporaryDirectory[str]] = []


def _from_file(suffix: str, judge: Callable[[Path], object]) -> Callable[[bytes], None]:
    def work(data: bytes) -> None:
        file = _file(suffix)
        file.write_bytes(data)
        try:
            judge(file)
        except UserFixable as fault:
            refused_in_words(fault)

    return work


def _query(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    found = query.parse(text, today=date(2026, 1, 31))
    for fault in found.faults:
        assert 0 <= fault.start <= fault.end <= len(text)
        for language in sentences.LANGUAGES:
            assert sentences.say(language, fault.says.code, **fault.says.parameters)
    again = query.parse(text, today=date(2026, 1, 31))
    assert found == again
    # What a tree says is read back as that tree, and then always the same.
    written = query.write(found.nodes)
    back = query.parse(written, today=date(2026, 1, 31))
    if len(written) <= query.LONGEST_QUERY and not found.faults:
        assert not back.faults, back.faults
        assert query.write(back.nodes) == written
    value = " ".join(text.split())[:200].strip()
    if value and not any(quote in value for quote in '"”“＂„「」『』«»'):
        (node,) = query.parse(query.write_field("tag", value)).nodes or (None,)
        assert node == query.HasTag(value), value


def _check_lines(found: subtitles.Subtitles, size: int) -> None:
    assert found.lines
    assert sum(len(line.text) for line in found.lines) <= 110 * size + 1000
    for line in found.lines:
        assert line.text
        assert 0 <= line.start_ms <= line.end_ms <= LATEST_MS + lyrics._LONGEST_LINE_MS, line
        line.text.encode()
        assert "\0" not in line.text
        for word in line.words:
            assert 0 <= word.start_ms <= word.end_ms
            assert 0 <= word.probability <= 1


def _subtitles(suffix: str) -> Callable[[bytes], None]:
    def judge(data: bytes) -> None:
        try:
            found = subtitles.read(data, suffix=suffix)
        except UserFixable as fault:
            refused_in_words(fault)
            return
        _check_lines(found, len(data))
        # What was read and is written again reads the same, save what a form cannot hold.
        lines = [line for line in found.lines if line.end_ms > line.start_ms]
        if suffix == ".srt" and lines:
            back = list(cues.parse(subtitles.write(lines, "srt")))
            assert [(start, end) for start, end, _ in back] == [(line.start_ms, line.end_ms) for line in lines]

    return judge


def _transcript(file: Path) -> None:
    found = transcript_files.read_transcript(file)
    assert found.lines
    if found.is_timed:
        _check_lines(found, file.stat().st_size * 4)
        plain = json.loads(subtitles.write(found.lines, "json", language=found.language))
        assert len(plain["segments"]) == len(found.lines)


def _playlist(file: Path) -> None:
    found = playlist.read_playlist(file)
    for entry in found.entries:
        assert entry.is_absolute()
        assert "\0" not in str(entry)
    assert len(found.title) <= 200
    entries = [playlist.Entry(str(entry), entry.stem, 1000) for entry in found.entries[:50]]
    text = playlist.write_playlist(found.title, entries, file.parent)
    back = _file(".written.m3u8")
    back.write_bytes(text.encode("utf-8", "replace"))
    assert [str(entry) for entry in playlist.read_playlist(back).entries] == [entry.path for entry in entries]


def _card(data: bytes) -> None:
    folder = _folder() / "model"
    folder.mkdir(exist_ok=True)
    (folder / "model.toml").write_bytes(data)
    try:
        card = load_card(folder)
    except UserFixable as fault:
        refused_in_words(fault)
        return
    for name in card.named_files():
        assert card.path(name).resolve().is_relative_to(folder.resolve()), name


def _settings(file: Path) -> None:
    found = load(file)
    assert 1 <= found.workers <= 64
    assert found.memory_limit_mb >= 256
    kept = _file(".kept.json")
    save(found, kept)
    assert load(kept) == found


def _markup(data: bytes) -> None:
    title, text = read_markup(data)
    for said in (title, text):
        said.encode()
        assert len(said) <= 3 * len(data) + 100
    assert "alert(" not in text or b"<script>alert(" not in data.replace(b"\0", b"")


def _text(data: bytes) -> None:
    text = decode(data)
    text.encode()
    assert "\r" not in text
    places = list(cut_passages(text))
    before = 0
    for start, end in places:
        assert before <= start < end <= len(text)
        assert end - start <= LONGEST_PASSAGE
        before = end


def _sniff(data: bytes) -> None:
    for suffix in ("", ".mp4", ".txt", ".json"):
        found = sniff_bytes(data, suffix)
        assert found is None or found.format


def _document(file: Path) -> None:
    document = read_document(file)
    assert document.pages
    for page in document.pages:
        page.text.encode()


def _book(data: bytes) -> None:
    """Mutated package and chapter in a whole archive: the zip's own checks stop nothing."""
    package, _, chapter = data.partition(b"\x00")
    file = _file(".epub")
    file.write_bytes(epub({"c.xhtml": chapter}, opf=package.decode("utf-8", "replace") or "<x/>"))
    try:
        _document(file)
    except UserFixable as fault:
        refused_in_words(fault)


def _dates(data: bytes) -> None:
    data = data[:4000]  # a name or a tag
    text = data.decode("utf-8", "surrogateescape")
    for found in (
        capture.from_name(text),
        capture.from_container({"creation_time": text, "date": text}),
        capture.from_exif({0x9003: text, 0x9011: text, 0x0132: data}, {29: text, 7: (text, data, 1e9)}),
    ):
        if found is not None:
            date.fromisoformat(found.at[:10])
    place = capture.place_from_iso6709(text)
    assert place is None or (abs(place.latitude) <= 90 and abs(place.longitude) <= 180)
    assert place is None or place.altitude_m is None or math.isfinite(place.altitude_m)
    capture.place_from_exif({1: text, 2: (text, 1, 2), 3: data, 4: tuple(data[:4]), 6: text})
    tags = file_tags.read_tags(file_tags.repair({"title": text, "artist": data.decode("latin-1"), "track": text}))
    assert len(tags.title) <= 2000


def _onnx(data: bytes) -> None:
    file = _file(".onnx")
    file.write_bytes(data)
    try:
        names = external_files(file)
    except ValueError:
        return
    assert all(isinstance(name, str) for name in names)


def _message(data: bytes) -> None:
    stream = io.BytesIO(data)
    try:
        while (message := read_message(stream)) is not None:
            assert isinstance(message[0], dict)
    except ValueError:
        return


class _Rebuilding:
    """One library that every line is tried on, each undone again."""

    def __init__(self) -> None:
        self._rebuild: Rebuild | None = None

    def __call__(self, data: bytes) -> None:
        if self._rebuild is None:
            self._rebuild = Rebuild(_file(".sqlite"))
        connection = self._rebuild._connection
        connection.execute("SAVEPOINT line")
        try:
            for line in data.split(b"\n")[:20]:
                try:
                    plain: dict[str, Any] = parse_line(line + b"\n")
                    self._rebuild.put("library", plain)
                    self._rebuild.put("findings", plain)
                except ValueError:
                    continue
                except UserFixable as fault:
                    refused_in_words(fault)
        finally:
            connection.execute("ROLLBACK TO line")
            connection.execute("RELEASE line")


def _xmp(data: bytes) -> None:
    """What is written is well-formed, whatever the words."""
    text = data.decode("utf-8", "surrogateescape")
    words = text.split(",")
    ET.fromstring(xmp.write_xmp(text, words, [words, [text]]).encode("utf-8"))


@lru_cache(maxsize=1)
def _export_lines() -> tuple[bytes, ...]:
    """Lines of a real export, of every type."""
    import shutil
    from contextlib import closing

    from media_assistant.library.library import Library
    from media_assistant.library.schema import migrations
    from media_assistant.workflows.keeping.exporting import export_library
    from tests.library.make_filled import DATA

    place = _folder() / "export"
    place.mkdir(exist_ok=True)
    shutil.copy(DATA / f"library-v{migrations.SCHEMA_VERSION}.sqlite", place / "library.sqlite")
    with closing(Library.open(place / "library.sqlite")) as library:
        export_library(library, place / "out")
    found: dict[str, bytes] = {}
    for file in ("library.jsonl", "findings.jsonl"):
        for line in (place / "out" / file).read_bytes().splitlines():
            found.setdefault(str(json.loads(line)["type"]), line)
    return tuple(found.values())


_CARD = b"""id = "a"
task = "text-embedding"
session = "onnx"
languages = ["en", "*"]
licence = "MIT"
model = "onnx/model.onnx"
space = "s"
dimension = 8
[thresholds]
seen = 0.5
[sha256]
"model.onnx" = "aa00"
"""
_SETTINGS = json.dumps(Settings()._asdict()).encode()
_TTML = b"<tt xmlns='http://www.w3.org/ns/ttml'><body><div><p begin='1s' end='00:00:02.5'>la</p></div></body></tt>"
_JSON = b'{"language": "en", "segments": [{"start": 1.5, "end": 2, "text": "la", "words": [{"start": 1, "end": 2, "word": "la", "probability": 0.5}]}]}'
_OPF = (
    b'<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata><dc:title>T</dc:title></metadata>'
    b'<manifest><item id="c" href="c.xhtml" media-type="application/xhtml+xml"/></manifest><spine><itemref idref="c"/></spine></package>\0'
    b"<html><head><title>t</title></head><body><p>one</p></body></html>"
)


def parsers() -> list[Parser]:
    """All of them."""
    subs = [text[:400].encode() for text in SUBTITLES.values()]
    stamps = [b"00:00:01,000 --> 00:00:02,000", b"[00:01.00]", b"<00:01.5>", b"Dialogue: 0,0:00:01.00,0:00:02.00,", b"{\\p1}", b"{1}{1}25", b"[1][2]", b"WEBVTT", b"[offset:", b"<tt", b"[Events]", b"Format: Start, End, Text"]  # fmt: skip
    fields = [b"kind:", b"tag:", b"-", b'"', b"since:", b"before:yesterday", b"longer:", b"1h30m", b"2024-02-30", "说“".encode(), "时长：".encode(), b"in:", b"collection:", b"video,photo", b" OR ", b" AND ", b"NOT ", b" THEN ", b" WHILE ", b" within 10s ", "秒内".encode(), " 或 ".encode(), "（".encode(), "）".encode(), b"(", b")", b"rated:>=", b"has:", b"missing:gps", b"is:duplicate", b"like:", b"artist:", b"album:", "\u200b".encode(), b"NEAR/2", b"*", b"';--"]  # fmt: skip
    tags = [b"<p>", b"<script>", b"</script>", b"<!--", b"-->", b"<![CDATA[", b"]]>", b"&#x", b"&amp;", b"<title>", b"<svg>", b"</svg>", b"<img alt='", b"<meta charset=gbk>", b"<body>", b"<td>"]  # fmt: skip
    return [
        Parser("query", _query, [b'dog kind:video -tag:"sea" since:2024-05 longer:1h30m', "说：“涨潮” 在:旅行".encode(), b'(dog OR -tag:cat) seen:(a b) THEN "come here" within 10s', "（狗 或 猫） 同时 听：浪 5秒内 评分：★★".encode()], fields),
        Parser("subtitles", _subtitles(".srt"), [*subs, _TTML, b"{1}{1}25\n{0}{25}la\n", b"[0][25]la\n"], stamps),
        Parser("lyrics", _subtitles(".lrc"), [SUBTITLES["lrc"][:300].encode(), b"[offset:+500]\n[00:01.00][00:02]la <00:01>x"], stamps),
        Parser("styled subtitles", _subtitles(".ass"), [SUBTITLES["ass"][:500].encode()], stamps),
        Parser("transcript json", _from_file(".json", _transcript), [_JSON, b'[{"start_ms": 1, "end_ms": 2, "text": "la"}]'], [b'"start":', b'"words":', b"null", b"[]", b"{}", b"true", b"\\ud800"]),
        Parser("transcript text", _from_file(".txt", _transcript), [b"one\ntwo\n", *subs[:2]], stamps),
        Parser("playlist", _from_file(".m3u8", _playlist), [b"#EXTM3U\n#PLAYLIST:x\n#EXTINF:1,a\na.mp3\nfile:///tmp/%20b.mp3\n..\\c.mp3\nhttp://x/\n"], [b"file://", b"file:", b"%00", b"\\\\x\\y", b"#EXTINF:", b"#PLAYLIST:", b"://", b"[", b"~"]),
        Parser("model card", _card, [_CARD], [b"[[", b"]]", b"= ", b'"""', b"..", b"/etc/passwd", b"\\u0000", b"inf", b"model =", b"[input]", b"C:\\\\x"]),
        Parser("settings", _from_file(".settings.json", _settings), [_SETTINGS, b"{}"], [b'"workers": ', b'"memory_limit_mb": ', b"null", b"true", b"[]", b"{}", b"\\ud800"]),
        Parser("web page", _markup, [b"<!doctype html><html><head><title>a &amp; b</title></head><body><p>x<script>alert(1)</script><img alt='y'></p></body></html>"], tags),
        Parser("markdown", _from_file(".md", _document), [b"---\ntitle: 'x'\n---\n# Head #\n\nwords\n"], [b"---\n", b"title:", b"# ", b"\n\n", b"..."]),
        Parser("text", _text, ["海\n\nwords. And more! 是的。".encode(), "从前有一座山".encode("gbk"), "\ufeffwide".encode("utf-16")], [b"\n\n", b". ", "。".encode(), b"\x0c"]),
        Parser("sniff", _sniff, [b"\0\0\0\x18ftypisom\0\0\2\0isommp41\0\0\0\x10moov\0\0\0\x08trak", b"\x1aE\xdf\xa3\x93B\x82\x84webm\x18S\x80g\xff\x16T\xaek\x8a\xae\x88\x83\x81\x01", b"OggS\0\2" + bytes(20) + b"\1\x1e\x01vorbis", b"RIFF\0\0\0\0AVI LIST\0\0\0\0strhvids", b"PK\3\4" + bytes(26) + b"mimetypeapplication/epub+zip", b"%PDF-1.4", b"ID3\4\0\0\0\0\0\0\xff\xfb\x90\0", b"G" + bytes(187) + b"G" + bytes(187)], [b"moov", b"trak", b"mdia", b"hdlr", b"\xae", b"\x83\x81\x01", b"OggS", b"\xff\xfb\x90\0", b"<!--", b"-->", b"<html", b"PK\5\6"]),
        Parser("book", _book, [_OPF], [*tags, b"<itemref idref='c'/>", b"href='../x'", b"<!DOCTYPE x [<!ENTITY a 'b'>]>", b"&a;", b"\0"]),
        Parser("dates and tags", _dates, [b"IMG_20240512_153000", b"2024-05-12T15:30:00+02:00", b"+48.8577+002.2950+035.000/", b"2024:05:12 15:30:00", b"mmexport1715499000123", "春".encode("gbk")], [b"2024", b"1230", b"+02:00", b"PM", "年".encode(), b"/"]),
        Parser("onnx", _onnx, [_graph()], [b"location", b"\x6a", b"\x0a", b"\x12", b"\xff\xff\xff\xff\x0f"]),
        Parser("message", _message, [b"\2\0\0\0\0\0\0\0{}", b"\x0e\0\0\0\1\0\0\0" + b'{"is": "end"}' + b" x"], [b"\0\0\0\0", b"\xff\xff\xff\xff", b"{}", b"["]),
        Parser("export line", _Rebuilding(), list(_export_lines()), [b'"type":', b"null", b"[]", b"{}", b"true", b"-1", b'""', b"\\ud800", b"1e999", b'{"bytes": "zz"}']),
        Parser("xmp", _xmp, [b"title,animal|dog,<&>", "海,\ud7ff".encode()], [b"]]>", b"&", b"<", b"\x0b", b"\xef\xbf\xbe"]),
    ]  # fmt: skip


def _graph() -> bytes:
    """A small ONNX graph with weights kept elsewhere."""
    entry = b"\x0a\x08location\x12\x05w.bin"
    tensor = b"\x6a" + bytes((len(entry),)) + entry
    graph = b"\x2a" + bytes((len(tensor),)) + tensor
    return b"\x08\x08\x3a" + bytes((len(graph),)) + graph
