"""Names become concepts: in either language, of the item, of the vocabulary, or the person's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from media_assistant.errors import UserFixable
from media_assistant.items.concept import Concept
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Layer, Moment, Sense
from media_assistant.items.span import WHOLE
from media_assistant.items.tag import TagState
from media_assistant.library.library import Library, NewItem
from media_assistant.workflows.tags import tagging


@pytest.fixture
def library(tmp_path: Path) -> Library:
    opened = Library.open(tmp_path / "library.sqlite")
    opened.add_items([NewItem(Kind.PHOTO, f"/photos/{n}.jpg", str(n), 10, n, f"hash{n}") for n in (1, 2)])
    model_dog = Concept("model:dog", "dog", "狗")
    opened.save_findings(
        1, "sights", 1, "m", "r", [Moment(WHOLE, Sense.SEEN, Layer.LABEL, model_dog, score=0.9)], None, True
    )
    yield opened
    opened.close()


def states(library: Library, item_id: int) -> dict[str, TagState]:
    return {tag.concept.id: tag.state for tag in library.details(item_id).tags}


def test_the_items_own_tag_is_meant_first_in_either_language(library: Library) -> None:
    assert tagging.resolve(library, " Dog ", [1]).id == "model:dog"
    assert tagging.resolve(library, "狗", [1]).id == "model:dog"
    tagging.decide(library, [1], "狗", TagState.ACCEPTED)
    assert states(library, 1) == {"model:dog": TagState.ACCEPTED}


def test_the_vocabulary_is_known_without_any_item(library: Library) -> None:
    english, chinese = tagging.resolve(library, "cat"), tagging.resolve(library, "猫")
    assert english == chinese
    assert not english.id.startswith("own:")


def test_an_unknown_name_is_the_persons_own_and_known_from_then_on(library: Library) -> None:
    tagging.add(library, [1, 2], "Grandma’s  garden")
    assert states(library, 2) == {"own:Grandma’s garden": TagState.ACCEPTED}
    assert tagging.resolve(library, "GRANDMA’S GARDEN", []).id == "own:Grandma’s garden"
    tagging.remove(library, [2], "grandma’s garden")
    assert states(library, 2) == {}


def test_a_models_tag_that_is_removed_stays_refused(library: Library) -> None:
    tagging.remove(library, [1], "dog")
    assert states(library, 1) == {"model:dog": TagState.REJECTED}
    library.undo()
    assert states(library, 1) == {"model:dog": TagState.SUGGESTED}


def test_no_name_and_too_much_of_one(library: Library) -> None:
    for name, code in (("  ", "workflows.tag_empty"), ("x" * 300, "workflows.tag_too_long")):
        with pytest.raises(UserFixable) as refused:
            tagging.add(library, [1], name)
        assert refused.value.code == code
