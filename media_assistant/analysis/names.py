"""The concepts behind the classes of sound and music networks, from `resources/vocabulary`.

A class is found by its public name or by the Chinese one, so any tagger over AudioSet's classes speaks two languages and
knows its parents.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from media_assistant.items.concept import Concept
from media_assistant.paths import bundled

if TYPE_CHECKING:
    from media_assistant.inference.labels import Label

_INDENT = 2
_BRACKETS = re.compile(r"\s*\([^)]*\)")


@dataclass(frozen=True, slots=True)
class SoundTree:
    """`concepts` by folded public name; `by_id` holds the shelves that no network names, too."""

    concepts: dict[str, Concept]
    by_id: dict[str, Concept]

    def ancestors(self, concept: Concept) -> list[Concept]:
        """Everything that it is a kind of, nearest first."""
        found: list[Concept] = []
        waiting = list(concept.parents)
        while waiting:
            parent = self.by_id.get(waiting.pop(0))
            if parent is not None and parent not in found:
                found.append(parent)
                waiting += parent.parents
        return found


def sound_concept(label: Label, model_id: str) -> Concept:
    """What a class of a sound network means; a class that the tree does not know keeps its model's name for it."""
    known = _known(label.name_en)
    if known is not None:
        return known
    return Concept(f"{model_id}:{label.name_en}", label.name_en, label.name_zh)


def music_concept(label: Label, model_id: str) -> Concept:
    """What a class of a music network means. A music tag is no sound of its own: `house` is no building here."""
    english = [one for one, chinese in _music_names().items() if chinese == label.name_en]
    name = english[0] if len(english) == 1 else label.name_en
    for form in (name, f"{name} music") if _fold(name) else (name,):
        if (concept := _known(form)) is not None and "music" in _lineage(concept):
            others = {concept.en, concept.zh, *(alias.lower() for alias in concept.aliases)}
            return concept if name.lower() in others else replace(concept, aliases=(*concept.aliases, name.lower()))
    chinese = label.name_zh or _music_names().get(_fold(name), "")
    return Concept(f"music:{_slug(name)}" if chinese else f"{model_id}:{name}", name.lower(), chinese, (), ("music",))


@lru_cache(maxsize=1)
def load_sounds() -> SoundTree:
    """Read the tree of sounds. Raises ValueError for a line that cannot be read: the file is ours."""
    by_name: dict[str, Concept] = {}
    by_id: dict[str, Concept] = {}
    path: list[str] = []
    for line in _lines("sounds.txt"):
        depth = (len(line) - len(line.lstrip())) // _INDENT
        english, separator, chinese = line.strip().partition(" = ")
        if not separator or depth > len(path):
            raise ValueError(f"sounds.txt: {line!r}")
        english, _, told = english.partition(" @")
        is_shelf = english.startswith("[")
        name = english.strip("[]")
        short, *others = [part.strip() for part in _BRACKETS.sub("", name).lower().split(", ")]
        id_ = told or _slug(name if "(" in name else short)
        if id_ in by_id:
            id_ = _slug(name) if _slug(name) not in by_id else f"{path[depth - 1]}_{id_}"
        names_zh = [part.strip() for part in chinese.split(";")]
        # The name is the standard one of AudioSet, whole: what is behind its comma is what tells it from other things.
        whole = name.lower()
        aliases = dict.fromkeys([*([] if whole == short else [short]), *others, *names_zh[1:]])
        concept = Concept(id_, whole, names_zh[0], tuple(aliases), tuple(path[depth - 1 : depth]))
        by_id[id_] = concept
        if not is_shelf:
            by_name[_fold(name)] = concept
        path[depth:] = [id_]
    return SoundTree(by_name, by_id)


@lru_cache(maxsize=1)
def _music_names() -> dict[str, str]:
    pairs = (line.split(" = ") for line in _lines("music.txt"))
    return {_fold(english): chinese.strip() for english, chinese in pairs}


def _known(name: str) -> Concept | None:
    return load_sounds().concepts.get(_fold(name)) or _by_chinese_name().get(name)


@lru_cache(maxsize=1)
def _by_chinese_name() -> dict[str, Concept]:
    return {concept.zh: concept for concept in load_sounds().concepts.values()}


def _lineage(concept: Concept) -> set[str]:
    return {concept.id, *(one.id for one in load_sounds().ancestors(concept))}


def _lines(name: str) -> list[str]:
    text = (bundled("resources") / "vocabulary" / name).read_text("utf-8")
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


def _fold(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", name.lower()).strip()


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
