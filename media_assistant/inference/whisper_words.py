"""faster-whisper's model, with word times that cannot take a line away.

Word times come from the attention of a few heads. Where those have not learned to align (a fine-tuned or unusual
model), words get no length; faster-whisper then drops the whole segment as empty, although its text is right.
"""

from __future__ import annotations

from typing import Any

from faster_whisper import WhisperModel

_SHORTEST_S = 0.03
"""Longer than one step of the clock of 20 ms, shorter than any spoken word."""
_MOST_COLLAPSED = 1 / 3


class AligningWhisper(WhisperModel):  # type: ignore[misc]
    """Keeps a segment's own times, without words, where the alignment of its words has collapsed."""

    def add_word_timestamps(self, segments: list[list[dict[str, Any]]], *rest: Any, **named: Any) -> Any:
        """As the parent's, in place, on the segments of one or more windows."""
        before = [[(segment["start"], segment["end"]) for segment in window] for window in segments]
        answer = super().add_word_timestamps(segments, *rest, **named)
        for window, spans in zip(segments, before, strict=True):
            for segment, (start, end) in zip(window, spans, strict=True):
                words = segment.get("words") or []
                collapsed = sum(word["end"] - word["start"] < _SHORTEST_S for word in words)
                if segment["end"] <= segment["start"] or collapsed > _MOST_COLLAPSED * len(words):
                    segment["start"], segment["end"], segment["words"] = start, end, []
        return answer
