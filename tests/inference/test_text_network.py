"""The built-in sense of meaning, on texts that nobody trained it for, by the program's own calls."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from media_assistant.inference.card import load_card
from media_assistant.inference.text_embedding import TextEmbedding

ROOT = Path(__file__).resolve().parents[2]
WORDS = """dog 狗|cat 猫|ocean 海洋|car 汽车|mountain 山|music 音乐|guitar 吉他|rain 雨|football 足球|doctor 医生
hospital 医院|bread 面包|flower 花|moon 月亮|airplane 飞机|baby 婴儿|wedding 婚礼|birthday 生日|beach 海滩|sunset 日落
snow 雪|fire 火|river 河流|bird 鸟|horse 马|kitchen 厨房|school 学校|computer 电脑|telephone 电话|war 战争
applause 掌声|violin 小提琴|forest 森林|street 街道|coffee 咖啡|tree 树|fish 鱼|boat 船|bicycle 自行车|dance 舞蹈"""


@pytest.fixture(scope="module")
def network() -> TextEmbedding:
    (folder,) = (card.parent for card in (ROOT / "models").glob("*/model.toml"))
    return TextEmbedding(load_card(folder))


@pytest.fixture(scope="module")
def passages() -> list[dict[str, str]]:
    with (ROOT / "tests" / "data" / "passages.tsv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def nearest(vectors: np.ndarray, allowed: np.ndarray) -> np.ndarray:
    return np.where(allowed, vectors @ vectors.T, -9).argmax(1)


def test_the_nearest_other_text_has_the_same_topic(network: TextEmbedding, passages: list[dict[str, str]]) -> None:
    vectors = network.embed([row["text"] for row in passages])
    topics = np.array([row["topic"] for row in passages])
    languages = np.array([row["language"] for row in passages])
    others = ~np.eye(len(topics), dtype=bool)
    assert (topics[nearest(vectors, others)] == topics).sum() >= 46
    across = languages[:, None] != languages[None]
    assert (topics[nearest(vectors, across)] == topics).sum() >= 46


def test_the_same_for_the_test_material(network: TextEmbedding, material: Path) -> None:
    files = sorted((material / "media" / "texts").glob("*.txt"))
    vectors = network.embed([file.read_text("utf-8") for file in files])
    topics = np.array([file.name.split("_")[1] for file in files])
    found = topics[nearest(vectors, ~np.eye(len(files), dtype=bool))] == topics
    assert len(files) == 24
    assert found.sum() >= 22


def test_single_words_meet_across_languages(network: TextEmbedding) -> None:
    english, chinese = zip(*(pair.split() for pair in WORDS.replace("\n", "|").split("|")), strict=True)
    likeness = network.embed(english, "query") @ network.embed(chinese, "query").T
    right = np.arange(len(english))
    assert (likeness.argmax(1) == right).sum() >= 37
    assert (likeness.argmax(0) == right).sum() >= 37


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("狗", "dog"),
        ("ocean", "sea"),
        ("貓", "猫"),
        ("海灘", "海滩"),
        ("telescopes", "望远镜"),
        ("ＤＯＧ", "dog"),
        ("Dogs", "dog"),
        ("children", "child"),
        ("café", "cafe"),
        ("婚禮", "wedding"),
    ],
)
def test_forms_of_one_word_are_near(network: TextEmbedding, one: str, other: str) -> None:
    related = network.card.thresholds["related"]
    first, second, stranger = network.embed([one, other, "税收 taxation"])
    assert first @ second > related
    assert first @ stranger < related


def test_unknown_words_are_near_to_nothing(network: TextEmbedding) -> None:
    vectors = network.embed(["blorptastic qzx", "", "!!! 123", "the of and", "한국어", "dog"])
    assert not vectors[:5].any()
    assert np.isclose(np.linalg.norm(vectors[5]), 1)


def test_an_unknown_sign_does_not_spoil_its_sentence(network: TextEmbedding) -> None:
    clean, spoilt = network.embed(["小狗在海滩奔跑", "小狗在𠮷海滩🐕奔跑"])
    assert clean @ spoilt > 0.95


def test_a_long_text_is_cut_and_a_huge_run_is_quick(network: TextEmbedding) -> None:
    vectors = network.embed(["狗" * 200_000, "dog " * 100_000, "a" * 1_000_000])
    assert vectors[0] @ vectors[1] > 0.5
    assert not vectors[2].any()


def test_spelled_out_nonsense_means_nothing(network: TextEmbedding) -> None:
    """A query in which no word is known is near to nothing; one known word is enough to mean something."""
    lengths = np.linalg.norm(network.embed(["qzxv wrrtk", "kkjhgf", "hello wurld", "灯塔"], "query"), axis=1)
    assert lengths.round(3).tolist() == [0, 0, 1, 1]
