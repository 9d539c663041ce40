"""Files as SQLite takes them where it is also told how to use them: as a URI."""

from __future__ import annotations

from pathlib import Path, PurePath


def file_uri(file: PurePath, options: str = "") -> str:
    """The URI of a file, with `options` such as `mode=ro`. SQLite refuses the name of a server where URIs have it: that of
    a Windows share is a part of the path, behind two more slashes (https://www.sqlite.org/uri.html).
    """
    uri = (file.absolute() if isinstance(file, Path) else file).as_uri()
    if not uri.startswith("file:///"):
        uri = f"file:////{uri.removeprefix('file://')}"
    return f"{uri}?{options}" if options else uri
