"""The words that tell groups of items from the rest: what is said, written and read in them, and their titles.

An item counts once for each word that stands in its excerpt, and a word is held against all words of its language, not
against all items: then neither long texts, nor texts as such, nor their language make a word telling, only that it is a
larger part of what is said.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from media_assistant.analysis.keywords import Keywords
from media_assistant.analysis.words import concept_of
from media_assistant.items.folding import fold
from media_assistant.learning.group_names import FEWEST, SHARE, SURE, telling

_SURE = 1.1 * SURE
_FEWEST = 1 + FEWEST
"""There are thousands of words to be sure of, and some dozens of tags."""
_TIMES = 2.0
"""So much commoner a word is inside: in large groups one is soon sure of very little."""
_MOST = 6
"""Candidates for each group, besides what names it."""
_FORMS = 4
"""Ways in which a word is written that are looked for."""
_TOGETHER = 0.8
"""The share of a word's items from which on the pair that it is part of is meant."""
_LEAST_IN_TITLES = 4
"""Letters: of what language a title is nobody knows, and short words are mostly small ones, or a camera's."""
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]")


class Asked(NamedTuple):
    """A group: `members` whose words are read, and words (ids of concepts) of its name till now, which are always told."""

    members: Sequence[int]
    named: Sequence[str]


Has = Mapping[int, Mapping[str, str]]
"""The words of items, each with its language."""
_LISTED = {"en", "zh"}
_FEW_WORDS = 200
"""Words outside of a group below which its language is not to be told from its words. Those of languages whose small words
are not known are left out then, all others are held against the words of all languages.
"""

Text = tuple[int, str, str, Sequence[str]]
"""An item's id, its title, the language of its lines, and the lines."""


def to_bytes(groups: Sequence[Asked], rest: Sequence[int], texts: Sequence[Text]) -> bytes:
    """What `answer` reads; `rest` are items that stand for the whole library, `texts` those of all who are named here."""
    return json.dumps([groups, rest, texts], ensure_ascii=False).encode("utf-8", "replace")


def answer(data: bytes) -> bytes:
    """For each group its candidates, the surest first, as JSON: `id`, `en` and `zh` of the concept, the `forms` (folded) that
    it has in the texts, and the `sureness`.
    """
    groups, rest, texts = json.loads(data)
    forms: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    has: dict[int, dict[str, str]] = {}
    for item_id, title, language, lines in texts:
        found = _words(title, language, lines)
        has[item_id] = {word: spoken or "en" for word, (_, spoken) in found.items()}
        for word, form in found.items():
            forms[word][form] += 1
    everywhere = {item_id: has[item_id] for item_id in rest if item_id in has}
    everything = _count(everywhere.values())
    told = [_tell(Asked(*group), has, everywhere, everything, forms) for group in groups]
    return json.dumps(told, ensure_ascii=False).encode("utf-8", "replace")


def _words(title: str, language: str, lines: Sequence[str]) -> dict[str, tuple[str, str]]:
    """The words of one item by concept: each as it is written, and in which language."""
    found: dict[str, tuple[str, str]] = {}
    spoken = Keywords(language)
    for number, line in enumerate(lines):
        spoken.read(line, number, 0)
    named = Keywords("zh" if _HAN.search(title) else "")
    named.read(title, 0, 0)
    for form in named.words():
        if _HAN.search(form) or len(form) >= _LEAST_IN_TITLES:
            own = "zh" if _HAN.search(form) else ""
            found.setdefault(_concept_id(form, own), (form, own))
    for form in spoken.words():
        found[_concept_id(form, language)] = (form, language)
    return found


@lru_cache(maxsize=100_000)
def _concept_id(form: str, language: str) -> str:
    return concept_of(form, language).id


def _count(items: Iterable[Mapping[str, str]]) -> tuple[Counter[str], Counter[str]]:
    """How often there is each word, and a word of each language."""
    words: Counter[str] = Counter()
    languages: Counter[str] = Counter()
    for item in items:
        words.update(item.keys())
        languages.update(item.values())
    return words, languages


def _tell(
    group: Asked,
    has: Has,
    rest: Has,
    everything: tuple[Counter[str], Counter[str]],
    forms: Mapping[str, Counter[tuple[str, str]]],
) -> list[dict[str, Any]]:
    members = {item_id: has[item_id] for item_id in group.members if item_id in has}
    inside, said = _count(members.values())
    own, own_said = _count(rest[item_id] for item_id in members if item_id in rest)
    everywhere, all_said = everything
    least = max(_FEWEST, SHARE * len(members))
    words = [word for word, count in inside.items() if count >= least or word in group.named]
    languages = [{item[word] for item in members.values() if word in item} for word in words]
    many = np.array([sum(said[each] for each in spoken) for spoken in languages], np.int64)
    others = np.array([sum(all_said[each] - own_said[each] for each in spoken) for spoken in languages], np.int64)
    is_strange = others < _FEW_WORDS
    is_known = np.array([spoken <= _LISTED for spoken in languages], bool)
    many = np.where(is_strange, said.total(), many)
    others = np.where(is_strange, all_said.total() - own_said.total(), others)
    counts = np.array([inside[word] for word in words], np.int64)
    outside = np.array([everywhere[word] - own[word] for word in words], np.int64)
    sureness = telling(counts, counts + outside, many, many + others)
    is_much = (counts * np.maximum(1, others) >= _TIMES * outside * many) & (is_known | ~is_strange)
    shown = {word: forms[word].most_common(1)[0][0] for word in words}
    pairs = [(fold(shown[word][0]).split(" "), count) for word, count in zip(words, counts.tolist(), strict=True)]
    found: list[dict[str, Any]] = []
    for at in np.argsort(-sureness, kind="stable").tolist():
        word = words[at]
        is_telling = sureness[at] >= _SURE and is_much[at] and not _is_of_a_pair(pairs[at], pairs)
        if word not in group.named and (len(found) >= _MOST or not is_telling):
            continue
        concept = concept_of(*shown[word])
        written = [form for (form, _), _ in forms[word].most_common()]
        found.append(
            {
                "id": word,
                "en": concept.en,
                "zh": concept.zh,
                "forms": list(dict.fromkeys(map(fold, written)))[:_FORMS],
                "sureness": float(sureness[at]),
            }
        )
    return found


def _is_of_a_pair(word: tuple[Sequence[str], int], pairs: Sequence[tuple[Sequence[str], int]]) -> bool:
    """Whether nearly all who have the word have it in one pair of words: whale in sperm whale."""
    parts, count = word
    return len(parts) == 1 and any(
        len(pair) > 1 and parts[0] in pair and other >= _TOGETHER * count for pair, other in pairs
    )
