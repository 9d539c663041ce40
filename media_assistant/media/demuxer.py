"""Packets of a film's pictures and of its sound, each to be had when it is wanted, however badly the file interleaves them."""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from fractions import Fraction

import av
import av.error
from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream
from av.video.stream import VideoStream

from media_assistant.media.container import has_no_index

SOUND_BEFORE_MS = 300
"""So long before the time of a jump its sound begins to be decoded."""
_MOST_PACKETS = 6000


class Demuxer:
    """What was read of one stream on the way to another's next packet waits here, undecoded, up to a bound.

    The file is at its beginning until the first `jump`.
    """

    def __init__(self, container: InputContainer, streams: list[Stream], origin_s: Fraction) -> None:
        self._container = container
        self._streams = streams
        self._picture = next((each for each in streams if isinstance(each, VideoStream)), None)
        self._origin_s = origin_s
        self.has_read = False
        """Whether the last `next_packet` read from the file."""
        self._begin()

    def jump(self, ms: int) -> None:
        """Go on from here: from the picture before it of which others are made, or from a little before it in sound."""
        # Without an index a jump lands on a guess: there everything is read from the start.
        target_s = self._origin_s + (0 if has_no_index(self._container) else Fraction(ms, 1000))
        try:
            if self._picture is not None and self._picture.time_base:
                self._container.seek(round(target_s / self._picture.time_base), backward=True, stream=self._picture)
            else:
                back_s = target_s - Fraction(SOUND_BEFORE_MS, 1000)
                self._container.seek(max(0, int(back_s * av.time_base)), backward=True)
        except (av.error.FFmpegError, OSError):
            self._rewind()
        self._begin()

    def _begin(self) -> None:
        self._waiting: dict[int, deque[Packet[Stream]]] = {each.index: deque() for each in self._streams}
        self._packets = self._container.demux(*self._streams)
        self.is_at_end = False
        """Whether the file has no more. What was read may still wait."""

    def _rewind(self) -> None:
        """To the file's first byte, where it cannot be asked for a time: a jump decodes all that lies before it. A file
        that cannot do even that goes on from where it is.
        """
        for is_in_bytes in (False, True):
            with suppress(av.error.FFmpegError, OSError):
                self._container.seek(0, unsupported_byte_offset=is_in_bytes)
                return

    def next_packet(self, of: Stream) -> Packet[Stream] | None:
        """The next one of a stream, an empty one at its end; None where none is there yet.

        One packet is read from the file at most, so that a new jump is heard soon, and none while too many wait.
        """
        self.has_read = False
        waiting = self._waiting[of.index]
        if not waiting and not self.is_at_end and not self.is_full:
            self.has_read = True
            try:
                packet = next(self._packets, None)
            except (av.error.FFmpegError, OSError):
                packet = None  # broken off: what is here is played
            if packet is None:
                self.is_at_end = True
                for each in self._streams:
                    last: Packet[Stream] = Packet(0)
                    last.stream = each
                    self._waiting[each.index].append(last)
            elif packet.size:
                self._waiting[packet.stream.index].append(packet)
        return waiting.popleft() if waiting else None

    def pass_over(self, of: Stream) -> None:
        """Let go what waits of a stream."""
        self._waiting[of.index].clear()

    @property
    def is_full(self) -> bool:
        """Whether so much waits to be decoded that nothing more is read."""
        return sum(map(len, self._waiting.values())) >= _MOST_PACKETS
