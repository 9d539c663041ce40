"""Texts: plain, Markdown, HTML, PDF, EPUB, Word. Pages in, nothing run, nothing unpacked without measure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path

from media_assistant.errors import UserFixable
from media_assistant.items.item import Facts, FileTags
from media_assistant.items.kind import Kind
from media_assistant.media.faults import check_file, reading
from media_assistant.media.markup import read_markup, read_title
from media_assistant.media.sniff import sniff
from media_assistant.media.source import Document, Frame, Page, Sound
from media_assistant.media.text import decode

_MAX_PLAIN_BYTES = 256 * 1024 * 1024
_HEADING = re.compile(r"^#{1,2}[ \t]+([^\n]+)", re.MULTILINE)
_NAMED = re.compile(r"^title:([^\n]*)", re.MULTILINE)
_LONGEST_FRONT = 65_536
_HOLE_BYTES = 4096
_FRONT_MATTER = re.compile(r"\A---\n(.*?)\n(?:---|\.\.\.)\n", re.DOTALL)


def read_document(path: Path, problems: list[str] | None = None) -> Document:
    """The text of a file by its content. Raises UserFixable: `media.protected`, `media.document_damaged`, `media.document_too_large`, …"""
    found = sniff(path)
    match found.format if found else "":
        case "pdf":
            from media_assistant.media.pdf import read_pdf

            return read_pdf(path)
        case "epub":
            from media_assistant.media.packages import read_epub

            return read_epub(path)
        case "docx":
            from media_assistant.media.packages import read_docx

            return read_docx(path)
        case "html":
            title, text = read_markup(_read(path, problems))
            return Document((Page(1, text),), title)
        case "md":
            return _markdown(decode(_read(path, problems)))
        case _:
            return Document((Page(1, decode(_read(path, problems))),))


def _read(path: Path, problems: list[str] | None) -> bytes:
    size = check_file(path).st_size
    with reading(), path.open("rb") as file:
        if size > _MAX_PLAIN_BYTES and problems is not None and "media.very_long" not in problems:
            problems.append("media.very_long")
        return _without_hole(file.read(_MAX_PLAIN_BYTES))


def _without_hole(data: bytes) -> bytes:
    """Without the zeros at the end of a file that was never filled, up to a whole letter of any width."""
    end = len(data.rstrip(b"\0"))
    return data[: -(-end // 4) * 4] if len(data) - end > _HOLE_BYTES else data


def _markdown(text: str) -> Document:
    """The text as it was written; the title from the front matter or the first heading."""
    title = ""
    if front := _FRONT_MATTER.match(text[:_LONGEST_FRONT]):
        named = _NAMED.search(front[1])
        title = named[1].strip().removeprefix('"').removesuffix('"').strip("'").strip() if named else ""
        text = text[front.end() :]
    if not title and (heading := _HEADING.search(text[:10_000])):
        title = heading[1].strip().rstrip("#").strip()
    return Document((Page(1, text),), title)


def describe(path: Path) -> Facts:
    """Pages, title, author and date without reading the text. Raises as `read_document` does."""
    found = sniff(path)
    form = found.format if found else "txt"
    match form:
        case "pdf":
            from media_assistant.media.pdf import describe_pdf

            return describe_pdf(path)
        case "epub":
            from media_assistant.media.packages import describe_epub

            return describe_epub(path)
        case "docx":
            from media_assistant.media.packages import describe_docx

            return describe_docx(path)
        case "html":
            title = read_title(_read(path, None)[:65536])
            return Facts(pages=1, codecs=(form,), tags=FileTags(title=title))
        case "md":
            return Facts(
                pages=1, codecs=(form,), tags=FileTags(title=_markdown(decode(_read(path, None)[:65536])).title)
            )
        case _:
            return Facts(pages=1, codecs=(form,))


class DocumentSource:
    """A `MediaSource` over a text. The file is read when its text is asked for, its facts found by `look`."""

    kind = Kind.TEXT

    def __init__(self, path: Path, look: Callable[[], Facts]) -> None:
        check_file(path)
        self.path = path
        self._look = look
        self.problems: list[str] = []
        self._document: Document | None = None

    @cached_property
    def facts(self) -> Facts:
        """What a probe says; looked up once."""
        return self._look()

    def play(self, *, frames: bool, sound: bool, start_ms: int = 0) -> Iterator[Frame | Sound]:  # noqa: ARG002
        """Texts neither move nor sound."""
        return iter(())

    def frame_at(self, at_ms: int) -> Frame | None:  # noqa: ARG002
        """Texts have no frames; `preview.thumbnail` draws their first page."""
        return None

    def document(self) -> Document:
        """The pages, read once."""
        if self._document is None:
            self._document = read_document(self.path, self.problems)
            if not self._document.pages:
                raise UserFixable("media.document_damaged")
        return self._document

    def close(self) -> None:
        """Nothing stays open."""
