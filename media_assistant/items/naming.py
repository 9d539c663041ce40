"""Find concepts by their names: English and Chinese alike, plurals, aliases, children (a terrier is an animal)."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import NamedTuple

from media_assistant.items import pinyin
from media_assistant.items.concept import Concept
from media_assistant.items.folding import UNSPACED, fold, has_unspaced, is_of_word

_LONGEST = 5
"""Words of English, or characters of Chinese, that a name in a query may have at most: longer names exist but nobody types them."""

_LONGEST_UNSPACED = 8

_EMPTY_WORDS = frozenset(
    [
        "a",
        "an",
        "and",
        "any",
        "are",
        "as",
        "at",
        "by",
        "for",
        "from",
        "has",
        "have",
        "he",
        "her",
        "his",
        "how",
        "i",
        "in",
        "into",
        "is",
        "it",
        "its",
        "me",
        "my",
        "near",
        "next",
        "of",
        "off",
        "on",
        "onto",
        "or",
        "our",
        "over",
        "photo",
        "photos",
        "picture",
        "pictures",
        "she",
        "some",
        "that",
        "the",
        "their",
        "them",
        "then",
        "there",
        "they",
        "this",
        "to",
        "under",
        "up",
        "video",
        "videos",
        "was",
        "we",
        "were",
        "what",
        "when",
        "where",
        "which",
        "who",
        "with",
        "you",
        "your",
    ]
)
"""All of them stand in most lines, or name what all items are."""
_EMPTY_CHARACTERS = "的了在和与是着"
_OF_MINE = re.compile("(?:我的|我们的)?(.+?)(?:的?(?:照片|图片|视频))?")
"""What 我的狗的照片 asks for, a photo of my dog."""

_NAMED = 1.0
_CHILD = 0.97
_HEAD = 0.8
_STEM = 0.9
"""The same verb in another form: crackling, crackle; a sound without the word for sound: 噼啪, 噼啪声."""
_HALF_TYPED = 0.6
_HALF_TYPED_BESIDE = 0.3
"""What the last word may become, where it already is a name: `car` means cars, and carpets only if nothing is a car."""

_SPACED_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_UNSPACED_RUN = re.compile(f"([{UNSPACED}]+)")


_Index = dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Unit:
    """One thing that a query asks for: a word or a run of characters, and the concepts that it names.

    `concepts` is by id how well the name fits, 0..1. `is_last` marks the unit that may be half typed.
    """

    text: str
    concepts: dict[str, float] = field(default_factory=dict)
    is_last: bool = False


class _Kept(NamedTuple):
    """What one `ConceptNames` takes over from another. Nobody changes it."""

    concepts: Mapping[str, Concept] = MappingProxyType({})
    by_name: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    signed: AbstractSet[str] = frozenset()
    by_head: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    children: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    by_stem: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    in_order: Sequence[str] = ()
    words: Sequence[str] = ()


class ConceptNames:
    """All names of a library's concepts. Built once per change of the vocabulary, asked with every letter."""

    def __init__(self, concepts: Iterable[Concept], kept: _Kept | None = None) -> None:
        """`kept` is for `with_more`."""
        kept = kept or _Kept()
        self.concepts: dict[str, Concept] = dict(kept.concepts)
        self._by_name: _Index = dict(kept.by_name)
        self._signed: set[str] = set(kept.signed)
        """Names, as they stand in the index, of which some form has signs: the C of C++."""
        self._by_head: _Index = dict(kept.by_head)
        self._children: _Index = dict(kept.children)
        self._by_stem: _Index = dict(kept.by_stem)
        for concept in concepts:
            self.concepts[concept.id] = concept
            for parent in concept.parents:
                _add(self._children, parent, concept.id)
            for written in _names_of(concept):
                folded = fold(written)
                words = [singular(word) for word in _words_of_name(folded)]
                if not words:
                    continue
                name = " ".join(words)
                _add(self._by_name, name, concept.id)
                if stem := stem_of(name):
                    _add(self._by_stem, stem, concept.id)
                if _signs(folded):
                    self._signed.add(name)
                if len(words) > 1:
                    # English puts the head last: a sports car is a car, a car seat is not.
                    _add(self._by_head, words[-1], concept.id)
                elif has_unspaced(words[0]):
                    for start in range(1, len(words[0]) - 1):
                        _add(self._by_head, words[0][start:], concept.id)
        new = [name for name in self._by_name if name not in kept.by_name]
        # What is in order already takes no time to be put in order again.
        self._sorted = sorted([*kept.in_order, *new])
        new_words = {word for name in new for word in name.split()}.difference(kept.words)
        self._name_words = sorted([*kept.words, *new_words])

    def with_more(self, concepts: Iterable[Concept]) -> ConceptNames:
        """These names and those of a few new concepts, in much less time than all of them anew; this one stays as it is."""
        kept = _Kept(
            self.concepts,
            self._by_name,
            self._signed,
            self._by_head,
            self._children,
            self._by_stem,
            self._sorted,
            self._name_words,
        )
        return ConceptNames(concepts, kept)

    def has_word(self, word: str) -> bool:
        """Whether a folded word stands in some name, in singular or plural; `word*`: whether one begins so."""
        wanted = word.removesuffix("*") if word.endswith("*") else singular(word)
        at = bisect_left(self._name_words, wanted)
        there = self._name_words[at] if at < len(self._name_words) else ""
        return there.startswith(wanted) if word.endswith("*") else there == wanted

    def sounding(self, letters: str) -> list[str]:
        """The Chinese names, of two characters or more, that are typed so by their sound."""
        return list(self._by_sound.get(letters, ()))

    @cached_property
    def _by_sound(self) -> _Index:
        found: _Index = {}
        for name in self._sorted:
            if 1 < len(name) <= _LONGEST_UNSPACED and pinyin.is_read(name):
                for letters in pinyin.sounds(name):
                    _add(found, letters, name)
        return found

    def named(self, text: str) -> dict[str, float]:
        """The concepts of exactly this name, in any form, with all their children: of `dog` no hot dog."""
        folded = fold(text)
        name = _in_index(folded)
        found = self._fits(name)
        if name in self._by_name:
            # Where the tree has a place for it, the tree says what it is a kind of, and not the end of its name.
            found = {each: fit for each, fit in found.items() if fit > _HEAD or not self._is_in_tree(each)}
        if name in self._signed:
            bare = set(self._by_name[name])
            same = {each for each in bare if self._has_name(each, name, _signs(folded))}
            found = {each: fit for each, fit in found.items() if not same or each in same or each not in bare}
        return self._with_children(found)

    def _is_in_tree(self, concept_id: str) -> bool:
        return any(parent in self.concepts for parent in self.concepts[concept_id].parents)

    def _has_name(self, concept_id: str, name: str, signs: str) -> bool:
        """Whether some name of it is this one with these signs."""
        folded = map(fold, _names_of(self.concepts[concept_id]))
        return any(_in_index(each) == name and _signs(each) == signs for each in folded)

    def units(self, text: str, *, is_half_typed: bool = True) -> list[Unit]:
        """Cut a query's words into what it asks for: the longest names first, single words for the rest.

        Words without content (`of the`, 的) are left out unless there is nothing else.
        """
        pieces = self._pieces(fold(text))
        units = [
            Unit(piece, self._with_children(self._fits(name)), is_last=index == len(pieces) - 1)
            for index, (piece, name) in enumerate(pieces)
        ]
        if units and is_half_typed:
            last = units[-1]
            begun = self._begun(last.text, _HALF_TYPED_BESIDE if last.concepts else _HALF_TYPED)
            units[-1] = Unit(last.text, {**self._with_children(begun), **last.concepts}, is_last=True)
        return units

    def _pieces(self, folded: str) -> list[tuple[str, str]]:
        """(what stands there, its name in the index) for each piece."""
        words = _words(folded)
        if not words and (signs := " ".join(folded.split())) in self._by_name:
            return [(signs, signs)]
        pieces: list[tuple[str, str]] = []
        at = 0
        while at < len(words):
            if has_unspaced(words[at]):
                pieces += [(piece, piece) for piece in self._cut_run(words[at])]
                at += 1
                continue
            for length in range(min(_LONGEST, len(words) - at), 0, -1):
                name = " ".join(singular(word) for word in words[at : at + length])
                if length == 1 or name in self._by_name:
                    pieces.append((" ".join(words[at : at + length]), name))
                    at += length
                    break
        full = [piece for piece in pieces if piece[0] not in _EMPTY_WORDS and piece[0].strip(_EMPTY_CHARACTERS)]
        return full or pieces

    def _cut_run(self, run: str) -> list[str]:
        """A run without spaces: names that are known, longest first, and what lies between them."""
        if run in self._by_name:
            return [run]
        asked = _OF_MINE.fullmatch(run)
        thing = asked[1] if asked else run
        # 短视频 is no video that is 短: one character alone is what is asked for only where it is a name.
        if thing != run and (len(thing) > 1 or thing in self._by_name or f"{thing}的" in run):
            return self._cut_run(thing)
        pieces: list[str] = []
        between = ""
        at = 0
        while at < len(run):
            longest = min(_LONGEST_UNSPACED, len(run) - at)
            # One character alone is a name only between others: 马 in 马上 is no horse.
            for length in range(longest, 1, -1):
                if run[at : at + length] in self._by_name or run[at : at + length] in self._by_stem:
                    pieces += [between, run[at : at + length]]
                    between = ""
                    at += length
                    break
            else:
                between += run[at]
                at += 1
        if not pieces:
            return [run]
        return [piece for piece in (piece.strip(_EMPTY_CHARACTERS) for piece in [*pieces, between]) if piece]

    def _fits(self, name: str) -> dict[str, float]:
        if not name:
            return {}
        found = dict.fromkeys(self._by_head.get(name, ()), _HEAD)
        if name not in self._by_name:
            stem = stem_of(name) if name.endswith(("ing", "ed")) else name if has_unspaced(name) else ""
            found.update(dict.fromkeys(self._by_stem.get(stem, ()), _STEM))
        found.update(dict.fromkeys(self._by_name.get(name, ()), _NAMED))
        return found

    def _begun(self, text: str, fit: float) -> dict[str, float]:
        """Concepts whose name begins with `text`, the half-typed word; few letters begin too much."""
        if len(text) < (1 if has_unspaced(text) else 3):
            return {}
        found: dict[str, float] = {}
        for name in self._sorted[bisect_left(self._sorted, text) :]:
            if not name.startswith(text) or len(found) > 200:
                break
            found.update(dict.fromkeys(self._by_name[name], fit))
        return found

    def _with_children(self, found: dict[str, float]) -> dict[str, float]:
        """`found` and everything below it, a little weaker; a circle of parents does no harm."""
        answer = dict(found)
        waiting = list(found.items())
        while waiting:
            parent, fit = waiting.pop()
            for child in self._children.get(parent, ()):
                if answer.get(child, 0.0) < fit * _CHILD - 1e-9:
                    # Not weaker with every generation: a terrier is an animal as surely as a dog is.
                    answer[child] = fit * _CHILD if parent in found else fit
                    waiting.append((child, answer[child]))
        return answer


def stem_of(word: str) -> str:
    """What an English word of five letters or more shares with its other forms, roughly, and a Chinese sound (狗叫声) without
    the word for sound; empty for any other name.
    """
    if word.endswith("声") and len(word) > 2 and has_unspaced(word):
        return word[:-1]
    if not word.isascii() or not word.isalpha() or len(word) < 5:
        return ""
    for ending in ("ing", "ed", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            break
    return word[:-1] if len(word) > 3 and word[-1] == word[-2] else word


def singular(word: str) -> str:
    """An English noun without its plural ending, roughly; both sides of a comparison go through it."""
    if not word.isascii() or len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "xes", "sses", "zes")):
        return word[:-2]
    return word[:-1]


def _names_of(concept: Concept) -> set[str]:
    return {concept.en, concept.zh, *concept.aliases}


def _in_index(folded: str) -> str:
    """A name as it stands in the index."""
    return " ".join(singular(word) for word in _words_of_name(folded))


def _signs(folded: str) -> str:
    """What tells C++ from C#; hyphens, dots and quotation marks are mere ways to write a name."""
    return "" if folded.isalnum() else "".join(c for c in folded if c == "#" or unicodedata.category(c)[0] == "S")


def _words_of_name(folded: str) -> list[str]:
    """Its words; of a name of signs alone, as 🐶 is one, whatever stands there."""
    return _words(folded) or folded.split()


def _words(folded: str) -> list[str]:
    """Words, with unspaced runs apart from what they touch: iphone手机 → iphone, 手机."""
    words: list[str] = []
    for word in _spaced_words(folded):
        if word.isascii() or not has_unspaced(word):
            words.append(word)
        else:
            words += [part for part in _UNSPACED_RUN.split(word) if part]
    return words


def _spaced_words(folded: str) -> list[str]:
    if folded.isascii():
        return _SPACED_WORD.findall(folded)
    # Marks belong to their word, as they do in the index.
    plain = "".join("a" if is_of_word(c) else c for c in folded)
    return [folded[slice(*found.span())] for found in _SPACED_WORD.finditer(plain)]


def _add(index: _Index, name: str, concept_id: str) -> None:
    found = index.get(name, ())
    if concept_id not in found:
        index[name] = (*found, concept_id)
