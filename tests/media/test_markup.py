"""Web pages in one pass: whatever is never closed, reading takes time by the page's length alone."""

from __future__ import annotations

import time

import pytest

from media_assistant.media.markup import read_markup

STORY = "The lighthouse keeper counted seven ships."


@pytest.mark.parametrize(
    "piece",
    [
        "<a ",
        "<!--",
        "<!x",
        "<?x",
        "</",
        "<![CDATA[",
        "<",
        "&#",
        '<a x=">" ',
        "<p a='",
        "<svg>",
        "<div>",
        " \t",
        "<script>",
    ],
)
def test_what_is_never_closed_costs_no_more_than_its_length(piece: str) -> None:
    started = time.thread_time()
    _, text = read_markup(f"<html><title>Sea</title><body><p>{STORY}</p>{piece * 200_000}</body>".encode())
    assert time.thread_time() - started < 3
    assert text.startswith(STORY)


@pytest.mark.parametrize(
    ("page", "title", "text"),
    [
        ("<title>a < b</title><p>x", "a < b", "x"),
        ("<p title='a > b'>x</p>", "", "x"),
        ("<p>don't <b>5 < 6</b>", "", "don't 5 < 6"),
        ("<p>it's <i title=don't>here</i>", "", "it's here"),
        ("<textarea>a <b>c</textarea>", "", "a <b>c"),
        ("a<![CDATA[ <b> &amp; ]]>c", "", "a <b> &amp; c"),
        ("<script>if (a < b) '</p>'</script>x", "", "x"),
        ("<SCRIPT>x</Script >y", "", "y"),
        ("<svg><title>z</title><p>a</p></svg>b", "z", "b"),
        ("a<br/>b<br>c<hr />d", "", "a\nb\nc\nd"),
        ("<img alt=boat><img alt='a > b'>", "", "boata > b"),
        ("&lt;p&gt; &#233; &#99999999999999999999; &nosuch; &", "", "<p> é \ufffd &nosuch; &"),
        ("&#" + "9" * 5000 + ";x", "", "\ufffdx"),
    ],
)
def test_pages(page: str, title: str, text: str) -> None:
    assert read_markup(page.encode()) == (title, text)


@pytest.mark.parametrize(
    "name", ["idna", "punycode", "unicode_escape", "rot13", "zip", "undefined", "no-such", "utf-7"]
)
def test_what_is_no_encoding_of_pages_is_passed_over(name: str) -> None:
    page = f"<meta charset={name}><p>caf\xe9 {STORY}".encode("latin-1")
    assert read_markup(page)[1] == f"café {STORY}"
