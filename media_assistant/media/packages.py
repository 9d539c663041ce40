"""Documents that are zip archives of XML: EPUB and Word. Measured before they are unpacked."""

from __future__ import annotations

import errno
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree.ElementTree import Element, ParseError

import defusedxml.ElementTree
from defusedxml.common import DefusedXmlException

from media_assistant.archives import check_directory
from media_assistant.errors import UserFixable
from media_assistant.items.item import Captured, DateSource, Facts, FileTags
from media_assistant.media.faults import check_file, reading
from media_assistant.media.markup import read_markup
from media_assistant.media.source import Document, Page

_MAX_MEGABYTES = 512
_MAX_PART_BYTES = 64 * 1024 * 1024
# Of a list of parts or of properties: a tree of it takes ten times the room.
_MAX_XML_BYTES = 16 * 1024 * 1024
_MAX_MEMBERS = 50_000
_DC = "{http://purl.org/dc/elements/1.1/}"
_OPF = "{http://www.idpf.org/2007/opf}"
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_SIGNS = {f"{_W}tab": "\t", f"{_W}ptab": "\t", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}
# `rt` tells how the letters below it are spoken, `Fallback` is a box again for programs that know no boxes.
_NOT_SHOWN = frozenset(
    f"{_W}{name}" for name in ("del", "moveFrom", "rt", "pPr", "rPr", "sdtPr", "tblPr", "trPr", "tcPr")
) | {"{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"}
_FONT_VEILS = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")


@contextmanager
def _open_archive(path: Path) -> Iterator[zipfile.ZipFile]:
    """An archive that claims no more than we are willing to unpack. Broken ones become `media.document_damaged`."""
    check_file(path)
    with reading(), path.open("rb") as file, _judging():
        check_directory(file)
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            total = sum(member.file_size for member in members)
            if len(members) > _MAX_MEMBERS or total > _MAX_MEGABYTES * 1024 * 1024:
                raise UserFixable("media.document_too_large", megabytes=_MAX_MEGABYTES)
            yield archive


@contextmanager
def _judging() -> Iterator[None]:
    """Say what the libraries' refusals mean."""
    try:
        yield
    except (NotImplementedError, RecursionError) as error:
        raise UserFixable("media.document_damaged") from error
    except RuntimeError as error:  # zipfile's word for an encrypted member
        raise UserFixable("media.protected") from error
    except (zipfile.BadZipFile, zlib.error, KeyError, ParseError, ValueError, EOFError, DefusedXmlException) as error:
        raise UserFixable("media.document_damaged") from error
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        # A damaged directory sends zipfile to places before the file's start.
        raise UserFixable("media.document_damaged") from error


def _part(archive: zipfile.ZipFile, name: str, limit: int = _MAX_PART_BYTES) -> bytes:
    """One member, at most `limit` bytes whatever its directory entry claims. Raises KeyError if it is not there."""
    with archive.open(name) as member:
        data = member.read(limit + 1)
    if len(data) > limit:
        raise UserFixable("media.document_too_large", megabytes=limit // (1024 * 1024))
    return data


def _xml(archive: zipfile.ZipFile, name: str) -> Element:
    root: Element = defusedxml.ElementTree.fromstring(_part(archive, name, _MAX_XML_BYTES))
    return root


class _Book:
    """An EPUB's package document (EPUB 3.3, section 5): what there is and in which order it is read."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        container = _xml(archive, "META-INF/container.xml")
        rootfile = container.find(".//{*}rootfile")
        self.path = rootfile.get("full-path", "") if rootfile is not None else ""
        self.package = _xml(archive, self.path)
        self.names = set(archive.namelist())
        items = {item.get("id", ""): item for item in self.package.iter(f"{_OPF}item")}
        # A chapter stands in the spine once; a small book could name one a million times.
        named = dict.fromkeys(ref.get("idref", "") for ref in self.package.iter(f"{_OPF}itemref"))
        spine = [items.get(each) for each in named]
        self.chapters = [
            name for item in spine if item is not None and (name := self.resolve(item.get("href", ""))) in self.names
        ]
        self.items = list(items.values())

    def resolve(self, href: str) -> str:
        return posixpath.normpath(posixpath.join(posixpath.dirname(self.path), unquote(href.partition("#")[0])))

    def first(self, name: str) -> str:
        found = self.package.find(f".//{_DC}{name}")
        return " ".join((found.text or "").split()) if found is not None else ""

    def cover(self) -> str:
        """The cover picture's member name; empty if the book names none."""
        meta = self.package.find(f".//{_OPF}meta[@name='cover']")
        wanted = meta.get("content") if meta is not None else None
        for item in self.items:
            if "cover-image" in (item.get("properties") or "").split() or (wanted and item.get("id") == wanted):
                name = self.resolve(item.get("href", ""))
                if name in self.names and (item.get("media-type") or "").startswith("image/"):
                    return name
        return ""


def read_epub(path: Path) -> Document:
    """Chapters in reading order as pages. Raises UserFixable: `media.protected` for copy-protected books, …"""
    with _open_archive(path) as archive:
        book = _Book(archive)
        if set(book.chapters) & _veiled(archive):
            raise UserFixable("media.protected")
        pages: list[Page] = []
        left = _MAX_MEGABYTES * 1024 * 1024
        for name in book.chapters:
            data = _part(archive, name)
            left -= len(data)
            if left < 0:
                raise UserFixable("media.document_too_large", megabytes=_MAX_MEGABYTES)
            text = read_markup(data)[1]
            if text:
                pages.append(Page(len(pages) + 1, text))
        return Document(tuple(pages) or (Page(1, ""),), book.first("title"))


def _veiled(archive: zipfile.ZipFile) -> set[str]:
    """Members that are encrypted in earnest (fonts are often veiled by simple schemes, which harms nobody)."""
    if "META-INF/encryption.xml" not in archive.namelist():
        return set()
    veiled = set()
    for data in _xml(archive, "META-INF/encryption.xml").iterfind(".//{*}EncryptedData"):
        method, reference = data.find("{*}EncryptionMethod"), data.find(".//{*}CipherReference")
        if reference is not None and (method is None or method.get("Algorithm") not in _FONT_VEILS):
            veiled.add(unquote(reference.get("URI", "")))
    return veiled


def describe_epub(path: Path) -> Facts:
    """Chapters, title, author, date."""
    with _open_archive(path) as archive:
        book = _Book(archive)
        tags = FileTags(title=book.first("title"), artist=book.first("creator"), date=book.first("date"))
        return Facts(pages=len(book.chapters), codecs=("epub",), tags=tags)


def book_cover(path: Path) -> bytes:
    """The cover picture's bytes; empty if there is none."""
    with _open_archive(path) as archive:
        name = _Book(archive).cover()
        return _part(archive, name) if name else b""


def read_docx(path: Path) -> Document:
    """A Word file as one page: paragraphs and tables in their order, as they read with all tracked changes accepted."""
    import docx
    from docx.opc.exceptions import OpcError

    with _open_archive(path) as archive:
        for member in archive.infolist():
            if member.filename.endswith((".xml", ".rels")):
                _measure(archive, member)
        try:
            with path.open("rb") as file:
                word = docx.Document(file)
            lines = list(_paragraphs(word.element.body))
            title = word.core_properties.title or ""
        except (OpcError, KeyError, ValueError, AttributeError, SyntaxError, TypeError) as error:
            raise UserFixable("media.document_damaged") from error
    return Document((Page(1, "\n".join(lines)),), title)


def _paragraphs(block: Iterable[Any]) -> Iterator[str]:
    """The text of each paragraph and each row of a table, in their order, however they are wrapped.

    Of python-docx only the elements: its paragraphs know nothing of content controls and tracked insertions, and its rows
    repeat a cell for each column that it says to span, be it a billion.
    """
    for element in _shown(block):
        if element.tag == f"{_W}p":
            yield "".join(_words(element))
        elif element.tag == f"{_W}tbl":
            for row in _nearest(element, f"{_W}tr"):
                if cells := ["\n".join(_paragraphs(cell)) for cell in _nearest(row, f"{_W}tc")]:
                    yield "\t".join(cells)
        else:
            yield from _paragraphs(element)


def _nearest(element: Iterable[Any], tag: str) -> Iterator[Any]:
    """What is called `tag` below an element, but not what is below that."""
    for child in _shown(element):
        if child.tag == tag:
            yield child
        else:
            yield from _nearest(child, tag)


def _words(element: Iterable[Any]) -> Iterator[str]:
    for child in _shown(element):
        if child.tag == f"{_W}t":
            yield child.text or ""
        elif child.tag == f"{_W}br":
            # Where a page or a column ends, no line does.
            yield "\n" if child.get(f"{_W}type") in {None, "textWrapping"} else ""
        elif child.tag in _SIGNS:
            yield _SIGNS[child.tag]
        else:
            if child.tag == f"{_W}p":  # of a box that hangs on the paragraph
                yield "\n"
            yield from _words(child)


def _shown(element: Iterable[Any]) -> Iterator[Any]:
    """What stands in an element, without what was deleted and what is there a second time."""
    return (child for child in element if isinstance(child.tag, str) and child.tag not in _NOT_SHOWN)


def describe_docx(path: Path) -> Facts:
    """Title, author, date, from the core properties."""
    with _open_archive(path) as archive:
        if "docProps/core.xml" not in archive.namelist():
            return Facts(pages=1, codecs=("docx",))
        core = _xml(archive, "docProps/core.xml")

        def first(name: str) -> str:
            found = core.find(f"{{*}}{name}")
            return " ".join((found.text or "").split()) if found is not None else ""

        created = first("created")
        captured = None
        if re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d.*", created):
            captured = Captured(created[:19], 0 if created.endswith("Z") else None, DateSource.CONTAINER)
        tags = FileTags(title=first("title"), artist=first("creator"), date=created[:10])
        return Facts(pages=1, codecs=("docx",), tags=tags, captured=captured)


def _measure(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """Refuse a part that is larger than it claims or than anybody writes."""
    left = _MAX_PART_BYTES
    with archive.open(member) as part:
        while chunk := part.read(1024 * 1024):
            left -= len(chunk)
            if left < 0:
                raise UserFixable("media.document_too_large", megabytes=_MAX_PART_BYTES // (1024 * 1024))
