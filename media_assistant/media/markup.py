"""Text of HTML, without its scripts and styles.

Read in one pass whose time grows with the page's length alone. The standard library's parser looks from each of many
unclosed tags or comments through all the rest again: a page of half a megabyte kept it busy for minutes.
"""

from __future__ import annotations

import codecs
import html
import re
from collections import Counter
from contextlib import suppress

from media_assistant.media.text import decode, find_encoding

_SILENT = frozenset(
    {"script", "style", "template", "noscript", "svg", "math", "head", "iframe", "object", "canvas", "select"}
)
_RAW = frozenset({"script", "style", "title", "textarea", "iframe", "noembed", "noframes", "xmp"})
"""In these there are no tags but their own end (HTML, 13.2.5.2 to 4)."""
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
# What pages are written in that say the one.
_WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "big5": "cp950"}
# What Python calls encodings and no page is written in.
_NO_ENCODINGS = frozenset({"idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape", "utf-7"})
_CHARSET = re.compile(
    rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]+)|<\?xml[^>]{0,100}encoding=[\"']([A-Za-z0-9_.:-]+)",
    re.IGNORECASE,
)
_SPACES = re.compile(r"[ \t\r\f\v\u00a0]*\n[ \t\r\f\v\u00a0]*|[ \t\r\f\v\u00a0]+")
_GAPS = re.compile(r"\n{3,}")
# A quote counts only where a value begins. Nothing is tried twice: the plus signs and stars that follow another give
# nothing back.
_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]*+)((?:[^>=]++|=\s*+(?:\"[^\"]*+\"|'[^']*+'|))*+)>")
_TAG_OF_ANY_QUOTES = re.compile(r"<(/?)([a-zA-Z][^\s/>]*+)([^>]*+)>")
_ALT = re.compile(r"\balt\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+))", re.IGNORECASE)
_LONG_NUMBER = re.compile(r"&#(?:[0-9]{8,}|[xX][0-9a-fA-F]{7,});?")


def read_markup(data: bytes) -> tuple[str, str]:
    """(title, text) of an HTML or XHTML file."""
    reader = _Reader()
    reader.read(_decode(data))
    title = " ".join("".join(reader.title).split())
    text = _SPACES.sub(lambda found: "\n" if "\n" in found.group() else " ", "".join(reader.parts))
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
        with suppress(LookupError, UnicodeError):
            codec = codecs.lookup(name).name
            if codec not in _NO_ENCODINGS:
                return data.decode(_WIDER.get(codec, codec))
    return decode(data)


def _unescape(text: str) -> str:
    """References as the characters that they mean; numbers too long for any become U+FFFD."""
    return html.unescape(_LONG_NUMBER.sub("\ufffd", text)) if "&" in text else text


class _Reader:
    def __init__(self) -> None:
        self.parts: list[str] = []
        self.title: list[str] = []
        self._silent: list[str] = []
        self._silenced: Counter[str] = Counter()
        """How often each tag stands in `_silent`, which may be a million tags deep."""
        self._tag = _TAG

    def read(self, text: str) -> None:
        """Take a page. What begins and never ends (a tag, a comment, a script) reaches to the page's end and says nothing."""
        at = 0
        while (opening := text.find("<", at)) >= 0:
            self._say(text[at:opening])
            at = self._markup(text, opening)
        self._say(text[at:])

    def _markup(self, text: str, at: int) -> int:
        """What begins with the `<` at `at`; says where it ends."""
        if text.startswith("<!--", at):
            return _after(text, "-->", at + 4)
        if text.startswith("<![CDATA[", at):
            end = text.find("]]>", at)
            self._say(text[at + 9 : end if end >= 0 else len(text)], is_plain=True)
            return end + 3 if end >= 0 else len(text)
        if text.startswith(("<!", "<?"), at):
            return _after(text, ">", at)
        tag = self._tag.match(text, at)
        if tag is None:
            # By its quotes this one goes on to the end, and so would all after it.
            self._tag = _TAG_OF_ANY_QUOTES
            tag = self._tag.match(text, at)
        if tag is None:
            if text[at + 1 : at + 2].isalpha() or text.startswith("</", at):
                return _after(text, ">", at)
            self._say("<")
            return at + 1
        name = tag[2].lower()
        if tag[1]:
            self._end(name)
            return tag.end()
        if tag[3].endswith("/") and name not in _BLOCKS and name != "img":
            return tag.end()
        self._start(name, tag[3])
        return self._raw(text, name, tag.end()) if name in _RAW else tag.end()

    def _raw(self, text: str, name: str, at: int) -> int:
        ending = re.compile(rf"</{name}\b", re.IGNORECASE).search(text, at)
        end = ending.start() if ending else len(text)
        if name == "title" and not self.title:
            self.title.append(_unescape(text[at:end]))
        elif name in ("textarea", "xmp"):
            self._say(text[at:end])
        return end

    def _start(self, name: str, attributes: str) -> None:
        if name in _SILENT:
            self._silent.append(name)
            self._silenced[name] += 1
        elif name == "body":
            self._silent.clear()  # a head that was never closed
            self._silenced.clear()
        elif name in _BLOCKS:
            self.parts.append("\n\n" if name in ("p", "h1", "h2", "h3") else "\n")
        elif name in ("td", "th"):
            self.parts.append("\t")
        elif name == "img" and not self._silent and (alt := _ALT.search(attributes)):
            self.parts.append(_unescape(alt[1] or alt[2] or alt[3] or ""))

    def _end(self, name: str) -> None:
        if self._silenced[name]:
            while (ended := self._silent.pop()) != name:
                self._silenced[ended] -= 1
            self._silenced[name] -= 1
        elif name in _BLOCKS and not self._silent:
            self.parts.append("\n")

    def _say(self, text: str, *, is_plain: bool = False) -> None:
        if text and not self._silent:
            self.parts.append(text if is_plain else _unescape(text))


def _after(text: str, mark: str, at: int) -> int:
    """Where the next `mark` ends; the text's end where there is none."""
    found = text.find(mark, at)
    return found + len(mark) if found >= 0 else len(text)
