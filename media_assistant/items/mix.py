"""A mix, or a path from one item to another: steps in an order, each with why it follows."""

from __future__ import annotations

from dataclasses import dataclass, replace

from media_assistant.items.item import Item
from media_assistant.items.sentence import NOTHING, Sentence

LONGEST_PATH = 50
"""Steps, both ends counted."""
RISING, FALLING = 1, -1
SAME, COMPATIBLE = "same", "compatible"


@dataclass(frozen=True, slots=True)
class MixWish:
    """What a mix is to keep."""

    minutes: float = 0.0
    """How long in all; 0: `steps` says how many items, which is also so where they have no length."""
    steps: int = 20
    tempo: tuple[float, float] | None = None
    """The lowest and the highest, beats a minute."""
    course: int = 0
    """RISING or FALLING; 0: as it comes."""
    key: str = ""
    """SAME, or COMPATIBLE with the one before; empty: any."""

    def checked(self) -> MixWish:
        """Within what can be: a day, 300 steps, the lower tempo first."""
        tempo = None if self.tempo is None else (min(self.tempo), max(self.tempo))
        return replace(
            self, minutes=min(1440.0, max(0.0, self.minutes)), steps=min(300, max(2, self.steps)), tempo=tempo
        )


@dataclass(frozen=True, slots=True)
class MixStep:
    """`tempo` is 0 and `key` empty where they are not known; `why` says what it has to do with the one before."""

    item: Item
    tempo: float
    key: str
    camelot: str
    why: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Mix:
    """`says` is which rule kept it from being as wished; nothing where it is. `notes` tell which of many seeds it was made
    from, and what is more than can be.
    """

    steps: tuple[MixStep, ...]
    says: Sentence = NOTHING
    notes: tuple[Sentence, ...] = ()

    @property
    def total_ms(self) -> int:
        """How long it is in all."""
        return sum(step.item.facts.duration_ms for step in self.steps)
