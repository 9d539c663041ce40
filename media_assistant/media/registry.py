"""Which reader opens what. To add a kind of file: its reader beside this module, a line in `sniff.py`, a branch here."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from media_assistant.items.kind import Kind
from media_assistant.media.probe import probe
from media_assistant.media.source import MediaSource


def open_source(path: Path, kind: Kind, *, threads: int = 2) -> MediaSource:
    """The reader for a file of the sniffed `kind`. `threads` bounds what its decoders use.

    Raises UserFixable: `media.empty`, `media.unreadable`, `media.vanished`, `media.damaged`, `media.no_streams`,
    `media.codec_unknown`, and for documents and photos their own.
    """
    look = partial(probe, path, kind)
    match kind:
        case Kind.VIDEO | Kind.MUSIC:
            from media_assistant.media.av_source import open_av

            return open_av(path, look, threads=threads)
        case Kind.PHOTO:
            from media_assistant.media.photo import PhotoSource

            return PhotoSource(path, look)
        case Kind.TEXT:
            from media_assistant.media.document import DocumentSource

            return DocumentSource(path, look)
