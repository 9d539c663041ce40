"""Items that are the same in another form: pairs that were found, and groups that a person decides on."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from media_assistant.items.item import Item
from media_assistant.items.sentence import Sentence


@dataclass(frozen=True, slots=True)
class Agreement:
    """How two items agree, the one with the lower id first. `first` and `second` say which of the two is meant."""

    share: float = 1.0
    """Of the shorter one that is in the other."""
    offset_ms: int = 0
    """How much later it is in the second."""
    sound: float = 0.0
    is_mirrored: bool = False
    part: str = ""
    """Which one is cropped."""
    box: tuple[float, ...] = ()
    """What of the other is left: left, top, right, bottom in shares."""
    beside: str = ""
    """Where one of them has something burnt in: `corner`, `top` or `bottom`."""
    marked: str = ""
    """Which one has it."""
    borders: str = ""
    """Which one has black borders."""

    def with_sound(self, share: float) -> Agreement:
        """Also by what is heard."""
        return replace(self, sound=round(share, 3))

    def along(self, share: float, offset_ms: int) -> Agreement:
        """Over time."""
        return replace(self, share=round(share, 3), offset_ms=offset_ms)

    def to_plain(self) -> dict[str, Any]:
        """What differs from the usual, for JSON."""
        return {name: value for name, value in asdict(self).items() if value != getattr(_USUAL, name)}

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> Agreement:
        """The inverse; fields that are not known are passed over."""
        known = {name: value for name, value in plain.items() if name in cls.__slots__}
        return cls(**known | {"box": tuple(known.get("box", ()))})


_USUAL = Agreement()


@dataclass(frozen=True, slots=True)
class LikelyPair:
    """Two items that were found to be the same, how surely (0..1), and how they agree; the lower id first."""

    first_id: int
    second_id: int
    sureness: float
    agreement: Agreement = _USUAL


@dataclass(frozen=True, slots=True)
class Member:
    """An item of a group. `differences` tell it from the one that is to be kept, or for that one why it is."""

    item: Item
    differences: tuple[Sentence, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Items that are the same, the one to keep first; how surely (0..1) all of them are. An exact one is one item whose
    very bytes lie at several places.
    """

    members: tuple[Member, ...]
    sureness: float
    is_exact: bool = False

    @property
    def kept(self) -> Member:
        """The one that is proposed to stay."""
        return self.members[0]

    @property
    def item_ids(self) -> tuple[int, ...]:
        """Of all members."""
        return tuple(member.item.id for member in self.members)
