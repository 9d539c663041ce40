import math

from hypothesis import given
from hypothesis import strategies as st

from media_assistant.items import ranking
from media_assistant.items.concept import Concept
from media_assistant.items.moment import Layer, Moment, Sense
from media_assistant.items.span import WHOLE, TextSpan, TimeSpan

CHANCES = st.lists(st.floats(0, 1), max_size=6)


@given(CHANCES)
def test_witnesses_never_make_less_sure(chances: list[float]) -> None:
    best = max(chances, default=0.0)
    assert best - 1e-9 <= ranking.mostly_best(chances) <= ranking.either(chances) + 1e-9 <= 1 + 2e-9


def test_half_an_answer_is_a_quarter() -> None:
    assert ranking.covered([(1, 0.8), (1, 0.8)]) == 0.8
    assert math.isclose(ranking.covered([(1, 0.8), (1, 0.0)]), 0.2)
    assert ranking.covered([]) == 0


def test_a_rare_word_weighs_more() -> None:
    assert ranking.rarity(1, 1000) > ranking.rarity(100, 1000) > ranking.rarity(1000, 1000) > 0
    assert ranking.rarity(0, 0) == 1


def test_meaning_grows_with_strength_and_is_nothing_for_noise() -> None:
    assert ranking.meaning_probability(2.0) < 0.1
    assert ranking.meaning_probability(8.0) > 0.85
    assert ranking.meaning_probability(float("nan")) == 0


def test_the_list_ends_at_the_gap() -> None:
    assert ranking.cut([]) == 0
    assert ranking.cut([0.1, 0.05]) == 0
    assert ranking.cut([0.95, 0.9, 0.3, 0.25]) == 2
    assert ranking.cut([0.4, 0.35, 0.1]) == 2


def _label(name: str, span: object, score: float, sense: Sense = Sense.SEEN) -> Moment:
    return Moment(span, sense, Layer.LABEL, concept=Concept(name, name), score=score)  # type: ignore[arg-type]


def test_overlapping_moments_become_the_strongest_and_surer() -> None:
    line = Moment(TimeSpan(1000, 3000), Sense.SAID, Layer.LINE, text="a dog", score=0.9)
    joined = ranking.join_moments(
        [_label("dog", TimeSpan(0, 4000), 0.6), line, _label("dog", TimeSpan(9000, 9500), 0.5)]
    )
    assert [moment.span for moment in joined] == [TimeSpan(1000, 3000), TimeSpan(9000, 9500)]
    assert joined[0].text == "a dog"
    assert 0.9 < joined[0].score < 1


def test_a_precise_moment_in_a_long_one_is_a_place_of_its_own_and_weak_ones_are_left_out() -> None:
    long, short = TimeSpan(0, 3_480_000), TimeSpan(721_000, 740_000)
    joined = ranking.join_moments([_label("music", long, 0.95), _label("applause", short, 0.9)])
    assert [moment.span for moment in joined] == [long, short]
    assert len(ranking.join_moments([_label("music", long, 0.95), _label("applause", short, 0.4)])) == 1
    mark = Moment(TimeSpan(2000, 2000), Sense.SEEN, Layer.MARK, score=1.0)
    assert len(ranking.join_moments([_label("dog", TimeSpan(0, 4000), 0.9), mark])) == 1


def test_different_names_of_a_whole_photo_are_both_kept() -> None:
    joined = ranking.join_moments([_label("dog", WHOLE, 0.9), _label("beach", WHOLE, 0.8), _label("dog", WHOLE, 0.7)])
    assert [moment.concept.id for moment in joined if moment.concept] == ["dog", "beach"]


def test_overlap_is_of_the_shorter_span() -> None:
    assert ranking.overlap(TimeSpan(0, 10), TimeSpan(8, 12)) == 0.5
    assert ranking.overlap(TextSpan(1, 0, 10), TextSpan(2, 0, 10)) == 0
    assert ranking.overlap(WHOLE, WHOLE) == 1
    assert ranking.overlap(WHOLE, TimeSpan(0, 5)) == 0


def test_a_crowd_of_equal_items_stands_back_and_nobody_is_lost() -> None:
    ordered = list(range(10))
    alike = dict.fromkeys(range(1, 7), 0)
    assert ranking.spread_out(ordered, alike) == [0, 1, 2, 7, 8, 9, 3, 4, 5, 6]
    assert ranking.spread_out(ordered, {}) == ordered


def test_networks_that_disagree_about_words_are_heard_less() -> None:
    assert ranking.trust(0.7) == 1
    assert 0.3 < ranking.trust(0.0) < ranking.trust(0.3) < 1
    assert ranking.trust(float("nan")) < 0.5
