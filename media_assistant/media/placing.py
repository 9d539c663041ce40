"""Where decoded sound belongs: what is missing of it is silence, so that a sample's number is its time."""

from __future__ import annotations

# Time stamps of real files jitter and drift; less than this is no gap.
_TOLERATED_S = 0.1
# More than this is a clock that jumped, not silence. Sound that only sets in has no clock before it to jump from.
_LONGEST_GAP_S = 600
# All gaps of a file together: a few bytes could ask for years of silence.
_MOST_SILENCE_S = 4 * 3600
_LONGEST_OVERLAP_S = 1


class Placer:
    """Told of each stretch of sound when it says that it begins. All numbers are of samples, from where the sound begins."""

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._sets_in = True
        self._silent = 0
        self._shift = 0
        self.placed = 0
        """Where what was placed so far ends."""

    def place(self, at: int | None, length: int) -> tuple[int, int]:
        """(how much silence comes before it, how much of its beginning is left out) for a stretch of `length`."""
        silent, left_out = 0, 0
        if at is not None:
            gap = at + self._shift - self.placed
            most = self._rate_hz * _MOST_SILENCE_S - self._silent
            if not self._sets_in:
                most = min(most, self._rate_hz * _LONGEST_GAP_S)
            if gap > most or (not self._sets_in and gap < -_LONGEST_OVERLAP_S * self._rate_hz):
                self._shift -= gap
            elif self._sets_in or abs(gap) > _TOLERATED_S * self._rate_hz:
                silent, left_out = max(0, gap), min(max(0, -gap), length)
        self._sets_in = self._sets_in and left_out == length
        self._silent += silent
        self.placed += silent + length - left_out
        return silent, left_out

    def pass_over(self, length: int) -> None:
        """So much is silent, for nothing is known to come; what comes after all is placed by its time alone."""
        self._sets_in = True
        self.placed += length
