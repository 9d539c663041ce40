"""Plain texts, Markdown and web pages that are damaged, endless, nested, or want something run or fetched."""

from __future__ import annotations

from tests.stress.hostile_corpus import Corpus

STORY = "The lighthouse keeper counted seven ships before the fog came in from the sea. 灯塔看守人数了七艘船。\n\n"
HIDDEN = "zzsecretzz"


def put_texts(corpus: Corpus) -> None:
    """Texts and web pages."""
    corpus.put_damaged("text", "plain", ".txt", (STORY * 30).encode())
    corpus.put_damaged(
        "text", "gbk", ".txt", ("从前有一座山，山上有一座庙，庙里有个老和尚在讲故事。" * 60).encode("gbk")
    )
    corpus.put_damaged("text", "utf-16", ".txt", ("\ufeff" + STORY * 20).encode("utf-16-le"))
    corpus.put_damaged("text", "markdown", ".md", f"---\ntitle: Harbour\n---\n# Harbour\n\n{STORY * 20}".encode())
    corpus.put_damaged("web page", "page", ".html", page(STORY * 20).encode())
    _put_odd_texts(corpus)
    _put_patterns(corpus)
    _put_pages(corpus)


def page(body: str, head: str = "") -> str:
    """An HTML page."""
    return f"<!DOCTYPE html><html><head><title>Harbour</title>{head}</head><body><p>{body}</p></body></html>"


def _put_odd_texts(corpus: Corpus) -> None:
    word = "harbourmaster "
    texts: dict[str, bytes] = {
        "nothing but a mark": b"\xef\xbb\xbf",
        "mark of UTF-32 and half a letter": b"\xff\xfe\0\0abc",
        "two marks": b"\xef\xbb\xbf\xff\xfe" + word.encode() * 20,
        "utf-16 says its mark and is none": b"\xff\xfe" + word.encode() * 21,
        "surrogates alone": b"\xff\xfe" + b"\x00\xd8" * 200 + word.encode("utf-16-le") * 20,
        "utf-7": b"+AGg-arbour " * 40,
        "zeros between": b"a\0b\0\0c" * 300,
        "zeros at the end": word.encode() * 30 + bytes(5000),
        "escapes of a terminal": (word * 20 + "\x1b]0;title\x07\x1b[2J\x1b[31m" + word).encode(),
        "right to left": ("\u202e" + word + "\u2066\u2069\u200f" + "שלום ").encode() * 40,
        "marks upon marks": (word + "e" + "\u0301" * 200_000).encode(),
        "no letters": b"... --- ... ///\n" * 200,
        "only line ends": b"\n" * 1_000_000,
        "only spaces": b" " * 1_000_000 + word.encode(),
        "one line of 8 MB": word.encode() * 600_000,
        "one word of 4 MB": b"a" * 4_000_000,
        "one Chinese line of 3 MB": "海".encode() * 1_000_000,
        "half a million lines": b"".join(b"line %d\n" % number for number in range(500_000)),
        "emoji": "👩‍👩‍👧‍👦🏳️‍🌈".encode() * 3000,
        "all bytes": bytes(range(1, 256)) * 20,
        "private letters": "\ue000\uf8ff\U0010ffff word ".encode() * 100,
    }
    for what, data in texts.items():
        corpus.put("text", what, ".txt", data)


def _put_patterns(corpus: Corpus) -> None:
    """What a pattern of ours could stumble over again and again."""
    gap = " " * 60_000
    for what, text in {
        "a heading of spaces": f"# a{' ' * 9_000}b\n\n{STORY}",
        "a heading of signs": f"# a {'# ' * 4_000}b\n\n{STORY}",
        "a heading of line ends": f"#{chr(10) * 60_000}a\n\n{STORY}",
        "front matter without end": f"---\n{'a: b' + chr(10)}" * 30_000 + STORY,
        "a title of spaces": f"---\ntitle: a{gap}b\nx: y\n---\n{STORY}",
        "a title of quotes": f"---\ntitle: {chr(34) * 60_000}b\n---\n{STORY}",
        "a title of a megabyte": f"---\ntitle: {'long title ' * 90_000}\n---\n{STORY}",
        "brackets in brackets": "[" * 200_000 + STORY + "](" * 100_000,
        "quotes in quotes": "> " * 200_000 + STORY,
        "stars": "*" * 400_000 + STORY,
    }.items():
        corpus.put("text", what, ".md", text.encode(), finds="lighthouse")


def _put_pages(corpus: Corpus) -> None:
    away = corpus.address
    fetched = (
        f'<link rel="stylesheet" href="{away}/a.css"><script src="{away}/a.js">{HIDDEN}</script>'
        f'<meta http-equiv="refresh" content="0;url={away}/r"><base href="{away}/"><style>@import "{away}/b.css"; {HIDDEN}</style>'
        f"<style>@font-face{{font-family:x;src:url({away}/f.woff)}}</style>"
    )
    shown = (
        f'{STORY}<img src="{away}/i.png" alt="gull" onerror="fetch(1)"><iframe src="{away}/f.html">{HIDDEN}</iframe>'
        f'<object data="{away}/o.swf">{HIDDEN}</object><embed src="{away}/e"><video src="{away}/v.mp4"></video>'
        f"<svg><script>{HIDDEN}</script><image href='{away}/s.png'/></svg><a href='javascript:alert(1)'>gulls</a>"
        f"<noscript>{HIDDEN}</noscript><template>{HIDDEN}</template>"
    )
    corpus.put(
        "web page", "that wants everything", ".html", page(shown, fetched).encode(), finds="lighthouse", never=HIDDEN
    )
    dtd = f'<!DOCTYPE html SYSTEM "{away}/x.dtd" [<!ENTITY a SYSTEM "file:///etc/passwd"><!ENTITY b "{HIDDEN}">]>'
    corpus.put(
        "web page",
        "with a DTD of its own",
        ".xhtml",
        f"{dtd}<html><body>{STORY}&a;</body></html>".encode(),
        finds="lighthouse",
    )
    comment = "<!---->"
    many = 300_000
    for what, text in {
        "comments before": comment * 2_300 + page(STORY),
        "comments and no page": comment * 2_300 + "x" + STORY,
        "comments without end": page(STORY) + "<!--" * many,
        "divs in divs": page("<div>" * many + STORY),
        "tags that never end": page(STORY) + "<a " * many,
        "attributes": page(STORY + "<p " + " ".join(f"a{number}=1" for number in range(many)) + ">x</p>"),
        "open brackets": page(STORY + "<" * many),
        "closing tags": page(STORY + "</p>" * many),
        "closing nothing": page(STORY + "</" * many),
        "silent in silent": page(STORY + "<svg>" * 60_000 + "</math>" * 60_000),
        "sections of characters": page(STORY + "<![CDATA[" * many),
        "declarations": page(STORY) + "<!x" * many,
        "instructions": page(STORY) + "<?x" * many,
        "ampersands": page(STORY + "&" * many + "&#x110000;&#xd800;&#0;&#99999999999999999999;&nosuch;"),
        "entities without end": page(STORY + "&#" * many),
        "tags in quotes": page(STORY) + '<a x=">" ' * 100_000,
        "numbers without end": page(STORY + "&#" + "9" * 5000 + ";&#x" + "f" * 5000 + ";"),
        "quotes that never close": page(STORY + '<p title="' + "x" * many),
        "spaces": page(STORY + " \t" * many + "x"),
        "a script that never ends": page(STORY) + "<script>" + "</scrip" * many,
        "a title of a megabyte": page(STORY).replace("Harbour", "long title " * 90_000),
        "a head that never ends": f"<html><head><title>x</title>{STORY}",
        "zeros": page(STORY).replace(" ", " \0"),
    }.items():
        corpus.put("web page", what, ".html", text.encode())
    for charset in ("utf-7", "rot13", "zip", "unicode_escape", "idna", "no-such", "base64", "undefined", "x" * 400):
        head = f'<meta charset="{charset}">'
        corpus.put(
            "web page",
            f"in {charset[:20]}",
            ".html",
            page(STORY + "\xe9\xe8", head).encode("latin-1", "replace"),
            finds="lighthouse",
        )
