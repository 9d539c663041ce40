"""Concepts in two languages, with what each is a kind of."""

from __future__ import annotations

from media_assistant.analysis.sight_labels import Roll, choose, roll_of
from media_assistant.analysis.vocabulary import load_vocabulary, unified
from media_assistant.inference.labels import Label
from media_assistant.items.concept import Concept
from media_assistant.paths import bundled


def test_a_terrier_is_a_dog_is_an_animal() -> None:
    vocabulary = load_vocabulary()
    terrier = vocabulary.by_wnid["n02093256"]  # Staffordshire bullterrier
    assert vocabulary.ancestors[terrier] == ("terrier", "dog", "animal")
    assert vocabulary.by_id["dog"].zh == "狗"


def test_every_concept_has_a_name_and_known_parents_without_circles() -> None:
    vocabulary = load_vocabulary()
    assert len(vocabulary.everyday) > 700
    assert len(vocabulary.by_wnid) == 1000
    for id_, concept in vocabulary.by_id.items():
        assert concept.en, id_
        assert all(parent in vocabulary.by_id for parent in concept.parents), id_
    for id_, above in vocabulary.ancestors.items():
        assert id_ not in above
    for id_ in (*vocabulary.everyday, *vocabulary.general, *vocabulary.shelves):
        assert vocabulary.by_id[id_].zh, id_


def test_no_two_things_that_are_seen_have_one_name() -> None:
    """In English no two that a network is asked for: that would be one question, asked twice."""
    vocabulary = load_vocabulary()
    asked = [vocabulary.by_id[id_].en for id_ in vocabulary.everyday]
    assert len(asked) == len(set(asked))
    chinese = [vocabulary.by_id[id_].zh for id_ in vocabulary.ancestors if vocabulary.by_id[id_].zh]
    assert len(chinese) == len(set(chinese))
    for line in (bundled("resources") / "vocabulary" / "names.txt").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            id_, *_, name = line.split(" = ")
            assert vocabulary.by_id[id_].zh == name.split(" -")[0]


def test_seen_and_heard_are_one_concept() -> None:
    bare = Concept("dog", "dog")
    assert "doggy" in unified(bare).aliases
    own = Concept("own:holiday", "holiday")
    assert unified(own) is own


def test_a_network_with_chinese_names_sees_the_same_things() -> None:
    import numpy as np

    english, mixed = (Label("lion"), Label("sofa")), (Label("狮子"), Label("sofa"))
    likely = np.array([0.7, 0.3], np.float32)
    assert roll_of(mixed, "m")(likely) == roll_of(english, "m")(likely)


def test_evidence_adds_up_and_the_general_stands_below() -> None:
    import numpy as np

    vocabulary = load_vocabulary()
    ids = ["lion", "tiger", "cat", "sofa"]
    roll = Roll([(id_, *vocabulary.ancestors[id_]) for id_ in ids], vocabulary.by_id)
    seen = choose(roll(np.array([0.4, 0.35, 0.05, 0.2], np.float32)), vocabulary.by_id)
    assert [one.concept.id for one in seen] == ["big_cat", "animal", "lion", "tiger"]
    assert seen[0].score == 0.75
    assert choose({"animal": 0.9, "object": 0.9}, vocabulary.by_id) == []
