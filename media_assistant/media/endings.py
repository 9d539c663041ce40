"""How the names of media end. What a file holds is found out from its content; its ending is what the system goes by."""

from __future__ import annotations

import os

from media_assistant.items.kind import Kind

_PLAYED = (
    ".mp4 .m4v .mov .qt .mkv .webm .avi .ts .m2ts .mts .mpg .mpeg .vob .flv .f4v .wmv .asf .3gp .3g2 .ogv .ogm .rm .rmvb .divx "
    ".mp3 .flac .ogg .oga .opus .wav .wave .m4a .m4b .aac .aif .aiff .aifc .wma .ape .wv .tta .mpc .ac3 .dts .amr .caf .mka .dsf .au"
)
PLAYED = frozenset(_PLAYED.split())
"""Films and sounds: what sounds alone may lie in a film's container."""
_PHOTOS = ".jpg .jpeg .jpe .jfif .png .gif .tif .tiff .webp .bmp .dib .heic .heif .hif .avif .jp2 .j2k .jpx .psd .pnm .pbm .pgm .ppm"
_TEXTS = ".txt .text .md .markdown .mdown .htm .html .xhtml .pdf .epub .docx"
_OF_KIND = {
    Kind.VIDEO: PLAYED,
    Kind.MUSIC: PLAYED,
    Kind.PHOTO: frozenset(_PHOTOS.split()),
    Kind.TEXT: frozenset(_TEXTS.split()),
}


def is_named_as(path: str, kind: Kind) -> bool:
    """Whether the name says what the file is. The system shows what is called `beach.jpg`, and runs what is called
    `beach.hta`, also where that is a picture.
    """
    return os.path.splitext(path)[1].lower() in _OF_KIND[kind]
