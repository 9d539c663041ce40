"""Text of HTML, without its scripts and styles, by the standard library's parser."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from media_assistant.media.text import decode, find_encoding

_SILENT = frozenset(
    {"script", "style", "template", "noscript", "svg", "math", "head", "iframe", "object", "canvas", "select"}
)
_BLOCKS = frozenset(
    {
        "p",
        "div",
        "br",
        "li",
        "tr",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "section",
        "article",
        "header",
        "footer",
        "table",
    }
    | {
        "blockquote",
        "pre",
        "hr",
        "ul",
        "ol",
        "dl",
        "dt",
        "dd",
        "figure",
        "figcaption",
        "aside",
        "nav",
        "main",
        "body",
        "option",
    }
)
_CHARSET = re.compile(
    rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]+)|<\?xml[^>]{0,100}encoding=[\"']([A-Za-z0-9_.:-]+)",
    re.IGNORECASE,
)
_SPACES = re.compile(r"[ \t\r\f\v\u00a0]*\n[ \t\r\f\v\u00a0]*|[ \t\r\f\v\u00a0]+")
_GAPS = re.compile(r"\n{3,}")


def read_markup(data: bytes) -> tuple[str, str]:
    """(title, text) of an HTML or XHTML file."""
    parser = _Reader()
    parser.feed(_decode(data))
    parser.close()
    title = " ".join("".join(parser.title).split())
    text = _SPACES.sub(lambda found: "\n" if "\n" in found.group() else " ", "".join(parser.parts))
    return title, _GAPS.sub("\n\n", text).strip()


def read_title(data: bytes) -> str:
    """The title alone; `data` may break off anywhere."""
    return read_markup(data)[0]


def _decode(data: bytes) -> str:
    """UTF-8 and marked texts speak for themselves; else the page says its encoding, often rightly."""
    found = find_encoding(data)
    named = _CHARSET.search(data[:4096])
    if found not in ("utf-8", "utf-16-le", "utf-16-be") and named:
        name = (named[1] or named[2]).decode("ascii").lower()
        try:
            return data.decode("gb18030" if name in ("gb2312", "gbk") else name)
        except (LookupError, UnicodeDecodeError):
            pass
    return decode(data)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.title: list[str] = []
        self._silent: list[str] = []
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "title" and not self.title:
            self._in_title = True
        elif tag in _SILENT:
            self._silent.append(tag)
        elif tag == "body":
            self._silent.clear()  # a head that was never closed
        elif tag in _BLOCKS:
            self.parts.append("\n\n" if tag in ("p", "h1", "h2", "h3") else "\n")
        elif tag in ("td", "th"):
            self.parts.append("\t")
        elif tag == "img" and not self._silent and (alt := dict(attrs).get("alt")):
            self.parts.append(alt)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BLOCKS or tag == "img":
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self._in_title = False
        elif tag in self._silent:
            while self._silent.pop() != tag:
                pass
        elif tag in _BLOCKS and not self._silent:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title.append(data)
        elif not self._silent:
            self.parts.append(data)
