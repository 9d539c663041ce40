"""Groups: found where there are some, none where there are none, and the same ones when items come."""

import numpy as np

from media_assistant.learning.groups import answer, ask, form, match
from media_assistant.learning.things import from_bytes


def blobs(count: int, groups: int, seed: int, noise: float = 0.18, loose: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    centres = rng.standard_normal((groups, 40))
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    labels = rng.integers(groups, size=count)
    points = centres[labels] + noise * rng.standard_normal((count, 40))
    labels = np.concatenate([labels, np.full(loose, -1)])
    points = np.concatenate([points, rng.standard_normal((loose, 40))])
    return (points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32), labels


def test_groups_are_found_and_what_belongs_nowhere_is_left_out() -> None:
    units, labels = blobs(240, 6, 1, loose=30)
    found = form(units)
    assert len(found) == 6
    for rows in found:
        inside = labels[rows]
        assert (inside == np.bincount(inside[inside >= 0]).argmax()).mean() > 0.8
    grouped = np.concatenate(found)
    assert len(set(grouped.tolist())) == len(grouped) >= 225
    assert np.isin(np.flatnonzero(labels < 0), grouped).mean() < 0.35


def test_where_there_are_no_groups_none_are_made() -> None:
    rng = np.random.default_rng(2)
    noise = rng.standard_normal((300, 64)).astype(np.float32)
    found = form(noise / np.linalg.norm(noise, axis=1, keepdims=True))
    assert sum(map(len, found)) < 30
    assert form(np.ones((40, 5), np.float32) / np.sqrt(5)) == [] == form(noise[:3])


def grouped(
    ids: np.ndarray, units: np.ndarray, before: dict[int, list[int]], formed: int
) -> tuple[dict[int, list[int]], int]:
    arrays = from_bytes(answer(from_bytes(ask(ids, units, before, formed))))
    found: dict[int, list[int]] = {}
    for number, item in zip(arrays["numbers"].tolist(), arrays["items"].tolist(), strict=True):
        found.setdefault(number, []).append(item)
    return found, int(arrays["formed"][0])


def test_groups_keep_their_number_and_order_when_items_come_and_go() -> None:
    units, _labels = blobs(330, 6, 3)
    ids = np.arange(330, dtype=np.int64) * 3 + 7
    first, formed = grouped(ids[:300], units[:300], {}, 0)
    assert len(first) == 6 and formed == 300
    second, formed = grouped(ids[20:], units[20:], first, formed)
    assert list(second) == list(first) and formed == 300
    left = set(ids[20:300].tolist())
    for number, members in first.items():
        kept = left.intersection(members)
        assert len(kept & set(second[number])) >= 0.95 * len(kept)
    came = set(ids[300:].tolist())
    assert len(came & {item for members in second.values() for item in members}) >= 27, "what came has joined"


def test_a_new_theme_becomes_a_new_group_and_a_new_start_knows_the_old_ones() -> None:
    units, labels = blobs(400, 7, 4)
    ids = np.arange(400, dtype=np.int64)
    old = labels < 6
    first, formed = grouped(ids[old], units[old], {}, 0)
    assert len(first) == 6
    second, _ = grouped(ids, units, first, formed)
    assert set(first) < set(second) and len(second) == 7
    again = match(form(units), {number: np.array(members) for number, members in first.items()})
    assert list(again)[:6] == list(first) and len(again) == 7
    for number in first:
        assert len(set(again[number].tolist()) & set(first[number])) > 0.9 * len(first[number])
