"""What a run of plain words finds, how surely, and where that ends.

A query is cut into units (names of concepts, words), each with its witnesses; the query as a whole is put into every
embedding space that takes words. All witnesses are probabilities on one scale (`items.ranking`). Where the words as
they were typed find nothing good, what they were probably meant to be is searched for too, and said.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from media_assistant.items import ranking
from media_assistant.items.folding import fold, has_unspaced
from media_assistant.items.naming import ConceptNames, Unit
from media_assistant.items.sentence import Sentence
from media_assistant.workflows.search.witnesses import Witnesses, hear_units, hear_whole

if TYPE_CHECKING:
    from media_assistant.library.finding_store import FindingStore
    from media_assistant.library.item_set import ItemSet
    from media_assistant.workflows.search.meaning import Meaning

_LEAST_SHOWN = 0.02
"""Below this nothing is shown even to who wants to see more."""
_GOOD = 0.5
"""An answer this sure needs no other spelling."""

_KNOWN = 0.9
"""A word that the networks know so well is a word, though nothing here has to do with it."""


@dataclass(slots=True)
class WordsAnswer:
    """How surely items answer the words. `corrected` is what was searched for too, empty for only what was typed."""

    scores: dict[int, float]
    witnesses: Witnesses
    hints: list[Sentence] = field(default_factory=list)
    known: float = 0.0
    """How surely the networks know the words; 0 where there are not several to compare."""
    corrected: str = ""

    @property
    def best(self) -> float:
        """How sure the best one is."""
        best = max(self.scores.values(), default=0.0)
        return best if best > _LEAST_SHOWN else 0.0


def answer_words(
    store: FindingStore,
    names: ConceptNames,
    words: str,
    start: Callable[[str], Meaning | None],
    meaning: Meaning | None,
    allowed: ItemSet | None,
    *,
    patience_s: float | None,
    is_half_typed: bool,
    is_exact: bool = False,
    most: int = 0,
) -> WordsAnswer:
    """Answer `words` among the `allowed` items (None: all). `meaning` is that of the words, on its way, and `start` asks
    for that of others. `is_exact` searches for nothing but what was typed. `most` items are to be shown.
    """
    units = names.units(words, is_half_typed=is_half_typed)
    if meaning is not None:
        meaning.look_among(allowed)
    how = partial(_answer, store, allowed=allowed, patience_s=patience_s, is_half_typed=is_half_typed, most=most)
    typed = how(words, units, meaning)
    if any(hint.code == "search.meaning_starting" for hint in typed.hints):
        return typed
    if is_exact:
        return typed
    found = _respelled_too(store, names, words, typed, units, how, start, is_half_typed)
    if found.best < ranking.LEAST:
        _leave_out_absent(found, units, allowed)
    return found


def _respelled_too(
    store: FindingStore,
    names: ConceptNames,
    words: str,
    typed: WordsAnswer,
    units: Sequence[Unit],
    how: Callable[[str, Sequence[Unit], Meaning | None], WordsAnswer],
    start: Callable[[str], Meaning | None],
    is_half_typed: bool,
) -> WordsAnswer:
    """What was typed, and what it was probably meant to be where that finds something surer."""
    if len(units) == 1 and (typed.best >= _GOOD or typed.known >= _KNOWN):
        return typed
    missing = [
        unit
        for unit, answers in zip(units, (each.answers for each in typed.witnesses.units), strict=True)
        if not unit.concepts and (not answers if typed.best >= _GOOD else max(answers.values(), default=0.0) < _GOOD)
    ]
    meant = _respelled(store, names, words, missing, is_half_typed=is_half_typed)
    if not meant:
        return typed
    other_units = names.units(meant, is_half_typed=is_half_typed)
    other = how(meant, other_units, start(meant))
    if other.best < ranking.LEAST or other.best <= typed.best:
        return typed
    return _joined(typed, other, meant)


def _leave_out_absent(found: WordsAnswer, units: Sequence[Unit], allowed: ItemSet | None) -> None:
    """A word that stands nowhere in the library tells none of its items from another: where nothing answers all of a query
    well, the others decide, if one of them names a thing, and it is said which did not. A line with half of a phrase is
    no answer.
    """
    heard = found.witnesses
    absent = [unit.text for unit, known in zip(units, heard.units, strict=True) if not known.answers]
    if not absent or not any(unit.concepts and known.answers for unit, known in zip(units, heard.units, strict=True)):
        return
    for known in heard.units:
        known.weight = known.weight if known.answers else 0.0
    found.scores = heard.scores(allowed)
    if found.best >= ranking.LEAST:
        found.hints.append(Sentence("search.stands_nowhere", {"words": " ".join(absent)}))


def _joined(typed: WordsAnswer, other: WordsAnswer, meant: str) -> WordsAnswer:
    """What both spellings find."""
    for item_id, score in typed.scores.items():
        if score > _LEAST_SHOWN:
            other.scores[item_id] = max(other.scores.get(item_id, 0.0), score)
    other.witnesses.take_over(typed.witnesses)
    other.corrected = meant
    other.hints.insert(0, Sentence("search.searched_also", {"words": meant}))
    return other


def _answer(
    store: FindingStore,
    words: str,
    units: Sequence[Unit],
    meaning: Meaning | None,
    *,
    allowed: ItemSet | None,
    patience_s: float | None,
    is_half_typed: bool,
    most: int,
) -> WordsAnswer:
    witnesses = Witnesses()
    hear_units(store, units, witnesses, allowed, is_half_typed=is_half_typed, most=most)
    hear_whole(store, words, units, witnesses, allowed, most)
    hints = meaning.hear(witnesses, allowed, patience_s) if meaning is not None else []
    return WordsAnswer(witnesses.scores(allowed), witnesses, hints, meaning.known if meaning is not None else 0.0)


def _respelled(
    store: FindingStore, names: ConceptNames, words: str, missing: Sequence[Unit], *, is_half_typed: bool
) -> str:
    """`words` with each word that nothing holds as it was probably meant; empty if none was mistyped."""
    meant = words.split()
    has_news = False
    for unit in missing:
        is_prefix = is_half_typed and unit.is_last
        at, near = _place(meant, unit.text), list[str]()
        if at >= 0 and fold(meant[at]) == unit.text:
            near = store.near_words(unit.text, names, is_prefix=is_prefix)
        if at >= 0 and not near:
            near = store.near_runs(fold(meant[at]), unit.text, names, is_prefix=is_prefix)
        if not near:
            continue
        tried = [[*meant[:at], word, *meant[at + 1 :]] for word in near]
        # Of several words it may be, the one that stands beside the others somewhere.
        beside = (each for each in tried if len(near) > 1 and store.lines(" ".join(each), limit=1))
        meant = next(beside, tried[0])
        has_news = True
    return " ".join(meant) if has_news else ""


def _place(words: Sequence[str], text: str) -> int:
    """Which of the words a unit is, or where no space parts words, which it was cut from; -1 for none."""
    folded = [fold(word) for word in words]
    within = (at for at, word in enumerate(folded) if text in word and has_unspaced(text))
    return folded.index(text) if text in folded else next(within, -1)
