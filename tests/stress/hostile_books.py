"""PDF, EPUB and Word files: damaged, bombs, circles, scripts, and paths that lead out."""

from __future__ import annotations

import io
import stat
import zipfile
import zlib

import docx

from tests.e2e.odd_files import locked_pdf
from tests.stress.hostile_corpus import Corpus
from tests.stress.hostile_texts import HIDDEN, STORY

_BOMB = "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaaaaaaaa'>" + "".join(
    f"<!ENTITY {chr(98 + level)} '{f'&{chr(97 + level)};' * 16}'>" for level in range(9)
)
_SQUARE = f"<!DOCTYPE x [<!ENTITY a '{'a' * 100_000}'>]>"


def pdf(objects: list[bytes], root: int = 1, trailer: bytes = b"") -> bytes:
    """A PDF of these objects, numbered from 1, with a right table of where they are."""
    data, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(data)
    data += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    data += b"".join(b"%010d 00000 n \n" % place for place in places)
    return data + b"trailer << /Size %d /Root %d 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        root,
        trailer,
        start,
    )


def stream(content: bytes, extra: bytes = b"") -> bytes:
    """A stream object."""
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(content), extra, content)


def simple_pdf(
    extra: bytes = b"",
    page: bytes = b"",
    content: bytes = b"",
    media: bytes = b"0 0 300 200",
    more: tuple[bytes, ...] = (),
) -> bytes:
    """One page that says where the lighthouse is; further objects begin at 6."""
    words = b"BT /F1 12 Tf 20 100 Td (The lighthouse keeper counted seven ships) Tj ET\n" + content
    return pdf(
        [
            b"<< /Type /Catalog /Pages 2 0 R %s >>" % extra,
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [%s] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> %s >>"
            % (media, page),
            stream(words),
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
            *more,
        ]
    )


def epub(
    parts: dict[str, bytes | str], *, spine: str = "", opf: str = "", mimetype: bool = True, container: str = ""
) -> bytes:
    """An EPUB with one chapter, or with these parts instead or as well."""
    package = opf or (
        '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata>'
        "<dc:title>Harbour</dc:title></metadata><manifest>"
        '<item id="c" href="c.xhtml" media-type="application/xhtml+xml"/></manifest>'
        f"<spine>{spine or '<itemref idref=' + chr(34) + 'c' + chr(34) + '/>'}</spine></package>"
    )
    rootfile = container or '<container><rootfiles><rootfile full-path="b.opf"/></rootfiles></container>'
    whole: dict[str, bytes | str] = {
        "META-INF/container.xml": rootfile,
        "b.opf": package,
        "c.xhtml": f"<html><body><p>{STORY}</p></body></html>",
        **parts,
    }
    return zipped({**({"mimetype": "application/epub+zip"} if mimetype else {}), **whole})


def zipped(parts: dict[str, bytes | str], links: dict[str, str] | None = None) -> bytes:
    """A zip archive; `links` are symbolic links, as Unix writes them into one."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            kind = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(name, data, compress_type=kind)
        for name, target in (links or {}).items():
            info = zipfile.ZipInfo(name)
            info.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(info, target)
    return out.getvalue()


def word(parts: dict[str, bytes | str] | None = None, body: str = "") -> bytes:
    """A Word file as python-docx writes it, with other parts and another body."""
    file = io.BytesIO()
    made = docx.Document()
    made.add_paragraph(STORY)
    made.save(file)
    with zipfile.ZipFile(file) as archive:
        whole: dict[str, bytes | str] = {name: archive.read(name) for name in archive.namelist()}
    if body:
        document = bytes(whole["word/document.xml"]).decode()  # type: ignore[arg-type]
        whole["word/document.xml"] = document.replace("<w:sectPr", body + "<w:sectPr", 1)
    return zipped({**whole, **(parts or {})})


def put_books(corpus: Corpus) -> None:
    """PDF, EPUB, Word."""
    corpus.put_damaged("pdf", "pdf", ".pdf", simple_pdf())
    corpus.put_damaged("epub", "epub", ".epub", epub({}))
    corpus.put_damaged("docx", "docx", ".docx", word())
    corpus.put("pdf", "locked", ".pdf", locked_pdf)
    _put_pdfs(corpus)
    _put_epubs(corpus)
    _put_words(corpus)


def _put_pdfs(corpus: Corpus) -> None:
    away = corpus.address.encode()
    wishes = (
        b"/OpenAction << /S /JavaScript /JS (app.launchURL\\('%s'\\)) >> /AA << /WC << /S /Launch /F (/bin/sh) >> >> "
        % away
        + b"/Names << /JavaScript << /Names [(x) << /S /JavaScript /JS (%s) >>] >> >>" % HIDDEN.encode()
    )
    links = (
        b"/Annots [<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] /A << /S /URI /URI (%s) >> >> << /Type /Annot /Subtype /Link /Rect [0 0 9 9] /A << /S /GoToR /F (/etc/passwd) /D [0] >> >>]"
        % away
    )
    corpus.put("pdf", "that wants everything", ".pdf", simple_pdf(wishes, links), finds="lighthouse", never=HIDDEN)
    packed = zlib.compress(bytes(400_000_000), 9)
    twice = zlib.compress(packed, 9)
    picture = b"/Type /XObject /Subtype /Image /Width 20000 /Height 20000 /ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /FlateDecode"
    for what, data in {
        "content that is a bomb": simple_pdf(more=(stream(packed, b"/Filter /FlateDecode"),)).replace(
            b"/Contents 4 0 R", b"/Contents 6 0 R"
        ),
        "a bomb in a bomb": simple_pdf(more=(stream(twice, b"/Filter [/FlateDecode /FlateDecode]"),)).replace(
            b"/Contents 4 0 R", b"/Contents [4 0 R 6 0 R]"
        ),
        "a picture of 20000 by 20000": simple_pdf(
            more=(stream(packed, picture),), content=b"q 300 0 0 200 0 0 cm /I Do Q"
        ).replace(b"/Font <<", b"/XObject << /I 6 0 R >> /Font <<"),
        "a page of a billion points": simple_pdf(media=b"0 0 1000000000 1000000000"),
        "a page of 1e30 by 1e-30": simple_pdf(media=b"0 0 1e30 0.0000000001"),
        "a page of no size": simple_pdf(media=b"0 0 0 0"),
        "a page inside out": simple_pdf(media=b"300 200 -300 -200"),
        "a page of letters": simple_pdf(media=b"(a) /b [1] null"),
        "pages in a circle": simple_pdf().replace(b"/Kids [3 0 R]", b"/Kids [2 0 R]"),
        "two billion pages": simple_pdf().replace(b"/Count 1 ", b"/Count 2147483647 "),
        "fewer than no pages": simple_pdf().replace(b"/Count 1 ", b"/Count -9 "),
        "itself as its parent": simple_pdf().replace(b"/Parent 2 0 R", b"/Parent 3 0 R"),
        "content that is the page": simple_pdf().replace(b"/Contents 4 0 R", b"/Contents 3 0 R"),
        "a form in itself": simple_pdf(
            more=(
                stream(
                    b"/X Do", b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X 6 0 R >> >>"
                ),
            ),
            content=b"/X Do",
        ).replace(b"/Font <<", b"/XObject << /X 6 0 R >> /Font <<"),
        "arrays in arrays": simple_pdf(b"/X " + b"[" * 100_000 + b"]" * 100_000),
        "dictionaries in dictionaries": simple_pdf(b"/X " + b"<< /X " * 50_000 + b">>" * 50_000),
        "a million signs": simple_pdf(content=b"q " * 500_000),
        "a table before itself": simple_pdf() + b"trailer << /Size 6 /Root 1 0 R /Prev 9 >>\nstartxref\n9\n%%EOF",
        "a start behind the end": simple_pdf()[:-20] + b"startxref\n99999999999\n%%EOF",
        "a length that lies": simple_pdf().replace(b"/Length ", b"/Length 99999999"),
        "a title of a megabyte": simple_pdf(
            more=(b"<< /Title (" + b"long title " * 90_000 + b") /CreationDate (D:99999999999999Z99'99') >>",)
        ).replace(b"/Root 1 0 R", b"/Root 1 0 R /Info 6 0 R"),
        "a web page before it": b"<html><body>x</body></html>" + simple_pdf(),
        "nothing but its name": b"%PDF-1.7\n",
        "two thousand pages": pdf(
            [
                b"<< /Type /Catalog /Pages 2 0 R >>",
                b"<< /Type /Pages /Count 2000 /Kids [" + b"3 0 R " * 2000 + b"] >>",
                b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>",
            ]
        ),
    }.items():
        corpus.put("pdf", what, ".pdf", data)


def _put_epubs(corpus: Corpus) -> None:
    away = corpus.address
    wishes = (
        f'<html xmlns="http://www.w3.org/1999/xhtml"><head><link rel="stylesheet" href="{away}/a.css"/><script src="{away}/a.js">{HIDDEN}</script>'
        f'</head><body><p>{STORY}</p><img src="{away}/i.png" alt="gull"/><iframe src="{away}/f">{HIDDEN}</iframe><svg><image href="{away}/s"/></svg></body></html>'
    )
    corpus.put("epub", "that wants everything", ".epub", epub({"c.xhtml": wishes}), finds="lighthouse", never=HIDDEN)
    paths = {
        "../../hostile escaped.txt": "x",
        "/tmp/hostile escaped.txt": "x",
        "..\\..\\hostile escaped.txt": "x",
        "C:\\hostile escaped.txt": "x",
    }
    corpus.put("epub", "paths that lead out", ".epub", epub(dict(paths)), finds="lighthouse")
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf"><manifest><item id="c" href="{}" media-type="application/xhtml+xml"/>'
        '<item id="i" href="{}" media-type="image/png" properties="cover-image"/></manifest><spine><itemref idref="c"/></spine></package>'
    )
    for what, chapter, cover in (
        ("a chapter in etc", "../../../../etc/passwd", "../../../../etc/passwd"),
        ("a chapter by file address", "file:///etc/passwd", "file:///etc/passwd"),
        ("a chapter on the network", f"{away}/c", f"{away}/i.png"),
        ("a chapter of percent signs", "%2e%2e/%2e%2e/etc/passwd%00", "%"),
        ("a chapter that is the book", "", ""),
    ):
        corpus.put("epub", what, ".epub", epub({}, opf=package.format(chapter, cover)))
    linked = zipped(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": '<container><rootfile full-path="b.opf"/></container>',
            "b.opf": package.format("c.xhtml", "i.png"),
        },
        {"c.xhtml": "/etc/passwd", "i.png": "/etc/passwd"},
    )
    corpus.put("epub", "links instead of chapters", ".epub", linked)
    external = f'<!DOCTYPE x SYSTEM "{away}/x.dtd" [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    root = '<container><rootfiles><rootfile full-path="b.opf"/></rootfiles></container>'
    cover = package.format("c.xhtml", "i.png")
    from tests.stress.hostile_films import png_picture

    for what, data in {
        "entities upon entities in the container": epub({}, container=f"{_BOMB}]>{root}"),
        "entities upon entities in the package": epub({}, opf=f"{_BOMB}]><package>&j;</package>"),
        "one long entity many times": epub({}, opf=f"{_SQUARE}<package>{'&a;' * 20_000}</package>"),
        "entities upon entities in the chapter": epub({"c.xhtml": f"{_BOMB}]><html><body>{STORY}&j;</body></html>"}),
        "a DTD elsewhere": epub({}, container=external + root),
        "no container": zipped({"mimetype": "application/epub+zip", "b.opf": "<package/>"}),
        "no package": epub({"b.opf": ""}),
        "an empty spine": epub({}, spine="<x/>"),
        "one chapter a hundred thousand times": epub(
            {"c.xhtml": f"<html><body>{STORY * 50}</body></html>"}, spine='<itemref idref="c"/>' * 100_000
        ),
        "a chapter of 100 MB": epub({"c.xhtml": b"<html><body>" + b"lighthouse " * 9_000_000}),
        "a chapter of gigabytes": epub({"c.xhtml": bytes(600_000_000)}),
        "a cover of 16k by 16k": epub({"i.png": png_picture(16_384, 16_384)}, opf=cover),
        "sixty thousand parts": epub({f"x/{number}": b"" for number in range(60_000)}),
        "parts in parts": epub({"b.opf": "<package>" + "<a>" * 200_000}),
        "a book in the book": epub({"c.xhtml": epub({})}),
        "no mark of its kind": epub({}, mimetype=False),
        "tags without end": epub({"c.xhtml": "<html><body>" + STORY + "<a " * 100_000}),
        "another word for its encoding": epub(
            {"c.xhtml": f'<?xml version="1.0" encoding="zip"?><html><body>{STORY}</body></html>'}
        ),
        "a photo before it": _photo() + epub({}),
    }.items():
        corpus.put("epub", what, ".epub", data)


def _photo() -> bytes:
    from tests.stress.hostile_photos import whole_photo

    return whole_photo("jpeg")


def _put_words(corpus: Corpus) -> None:
    away = corpus.address
    relations = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    outside = relations.format(
        f'<Relationship Id="r1" Type="{kind}/attachedTemplate" Target="{away}/t.dotm" TargetMode="External"/>'
        f'<Relationship Id="r2" Type="{kind}/image" Target="{away}/i.png" TargetMode="External"/>'
        f'<Relationship Id="r3" Type="{kind}/hyperlink" Target="file:///etc/passwd" TargetMode="External"/>'
    )
    corpus.put(
        "docx", "that wants everything", ".docx", word({"word/_rels/document.xml.rels": outside}), finds="lighthouse"
    )
    paths = {"../../hostile escaped.txt": "x", "/tmp/hostile escaped.txt": "x", "word/../../hostile escaped.txt": "x"}
    corpus.put("docx", "paths that lead out", ".docx", word(dict(paths)), finds="lighthouse")
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    cell = "<w:tc>{}<w:p><w:r><w:t>lighthouse</w:t></w:r></w:p></w:tc>"
    table = "<w:tbl><w:tblPr/><w:tblGrid><w:gridCol/></w:tblGrid><w:tr>{}</w:tr></w:tbl>"
    nested = "<w:p/>"
    for _ in range(60):
        nested = f"<w:tbl><w:tblPr/><w:tblGrid><w:gridCol/></w:tblGrid><w:tr><w:tc>{nested}<w:p/></w:tc></w:tr></w:tbl>"
    chain = {
        f"word/_rels/p{number}.xml.rels": relations.format(
            f'<Relationship Id="r" Type="{kind}/x" Target="p{number + 1}.xml"/>'
        )
        for number in range(3000)
    }
    links = {f"word/p{number}.xml": f"<x {space}/>" for number in range(3001)}
    first = relations.format(f'<Relationship Id="r" Type="{kind}/x" Target="p0.xml"/>')
    loop = relations.format(f'<Relationship Id="r" Type="{kind}/x" Target="document.xml"/>')
    body = f"<w:document {space}><w:body><w:p><w:r><w:t>lighthouse</w:t></w:r></w:p></w:body></w:document>"
    for what, data in {
        "entities upon entities": word(
            {
                "word/document.xml": f"{_BOMB}]><w:document {space}><w:body><w:p><w:r><w:t>&j;</w:t></w:r></w:p></w:body></w:document>"
            }
        ),
        "one long entity many times": word(
            {
                "word/document.xml": f"{_SQUARE}<w:document {space}><w:body><w:p><w:r><w:t>{'&a;' * 20_000}</w:t></w:r></w:p></w:body></w:document>"
            }
        ),
        "an entity that is a file": word(
            {
                "word/document.xml": f"<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>{body.replace('lighthouse', '&a;lighthouse')}"
            }
        ),
        "entities in its properties": word({"docProps/core.xml": f"{_BOMB}]><x>&j;</x>"}),
        "a cell that spans a billion": word(
            body=table.format(cell.format('<w:tcPr><w:gridSpan w:val="1000000000"/></w:tcPr>'))
        ),
        "a cell that spans less than nothing": word(
            body=table.format(cell.format('<w:tcPr><w:gridSpan w:val="-5"/></w:tcPr>'))
        ),
        "a cell that spans a word": word(body=table.format(cell.format('<w:tcPr><w:gridSpan w:val="wide"/></w:tcPr>'))),
        "a cell that goes on from nothing": word(body=table.format(cell.format("<w:tcPr><w:vMerge/></w:tcPr>"))),
        "rows that begin a billion later": word(
            body=f'<w:tbl><w:tblPr/><w:tblGrid/><w:tr><w:trPr><w:gridBefore w:val="1000000000"/></w:trPr>{cell.format("")}</w:tr></w:tbl>'
        ),
        "tables in tables": word(body=nested),
        "tags in tags": word({"word/document.xml": f"<w:document {space}>" + "<w:body>" * 100_000}),
        "parts in a chain": word({**chain, **links, "word/_rels/document.xml.rels": first}),
        "parts in a circle": word({"word/_rels/document.xml.rels": loop}),
        "a part that is not there": word({"word/_rels/document.xml.rels": first}),
        "no types": word({"[Content_Types].xml": "<x/>"}),
        "no document": word({"word/document.xml": ""}),
        "a document of 300 MB": word(
            {"word/document.xml": f"<w:document {space}><w:body><w:p><w:r><w:t>" + "lighthouse " * 27_000_000}
        ),
        "a picture of gigabytes": word({"word/media/i.png": bytes(600_000_000)}),
        "a paragraph of a million runs": word(body="<w:p>" + "<w:r><w:t>a</w:t></w:r>" * 300_000 + "</w:p>"),
        "a hundred thousand paragraphs": word(body="<w:p><w:r><w:t>lighthouse</w:t></w:r></w:p>" * 100_000),
        "macros": word({"word/vbaProject.bin": b"Sub AutoOpen()"}),
        "a title of a megabyte": word(
            {
                "docProps/core.xml": '<c:x xmlns:c="a" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>'
                + "long title " * 90_000
                + "</dc:title></c:x>"
            }
        ),
        "sixty thousand parts": word({f"x/{number}": b"" for number in range(60_000)}),
        "another kind of zip": zipped({"word/document.xml": body}),
        "only its beginning": word()[:400],
    }.items():
        corpus.put("docx", what, ".docx", data)
    corpus.put("docx", "docx called mp3", ".mp3", word() + b"")
    corpus.put("docx", "zip called docx", ".docx", zipped({"a.txt": "x"}))
    directory = zipped({f"word/{'x' * 200}{number}": b"" for number in range(200_000)})
    corpus.put("docx", "two hundred thousand long names", ".docx", directory)
