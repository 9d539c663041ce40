"""Which way to learn a tag: what each did on this person's examples, what a network would take here, and what is advised."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from media_assistant.items.sentence import NOTHING, Sentence

NETWORK = "network"


@dataclass(frozen=True, slots=True)
class Way:
    """A form of head, and how it did on `count` examples that it had not seen: their average precision (0..1) with its
    standard error, and how long trying it took on this computer. `precision` is None where nothing could be left out.
    """

    form: str
    """`likeness`, `linear`, `forest`."""
    precision: float | None
    error: float
    count: int
    took_ms: int
    is_kept: bool = False


@dataclass(frozen=True, slots=True)
class NetworkSpeed:
    """What training takes on this computer, by a short measurement: seconds a picture, with all of the network learning and
    with it only looking; of a round, for keeping what was learned; and once, before (PyTorch) and behind (the export).
    """

    backbone: str
    learning_s: float
    looking_s: float
    keeping_s: float
    starting_s: float
    ending_s: float
    device: str


@dataclass(frozen=True, slots=True)
class Network:
    """What a network of one's own would need, for one tag. `low_s` to `high_s` are the shortest and the longest that it
    would train here; None where that is not measured. `missing` are packages without which nothing is trained.
    """

    wanted: int
    """Photos and films that the person tagged so."""
    pictures: int
    """That it would learn from, be stopped by and be measured on, with as many of other things."""
    least: int
    """As many are needed at all."""
    worth: int
    """As many are worth a thought."""
    missing: tuple[str, ...] = ()
    low_s: float | None = None
    high_s: float | None = None
    device: str = ""


@dataclass(frozen=True, slots=True)
class WhichWay:
    """`ways` of the sense that tells most, the simplest first; `untried` by form how many wanted examples it takes; `trained`
    what a network of this tag got right of what was held back (0..1), and a new head alone, where one was trained. `advised`
    is a form or NETWORK, empty where nothing can be advised yet, and `why` the sentence that says so with its reason.
    """

    ways: tuple[Way, ...]
    untried: Mapping[str, int]
    network: Network
    trained: tuple[float, float] | None = None
    advised: str = ""
    why: Sentence = NOTHING


def ways_of(report: Mapping[str, Any]) -> tuple[str, tuple[Way, ...]]:
    """(sense, ways) of a version's report; ("", ()) where it holds none."""
    try:
        told = report["ways"]
        return str(told["sense"]), tuple(Way(**each) for each in told["tried"])
    except (KeyError, TypeError, ValueError):
        return "", ()
