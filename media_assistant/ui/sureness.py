"""How sure a model is, in words: nothing on the surface is a number."""

from __future__ import annotations

from bisect import bisect_right

_STEPS = (0.35, 0.5, 0.7, 0.88)
_NAMES = ("faint", "perhaps", "likely", "sure", "certain")


def sureness(score: float) -> str:
    """The key of the words, `ui.sure.<name>`, for a score of 0..1."""
    return f"ui.sure.{_NAMES[bisect_right(_STEPS, score)]}"
