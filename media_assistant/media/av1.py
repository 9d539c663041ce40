"""Which packets of an AV1 film may be left out on the way to a picture: those that no other picture is made from.

libdav1d decides once, when it is opened, what it leaves out, so what is not wanted is not given to it at all. Source of
the syntax: AV1 Bitstream & Decoding Process Specification, sections 5.3 (OBU), 5.5 (sequence header), 5.9 (frame header).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

_SEQUENCE_HEADER, _FRAME_HEADER, _FRAME = 1, 3, 6
_KEY_FRAME, _INTER_FRAME, _SWITCH_FRAME = 0, 1, 3
_CHOSEN_BY_FRAME = 2


class _Bits:
    """Reads big-endian bits; IndexError beyond the end."""

    def __init__(self, data: memoryview) -> None:
        self._data = data
        self._at = 0

    def read(self, count: int) -> int:
        value = 0
        for at in range(self._at, self._at + count):
            value = value << 1 | (self._data[at >> 3] >> (7 - (at & 7))) & 1
        self._at += count
        return value

    def read_uvlc(self) -> int:
        zeros = 0
        while not self.read(1):
            zeros += 1
        return (1 << zeros) - 1 + self.read(zeros) if zeros < 32 else (1 << 32) - 1


@dataclass(frozen=True, slots=True)
class _Sequence:
    """What a frame header's length depends on. `removal_bits` is None without a decoder model."""

    is_still: bool
    equal_interval: bool
    removal_bits: int | None
    presentation_bits: int
    modelled_points: tuple[int, ...]
    frame_id_bits: int
    screen_content: int
    integer_mv: int
    order_hint_bits: int


class ReferenceFinder:
    """Told the packets of one film in their order, says which ones others need."""

    def __init__(self, extradata: bytes | None) -> None:
        """`extradata` as the container keeps it (`av1C`); four bytes, then OBUs."""
        self._sequence: _Sequence | None = None
        if extradata and len(extradata) > 4:
            self.is_needed(extradata[4:])

    def is_needed(self, packet: bytes | memoryview) -> bool:
        """Whether a later picture may be made from one of this packet's, one temporal unit. True where it is not sure."""
        try:
            return any(self._keeps(*obu) for obu in _obus(memoryview(packet)))
        except IndexError:
            return True

    def _keeps(self, kind: int, extension: int | None, payload: memoryview) -> bool:
        if kind == _SEQUENCE_HEADER:
            self._sequence = _read_sequence(_Bits(payload))
            return True
        if kind in {_FRAME_HEADER, _FRAME}:
            return self._sequence is None or _refreshes(_Bits(payload), self._sequence, extension)
        return False


def _obus(data: memoryview) -> Iterator[tuple[int, int | None, memoryview]]:
    """Type, extension byte and payload of each open bitstream unit."""
    at = 0
    while at < len(data):
        head = data[at]
        at += 1
        extension = None
        if head & 4:
            extension = data[at]
            at += 1
        size = len(data) - at
        if head & 2:
            size, shift = 0, 0
            while True:
                byte = data[at]
                at += 1
                size |= (byte & 127) << shift
                shift += 7
                if byte < 128 or shift > 56:
                    break
        yield head >> 3 & 15, extension, data[at : at + size]
        at += size


def _read_sequence(bits: _Bits) -> _Sequence:
    bits.read(4)  # profile, still picture
    is_still = bool(bits.read(1))
    equal_interval, removal_bits, presentation_bits, points = False, None, 0, []
    if is_still:
        bits.read(5)
    else:
        delay_bits = 0
        if bits.read(1):  # timing
            bits.read(64)
            equal_interval = bool(bits.read(1))
            if equal_interval:
                bits.read_uvlc()
            if bits.read(1):  # decoder model
                delay_bits = bits.read(5) + 1
                bits.read(32)
                removal_bits = bits.read(5) + 1
                presentation_bits = bits.read(5) + 1
        has_display_delay = bits.read(1)
        for _ in range(bits.read(5) + 1):
            point = bits.read(12)
            if bits.read(5) > 7:
                bits.read(1)
            if removal_bits is not None and bits.read(1):
                points.append(point)
                bits.read(2 * delay_bits + 1)
            if has_display_delay and bits.read(1):
                bits.read(4)
    width_bits, height_bits = bits.read(4) + 1, bits.read(4) + 1
    bits.read(width_bits + height_bits)
    frame_id_bits = 0
    if not is_still and bits.read(1):
        delta_bits = bits.read(4) + 2
        frame_id_bits = delta_bits + bits.read(3) + 1
    bits.read(3)
    return _Sequence(
        is_still,
        equal_interval,
        removal_bits,
        presentation_bits,
        tuple(points),
        frame_id_bits,
        *(_read_tools(bits) if not is_still else (_CHOSEN_BY_FRAME, _CHOSEN_BY_FRAME, 0)),
    )


def _read_tools(bits: _Bits) -> tuple[int, int, int]:
    """Screen content, whole motion vectors, bits of an order hint."""
    bits.read(4)
    has_order = bits.read(1)
    if has_order:
        bits.read(2)
    screen_content = _CHOSEN_BY_FRAME if bits.read(1) else bits.read(1)
    integer_mv = _CHOSEN_BY_FRAME
    if screen_content and not bits.read(1):
        integer_mv = bits.read(1)
    return screen_content, integer_mv, bits.read(3) + 1 if has_order else 0


def _refreshes(bits: _Bits, sequence: _Sequence, extension: int | None) -> bool:
    """Whether the frame of this header is kept for others. One that only shows an earlier frame counts as kept."""
    if sequence.is_still or bits.read(1):
        return True
    kind, is_shown = bits.read(2), bits.read(1)
    if kind != _INTER_FRAME:
        return True
    if not is_shown:
        bits.read(1)
    elif sequence.removal_bits is not None and not sequence.equal_interval:
        bits.read(sequence.presentation_bits)
    is_resilient = bits.read(1)
    bits.read(1)
    screen_content = bits.read(1) if sequence.screen_content == _CHOSEN_BY_FRAME else sequence.screen_content
    if screen_content and sequence.integer_mv == _CHOSEN_BY_FRAME:
        bits.read(1)
    bits.read(sequence.frame_id_bits + 1 + sequence.order_hint_bits)
    if not is_resilient:
        bits.read(3)
    if sequence.removal_bits is not None and bits.read(1):
        layer = 1 << (extension >> 5) | 1 << ((extension >> 3 & 3) + 8) if extension is not None else 0
        for point in sequence.modelled_points:
            if not point or extension is None or point & layer == layer:
                bits.read(sequence.removal_bits)
    return bits.read(8) != 0
