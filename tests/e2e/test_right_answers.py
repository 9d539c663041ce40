"""The main job on labelled media with real networks: what is seen, said, heard and written is told rightly."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

import pytest

from media_assistant.analysis.vocabulary import load_vocabulary
from media_assistant.items.concept import Concept
from media_assistant.items.span import TimeSpan
from tests.e2e.understanding import Understood

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
        suggestions = understood.assistant.similar(item_id, limit=50).result(timeout=60)
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
        for suggestion in understood.assistant.similar(understood.ids[label["file"]], limit=10).result(timeout=60):
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
