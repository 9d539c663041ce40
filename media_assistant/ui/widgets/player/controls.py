"""Joins the player with the bar and the timeline under it: speed, loop, chapters, subtitles, time."""

from __future__ import annotations

from PySide6.QtCore import QObject

from media_assistant.items.chapters import Chapter
from media_assistant.items.clock import clock
from media_assistant.ui.desk import Desk
from media_assistant.ui.playback.playback import SHORTEST_LOOP_MS, Loop, Playback
from media_assistant.ui.widgets.player.transport_bar import TransportBar
from media_assistant.ui.widgets.player.video_surface import VideoSurface
from media_assistant.ui.widgets.timeline.timeline import Timeline

AGAIN_MS = 1500
"""Until this long after its beginning, going back from a chapter goes to the one before."""


class PlayerControls(QObject):
    """`chapters` are those of the item that is shown."""

    def __init__(
        self, desk: Desk, playback: Playback, transport: TransportBar, timeline: Timeline, surface: VideoSurface
    ) -> None:
        super().__init__(transport)
        self._desk = desk
        self._playback = playback
        self._transport = transport
        self._timeline = timeline
        self._surface = surface
        self.chapters: tuple[Chapter, ...] = ()
        transport.shuttled.connect(playback.shuttle)
        transport.stepped.connect(playback.step)
        transport.rated.connect(playback.set_rate)
        transport.muted.connect(self.turn_sound)
        transport.looped.connect(self.turn_loop)
        transport.subtitled.connect(self.set_subtitles)
        timeline.loop_wanted.connect(self.loop_over)
        playback.switched.connect(self.show_state)
        playback.looped.connect(self.show_loop)
        size = desk.assistant.settings.subtitles
        self._size_when_on = "medium" if size == "off" else size
        surface.show_subtitle_size(size)
        transport.show_subtitles(size)

    def show_state(self) -> None:
        """What the player does."""
        playback = self._playback
        self._transport.show_state(
            is_playing=playback.is_playing,
            is_muted=playback.is_muted,
            rate=playback.rate,
            keeps_pitch=playback.keeps_pitch,
            can_be_heard=playback.can_be_heard,
        )
        self.show_time(playback.position_ms)

    def show_time(self, ms: int) -> None:
        """Where it is, and how long it all is as far as anybody knows."""
        self._transport.show_time(ms, self._playback.duration_ms)

    def turn_sound(self) -> None:
        """Off or on."""
        self._playback.set_muted(is_muted=not self._playback.is_muted)

    def step_chapter(self, direction: int) -> None:
        """To the next chapter, or to the beginning of this one and then the one before."""
        now_ms = self._playback.position_ms
        starts = [chapter.start_ms for chapter in self.chapters]
        if direction > 0:
            after = [ms for ms in starts if ms > now_ms]
            if after:
                self._playback.seek(after[0])
        elif starts:
            self._playback.seek(max((ms for ms in starts if ms < now_ms - AGAIN_MS), default=0))

    def set_loop_end(self, *, is_start: bool) -> None:
        """One end of the loop is here; the other stays where that makes sense."""
        now_ms, loop = self._playback.position_ms, self._playback.loop
        if is_start:
            end_ms = loop.end_ms if loop and loop.end_ms and loop.end_ms > now_ms else None
            self._playback.set_loop(Loop(now_ms, end_ms))
        elif now_ms > (start_ms := loop.start_ms if loop else 0):
            self._playback.set_loop(Loop(start_ms, now_ms))

    def turn_loop(self) -> None:
        """From here; until here; no more."""
        loop = self._playback.loop
        if loop is not None and loop.end_ms is not None:
            self._playback.set_loop(None)
        else:
            self.set_loop_end(is_start=loop is None)

    def loop_over(self, start_ms: int, end_ms: int) -> None:
        """A stretch that was chosen with the mouse; a mere click ends the loop."""
        if end_ms - start_ms >= SHORTEST_LOOP_MS:
            self._playback.set_loop(Loop(start_ms, end_ms))
            self._playback.seek(start_ms)
        else:
            self._playback.set_loop(None)
            self.show_loop()

    def show_loop(self) -> None:
        """On the timeline, and in numbers."""
        loop = self._playback.loop
        if loop is None:
            self._timeline.show_loop(None)
            self._transport.show_loop("")
            return
        end_ms = loop.end_ms if loop.end_ms is not None else self._timeline.duration_ms
        self._timeline.show_loop((loop.start_ms, max(loop.start_ms, end_ms)))
        until = clock(loop.end_ms) if loop.end_ms is not None else "…"
        self._transport.show_loop(f"{clock(loop.start_ms)} – {until}")

    def set_subtitles(self, size: str) -> None:
        """How large they are drawn, or `off`; kept for the next time."""
        if size != "off":
            self._size_when_on = size
        self._surface.show_subtitle_size(size)
        self._transport.show_subtitles(size)
        assistant = self._desk.assistant
        assistant.set_settings(assistant.settings._replace(subtitles=size))

    def turn_subtitles(self) -> None:
        """On, as large as they were, or off."""
        self.set_subtitles(self._size_when_on if self._desk.assistant.settings.subtitles == "off" else "off")
