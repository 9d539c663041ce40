"""What is recommended, from figures; the figures themselves are measured in `test_measuring.py`."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from media_assistant import sentences
from media_assistant.inference.store import ModelState, State
from media_assistant.items.advice import Advice, Machine, Measured, Part, Rate, Work
from media_assistant.items.kind import Kind
from media_assistant.settings import Settings
from media_assistant.workflows.measurement.sampling import Sample, draw
from media_assistant.workflows.measurement.scaling import scaled
from media_assistant.workflows.models.advising import advise, duration, explain
from media_assistant.workflows.models.weighing import Weight, gather, lacking, weigh

SPEECH = "speech-recognition"
HOURS = [Work(number, Kind.MUSIC, 3600.0, 1, 0, 0, None, 1800.0) for number in range(12)]


def state(model_id: str, priority: int, *, languages: tuple[str, ...] = ("*",), **more: object) -> ModelState:
    found = ModelState(model_id, SPEECH, State.AVAILABLE, 1, "MIT", languages=languages, priority=priority)
    return ModelState(**{**{name: getattr(found, name) for name in found.__dataclass_fields__}, **more})  # type: ignore[arg-type]


def machine(**hours_for_all: float) -> Machine:
    """Models that take so long for twelve hours of sound, half of it speech."""
    weight = sum(weigh(work, SPEECH).thinking for work in HOURS)
    models = {
        name: Measured(name, SPEECH, "", {Part.SOUND: Rate(0.0, 3600 * hours / weight)})
        for name, hours in hours_for_all.items()
    }
    return Machine(at="2026-01-01T00:00:00", models=models)


STATES = [state("base", 10), state("small", 20), state("large", 30)]
FAST = machine(base=0.66, small=3.0, large=40.0)


def only(advices: tuple[Advice, ...]) -> Advice:
    (advice,) = advices
    return advice


def said(advice: Advice, language: str = "en") -> str:
    return explain(advice, str.title, partial(sentences.say, language))


def test_the_best_that_is_done_in_a_night_is_recommended_and_compared_with_the_next_better_one() -> None:
    advice = only(advise(STATES, HOURS, FAST, Settings()))
    assert (advice.best, advice.reason) == ("small", "fits")
    assert said(advice) == "Small: about 3 hours for your 12 hours of sound; Large would need 40 hours."
    assert said(advice, "zh_CN") == "Small：处理您的 12 小时声音约需 3 小时；Large约需 40 小时。"
    slower = only(advise(STATES, HOURS, machine(base=0.66, small=11.0, large=40.0), Settings()))
    assert said(slower) == "Base: about 40 minutes for your 12 hours of sound; Small would need 11 hours."


def test_where_nothing_is_quick_the_quickest_is_named_as_such() -> None:
    advice = only(advise(STATES, HOURS, machine(base=9.0, small=30.0, large=100.0), Settings()))
    assert (advice.best, advice.reason) == ("base", "quickest")
    assert "quickest" in said(advice)


def test_a_person_s_choice_wins_then_languages_then_priority() -> None:
    chosen = [state("base", 10, state=State.READY), *STATES[1:]]
    advice = only(advise(chosen, HOURS, FAST, Settings(chosen_models={SPEECH: "base"})))
    assert (advice.best, advice.reason) == ("base", "chosen")
    assert said(advice).startswith("Base, as you chose: about 40 minutes")
    english = [state("base", 10), state("small", 20, languages=("en",))]
    figures = machine(base=1.0, small=1.0)
    assert only(advise(english, HOURS, figures, Settings(spoken_languages=("zh", "en")))).best == "base"
    assert only(advise(english, HOURS, figures, Settings(spoken_languages=("en",)))).best == "small"
    alike = [state("one", 10), state("two", 10)]
    assert only(advise(alike, HOURS, machine(one=2.0, two=1.0), Settings())).best == "two"


def test_before_anything_was_measured_nothing_is_claimed() -> None:
    advice = only(advise(STATES, HOURS, Machine(), Settings()))
    assert advice.reason == "unmeasured"
    assert all(forecast.took_s is None for forecast in advice.forecasts)
    assert "Measure this computer" in said(advice)


def test_what_had_no_turn_in_the_minute_is_told_so() -> None:
    advice = only(advise(STATES, HOURS, replace(FAST, models={"other": FAST.models["base"]}), Settings()))
    assert advice.reason == "unreached"
    assert "Measure again" in said(advice)


def test_an_empty_library_is_told_of_an_hour() -> None:
    advice = only(advise(STATES, [], FAST, Settings()))
    assert advice.reason == "empty"
    assert "an hour of sound" in said(advice)


def test_where_the_time_was_enough_for_films_alone_an_empty_library_is_told_of_a_film() -> None:
    sights = "image-text-embedding"
    found = ModelState("clip", sights, State.AVAILABLE, 1, "MIT", languages=("en",), priority=1)
    models = {"clip": Measured("clip", sights, "", {Part.FILM: Rate(0.0, 0.5)})}
    advice = only(advise([found], [], Machine(at="2026-01-01T00:00:00", models=models), Settings()))
    assert said(advice).endswith("for an hour of film.")
    assert said(advice, "zh_CN").count("一小时的视频") == 1


def test_what_is_done_is_not_reckoned_again_but_for_another_model() -> None:
    done = [Work(**{**{n: getattr(w, n) for n in w.__dataclass_fields__}, "models": {"speech": "base"}}) for w in HOURS]
    states = [state("base", 10, state=State.READY, is_in_use=True), *STATES[1:]]
    advice = only(advise(states, done, FAST, Settings(chosen_models={SPEECH: "base"})))
    assert advice.forecast("base").amount.items == 0  # type: ignore[union-attr]
    assert advice.forecast("small").amount.items == 12  # type: ignore[union-attr]
    assert said(advice) == "Base has been through everything you have; Small would need 3 hours."
    loads = gather(done, SPEECH)
    assert not list(lacking(loads, "base", is_in_use=False))
    assert sum(load.amount.items for load in lacking(loads, "small", is_in_use=False)) == 12


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.2, "1 to 5 seconds"),
        (5.0, "3 to 15 seconds"),
        (42, "40 seconds"),
        (61, "1 minute"),
        (2520, "40 minutes"),
        (11 * 3600, "11 hours"),
        (9e5, "10 days"),
    ],
)
def test_durations_are_no_more_exact_than_they_are(seconds: float, words: str) -> None:
    assert duration(seconds, partial(sentences.say, "en")) == words


def test_items_are_drawn_by_their_weight() -> None:
    works = [Work(number, Kind.MUSIC, 10.0, 1, 0, 0) for number in range(90)]
    works.append(Work(90, Kind.MUSIC, 900.0, 1, 0, 0))
    drawn = draw(works, lambda work: work.duration_s, 24)
    assert sum(work.item_id == 90 for work in drawn) == 12
    assert drawn == draw(works, lambda work: work.duration_s, 24)
    # Also the first few stand for both halves.
    assert {work.item_id == 90 for work in drawn[:3]} == {True, False}
    assert draw([], lambda work: 1.0, 5) == []


def test_what_an_item_costs_by_being_one_is_told_from_what_grows_with_it() -> None:
    # Half a second for each file and a tenth for each of its seconds.
    sample = Sample()
    for length in (1.0, 4.0, 30.0, 200.0):
        weight = weigh(Work(1, Kind.MUSIC, length, 1, 0, 0, None, 0.0), SPEECH)
        sample.note(weight, 0.5 + 0.1 * length, {})
    rate = sample.rate("")
    for length in (2.0, 60.0, 4000.0):
        weight = weigh(Work(1, Kind.MUSIC, length, 1, 0, 0, None, 0.0), SPEECH)
        told = weight.fixed * rate.fixed_s + weight.reading * rate.reading_s
        assert told == pytest.approx(0.5 + 0.1 * length, rel=0.1)
    # Files of one length do not tell; then both cost the mean.
    alike = Sample()
    for took in (1.0, 3.0):
        alike.note(Weight(2.0, 8.0, 1.0), took, {"m": 2.0})
    assert (alike.rate("m").fixed_s, alike.rate("m").reading_s) == (pytest.approx(0.2), pytest.approx(0.2))
    assert alike.rate("m").thinking_s == pytest.approx(2.0)


def test_music_is_work_for_the_network_and_talk_is_not() -> None:
    song = Work(1, Kind.MUSIC, 240.0, 1, 0, 0, None, 0.0, None, 240.0)
    talk = replace(song, music_s=0.0)
    assert weigh(song, "music-tagging").thinking == pytest.approx(0.02 + 15 + 225 / 3)
    assert weigh(talk, "music-tagging").thinking < 0.1 * weigh(song, "music-tagging").thinking
    assert weigh(talk, "music-tagging").handling == weigh(song, "music-tagging").handling


def test_speed_is_carried_over_by_work() -> None:
    small = {"layers": 12, "width": 768, "heads": 12, "tokens": 50, "inner": 3072}
    assert scaled({**small, "layers": 24}, [(small, 1.0)]) == pytest.approx(2.0)
    assert scaled({**small, "is_quantised": True}, [(small, 1.0)]) == pytest.approx(0.5)
    speech = {"encoder_layers": 6, "decoder_layers": 6, "width": 512, "heads": 8, "mels": 80, "vocabulary": 50_000}
    assert scaled(speech, [(small, 1.0)]) is None
    encoder, step = scaled({**speech, "encoder_layers": 12}, [(speech, (2.0, 0.01))])
    assert (encoder, step) == (pytest.approx(4.0), pytest.approx(0.01))
