"""PDF by PDFium. Its library is not made for threads: one at a time."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import pypdfium2
import pypdfium2.raw
from PIL import Image

from media_assistant.errors import UserFixable
from media_assistant.items.item import Captured, DateSource, Facts, FileTags
from media_assistant.media.faults import check_file, reading
from media_assistant.media.source import Document, Page

_MAX_CHARACTERS = 100_000_000
_LARGE_BYTES, _TAIL_BYTES = 128 * 1024 * 1024, 1024 * 1024
_one_at_a_time = threading.RLock()


@contextmanager
def open_pdf(path: Path) -> Iterator[pypdfium2.PdfDocument]:
    """An open PDF. Raises UserFixable: `media.protected`, `media.document_damaged`, and what `check_file` raises."""
    size = check_file(path).st_size
    with _one_at_a_time, reading(), path.open("rb") as file:
        if size > _LARGE_BYTES and not _has_end(file, size):
            raise UserFixable("media.document_damaged")
        try:
            pdf = pypdfium2.PdfDocument(file)
        except pypdfium2.PdfiumError as error:
            is_protected = getattr(error, "err_code", None) == pypdfium2.raw.FPDF_ERR_PASSWORD
            raise UserFixable("media.protected" if is_protected else "media.document_damaged") from error
        try:
            yield pdf
        finally:
            pdf.close()


def _has_end(file: BinaryIO, size: int) -> bool:
    """Whether it says at its end where its table is. PDFium looks for that of a broken file in all of it."""
    file.seek(size - _TAIL_BYTES)
    tail = file.read(_TAIL_BYTES)
    file.seek(0)
    return b"startxref" in tail


def read_pdf(path: Path) -> Document:
    """The text layer, page by page; a page that cannot be read is empty."""
    pages: list[Page] = []
    total = 0
    with open_pdf(path) as pdf:
        title = _said(pdf, "Title")
        for index in range(len(pdf)):
            text = _page_text(pdf, index)
            total += len(text)
            if total > _MAX_CHARACTERS:
                break
            pages.append(Page(index + 1, text))
    return Document(tuple(pages), title)


def describe_pdf(path: Path) -> Facts:
    """Pages and what the document's information says (ISO 32000, 14.3.3)."""
    with open_pdf(path) as pdf:
        return Facts(
            pages=len(pdf),
            codecs=("pdf",),
            tags=FileTags(title=_said(pdf, "Title"), artist=_said(pdf, "Author"), comment=_said(pdf, "Subject")),
            captured=_created(_said(pdf, "CreationDate")),
        )


def _said(pdf: pypdfium2.PdfDocument, what: str) -> str:
    """An entry of the document's information; empty where it is no text, such as half a letter."""
    try:
        return str(pdf.get_metadata_value(what)).strip("\0 ")
    except UnicodeDecodeError:
        return ""


def _created(text: str) -> Captured | None:
    """`D:20240512153000+02'00'`."""
    found = re.match(r"D:(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:([Zz+-])(?:(\d\d)'?(\d\d)?)?)?", text)
    if not found:
        return None
    try:
        at = datetime(*(int(part) for part in found.groups()[:6]))  # type: ignore[arg-type]  # noqa: DTZ001
    except ValueError:
        return None
    offset = None
    if found[7]:
        offset = (int(found[8] or 0) * 60 + int(found[9] or 0)) * (-1 if found[7] == "-" else 1)
    return Captured(at.isoformat(), offset, DateSource.CONTAINER)


def _page_text(pdf: pypdfium2.PdfDocument, index: int) -> str:
    try:
        page = pdf[index]
        try:
            textpage = page.get_textpage()
            try:
                text = str(textpage.get_text_bounded())
            finally:
                textpage.close()
        finally:
            page.close()
    except pypdfium2.PdfiumError:
        return ""
    # PDFium marks a hyphen at a line's end, where a word was broken, with U+FFFE.
    return text.replace("\r\n", "\n").replace("\ufffe\n", "").replace("\ufffe", "").replace("\r", "\n")


def render_page(path: Path, long_side: int, index: int = 0) -> Image.Image:
    """One page as a picture of at most `long_side`. Raises UserFixable as `open_pdf`."""
    with open_pdf(path) as pdf:
        try:
            page = pdf[index]
            try:
                width, height = page.get_size()
                scale = long_side / max(width, height, 1.0)
                bitmap = page.render(scale=scale, may_draw_forms=False)
                try:
                    picture: Image.Image = bitmap.to_pil().convert("RGB")
                    return picture
                finally:
                    bitmap.close()
            finally:
                page.close()
        except (pypdfium2.PdfiumError, IndexError) as error:
            raise UserFixable("media.document_damaged") from error
