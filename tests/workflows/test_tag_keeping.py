"""Keeping tags: names in two languages, parents without circles, and words that say why something cannot be."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from media_assistant.errors import UserFixable
from media_assistant.inference.store import ModelStore
from media_assistant.items.concept import Concept
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Layer, Moment, Sense
from media_assistant.items.span import WHOLE
from media_assistant.items.tag import TagState
from media_assistant.library.library import Library, NewItem
from media_assistant.workflows.search.searching import search
from media_assistant.workflows.tags import tag_keeping, tagging


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    opened = Library.open(tmp_path / "library.sqlite")
    opened.add_items([NewItem(Kind.PHOTO, f"/photos/{n}.jpg", f"picture {n}", 10, n, f"hash{n}") for n in range(1, 4)])
    dog = next(concept for concept in tagging.vocabulary() if concept.id == "dog")
    opened.save_findings(1, "sights", 1, "m", "r", [Moment(WHOLE, Sense.SEEN, Layer.LABEL, dog, score=0.9)], None, True)
    yield opened
    opened.close()


def found(library: Library, query: str) -> set[int]:
    return {hit.item.id for hit in search(library, None, query, is_half_typed=False).hits}


def test_a_tag_of_ones_own_stands_in_the_tree_and_search_knows_it(library: Library) -> None:
    rex, _ = tag_keeping.create(library, " Rex  the dog ", parent_id="dog")
    tagging.add(library, [2], "rex THE dog")
    assert found(library, "tag:animal") == {1, 2}, "a parent of the vocabulary's that no item carries"
    assert found(library, "标签:狗") == {1, 2}
    assert sorted(library.item_ids(tag="animal")) == [1, 2]
    tag_keeping.set_name(library, rex.id, "雷克斯", "zh_CN")
    tag_keeping.set_aliases(library, rex.id, ["Rexie", "小雷", " "])
    for query in ("tag:雷克斯", "tag:小雷", "tag:rexie", "Rexie"):
        assert found(library, query) == {2}, query
    for name in ("小雷", "REXIE", "雷克斯"):
        assert tagging.resolve(library, name).id == rex.id
    tag_keeping.rename(library, rex.id, "Bello", "en")
    assert library.concept(rex.id).name("en") == "Bello"  # type: ignore[union-attr]
    assert library.concept(rex.id).name("zh") == "雷克斯"  # type: ignore[union-attr]
    assert found(library, "bello") == {2}


def test_a_renamed_word_of_the_vocabulary_is_still_found_by_its_old_name(library: Library) -> None:
    tag_keeping.rename(library, "dog", "good boy", "en")
    assert library.concept("dog").en == "good boy"  # type: ignore[union-attr]
    assert found(library, "tag:dog") == found(library, 'tag:"good boy"') == found(library, "tag:狗") == {1}
    tag_keeping.rename(library, "dog", "好狗", "zh_CN")
    assert found(library, "tag:好狗") == {1}
    assert tagging.resolve(library, "dog").id == "dog"
    for _ in range(2):
        library.undo()
    assert library.concept("dog").zh == "狗"  # type: ignore[union-attr]


def test_a_name_that_is_free_again_is_a_new_tag(library: Library) -> None:
    """Whoever renamed or merged a tag of their own may call another one so."""
    rex, _ = tag_keeping.create(library, "Rex")
    tag_keeping.rename(library, rex.id, "Bello", "en")
    tagging.add(library, [2], "Rex")
    assert [tag.concept.en for tag in library.details(2).tags] == ["Rex"]
    again = library.details(2).tags[0].concept
    assert again.id != rex.id and tagging.resolve(library, "rex").id == again.id
    library.merge_tags(again.id, "dog")
    tag_keeping.set_lowest_score(library, "dog", 0.8)
    third, _ = tag_keeping.create(library, "Rex")
    assert third.id not in (again.id, rex.id) and third.en == "Rex"
    assert library.own_words("dog").lowest_score == 0.8, "no other tag is touched"
    assert tagging.resolve(library, "Rex").id == third.id, "a tag's own name is meant before an alias"


def test_a_tag_cannot_stand_under_itself(library: Library) -> None:
    pets, _ = tag_keeping.create(library, "pets")
    tag_keeping.put_under(library, "dog", pets.id)
    rex, _ = tag_keeping.create(library, "Rex", parent_id="dog")
    for child, parent in ((pets.id, rex.id), (pets.id, pets.id), ("dog", rex.id)):
        with pytest.raises(UserFixable) as refused:
            tag_keeping.put_under(library, child, parent)
        assert refused.value.code == "workflows.tag_circle"
    tag_keeping.put_under(library, rex.id, "animal", instead_of=None)
    assert library.concept(rex.id).parents == ("dog", "animal")  # type: ignore[union-attr]
    tag_keeping.put_under(library, rex.id, pets.id, instead_of="dog")
    assert library.concept(rex.id).parents == ("animal", pets.id)  # type: ignore[union-attr]
    tag_keeping.put_under(library, rex.id, "")
    assert library.concept(rex.id).parents == ()  # type: ignore[union-attr]


def test_a_name_that_is_taken_is_said(library: Library) -> None:
    tag_keeping.create(library, "Rex")
    for verb in (
        lambda: tag_keeping.create(library, "rex"),
        lambda: tag_keeping.rename(library, "dog", "REX", "en"),
        lambda: tag_keeping.set_name(library, "dog", "Rex", "zh"),
        lambda: tag_keeping.create(library, "狗"),
    ):
        with pytest.raises(UserFixable) as refused:
            verb()
        assert refused.value.code == "workflows.tag_name_taken"
    with pytest.raises(UserFixable) as gone:
        tag_keeping.rename(library, "own:nobody", "x", "en")
    assert gone.value.code == "workflows.no_such_tag"


def test_an_alias_can_become_a_tag_of_its_own(library: Library) -> None:
    assert tagging.resolve(library, "doggy").id == "dog"
    doggy, _ = tag_keeping.create(library, "doggy")
    assert doggy.id == "own:doggy"
    assert tagging.resolve(library, "doggy").id == "own:doggy"


def test_what_was_merged_or_deleted_is_meant_as_the_person_left_it(library: Library) -> None:
    tag_keeping.create(library, "Rex")
    library.merge_tags("own:Rex", "dog")
    tagging.add(library, [3], "rex")
    assert {tag.concept.id: tag.state for tag in library.details(3).tags} == {"dog": TagState.ACCEPTED}
    library.delete_tag("dog")
    assert found(library, "tag:dog") == set()
    tag_keeping.create(library, "dog")
    tagging.add(library, [3], "狗")
    assert found(library, "tag:dog") == {1, 3}, "made again it is proposed again"


def test_a_deleted_tag_that_a_trained_network_names_is_never_proposed(library: Library, tmp_path: Path) -> None:
    rex, _ = tag_keeping.create(library, "Rex")
    tag_keeping.create(library, "Bello")
    folder = tmp_path / "models" / "own-pets"
    folder.mkdir(parents=True)
    card = {"id": "own-pets", "task": "own-tags", "session": "onnx", "licence": "yours", "model": "model.onnx"}
    lines = [*(f'{key} = "{value}"' for key, value in card.items()), 'labels = "labels.tsv"', "languages = []"]
    (folder / "model.toml").write_text("\n".join(lines), "utf-8")
    (folder / "labels.tsv").write_text(f"index\tkey\ten\tzh\n0\t{rex.id}\tRex\t\n1\t\tnone\t\n", "utf-8")
    store = ModelStore([], tmp_path / "models", tmp_path / "none", tmp_path / "none.toml")
    for name in ("own:Rex", "own:Bello"):
        tag_keeping.delete(library, store, name)
    assert library.never_proposed() == [Concept("own:Rex", "Rex")]


def test_tags_of_several_items(library: Library) -> None:
    tagging.add(library, [1, 2, 3], "trip")
    tagging.add(library, [1, 2], "sunny")
    states = [(concept.en, accepted, proposed) for concept, accepted, proposed in library.tag_states([1, 2, 3])]
    assert states == [("trip", 3, 0), ("sunny", 2, 0), ("dog", 0, 1)]
    assert all(isinstance(concept, Concept) for concept, _, _ in library.tag_states([1]))
