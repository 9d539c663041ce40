"""The concepts that the program knows by itself, in two languages, with what each is a kind of.

`resources/vocabulary/concepts.tsv` (made by `make.py` there) holds what is seen, `sounds.txt` what is heard. Where
both know an id, it is one concept with the names and parents of both.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from media_assistant.analysis.names import load_sounds
from media_assistant.items.concept import Concept
from media_assistant.paths import bundled


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """`by_id` holds everything; `general` are ids that say too little to stand above what they are made of."""

    by_id: dict[str, Concept]
    general: frozenset[str]
    everyday: tuple[str, ...]
    """Ids of what a picture may be asked for without a list of classes."""
    by_wnid: dict[str, str]
    shelves: frozenset[str]
    """Ids that only hold others together and are never said of anything."""
    ancestors: dict[str, tuple[str, ...]]
    """Everything that a seen concept is a kind of, nearest first, without the shelves of sounds."""


@lru_cache(maxsize=1)
def load_vocabulary() -> Vocabulary:
    """Read once; some thousand lines."""
    by_id: dict[str, Concept] = {}
    general, shelves, everyday = set(), set(), []
    for row in _table("concepts.tsv"):
        concept = Concept(row["id"], row["en"], row["zh"], _parts(row["aliases"]), _parts(row["parents"]))
        by_id[concept.id] = concept
        match row["kind"]:
            case "general":
                general.add(concept.id)
            case "shelf":
                shelves.add(concept.id)
            case "everyday":
                everyday.append(concept.id)
    ancestors = {id_: tuple(_above(by_id, id_)) for id_ in by_id}
    for heard in load_sounds().by_id.values():
        seen = by_id.get(heard.id)
        by_id[heard.id] = heard if seen is None else _merged(seen, heard)
    return Vocabulary(
        by_id,
        frozenset(general),
        tuple(everyday),
        {row["wnid"]: row["concept"] for row in _table("wnids.tsv")},
        frozenset(shelves),
        ancestors,
    )


def all_concepts() -> Iterable[Concept]:
    """Every concept, in the order of the files."""
    return load_vocabulary().by_id.values()


def unified(concept: Concept) -> Concept:
    """The concept as the whole vocabulary knows it, whoever names it; itself where the vocabulary does not know it."""
    return load_vocabulary().by_id.get(concept.id, concept)


def _merged(seen: Concept, heard: Concept) -> Concept:
    others = dict.fromkeys((*seen.aliases, heard.en, heard.zh, *heard.aliases))
    aliases = tuple(name for name in others if name and name not in {seen.en, seen.zh})
    parents = tuple(parent for parent in dict.fromkeys((*seen.parents, *heard.parents)) if parent != seen.id)
    return replace(seen, aliases=aliases, parents=parents)


def _above(by_id: dict[str, Concept], id_: str) -> list[str]:
    found: list[str] = []
    waiting = list(by_id[id_].parents)
    while waiting:
        parent = waiting.pop(0)
        if parent in by_id and parent not in found and parent != id_:
            found.append(parent)
            waiting += by_id[parent].parents
    return found


def _table(name: str) -> Iterable[dict[str, str]]:
    text = (bundled("resources") / "vocabulary" / name).read_text("utf-8")
    return csv.DictReader(text.splitlines(), delimiter="\t")


def _parts(cell: str) -> tuple[str, ...]:
    return tuple(part for part in cell.split("|") if part)
