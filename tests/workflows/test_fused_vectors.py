from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from media_assistant.items.kind import Kind
from media_assistant.library.library import Library
from media_assistant.workflows.likeness.fused_vectors import read_fused
from tests.workflows.finding import BEACH, DOG, add, find, label, vector
from tests.workflows.recommend_library import fill


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    opened = Library.open(tmp_path / "l.sqlite")
    yield opened
    opened.finding.close()
    opened.close()


def test_items_are_alike_by_all_that_is_known_of_both(library: Library) -> None:
    topics = fill(library, 240)
    bare = add(library, "nothing known", Kind.TEXT)
    fused = read_fused(library)

    assert fused.without.tolist() == [bare]
    assert fused.ids.tolist() == sorted(topics)
    assert np.allclose(np.linalg.norm(fused.units, axis=1), 1, atol=1e-5)
    alike = fused.units @ fused.units.T
    np.fill_diagonal(alike, -1)
    about = np.array([topics[item_id] for item_id in fused.ids.tolist()])
    assert (about[alike.argmax(1)] == about).mean() > 0.9


def test_kinds_meet_where_they_share_a_tag_and_several_vectors_are_their_mean(library: Library) -> None:
    rng = np.random.default_rng(3)
    for number in range(20):
        photo = add(library, f"p{number}", Kind.PHOTO)
        find(library, photo, vector("looks", rng.standard_normal(16)), label(DOG if number % 2 else BEACH))
    film, sound = add(library, "film", Kind.VIDEO), add(library, "sound", Kind.MUSIC)
    find(library, film, *(vector("looks", rng.standard_normal(16)) for _ in range(3)), label(DOG))
    find(library, sound, vector("sounds", rng.standard_normal(16)), label(DOG), analyser="sounds")
    fused = read_fused(library)
    alike = fused.units @ fused.units[fused.ids.searchsorted(sound)]

    dogs, beaches = alike[1:20:2], alike[0:20:2]
    assert dogs.min() > beaches.max() + 0.05, "a barking is nearer to the pictures of dogs"


def test_an_empty_library_has_no_vectors(library: Library) -> None:
    fused = read_fused(library)
    assert not len(fused.ids)
    assert not len(fused.units)
    assert not len(fused.without)
