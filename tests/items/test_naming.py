import pytest

from media_assistant.items.concept import Concept
from media_assistant.items.naming import ConceptNames, singular

NAMES = ConceptNames(
    [
        Concept("animal", "animal", "动物", ("creature",)),
        Concept("dog", "dog", "狗", ("hound", "犬"), ("animal",)),
        Concept("terrier", "terrier", "梗犬", (), ("dog",)),
        Concept("cat", "cat", "猫", ("domestic cat",), ("animal",)),
        Concept("car", "car", "汽车", ("automobile",)),
        Concept("sports_car", "sports car", "跑车", (), ("car",)),
        Concept("car_seat", "car seat", "汽车座椅"),
        Concept("beach", "beach", "海滩", ("seaside", "海边")),
        Concept("ice_cream", "ice cream", "冰淇淋"),
        Concept("berry", "strawberry", "草莓"),
        Concept("ouroboros", "ouroboros", "", (), ("tail",)),
        Concept("tail", "tail", "", (), ("ouroboros",)),
    ]
)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("dog", {"dog", "terrier"}),
        ("Dogs", {"dog", "terrier"}),
        ("狗", {"dog", "terrier"}),
        ("犬", {"dog", "terrier"}),
        ("動物", {"animal", "dog", "terrier", "cat"}),
        ("ice creams", {"ice_cream"}),
        ("strawberries", {"berry"}),
        ("tail", {"tail", "ouroboros"}),
        ("zebra", set()),
        ("", set()),
    ],
)
def test_a_name_finds_its_concept_and_children(text: str, ids: set[str]) -> None:
    assert set(NAMES.named(text)) == ids


def test_a_name_fits_better_than_its_head_and_its_children() -> None:
    fits = NAMES.named("car")
    assert fits["car"] > fits["sports_car"] > 0.5
    assert "car_seat" not in fits
    assert NAMES.named("animal")["terrier"] == NAMES.named("animal")["dog"]


def test_a_name_that_ends_like_another_is_no_kind_of_it_where_the_tree_knows_better() -> None:
    names = ConceptNames(
        [
            Concept("animal", "animal", "动物"),
            Concept("food", "food", "食物"),
            Concept("dog", "dog", "狗", (), ("animal",)),
            Concept("hot_dog", "hot dog", "热狗", (), ("food",)),
            Concept("panda", "panda", "大熊猫", ("熊猫",), ("animal",)),
            Concept("red_panda", "red panda", "小熊猫", (), ("animal",)),
            Concept("retriever", "golden retriever", "金毛犬", (), ("dog",)),
            Concept("net:guard dog", "guard dog"),
            Concept("net:dog bowl", "dog bowl", "", (), ("unknown",)),
        ]
    )
    assert set(names.named("dog")) == {"dog", "retriever", "net:guard dog"}
    assert set(names.named("狗")) == {"dog", "retriever"}
    assert set(names.named("熊猫")) == {"panda"}
    assert set(names.named("retrievers")) == {"retriever"}, "no concept has that name: what ends so is what is meant"
    (unit,) = names.units("dog")
    assert unit.concepts["dog"] > unit.concepts["hot_dog"], "plain words also find what may be meant"


def test_names_of_the_same_letters_are_told_apart_by_their_signs() -> None:
    names = ConceptNames([Concept("own:C++", "C++"), Concept("own:C#", "C#"), Concept("own:Ice-Cream", "Ice-Cream")])
    assert set(names.named("C++")) == {"own:C++"}
    assert set(names.named("c#")) == {"own:C#"}
    assert set(names.named("c")) == {"own:C++", "own:C#"}, "either may be meant"
    assert set(names.named("ice cream")) == set(names.named("ice-creams")) == {"own:Ice-Cream"}
    letter = ConceptNames([Concept("own:C++", "C++", "", ("cpp",)), Concept("own:C", "C")])
    assert set(letter.named("c")) == {"own:C"}
    assert set(letter.named("cpp")) == {"own:C++"}


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("dog on the beach", ["dog", "beach"]),
        ("an ice cream car", ["ice cream", "car"]),
        ("海边的狗", ["海边", "狗"]),
        ("上海", ["上海"]),
        ("iPhone手机", ["iphone", "手机"]),
        ("the", ["the"]),
        ("在海滩吃冰淇淋", ["海滩", "吃", "冰淇淋"]),
        ("!!", []),
    ],
)
def test_a_query_is_cut_into_what_it_asks_for(text: str, units: list[str]) -> None:
    assert [unit.text for unit in NAMES.units(text)] == units


def test_the_last_word_may_be_half_typed() -> None:
    (unit,) = NAMES.units("terr")
    assert set(unit.concepts) == {"terrier"}
    (first, last) = NAMES.units("terr dog")
    assert first.concepts == {}
    assert last.concepts["dog"] == 1.0
    assert NAMES.units("terr", is_half_typed=False)[0].concepts == {}


@pytest.mark.parametrize(
    ("word", "one"),
    [("dogs", "dog"), ("boxes", "box"), ("ponies", "pony"), ("bus", "bus"), ("glass", "glass"), ("houses", "house")],
)
def test_plurals(word: str, one: str) -> None:
    assert singular(word) == one


def test_another_form_of_a_verb_is_the_same_name() -> None:
    names = ConceptNames([Concept("crackle", "crackle", "噼啪声"), Concept("run", "running", "跑步")])
    assert set(names.named("crackling")) == {"crackle"}
    assert names.named("crackle")["crackle"] > names.named("crackled")["crackle"]
    assert not names.named("crack")


def test_a_chinese_sound_is_named_without_the_word_for_sound() -> None:
    names = ConceptNames(
        [Concept("crackle", "crackle", "噼啪声"), Concept("fire", "fire", "火焰"), Concept("wind", "wind", "风声")]
    )
    assert [unit.text for unit in names.units("火焰噼啪")] == ["火焰", "噼啪"]
    assert names.named("噼啪声")["crackle"] > names.named("噼啪")["crackle"]
    assert not names.named("风")


def test_names_that_come_in_later_are_found_as_if_they_had_been_there_from_the_start() -> None:
    later = [
        Concept("word:tide", "Tide"),
        Concept("word:guard dog", "guard dog"),
        Concept("word:海浪声", "海浪声", "海浪声"),
        Concept("word:c++", "C++"),
        Concept("word:crackling", "crackling"),
        Concept("word:puppy", "puppy", "", (), ("dog",)),
    ]
    before = dict(NAMES.named("dog"))
    more = NAMES.with_more(later[:3]).with_more(later[3:])
    whole = ConceptNames([*NAMES.concepts.values(), *later])
    for text in ("dog", "dogs", "tides", "guard dog", "海浪", "c++", "c", "crackled", "car", "ti", "lighthouse"):
        assert more.named(text) == whole.named(text), text
        assert more.units(text) == whole.units(text), text
        assert more.has_word(text) == whole.has_word(text), text
    assert more.sounding("hailang") == whole.sounding("hailang")
    assert more.sounding("haitan") == whole.sounding("haitan") == ["海滩"]
    assert set(more.named("dog")) == set(before) | {"word:guard dog", "word:puppy"}
    assert NAMES.named("dog") == before and not NAMES.named("tide"), "who asks these meanwhile asks what there was"


@pytest.mark.parametrize(
    ("query", "units"),
    [
        ("photos of my dog", ["dog"]),
        ("where are some videos of you when we", ["where", "are", "some", "videos", "of", "you", "when", "we"]),
        ("what a sports car he has", ["sports car"]),
        ("我的狗的照片", ["狗"]),
        ("海边的图片", ["海边"]),
        ("我的海边照片", ["海边"]),
        ("我的照片", ["照片"]),
        ("短视频", ["短视频"]),
        ("照片墙", ["照片墙"]),
    ],
)
def test_words_that_all_items_have_ask_for_nothing_unless_there_is_nothing_else(query: str, units: list[str]) -> None:
    assert [unit.text for unit in NAMES.units(query, is_half_typed=False)] == units
