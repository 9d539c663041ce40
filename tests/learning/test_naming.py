import numpy as np

from media_assistant.learning.naming import begins_alike, beside_any, read_names, words_alike, words_of

NAMES = ["Star Trek 02 Khan", "Star Trek 03 Spock", "The Wrath", "The Pier", "IMG_0001", "西湖日出", "西湖夜景", ""]


def test_words_know_no_language_and_letters_that_stand_together_are_words_where_there_are_no_spaces() -> None:
    assert words_of("The PIER_02 (1999)") == ["the", "pier", "02", "1999"]
    assert words_of("西湖日出 a") == ["西湖", "湖日", "日出", "a"]


def test_a_rare_word_of_the_past_counts_and_a_common_or_a_missing_one_does_not() -> None:
    names = read_names([*NAMES, *(f"the {number}" for number in range(40))])
    found = words_alike(names, np.array([0, 2]), np.ones(2, np.float32))
    assert found[1] > 0 and found[0] > found[1]
    assert found[3] == found[5] == found[7] == 0
    chinese = words_alike(names, np.array([5]), np.ones(1, np.float32))
    assert chinese[6] > 0 and chinese[0] == 0


def test_names_that_begin_as_one_of_the_past_unless_a_camera_named_them() -> None:
    names = read_names([*NAMES, *(f"IMG_{number}" for number in range(70))])
    assert begins_alike(names, np.array([0])).tolist()[:5] == [3, 2, 0, 0, 0]
    assert begins_alike(names, np.array([4]))[9:].max() == 0


def test_right_beside_one_of_the_past_by_name() -> None:
    found = beside_any(np.array([0, 1, 2, 9]), np.array([1]))
    assert found[0] == found[2] == 1 and found[3] < 0.01


def test_no_names_are_no_trouble() -> None:
    names = read_names([])
    assert not len(words_alike(names, np.array([], np.intp), np.ones(0, np.float32)))
    assert not len(begins_alike(names, np.array([], np.intp)))
    blank = read_names(["", "···"])
    assert not words_alike(blank, np.array([0]), np.ones(1, np.float32)).any()
