"""Words that tell groups: of what is said in either language, never a small word, a number or one item's own."""

import json

import pytest

from media_assistant.analysis.group_words import Asked, Text, answer, to_bytes

TALKS = ("The sperm whale dives for 40 minutes", "Whales of the deep sea sing", "A sperm whale sleeps upright")
OTHERS = (
    "We cooked the soup with garlic and onions for 40 minutes",
    "The bank raised interest rates in the market",
    "The orchestra played in the old concert hall",
    "The striker scored before the referee blew the whistle",
    "Bread needs flour, water, salt and patience",
)
OWN = ("zorblatt", "quixet", "vrandil", "mopterra", "glinfex", "hurdane")
ZH = ("鲸鱼在海洋里唱歌", "海洋里的鲸鱼很大", "我们去看鲸鱼")
ZH_OTHERS = ("银行提高了利率", "今天我们做了一个汤", "乐队在音乐厅演出", "球员在比赛里进球")


def told(groups: list[Asked], texts: list[Text], rest: list[int] | None = None) -> list[list[dict]]:
    found: list[list[dict]] = json.loads(answer(to_bytes(groups, rest or [text[0] for text in texts], texts)))
    return found


def library() -> list[Text]:
    """Six talks about whales (1..6), six in Chinese (7..12), and thirty about other things."""
    texts: list[Text] = [(1 + at, f"REC {at:04}", "en", [TALKS[at % 3], OWN[at]]) for at in range(6)]
    texts += [(7 + at, f"录音 {at}", "zh", [ZH[at % 3]]) for at in range(6)]
    texts += [(20 + at, f"REC {at + 6:04}", "en", [OTHERS[at % 5]]) for at in range(20)]
    return texts + [(50 + at, f"录音 {at + 6}", "zh", ZH_OTHERS) for at in range(40)]


def test_the_words_of_a_group_are_those_that_the_rest_does_not_say() -> None:
    english, chinese = told([Asked([*range(1, 7)], []), Asked([*range(7, 13)], [])], library())
    names = [each["en"] for each in english]
    assert {"whale", "sperm whale"} & set(names) and not {"the", "minute", "40", "REC", "rec"} & set(names)
    assert not set(OWN) & set(names), "one item's own"
    words = [form for each in chinese for form in each["forms"]]
    assert "鲸鱼" in words and not {"我们", "录音", "银行"} & set(words)


def test_a_word_of_the_name_is_told_however_unsure_it_is() -> None:
    texts = library()
    (named,) = told([Asked([*range(1, 7)], ["word:vrandil", "word:nowhere"])], texts)
    assert "word:vrandil" in [each["id"] for each in named] and "word:nowhere" not in [each["id"] for each in named]


@pytest.mark.parametrize("texts", [[], [(1, "", "", [])], [(1, "🎧", "", ["", "…", "42"])]])
def test_where_nothing_is_said_there_are_no_words(texts: list[Text]) -> None:
    assert told([Asked([1], [])], texts) == [[]]


def test_a_language_is_no_subject() -> None:
    said = ("wir werden morgen nicht fahren", "gestern haben wir nichts gesehen", "morgen werden alle fahren")
    german: list[Text] = [(at, "", "de", [said[at % 3]]) for at in range(1, 7)]
    assert told([Asked([*range(1, 7)], [])], [*german, *library()[6:]]) == [[]], "small words of it are not known"
    chinese = [text for text in library() if text[0] < 50]
    (found,) = told([Asked([*range(7, 13)], [])], chinese)
    assert "鲸鱼" in [form for each in found for form in each["forms"]], "of a language that is nowhere else"


def test_neither_long_texts_nor_texts_as_such_make_a_word_telling() -> None:
    common = "people walked along the river and the road to the village with a horse"
    lines = [f"{common} {OTHERS[at % 5]}" for at in range(5)]
    texts: list[Text] = [(at, "", "en", lines[at % 5 :] * 3) for at in range(1, 11)]
    texts += [(at, "", "en", [common]) for at in range(11, 41)]
    texts += [(at, f"IMG_{at:04}", "", []) for at in range(41, 141)]
    (found,) = told([Asked([*range(1, 11)], [])], texts)
    assert not {"river", "village", "horse"} & {each["en"] for each in found}
