"""XMP sidecars: what is said of a file, for other programs to read.

Names as most programs know them: Dublin Core title and subject, the rating of XMP itself, and Lightroom's hierarchical subject (`animal|dog`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.sax.saxutils import escape

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_xmp(
    title: str, subjects: Iterable[str], hierarchies: Iterable[Iterable[str]], stars: int | None = None
) -> str:
    """The text of a sidecar; characters that XML cannot hold become U+FFFD, and `|` within a name a `/`.

    `stars` are 0 to 5; None for an item that nobody rated.
    """
    paths = ["|".join(name.replace("|", "/") for name in names) for names in hierarchies]
    parts = [
        '   <dc:title>\n    <rdf:Alt>\n     <rdf:li xml:lang="x-default">' + _text(title) + "</rdf:li>\n"
        "    </rdf:Alt>\n   </dc:title>\n",
        "" if stars is None else f"   <xmp:Rating>{stars}</xmp:Rating>\n",
        _bag("dc:subject", subjects),
        _bag("lr:hierarchicalSubject", paths),
    ]
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">\n'
        ' <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n'
        '  <rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:xmp="http://ns.adobe.com/xap/1.0/"'
        ' xmlns:lr="http://ns.adobe.com/lightroom/1.0/">\n'
        f"{''.join(parts)}"
        '  </rdf:Description>\n </rdf:RDF>\n</x:xmpmeta>\n<?xpacket end="w"?>\n'
    )


def _bag(name: str, values: Iterable[str]) -> str:
    entries = "".join(f"     <rdf:li>{_text(value)}</rdf:li>\n" for value in dict.fromkeys(values))
    return f"   <{name}>\n    <rdf:Bag>\n{entries}    </rdf:Bag>\n   </{name}>\n" if entries else ""


def _text(value: str) -> str:
    return escape(_NOT_XML.sub("\ufffd", value))
