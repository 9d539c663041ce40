"""Names of groups that formed by themselves: their most telling tags, and words that are said, written and read in them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from media_assistant.items.folding import fold

if TYPE_CHECKING:
    from media_assistant.learning.group_names import Term
    from media_assistant.library.library import Library
    from media_assistant.library.outline_store import Outline

_TAGS = 5000
"""Tags that are looked at, the commonest."""
_MEMBERS, _REST = 100, 2000
"""Members of each group, and items that stand for all, whose words are read."""
_TIMES = 1.5
"""So much commoner a word is inside when all has been looked up."""

Plain = dict[str, Any]
"""A term of a name, as it is kept: `id`, `en` and `zh` of a concept, `is_word`, the `forms` of a word, on how many members
(`inside`) and items (`everywhere`) it is, and the `sureness`.
"""


def answer_words(pieces: Sequence[bytes]) -> bytes:
    """What a worker process makes of texts: the words that tell groups of them."""
    from media_assistant.analysis.group_words import answer

    return answer(b"".join(pieces))


def name_groups(
    library: Library,
    groups: Mapping[int, Sequence[int]],
    before: Mapping[int, Sequence[Plain]],
    ask: Callable[[bytes], bytes],
) -> dict[int, list[Plain]]:
    """The names of groups (items by number), which are those of `before` for as long as these hold. `ask` has a worker read
    the words. Raises what it raises.
    """
    from media_assistant.learning.group_names import choose, drawn

    outline = library.outline(_TAGS)
    old = {number: {plain["id"]: plain for plain in before.get(number, ())} for number in groups}
    tags = _tags(library, outline, groups, old)
    words = _words(library, groups, old, drawn(outline.ids, _REST), ask)
    named: dict[int, list[Plain]] = {}
    for number, members in groups.items():
        looked_up = (_look_up(library, each, members, len(outline.ids), old[number]) for each in words[number])
        found: dict[str, Plain] = {}
        for plain in (*tags[number], *(each for each in looked_up if each is not None)):
            # What a word is called a tag may be called too: the surer one says it.
            if plain["id"] not in found or plain["sureness"] > found[plain["id"]]["sureness"]:
                found[plain["id"]] = plain
        chosen = choose([_term(plain) for plain in found.values()], list(old[number]))
        named[number] = [found[term.key] for term in chosen]
    return named


def _tags(
    library: Library,
    outline: Outline,
    groups: Mapping[int, Sequence[int]],
    old: Mapping[int, Mapping[str, Plain]],
) -> dict[int, list[Plain]]:
    """The tags of each group that may name it."""
    import numpy as np

    from media_assistant.learning.group_names import telling

    concepts = {concept.id: concept for concept in library.concepts()}
    carried: dict[int, list[str]] = {}
    for item_id, concept_id in outline.tags:
        carried.setdefault(item_id, []).append(concept_id)
    everywhere = Counter(concept_id for _, concept_id in outline.tags)
    found: dict[int, list[Plain]] = {}
    for number, members in groups.items():
        inside = Counter(concept_id for item_id in members for concept_id in carried.get(item_id, ()))
        ids = [
            concept_id
            for concept_id, count in inside.items()
            if concept_id in concepts and count >= _least(members, is_old=concept_id in old[number])
        ]
        counts = np.array([inside[concept_id] for concept_id in ids], np.int64)
        all_counts = np.array([everywhere[concept_id] for concept_id in ids], np.int64)
        sureness = telling(counts, all_counts, len(members), len(outline.ids))
        found[number] = [
            {
                "id": concept_id,
                "en": concepts[concept_id].en,
                "zh": concepts[concept_id].zh,
                "is_word": False,
                "inside": inside[concept_id],
                "everywhere": everywhere[concept_id],
                "sureness": float(sure),
            }
            for concept_id, sure in zip(ids, sureness, strict=True)
        ]
    return found


def _words(
    library: Library,
    groups: Mapping[int, Sequence[int]],
    old: Mapping[int, Mapping[str, Plain]],
    rest: Sequence[int],
    ask: Callable[[bytes], bytes],
) -> dict[int, list[Plain]]:
    """The words of each group that may name it, as a worker finds them in some of its members."""
    from media_assistant.analysis.group_words import Asked, to_bytes
    from media_assistant.learning.group_names import drawn

    if not groups:
        return {}
    read = {number: drawn(members, _MEMBERS) for number, members in groups.items()}
    texts = list(library.finding.likeness.excerpts(sorted({*rest, *(each for ids in read.values() for each in ids)})))
    asked = [Asked(read[number], [id_ for id_, plain in old[number].items() if plain["is_word"]]) for number in groups]
    answers = json.loads(ask(to_bytes(asked, rest, texts)))
    return dict(zip(groups, answers, strict=True))


def _look_up(
    library: Library, word: Plain, members: Sequence[int], total: int, old: Mapping[str, Plain]
) -> Plain | None:
    """A word with on how many items it is; None where it does not tell the group when all of the library is looked at."""
    from media_assistant.learning.group_names import STAYS

    having = library.finding.set_of(())
    for form in word["forms"]:
        having = having | library.finding.with_words(form)
    inside, everywhere = len(having & set(members)), len(having)
    is_old = word["id"] in old
    times = _TIMES * (STAYS if is_old else 1.0)
    is_commoner = inside * max(1, total - len(members)) >= times * (everywhere - inside) * len(members)
    if inside < _least(members, is_old=is_old) or not is_commoner:
        return None
    return {**word, "is_word": True, "inside": inside, "everywhere": everywhere}


def _least(members: Sequence[int], *, is_old: bool) -> float:
    """On so many members a term has to be; on fewer if it is in the name already."""
    from media_assistant.learning.group_names import FEWEST, SHARE, STAYS

    return max(FEWEST, SHARE * len(members) * (STAYS if is_old else 1.0))


def _term(plain: Plain) -> Term:
    from media_assistant.learning.group_names import Term

    names = (plain["en"], plain["zh"], *plain.get("forms", ()))
    return Term(plain["id"], tuple(dict.fromkeys(fold(name) for name in names if name)), plain["sureness"])
