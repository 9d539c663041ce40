from __future__ import annotations

import io
import time
import zipfile
from pathlib import Path

import docx
import pypdfium2
import pypdfium2.raw
import pytest

from media_assistant.archives import check_directory
from media_assistant.errors import UserFixable
from media_assistant.items.kind import Kind
from media_assistant.media.document import read_document
from media_assistant.media.probe import probe
from media_assistant.media.registry import open_source


def test_plain_and_markdown(tmp_path: Path) -> None:
    plain, marked, fronted = tmp_path / "a.txt", tmp_path / "b.md", tmp_path / "c.md"
    plain.write_bytes(b"Zeile eins\r\nZeile zwei\r\n")
    marked.write_text("# The Heading\n\nWords *here*.\n")
    fronted.write_text('---\ntitle: "In front"\n---\n\nWords.\n')
    assert read_document(plain).pages[0].text == "Zeile eins\nZeile zwei\n"
    assert read_document(marked).title == "The Heading"
    assert "Words *here*." in read_document(marked).pages[0].text
    assert read_document(fronted).title == "In front"
    assert probe(marked, Kind.TEXT).tags.title == "The Heading"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "gbk", "gb18030"])
def test_chinese_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    text = "望远镜观测到遥远的星系，那里的恒星在几十亿年前发出了光。\n我们今天才看到它们 2024 年。\n" * 3
    path = tmp_path / "a.txt"
    path.write_bytes(text.encode(encoding))
    assert read_document(path).pages[0].text == text


def test_big5(tmp_path: Path) -> None:
    text = "望遠鏡觀測到遙遠的星系，那裡的恆星在幾十億年前發出了光。我們今天才看到它們。\n"
    path = tmp_path / "a.txt"
    path.write_bytes(text.encode("big5"))
    assert read_document(path).pages[0].text == text


def test_broken_utf8(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    data = ("Ein schöner Tag für alle. 天空很高。" * 40).encode()
    path.write_bytes(data[:500] + b"\xff\xfe\x80" + data[503:])
    text = read_document(path).pages[0].text
    assert text.count("schöner") >= 38
    assert text.count("天空") >= 38
    assert "\ufffd" in text


def test_one_line_of_fifty_megabytes(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"word " * (10 * 1024 * 1024))
    started = time.thread_time()
    assert len(read_document(path).pages[0].text) == 50 * 1024 * 1024
    assert time.thread_time() - started < 10
    assert probe(path, Kind.TEXT).pages == 1


def test_html_without_its_machinery(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_text(
        "<!doctype html><html><head><title>A &amp; B</title><style>p{color:red}</style></head><body><h1>Head</h1>"
        "<script>var evil = '<p>no</p>';</script><p>One&nbsp;two <b>three</b><br>four</p><noscript>on</noscript>"
        "<ul><li>x<li>y</ul><template><p>hidden</p></template><img src=a alt='a red boat'></body></html>"
    )
    document = read_document(path)
    assert document.title == "A & B"
    text = document.pages[0].text
    assert "One two three\nfour" in text
    assert text.startswith("Head")
    assert "x\ny" in text
    assert "a red boat" in text
    assert not {"evil", "no", "hidden", "color", "on"} & set(text.replace("'", " ").split())


def test_html_says_its_encoding(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_bytes(
        "<html><head><meta charset='gb2312'><title>首页</title></head><body><p>短</p></body></html>".encode("gbk")
    )
    assert read_document(path).title == "首页"


def make_pdf(path: Path, pages: int = 2) -> None:
    """A PDF by hand: one line of Helvetica a page."""
    objects = [b"<</Type/Catalog/Pages 2 0 R>>"]
    kids = b" ".join(b"%d 0 R" % (5 + 2 * page) for page in range(pages))
    objects.append(b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, pages))
    objects.extend(
        (
            b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
            b"<</Title(The Report)/Author(Ada)/CreationDate(D:20240512153000+02'00')>>",
        )
    )
    for page in range(pages):
        stream = b"BT /F1 24 Tf 72 700 Td (Page %d speaks) Tj ET" % (page + 1)
        objects.append(
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents %d 0 R/Resources<</Font<</F1 3 0 R>>>>>>"
            % (6 + 2 * page)
        )
        objects.append(b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream))
    out, at = io.BytesIO(), []
    out.write(b"%PDF-1.4\n")
    for number, body in enumerate(objects, 1):
        at.append(out.tell())
        out.write(b"%d 0 obj%s endobj\n" % (number, body))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.writelines(b"%010d 00000 n \n" % offset for offset in at)
    out.write(b"trailer<</Size %d/Root 1 0 R/Info 4 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start))
    path.write_bytes(out.getvalue())


def test_pdf(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    make_pdf(path, 3)
    document = read_document(path)
    assert [page.number for page in document.pages] == [1, 2, 3]
    assert document.pages[1].text.strip() == "Page 2 speaks"
    assert document.title == "The Report"
    facts = probe(path, Kind.TEXT)
    assert (facts.pages, facts.tags.title, facts.tags.artist) == (3, "The Report", "Ada")
    assert facts.captured is not None
    assert (facts.captured.at, facts.captured.offset_minutes) == ("2024-05-12T15:30:00", 120)


def test_of_what_a_pdf_says_of_itself_half_a_letter_is_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    make_pdf(path)
    path.write_bytes(path.read_bytes().replace(b"(The Report)", b"<FEFFD83D>  "))
    assert read_document(path).title == ""
    facts = probe(path, Kind.TEXT)
    assert (facts.pages, facts.tags.title, facts.tags.artist) == (2, "", "Ada")


PROTECTED = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
    b"3 0 obj<</Filter/Standard/V 1/R 2/P -4/O<" + b"41" * 32 + b">/U<" + b"42" * 32 + b">>>endobj\n"
    b"trailer<</Size 4/Root 1 0 R/Encrypt 3 0 R/ID[<00><00>]>>\nstartxref\n0\n%%EOF"
)


def test_pdf_with_a_password(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(PROTECTED)
    for ask in (lambda: read_document(path), lambda: probe(path, Kind.TEXT)):
        with pytest.raises(UserFixable) as caught:
            ask()
        assert caught.value.code == "media.protected"


def test_damaged_documents(tmp_path: Path) -> None:
    for name, data in (
        ("a.pdf", b"%PDF-1.7\nnothing"),
        ("b.epub", zipped({"mimetype": b"application/epub+zip"})),
        ("c.docx", zipped({"word/document.xml": b"<no"})),
    ):
        path = tmp_path / name
        path.write_bytes(data)
        with pytest.raises(UserFixable) as caught:
            read_document(path)
        assert caught.value.code == "media.document_damaged"


def zipped(members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(name, data, zipfile.ZIP_STORED if name == "mimetype" else None)
    return file.getvalue()


def make_epub(**more: bytes) -> bytes:
    return zipped(
        {
            "mimetype": b"application/epub+zip",
            "META-INF/container.xml": b"<container xmlns='urn:oasis:names:tc:opendocument:xmlns:container'><rootfiles><rootfile full-path='O/p.opf'/></rootfiles></container>",
            "O/p.opf": "<package xmlns='http://www.idpf.org/2007/opf' xmlns:dc='http://purl.org/dc/elements/1.1/'><metadata><dc:title>山中书</dc:title><dc:creator>Li</dc:creator></metadata>"
            "<manifest><item id='b' href='b.xhtml'/><item id='a' href='a%20one.xhtml'/><item id='x' href='gone.xhtml'/></manifest>"
            "<spine><itemref idref='a'/><itemref idref='b'/><itemref idref='x'/></spine></package>".encode(),
            "O/a one.xhtml": b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'><head><title>t</title></head><body><p>First.</p></body></html>",
            "O/b.xhtml": b"<html><body><p>Second.</p></body></html>",
        }
        | more
    )


def test_epub_in_reading_order(tmp_path: Path) -> None:
    path = tmp_path / "a.epub"
    path.write_bytes(make_epub())
    document = read_document(path)
    assert [page.text for page in document.pages] == ["First.", "Second."]
    assert document.title == "山中书"
    facts = probe(path, Kind.TEXT)
    assert (facts.pages, facts.tags.title, facts.tags.artist) == (2, "山中书", "Li")


def test_copy_protected_epub(tmp_path: Path) -> None:
    path = tmp_path / "a.epub"
    veil = b"<encryption xmlns='urn:oasis:names:tc:opendocument:xmlns:container'><EncryptedData xmlns='http://www.w3.org/2001/04/xmlenc#'><EncryptionMethod Algorithm='http://www.w3.org/2001/04/xmlenc#aes128-cbc'/><CipherData><CipherReference URI='O/b.xhtml'/></CipherData></EncryptedData></encryption>"
    path.write_bytes(make_epub(**{"META-INF/encryption.xml": veil}))
    with pytest.raises(UserFixable) as caught:
        read_document(path)
    assert caught.value.code == "media.protected"


def test_entity_bomb(tmp_path: Path) -> None:
    path = tmp_path / "a.epub"
    bomb = b"<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>]><container>&b;</container>"
    path.write_bytes(make_epub(**{"META-INF/container.xml": bomb}))
    with pytest.raises(UserFixable) as caught:
        read_document(path)
    assert caught.value.code == "media.document_damaged"


def test_zip_bombs(tmp_path: Path) -> None:
    book, word = tmp_path / "a.epub", tmp_path / "b.docx"
    book.write_bytes(make_epub(**{"O/b.xhtml": bytes(80 * 1024 * 1024)}))
    word.write_bytes(zipped({"[Content_Types].xml": b"<x/>", "word/document.xml": bytes(80 * 1024 * 1024)}))
    for path in (book, word):
        assert path.stat().st_size < 1_000_000
        with pytest.raises(UserFixable) as caught:
            read_document(path)
        assert caught.value.code == "media.document_too_large"


def test_word(tmp_path: Path) -> None:
    import docx

    path = tmp_path / "a.docx"
    word = docx.Document()
    word.core_properties.title = "Minutes"
    word.core_properties.author = "王"
    word.add_paragraph("Before the table.")
    table = word.add_table(1, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "left", "right"
    word.add_paragraph("之后。")
    word.save(str(path))
    document = read_document(path)
    assert document.pages[0].text == "Before the table.\nleft\tright\n之后。"
    assert document.title == "Minutes"
    assert probe(path, Kind.TEXT).tags.artist == "王"


def test_a_source_reads_once(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("words")
    source = open_source(path, Kind.TEXT)
    assert source.document() is source.document()
    assert list(source.play(frames=True, sound=True)) == []


def test_pdfium_is_pypdfium2s_own() -> None:
    assert pypdfium2.raw.FPDF_ERR_PASSWORD == 4


@pytest.mark.parametrize(
    "text",
    [
        f"# a{' ' * 9000}b\n",
        f"#{chr(10) * 60_000}a",
        f"---\ntitle: a{' ' * 60_000}b\nx: y\n---\n",
        f"---\n{'a: b' + chr(10)}" * 30_000,
    ],
)
def test_promise_12_a_title_is_found_in_time_whatever_stands_around_it(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.md"
    path.write_text(text)
    started = time.thread_time()
    assert len(probe(path, Kind.TEXT).tags.title) <= 2000
    assert read_document(path).pages
    assert time.thread_time() - started < 3


def _word(body: str, parts: dict[str, str] | None = None) -> bytes:
    out, file = io.BytesIO(), io.BytesIO()
    docx.Document().save(file)
    with zipfile.ZipFile(file) as whole, zipfile.ZipFile(out, "w") as made:
        for name in whole.namelist():
            data = whole.read(name).decode("utf-8", "surrogateescape")
            if name == "word/document.xml":
                data = data.replace("<w:sectPr", body + "<w:sectPr", 1)
            if name not in (parts or {}):
                made.writestr(name, data.encode("utf-8", "surrogateescape"))
        for name, text in (parts or {}).items():
            made.writestr(name, text)
    return out.getvalue()


def _run(text: str) -> str:
    return f"<w:r><w:t>{text}</w:t></w:r>"


def _said(text: str) -> str:
    return f"<w:p>{_run(text)}</w:p>"


def _control(content: str) -> str:
    return f'<w:sdt><w:sdtPr><w:alias w:val="x"/></w:sdtPr><w:sdtContent>{content}</w:sdtContent></w:sdt>'


def _row(*cells: str) -> str:
    return "<w:tr>" + "".join(cells) + "</w:tr>"


def _cell(content: str) -> str:
    return f"<w:tc>{content}</w:tc>"


def test_a_word_file_says_all_that_is_read_in_it(tmp_path: Path) -> None:
    stops = "<w:pPr><w:tabs><w:tab w:val='left' w:pos='9'/></w:tabs></w:pPr>"
    letter = f"<w:p>{stops}{_run('Dear ')}{_control(_run('Ann'))}</w:p>"
    deleted, inserted = "<w:del><w:r><w:delText> short</w:delText></w:r></w:del>", f"<w:ins>{_run(' long')}</w:ins>"
    tracked = f"<w:p>{_run('A')}{deleted}{inserted}{_run(' way')}</w:p>"
    moved = f"<w:p><w:moveFrom>{_run('from here')}</w:moveFrom><w:moveTo>{_run('to here')}</w:moveTo></w:p>"
    inner = f"<w:tbl>{_row(_cell(_said('c')), _cell(_said('d')))}</w:tbl>"
    rows = _row(_cell(_said("a")), _control(_cell(_said("b")))) + _control(_row(_cell(inner + "<w:p/>")))
    signs = '<w:p><w:r><w:t>one</w:t><w:tab/><w:t>two</w:t><w:br/><w:t>three</w:t><w:br w:type="page"/></w:r></w:p>'
    path = tmp_path / "a.docx"
    path.write_bytes(_word(letter + tracked + moved + _control(_said("In it")) + f"<w:tbl>{rows}</w:tbl>" + signs))
    lines = ["Dear Ann", "A long way", "to here", "In it", "a\tb", "c\td", "", "one\ttwo", "three"]
    assert read_document(path).pages[0].text.split("\n") == lines


def test_a_box_in_a_word_file_is_read_once(tmp_path: Path) -> None:
    box = f"<w:txbxContent><w:p>{_run('In a box')}</w:p></w:txbxContent>"
    both = f"<mc:AlternateContent><mc:Choice Requires='wps'>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback></mc:AlternateContent>"
    space = "http://schemas.openxmlformats.org/markup-compatibility/2006"
    path = tmp_path / "a.docx"
    path.write_bytes(_word(f'<w:p xmlns:mc="{space}">{_run("Beside it")}<w:r>{both}</w:r></w:p>'))
    assert read_document(path).pages[0].text == "Beside it\nIn a box"


@pytest.mark.parametrize("mark", ['<w:gridSpan w:val="1000000000"/>', '<w:gridSpan w:val="-5"/>', "<w:vMerge/>"])
def test_promise_12_a_cell_says_its_words_once_however_far_it_spans(tmp_path: Path, mark: str) -> None:
    path = tmp_path / "a.docx"
    cell = f"<w:tc><w:tcPr>{mark}</w:tcPr><w:p><w:r><w:t>one</w:t></w:r></w:p></w:tc>"
    table = (
        f"<w:tbl><w:tblPr/><w:tblGrid><w:gridCol/></w:tblGrid><w:tr>{cell}{cell.replace('one', 'two')}</w:tr></w:tbl>"
    )
    path.write_bytes(_word(table))
    assert read_document(path).pages[0].text.strip() == "one\ttwo"


def test_promise_12_parts_that_lead_to_parts_for_ever_are_a_damaged_document(tmp_path: Path) -> None:
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    relations = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r" Type="{}/x" Target="{}.xml"/></Relationships>'
    parts = {"word/_rels/document.xml.rels": relations.format(kind, "p0")}
    for number in range(2000):
        parts[f"word/_rels/p{number}.xml.rels"] = relations.format(kind, f"p{number + 1}")
        parts[f"word/p{number}.xml"] = "<x/>"
    path = tmp_path / "a.docx"
    path.write_bytes(_word("", {**parts, "word/p2000.xml": "<x/>"}))
    with pytest.raises(UserFixable) as caught:
        read_document(path)
    assert caught.value.code == "media.document_damaged"


def test_promise_12_a_chapter_stands_in_a_book_once(tmp_path: Path) -> None:
    path = tmp_path / "a.epub"
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("mimetype", "application/epub+zip")
        book.writestr("META-INF/container.xml", '<c><rootfile full-path="b.opf"/></c>')
        spine = '<itemref idref="c"/>' * 50_000
        book.writestr(
            "b.opf", f'<package xmlns="http://www.idpf.org/2007/opf"><item id="c" href="c.html"/>{spine}</package>'
        )
        book.writestr("c.html", "<p>lighthouse</p>")
    assert [page.text for page in read_document(path).pages] == ["lighthouse"]


def test_promise_12_an_archive_of_a_million_parts_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    whole = path.read_bytes()
    at = whole.rfind(b"PK\x05\x06")
    path.write_bytes(whole[: at + 12] + (64 << 20).to_bytes(4, "little") + whole[at + 16 :])
    with path.open("rb") as file, pytest.raises(zipfile.BadZipFile):
        check_directory(file)
    wide = b"PK\x06\x06" + bytes(36) + (64 << 20).to_bytes(8, "little") + bytes(8)
    path.write_bytes(whole[:at] + wide + b"PK\x06\x07" + bytes(16) + whole[at:])
    with path.open("rb") as file, pytest.raises(zipfile.BadZipFile):
        check_directory(file)
    path.write_bytes(whole)
    with path.open("rb") as file:
        check_directory(file)


def test_promise_12_a_pdf_that_is_a_beginning_and_a_hole_is_refused_in_time(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    make_pdf(path)
    with path.open("r+b") as file:
        file.truncate(1 << 30)
    started = time.thread_time()
    with pytest.raises(UserFixable) as caught:
        read_document(path)
    assert caught.value.code == "media.document_damaged"
    assert time.thread_time() - started < 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-32"])
def test_promise_12_a_text_that_goes_on_as_a_hole_ends_where_its_words_do(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.txt"
    words = "The lighthouse keeper counted seven ships. " * 900 + "a"
    path.write_bytes(words.encode(encoding))
    with path.open("r+b") as file:
        file.truncate(200_000_000)
    text = read_document(path).pages[0].text
    assert text.rstrip("\0") == words
    assert len(text) < len(words) + 4
