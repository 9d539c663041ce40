"""The main job on labelled media with real networks: what is seen, said, heard and written is told rightly."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from media_assistant.analysis.vocabulary import load_vocabulary
from media_assistant.items.concept import Concept
from media_assistant.items.examples import Example, Examples, like_item
from media_assistant.items.kind import Kind
from media_assistant.items.sentence import Sentence
from media_assistant.items.span import TimeSpan
from media_assistant.workflows.likeness.suggesting import similar
from tests.bench.similar_quality import TARGETS, measure
from tests.e2e.understanding import Understood
from tests.reason_check import Checker

# The first test waits for the whole library to be understood.
pytestmark = pytest.mark.timeout(1200)


def times(span: object) -> TimeSpan:
    assert isinstance(span, TimeSpan)
    return span


def names_of(concept: Concept) -> set[str]:
    """The concept's English names and its ancestors', lower case."""
    vocabulary = load_vocabulary()
    known = (
        [vocabulary.by_id[one] for one in vocabulary.ancestors[concept.id]] if concept.id in vocabulary.by_id else []
    )
    return {name.lower() for one in (concept, *known) for name in (one.en, *one.aliases)}


def test_every_analysis_succeeded(understood: Understood) -> None:
    progress = understood.assistant.progress()
    assert progress.failed == 0
    assert len(understood.ids) == sum(label["kind"] != "subtitle" for label in understood.labels)


def test_cuts_are_exact_to_the_frame(understood: Understood) -> None:
    for label in understood.of_kind("video-composed"):
        details = understood.details(label)
        frame_ms = 1000 / details.item.facts.frame_rate
        starts = [times(shot.span).start_ms for shot in details.shots][1:]
        assert len(starts) == len(label["cuts"]), label["file"]
        for found, true in zip(starts, label["cuts"], strict=True):
            assert abs(found - true * 1000) <= frame_ms


def test_the_sight_of_nine_in_ten_shots_is_among_its_top_three(understood: Understood) -> None:
    right = total = 0
    for label in understood.of_kind("video-composed"):
        details = understood.details(label)
        for start_s, end_s, sight, _ in label["shots"]:
            best: dict[str, tuple[float, Concept]] = {}
            for moment in details.labels:
                if moment.sense != "seen" or moment.concept is None or not isinstance(moment.span, TimeSpan):
                    continue
                middle = (moment.span.start_ms + moment.span.end_ms) / 2
                if start_s * 1000 <= middle < end_s * 1000:
                    known = best.get(moment.concept.id, (0.0, moment.concept))[0]
                    best[moment.concept.id] = (max(moment.score, known), moment.concept)
            top = sorted(best.values(), key=lambda pair: -pair[0])[:3]
            total += 1
            right += any(sight in names_of(concept) for _, concept in top)
    assert total == 30
    assert right >= 27


@pytest.mark.parametrize("language", ["label", "label_zh"])
def test_a_search_for_each_group_of_photos_finds_that_group_first(understood: Understood, language: str) -> None:
    photos = {understood.ids[label["file"]]: label for label in understood.of_kind("photo")}
    groups = sorted({label[language] for label in photos.values() if "imagenet_index" in label})
    missed = []
    for group in groups:
        answer = understood.assistant.search(f"kind:photo {group}").result(timeout=60)
        first = photos[answer.hits[0].item.id] if answer.hits else None
        if first is None or first[language] != group:
            missed.append((group, first and first[language]))
    # The bare image–text network puts 24 of the 25 groups first in English; one less is allowed to the whole search.
    assert len(missed) <= 2, missed


def test_accepted_sounds_are_among_the_top_three(understood: Understood) -> None:
    sounds = understood.of_kind("sound")
    right = 0
    for label in sounds:
        accepted = {name.lower() for name in label["yamnet_accept"]}
        best: dict[str, tuple[float, Concept]] = defaultdict(lambda: (0.0, Concept("", "")))
        for moment in understood.details(label).labels:
            if moment.source.analyser == "sounds" and moment.concept is not None:
                best[moment.concept.id] = max(
                    best[moment.concept.id], (moment.score, moment.concept), key=lambda p: p[0]
                )
        top = sorted(best.values(), key=lambda pair: -pair[0])[:3]
        right += any(accepted & {concept.en.lower(), *map(str.lower, concept.aliases)} for _, concept in top)
    assert right / len(sounds) >= 0.72


def spoken(understood: Understood, label: dict[str, Any]) -> str:
    words = [moment.text for moment in understood.details(label).lines if moment.sense == "said"]
    return " ".join(" ".join(words).lower().replace(",", " ").replace(".", " ").split())


def test_marked_digits_are_heard_exactly(understood: Understood) -> None:
    marked = [label for label in understood.of_kind("speech-digits") if label.get("asr_exact")]
    assert marked
    wrong = {
        label["file"]: spoken(understood, label) for label in marked if spoken(understood, label) != label["transcript"]
    }
    assert not wrong


def test_a_sidecar_is_the_transcript(understood: Understood) -> None:
    """The films beside a .srt take their lines from it, and no speech network ran on them."""
    for label in understood.of_kind("video-composed"):
        if label["audio"] != "spoken digits":
            continue
        details = understood.details(label)
        said = [moment for moment in details.lines if moment.sense == "said"]
        assert [moment.text.strip() for moment in said] == [text for _, _, text in label["segments"]]
        assert all(analysis.model == "" for analysis in details.analyses if analysis.analyser == "speech")


def test_the_nearest_text_has_the_same_topic(understood: Understood) -> None:
    texts = {understood.ids[label["file"]]: label for label in understood.of_kind("text")}
    missed = []
    for item_id, label in texts.items():
        suggestions = understood.assistant.similarity.find(item_id, limit=50).result(timeout=60)
        nearest = next((texts[one.item.id] for one in suggestions if one.item.id in texts), None)
        if nearest is None or nearest["label"] != label["label"]:
            missed.append(label["file"])
    assert not missed


def test_every_suggestion_has_a_reason(understood: Understood) -> None:
    asked = [
        label
        for kind in ("photo", "sound", "text", "music", "video-composed")
        for label in understood.of_kind(kind)[:6]
    ]
    seen = 0
    for label in asked:
        for suggestion in understood.assistant.similarity.find(understood.ids[label["file"]], limit=10).result(
            timeout=60
        ):
            assert suggestion.reasons
            for reason in suggestion.reasons:
                assert understood.assistant.say(reason.says.code, **reason.says.parameters)
            seen += 1
    assert seen > 30


def test_a_spoken_word_is_found_at_its_second(understood: Understood) -> None:
    label = next(one for one in understood.of_kind("video-composed") if "slides_speech_2" in one["file"])
    answer = understood.assistant.search('kind:video said:"six seven three zero"').result(timeout=60)
    assert answer.hits[0].item.id == understood.ids[label["file"]]
    assert abs(times(answer.hits[0].moments[0].span).start_ms - 3500) <= 50


def test_nonsense_finds_nothing(understood: Understood) -> None:
    for query in ("qzxv wrrtk", "kkjhgf", "龘靐齉爩"):
        assert not understood.assistant.search(query).result(timeout=60).hits


def test_reading_is_plain_json(understood: Understood) -> None:
    """Traits are plain values: what `show --json` prints can always be printed."""
    for item_id in understood.ids.values():
        json.dumps(understood.assistant.library.details(item_id).traits)


# Reasons, told anew from the tables alone


@pytest.fixture
def checker(understood: Understood) -> Iterator[Checker]:
    with closing(sqlite3.connect(understood.assistant.paths.library)) as connection:
        yield Checker(connection)


def test_every_reason_of_every_item_is_true(understood: Understood, checker: Checker) -> None:
    library = understood.assistant.library
    for item_id in map(int, library.item_ids()):
        examples = like_item(item_id)
        assert checker.wrong(similar(library, examples, 8), examples.all, wanted=1) == []
    spoken = {"alike_seen", "little_seen", "alike_heard", "little_heard", "alike_said", "alike_written"}
    shared = {"both_seen", "both_heard", "shared_words", "same_content"}
    assert checker.seen >= {f"reason.{name}" for name in spoken | shared}


def test_reasons_of_moments_and_of_several_examples_are_true(understood: Understood, checker: Checker) -> None:
    library = understood.assistant.library
    films = [item.id for item in library.items(list(library.item_ids())) if item.kind is Kind.VIDEO]
    photos = [item.id for item in library.items(list(library.item_ids())) if item.kind is Kind.PHOTO]
    found = 0
    for at, film in enumerate(films):
        moment = Example(film, span=TimeSpan(5_000, 5_000))
        stretch = Example(film, span=TimeSpan(2_000, 6_000))
        for examples in (
            Examples((moment,)),
            Examples((stretch,), (Example(photos[at]),)),
            Examples((moment, Example(photos[3 * at]), Example(photos[3 * at + 1])), (Example(photos[-1 - at]),)),
        ):
            suggestions = similar(library, examples, 10)
            found += len(suggestions)
            assert checker.wrong(suggestions, examples.all, wanted=len(examples.plus)) == []
    assert found > 60


def test_a_false_reason_is_found_out(understood: Understood, checker: Checker) -> None:
    library = understood.assistant.library
    label = understood.of_kind("photo")[0]
    examples = like_item(understood.ids[label["file"]])
    first, *_, last = similar(library, examples, 40)
    swapped = replace(last, reasons=first.reasons)
    assert checker.wrong([swapped], examples.all, wanted=1)
    boasting = replace(last.reasons[0], says=Sentence("reason.same_content"))
    assert checker.wrong([replace(last, reasons=(boasting,))], examples.all, wanted=1)
    assert checker.wrong([replace(first, reasons=())], examples.all, wanted=1)


def test_a_file_outside_is_like_its_own_copy_in_the_library(understood: Understood, tmp_path: Path) -> None:
    label = understood.of_kind("photo")[5]
    known = understood.assistant.library.item(understood.ids[label["file"]])
    assert known is not None
    outside = Path(shutil.copy(known.path, tmp_path / "从外面来.jpg"))
    ways: list[tuple[Path, int, int]] = []
    find = understood.assistant.similarity.find
    answer = find(outside, 5, progress=lambda *way: ways.append(way)).result(timeout=120)
    assert answer[0].item.id == known.id
    assert "reason.same_content" in {reason.says.code for reason in answer[0].reasons}
    told = len(ways)
    both = Examples((Example(path=outside),), (Example(known.id),))
    assert known.id not in {
        one.item.id for one in find(both, 5, progress=lambda *way: ways.append(way)).result(timeout=120)
    }
    assert len(ways) == told, "it was understood a second time"
    # A path of the library's own is its item, which nobody has to understand again.
    assert find(Path(known.path), 5).result(timeout=60) == find(known.id, 5).result(timeout=60)


def test_similar_items_are_as_good_as_promised_and_never_below_the_bare_embedding(understood: Understood) -> None:
    found = {one.kind: one for one in measure(understood.assistant.library, understood.labels, understood.ids)}
    assert found.keys() >= TARGETS.keys()
    for one in found.values():
        assert one.ours >= one.bare - 1e-9, one.plain()
        assert one.ours >= TARGETS.get(one.kind, 0.0), one.plain()
