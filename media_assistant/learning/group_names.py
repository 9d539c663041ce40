"""What a group is named by: what is surely commoner in it than elsewhere, and the same again when a thing comes or goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from media_assistant.learning.things import Floats, Ints

MOST = 3
"""Terms of a name."""
SURE = 2.5
SHARE, FEWEST = 0.3, 3
"""On which share of a group's members a term of its name is, and on how many at least: what one or two have names nothing."""
STAYS, COMES = 0.8, 1.2
"""By so much less a term of the name may be sure to stay in it, and by so much more another has to be to come in."""


@dataclass(frozen=True, slots=True)
class Term:
    """A candidate: its `key`, what it is called (folded, in every language), and how surely it is commoner inside."""

    key: str
    names: tuple[str, ...]
    sureness: float


def telling(inside: Ints, everywhere: Ints, members: int | Ints, total: int | Ints) -> Floats:
    """How surely each term is commoner inside a group than outside: the log-odds ratio over its standard error, half a
    count added to each (Haldane–Anscombe), as Monroe, Colaresi and Quinn rank words ("Fightin' Words", Political
    Analysis 16, 2008). Counts are of items, or of words.
    """
    a, b = inside + 0.5, members - inside + 0.5
    c, d = everywhere - inside + 0.5, (total - members) - (everywhere - inside) + 0.5
    ratio = np.log(a / b) - np.log(c / d)
    return np.asarray(ratio / np.sqrt(1 / a + 1 / b + 1 / c + 1 / d), np.float32)


def choose(terms: Sequence[Term], before: Sequence[str] = ()) -> list[Term]:
    """The name: at most `MOST` of the terms, the surest first, none that says what another says. `before` are the keys of
    the name till now, which gives way only to what is clearly surer, and keeps its order.
    """
    place = {key: at for at, key in enumerate(before)}
    holds = sum(term.sureness >= SURE * STAYS for term in terms if term.key in place)
    bar = SURE * (COMES if before and holds == len(place) else 1.0)
    worth = {term.key: term.sureness / (STAYS if term.key in place else 1.0) for term in terms}
    chosen: list[Term] = []
    for term in sorted(terms, key=lambda term: (-worth[term.key], term.key)):
        if term.sureness < (SURE * STAYS if term.key in place else bar):
            continue
        if any(_is_the_same(term, other) for other in chosen):
            continue
        chosen.append(term)
        if len(chosen) == MOST:
            break
    if all(term.key in place for term in chosen):
        chosen.sort(key=lambda term: place[term.key])
    return chosen


def drawn(marks: Sequence[int], most: int) -> list[int]:
    """At most so many of them, evenly drawn and nearly the same ones when some come or go: those whose hashes are lowest
    (a bottom-k sketch: Cohen and Kaplan, "Summarizing Data using Bottom-k Sketches", PODC 2007).
    """
    ids = np.asarray(marks, np.uint64)
    order = np.argsort(ids * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(20), kind="stable")
    return [int(each) for each in np.sort(ids[order[:most]])]


def _is_the_same(one: Term, other: Term) -> bool:
    """Whether the one's words are in the other's name: a whale beside a sperm whale, 海洋 beside 海洋生物."""
    return any(_is_within(a, b) or _is_within(b, a) for a in one.names for b in other.names)


def _is_within(short: str, long: str) -> bool:
    return set(short.split()) <= set(long.split()) if short.isascii() else short in long
