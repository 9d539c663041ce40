"""A cheap look at a container's tracks, in pure Python: are there moving pictures, or is it sound alone?

Each function answers True (pictures), False (sound, no pictures) or None (cannot tell). None of them reads more than
a few hundred kilobytes, follows more than a fixed number of boxes, or believes a size without checking it.
"""

from __future__ import annotations

from typing import BinaryIO

_MAX_BOXES = 4000
_MAX_READ = 512 * 1024


def iso_media(file: BinaryIO) -> bool | None:
    """MP4, MOV, M4A (ISO/IEC 14496-12): the handler types of `moov/trak/mdia/hdlr`."""
    end = file.seek(0, 2)
    handlers: set[bytes] = set()
    pending = [(0, end)]
    seen = 0
    while pending and seen < _MAX_BOXES:
        at, stop = pending.pop()
        while at + 8 <= stop and seen < _MAX_BOXES:
            seen += 1
            file.seek(at)
            header = file.read(16)
            size, name = int.from_bytes(header[:4], "big"), header[4:8]
            head_size = 8
            if size == 1:
                size, head_size = int.from_bytes(header[8:16], "big"), 16
            elif size == 0:
                size = stop - at
            if size < head_size:
                break
            if name in (b"moov", b"trak", b"mdia"):
                pending.append((at + head_size, min(at + size, stop)))
            elif name == b"hdlr":
                file.seek(at + head_size + 8)
                handlers.add(file.read(4))
            at += size
    if b"vide" in handlers:
        return True
    return False if b"soun" in handlers else None


def matroska(file: BinaryIO) -> bool | None:
    """Matroska and WebM (RFC 9559): the TrackType (0x83) of each TrackEntry (0xAE) in Tracks (0x1654AE6B)."""
    end = file.seek(0, 2)
    at = 0
    for _ in range(200):
        element = _ebml(file, at, end)
        if element is None:
            return None
        name, body, size = element
        if name == 0x18538067:  # Segment: go in
            at = body
        elif name == 0x1654AE6B:
            file.seek(body)
            return _matroska_tracks(file.read(min(size, _MAX_READ)))
        elif name == 0x1F43B675:  # the first Cluster: the tracks should have come before
            return None
        else:
            at = body + size
    return None


def _matroska_tracks(data: bytes) -> bool | None:
    import io

    file = io.BytesIO(data)
    kinds: set[int] = set()
    pending = [(0, len(data))]
    while pending:
        at, stop = pending.pop()
        while (element := _ebml(file, at, stop)) is not None:
            name, body, size = element
            if name == 0xAE:
                pending.append((body, min(body + size, stop)))
            elif name == 0x83 and size <= 8:
                kinds.add(int.from_bytes(data[body : body + size], "big"))
            at = body + size
    if 1 in kinds:
        return True
    return False if 2 in kinds else None


def _ebml(file: BinaryIO, at: int, end: int) -> tuple[int, int, int] | None:
    """(id, start of the body, its size) of the EBML element at `at`; an unknown size reaches to `end`."""
    file.seek(at)
    header = file.read(12)
    if not header or at >= end or not header[0]:
        return None
    id_length = 9 - header[0].bit_length()
    if id_length > 4 or len(header) <= id_length or not header[id_length]:
        return None
    name = int.from_bytes(header[:id_length], "big")
    size_length = 9 - header[id_length].bit_length()
    raw = header[id_length : id_length + size_length]
    if len(raw) < size_length:
        return None
    size = int.from_bytes(raw, "big") - (1 << 7 * size_length)
    body = at + id_length + size_length
    return name, body, end - body if size == (1 << 7 * size_length) - 1 else size


def ogg(head: bytes) -> bool | None:
    """Ogg (RFC 3533): the codec names in the first pages, which all come before any data."""
    at = 0
    has_sound = False
    while head.startswith(b"OggS", at) and len(head) > at + 27 and head[at + 5] & 2:
        count = head[at + 26]
        body = at + 27 + count
        packet = head[body : body + 16]
        if packet.startswith((b"\x80theora", b"BBCD\0", b"OVP80", b"\x01video")):
            return True
        has_sound |= packet.startswith((b"\x01vorbis", b"OpusHead", b"\x7fFLAC", b"Speex", b"PCM     ", b"CELT"))
        at = body + sum(head[at + 27 : body])
    return False if has_sound else None


def asf(file: BinaryIO) -> bool | None:
    """ASF (WMV, WMA): the stream type GUIDs of the header's Stream Properties objects."""
    file.seek(0)
    header = file.read(24)
    data = file.read(min(int.from_bytes(header[16:24], "little"), _MAX_READ))
    if bytes.fromhex("c0ef19bc4d5bcf11a8fd00805f5c442b") in data:
        return True
    return False if bytes.fromhex("409e69f84d5bcf11a8fd00805f5c442b") in data else None


def avi(head: bytes) -> bool | None:
    """AVI: the stream types in the `strh` chunks."""
    kinds = set()
    at = head.find(b"strh")
    while at >= 0:
        kinds.add(head[at + 8 : at + 12])
        at = head.find(b"strh", at + 4)
    if kinds & {b"vids", b"iavs"}:
        return True
    return False if b"auds" in kinds else None


def transport_packet(head: bytes) -> int:
    """The packet length of an MPEG transport stream (188; 192 with time codes, 204 with checks); 0 if it is none."""
    for length, offset in ((188, 0), (192, 4), (204, 0)):
        if len(head) >= 4 * length and all(head[offset + n * length] == 0x47 for n in range(len(head) // length)):
            return length
    return 0


_PICTURE_STREAMS = {0x01, 0x02, 0x10, 0x1B, 0x1E, 0x20, 0x24, 0x25, 0x27, 0x33, 0x42, 0xD1, 0xEA}
_SOUND_STREAMS = {0x03, 0x04, 0x0F, 0x11, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0xC1}


def transport(file: BinaryIO, packet: int) -> bool | None:
    """MPEG transport stream (ISO/IEC 13818-1): the stream types of the first program map."""
    file.seek(0)
    data = file.read(_MAX_READ)
    skip = 4 if packet == 192 else 0
    maps: set[int] = set()
    for at in range(skip, len(data) - 188 + 1, packet):
        if data[at] != 0x47 or not data[at + 1] & 0x40:
            continue
        pid = int.from_bytes(data[at + 1 : at + 3], "big") & 0x1FFF
        body = at + 4 + (1 + data[at + 4] if data[at + 3] & 0x20 else 0)
        section = data[body : at + 188]
        if not section:
            continue
        section = section[1 + section[0] :]
        if pid == 0 and section[:1] == b"\0":
            length = int.from_bytes(section[1:3], "big") & 0xFFF
            for entry in range(8, min(3 + length - 4, len(section) - 3), 4):
                if section[entry : entry + 2] != b"\0\0":
                    maps.add(int.from_bytes(section[entry + 2 : entry + 4], "big") & 0x1FFF)
        elif pid in maps and section[:1] == b"\x02":
            return _program(section)
    return None


def _program(section: bytes) -> bool | None:
    length = int.from_bytes(section[1:3], "big") & 0xFFF
    at = 12 + (int.from_bytes(section[10:12], "big") & 0xFFF)
    kinds = set()
    while at + 5 <= min(3 + length - 4, len(section)):
        kinds.add(section[at])
        at += 5 + (int.from_bytes(section[at + 3 : at + 5], "big") & 0xFFF)
    if kinds & _PICTURE_STREAMS:
        return True
    return False if kinds & _SOUND_STREAMS else None


def bare_sound(body: bytes) -> str:
    """`mp3`, `aac` or `ac3` when two headers in a row agree within the first kilobytes; empty otherwise."""
    if body.startswith(b"\x0bw") and len(body) > 6 and body[5] >> 3 <= 16:
        return "ac3"
    start = body.find(b"\xff")
    while 0 <= start < 4096:
        if length := _mp3_frame(body, start):
            following = start + length
            if _mp3_frame(body, following) and body[start + 1] == body[following + 1]:
                return "mp3"
        if length := _adts_frame(body, start):
            following = start + length
            if _adts_frame(body, following) and body[start + 1 : start + 3] == body[following + 1 : following + 3]:
                return "aac"
        start = body.find(b"\xff", start + 1)
    return ""


_MP3_RATES_HZ = (44100, 48000, 32000)
_MP3_KBPS = {
    (1, 1): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (1, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (1, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (2, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (2, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}


def _mp3_frame(data: bytes, at: int) -> int:
    """Length in bytes of the MPEG audio frame at `at` (ISO/IEC 11172-3, 13818-3); 0 if there is none."""
    if len(data) < at + 4 or data[at] != 0xFF or data[at + 1] & 0xE0 != 0xE0:
        return 0
    version, layer = data[at + 1] >> 3 & 3, 4 - (data[at + 1] >> 1 & 3)
    bitrate, rate = data[at + 2] >> 4, data[at + 2] >> 2 & 3
    if version == 1 or layer == 4 or bitrate in (0, 15) or rate == 3:
        return 0
    rate_hz = _MP3_RATES_HZ[rate] >> (0 if version == 3 else 1 if version == 2 else 2)
    table = _MP3_KBPS[(1, layer)] if version == 3 else _MP3_KBPS[(2, min(layer, 2))]
    bits, padding = table[bitrate - 1] * 1000, data[at + 2] >> 1 & 1
    if layer == 1:
        return (12 * bits // rate_hz + padding) * 4
    return (72 if layer == 3 and version != 3 else 144) * bits // rate_hz + padding


def _adts_frame(data: bytes, at: int) -> int:
    """Length in bytes of the ADTS frame at `at` (ISO/IEC 14496-3); 0 if there is none."""
    if len(data) < at + 7 or data[at] != 0xFF or data[at + 1] & 0xF6 != 0xF0 or data[at + 2] >> 2 & 15 > 12:
        return 0
    length = (data[at + 3] & 3) << 11 | data[at + 4] << 3 | data[at + 5] >> 5
    return length if length > 7 else 0
