"""How well search finds, over labelled media and the real networks; and whether it knows when it found nothing.

    python3 build/dev.py bench search [--media FOLDER] [--home FOLDER]

FOLDER holds an `index.jsonl` as labelled_media tells it, in any languages; without one the test material is used. The
library is made and understood in a temporary home, or in `--home`, where it stays for the next run. Words that this
bench draws itself (written_material) are added to every folder.

Queries follow from the labels and are split into two halves by their labels' checksum: `dev`, which ranking may be tuned
on, and `held`, which it may not. Lines of JSON tell, for each half:

- success@5: one of the first five items has what was asked for, and the best moment that is shown of it, or one of its
  first five, lies there (`first_moment`: the very best one does). A typo is one edit in a word of four letters or more.
- the cut: precision and recall of what is shown, by query, and the recall of "show more anyway".
- nonsense_queries.json: the share of which it is said that nothing fits. Asked is only for what no label and no known
  word of the folder speaks of, in either language; what its files hold without a word in the index nobody knows.

And for the whole, how many of the similar items are of the same class (similar_quality).
"""

from __future__ import annotations

import argparse
import json
import random
import re
import statistics
import tempfile
import zlib
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from labelled_media import FINER, SAID, SIGHT, SOUND, TOPIC, WRITTEN, Labelled, Wanted, open_labelled
from material import find_material
from similar_quality import measure as measure_similar

from media_assistant.analysis.vocabulary import load_vocabulary
from media_assistant.items.answers import Hit, SearchAnswer
from media_assistant.items.concept import Concept

TARGET = 0.9
HALVES = ("dev", "held")
SENSES = (SIGHT, FINER, SOUND, SAID, WRITTEN, TOPIC)
NONSENSE = Path(__file__).with_name("nonsense_queries.json")
WORD = re.compile(r"[^\W_]+")
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def half_of(name: str) -> str:
    """`dev` or `held`, by the label alone: the same in every folder and every run."""
    return HALVES[zlib.crc32(name.casefold().encode()) // 7 % 2]


def with_typo(text: str) -> str:
    """One edit in a word of four letters or more, the same every time; empty if there is no such word."""
    draw = random.Random(zlib.crc32(text.encode()))
    words = text.split()
    places = [place for place, word in enumerate(words) if len(word) >= 4 and word.isascii() and word.isalpha()]
    if not places:
        return ""
    place = draw.choice(places)
    word = words[place]
    at = draw.randrange(1, len(word))
    letter = draw.choice([each for each in LETTERS if each not in word])
    edits = [word[:at] + word[at + 1 :], word[:at] + letter + word[at:], word[:at] + letter + word[at + 1 :]]
    swaps = [i for i in range(1, len(word) - 1) if word[i] != word[i + 1]]
    if swaps:
        at = draw.choice(swaps)
        edits.append(word[:at] + word[at + 1] + word[at] + word[at + 2 :])
    words[place] = draw.choice(edits)
    return " ".join(words)


def is_found(wanted: Wanted, hits: Sequence[Hit], moments: int = 5) -> bool:
    """Whether one of the five first items shows a moment, among its first so many, that lies on what is wanted."""
    for hit in hits[:5]:
        for spot in wanted.spots:
            if spot.item_id != hit.item.id:
                continue
            if spot.start_ms is None or any(spot.is_met_by(moment.span) for moment in hit.moments[:moments]):
                return True
    return False


def is_part(name: str, other: Wanted) -> bool:
    """Whether all of `name` stands in another thing's name in the same language."""
    return any(is_within(plain(name), plain(each)) for each in other.names.values())


def plain(text: str) -> str:
    """Words alone, a space before and behind each."""
    return f" {' '.join(WORD.findall(text.casefold()))} "


def is_within(words: str, others: str) -> bool:
    """Both `plain`. Chinese writes no spaces between words."""
    return bool(words.strip()) and (words in others or (not words.isascii() and words.strip() in others))


def is_there(query: str, named: Collection[str], own: str) -> bool:
    """Whether the names of what is in a folder, or its own words, speak of it; all but the query `plain`."""
    asked = {plain(name) for concept in concepts_of(query) for name in names_of(concept)} | {plain(query)}
    return any(
        is_within(each, own) or any(is_within(each, name) or is_within(name, each) for name in named) for each in asked
    )


def all_names(labels: Collection[str]) -> set[str]:
    """`plain`, with those that the vocabulary has in both languages for the same things and for what they are kinds of."""
    vocabulary = load_vocabulary()
    known = {concept.id for label in labels for concept in concepts_of(label)}
    known |= {above for id_ in known for above in vocabulary.ancestors.get(id_, ())}
    found = {name for id_ in known for name in names_of(vocabulary.by_id[id_])} | set(labels)
    return {plain(name) for name in found if plain(name).strip()}


def names_of(concept: Concept) -> Iterator[str]:
    """In both languages."""
    yield from filter(None, (concept.en, concept.zh, *concept.aliases))


def concepts_of(name: str) -> Sequence[Concept]:
    """What the vocabulary calls so."""
    return _concepts_by_name().get(plain(name), ())


@lru_cache(maxsize=1)
def _concepts_by_name() -> dict[str, list[Concept]]:
    found: dict[str, list[Concept]] = defaultdict(list)
    for concept in load_vocabulary().by_id.values():
        for name in {plain(name) for name in names_of(concept)}:
            found[name].append(concept)
    return found


class Trial:
    """Asks the library, and keeps what it asked."""

    def __init__(self, labelled: Labelled) -> None:
        self.labelled = labelled
        self.assistant = labelled.assistant
        self.named = all_names(labelled.named)

    def ask(self, query: str, *, shows_all: bool = False) -> SearchAnswer:
        """As the window asks when typing has ended and every network has answered."""
        return self.assistant.search(query, 200, shows_all=shows_all).result(timeout=120)

    def success(self, half: str) -> None:
        """One line for each sense."""
        for sense in SENSES:
            of_sense = [each for each in self.labelled.wanted if each.sense == sense]
            rows = [each for each in of_sense if half_of(next(iter(each.names.values()))) == half]
            asked = [(each, language, name) for each in rows for language, name in each.names.items()]
            if not asked:
                continue
            found: dict[str, list[bool]] = defaultdict(list)
            missed: list[str] = []
            first: list[bool] = []
            typos: list[bool] = []
            missed_typos: list[str] = []
            for each, language, name in asked:
                hits = self.ask(name).hits
                found[language].append(is_found(each, hits))
                first.append(is_found(each, hits, 1))
                if not found[language][-1]:
                    missed.append(name)
                if wrong := with_typo(name):
                    typos.append(is_found(each, self.ask(wrong).hits))
                    if not typos[-1]:
                        missed_typos.append(f"{name}: {wrong}")
            tell(
                "success@5",
                half,
                sense=sense,
                value=share([each for part in found.values() for each in part]),
                target=TARGET,
                queries=len(asked),
                first_moment=share(first),
                by_language={language: share(part) for language, part in found.items()},
                typos=share(typos),
                typo_queries=len(typos),
                missed=missed[:20],
                missed_typos=missed_typos[:12],
            )

    def ends(self, half: str) -> None:
        """Precision and recall of the cut, for what many items have: sights, sounds and topics."""
        rows: dict[str, list[tuple[float, float, float]]] = defaultdict(list)
        worst: list[tuple[float, str]] = []
        for each in self.labelled.wanted:
            if each.sense not in {SIGHT, SOUND, TOPIC} or half_of(next(iter(each.names.values()))) != half:
                continue
            for language, name in each.names.items():
                right = each.item_ids | {i for i, words in self.labelled.own_words.items() if name.casefold() in words}
                # A dog's bark answers `dog`, and a water snake `snake`.
                right |= {i for other in self.labelled.wanted if is_part(name, other) for i in other.item_ids}
                shown = {hit.item.id for hit in self.ask(name).hits}
                all_shown = {hit.item.id for hit in self.ask(name, shows_all=True).hits}
                precision = len(shown & right) / len(shown) if shown else 0.0
                recall, recall_of_all = len(shown & right) / len(right), len(all_shown & right) / len(right)
                rows[each.sense].append((precision, recall, recall_of_all))
                worst.append((precision + recall, f"{name} ({language}) {precision:.2f}/{recall:.2f}"))
        every = [row for part in rows.values() for row in part]
        for sense, found in {**rows, "all": every}.items():
            if not found:
                continue
            precision, recall, recall_of_all = (
                round(statistics.fmean(column), 3) for column in zip(*found, strict=True)
            )
            tell(
                "cut",
                half,
                sense=sense,
                precision=precision,
                recall=recall,
                recall_of_show_more=recall_of_all,
                queries=len(found),
                **({"worst": [name for _, name in sorted(worst)[:12]]} if sense == "all" else {}),
            )

    def nonsense(self, half: str) -> None:
        """The share of queries for what is not there that are answered by nothing."""
        groups: dict[str, list[str]] = json.loads(NONSENSE.read_text("utf-8"))
        empty: dict[str, list[bool]] = {}
        shown: list[str] = []
        own = plain(" ".join(self.labelled.own_words.values()))
        for group, queries in groups.items():
            asked = [query for query in queries if half_of(query) == half]
            # In another folder some of it may be there after all.
            asked = [query for query in asked if not is_there(query, self.named, own)]
            empty[group] = []
            for query in asked:
                hits = self.ask(query).hits
                empty[group].append(not hits)
                if hits:
                    shown.append(f"{query}: {len(hits)} at {hits[0].score:.2f}")
        every = [each for part in empty.values() for each in part]
        by_group = {group: share(part) for group, part in empty.items()}
        tell("nonsense", half, value=share(every), queries=len(every), by_group=by_group, shown=shown[:40])


def share(outcomes: Sequence[bool]) -> float | None:
    """0..1; None of none."""
    return round(sum(outcomes) / len(outcomes), 3) if outcomes else None


def tell(what: str, half: str, **more: object) -> None:
    """One line of JSON."""
    line = {"bench": "search", "what": what, "half": half, **more}
    print(json.dumps({**line, "command": "python3 build/dev.py bench search"}, ensure_ascii=False), flush=True)


def main() -> None:
    """Print the JSON lines."""
    wanted = argparse.ArgumentParser(prog="bench search")
    wanted.add_argument("--media", type=Path, help="a folder with index.jsonl; the test material if none is given")
    wanted.add_argument("--home", type=Path, help="where the understood library is kept; a temporary folder if none is")
    wanted.add_argument("--half", choices=HALVES, help="one half alone")
    chosen = wanted.parse_args()
    material = find_material()
    media = chosen.media or (material / "media" if material else None)
    if media is None or not (media / "index.jsonl").is_file():
        wanted.error("no labelled media: give a folder with --media")
    with tempfile.TemporaryDirectory() as folder:
        home = chosen.home or Path(folder)
        labelled = open_labelled(media.absolute(), home.absolute())
        try:
            trial = Trial(labelled)
            for half in (chosen.half,) if chosen.half else HALVES:
                trial.success(half)
                trial.ends(half)
                trial.nonsense(half)
            for found in measure_similar(labelled.assistant.library, labelled.rows, labelled.files):
                print(json.dumps({"bench": "similar", "kind": found.kind, **found.plain()}, ensure_ascii=False))
        finally:
            labelled.assistant.close()


if __name__ == "__main__":
    main()
