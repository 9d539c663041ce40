"""What a tag or a label means: an id with names in two languages, aliases and parents; never a bare string."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Concept:
    """One meaning.

    `id` is stable for ever: a word of the project's vocabulary (`dog`), or `own:<name>` for a tag that a person
    made, or `<model id>:<label>` for a class of a model that the vocabulary does not know.
    `zh` is empty where no Chinese name is known; then the English one is shown. `colour` is the person's choice, a
    name of the window's palette.
    """

    id: str
    en: str
    zh: str = ""
    aliases: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()
    colour: str = ""

    def name(self, language: str) -> str:
        """The name in `language` (`en`, `zh`, `zh_CN` …), or the English one."""
        return self.zh if language.startswith("zh") and self.zh else self.en


@dataclass(frozen=True, slots=True)
class OwnWords:
    """What a person says of a tag itself. None, nought and empty are no word: then the vocabulary's holds.

    `lowest_score` is what a proposal must reach to be shown, `NEVER` for no proposals at all. `merged_into` is the id of
    the tag that this one became.
    """

    en: str | None = None
    zh: str | None = None
    aliases: tuple[str, ...] | None = None
    parents: tuple[str, ...] | None = None
    colour: str = ""
    lowest_score: float = 0.0
    merged_into: str | None = None

    def __bool__(self) -> bool:
        return self != OwnWords()


NEVER = 2.0
"""A `lowest_score` that no proposal reaches."""


@dataclass(frozen=True, slots=True)
class TagCensus:
    """A tag of the library as the person has it: with `count` items that carry it or a tag below it (refused ones do
    not count), and of these `proposed` ones that carry it by a model's word alone and wait for the person's.
    """

    concept: Concept
    count: int
    proposed: int
    lowest_score: float = 0.0
    is_own: bool = False
    """Whether the person made it or said something of it."""
