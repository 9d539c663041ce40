import numpy as np

from media_assistant.learning.own_past import EVIDENCE, Past, describe, rank, weigh


def shelf_of(n: int = 60) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    units = rng.standard_normal((n, 8)).astype(np.float32)
    units /= np.linalg.norm(units, axis=1, keepdims=True)
    traits = np.zeros((n, 3), np.float32)
    traits[np.arange(n), np.arange(n) % 3] = 1
    return units, traits, np.linspace(1990, 2020, n)[:, None]


def past(rows: list[int]) -> Past:
    return Past(np.array(rows, np.intp), np.ones(len(rows), np.float32))


def test_what_is_like_the_past_in_contents_traits_and_time_comes_first() -> None:
    units, traits, years = shelf_of()
    units[30:36] = units[30]
    shelf = describe(units, traits, years)
    scores = rank(weigh(shelf, past([30, 33])))
    others = [at for at in range(60) if at not in (30, 33)]
    assert max(others, key=lambda at: scores[at]) in range(30, 36)
    evidence = dict(zip(EVIDENCE, weigh(shelf, past([30, 33]))[33], strict=True))
    assert evidence["traits"] > 0 and evidence["numbers"] > 0


def test_the_next_part_by_name_counts() -> None:
    units, traits, years = shelf_of()
    names = np.random.default_rng(2).permutation(60)
    found = weigh(describe(units, traits, years, names), past([5]))[:, EVIDENCE.index("name_of_last")]
    beside = int(np.flatnonzero(np.abs(names - names[5]) == 1)[0])
    far = int(np.abs(names - names[5]).argmax())
    assert found[beside] > found[far]


def test_no_past_no_evidence_and_no_numbers_no_harm() -> None:
    units, traits, years = shelf_of()
    assert not weigh(describe(units, traits, years), past([])).any()
    units[3] = np.nan
    years[4:9] = np.nan
    found = weigh(describe(units, traits, years), past([3, 4]))
    assert np.isfinite(found).all()
    bare = describe(np.zeros((4, 0), np.float32), np.zeros((4, 0), np.float32), np.zeros((4, 0)))
    assert np.isfinite(weigh(bare, past([1]))).all()
    same = describe(np.ones((5, 2), np.float32), np.ones((5, 1), np.float32), np.ones((5, 1)))
    assert np.ptp(rank(weigh(same, past([1])))) < 1e-4


def test_what_was_liked_before_is_not_forgotten_for_what_was_chosen_lately() -> None:
    units = np.zeros((90, 2), np.float32)
    units[:40, 0] = units[40:85, 1] = 1
    units[85:] = -0.7
    shelf = describe(units, np.zeros((90, 0), np.float32), np.zeros((90, 0)))
    found = weigh(shelf, past([*range(20), *range(40, 80)]))
    near, nearest = (found[:, EVIDENCE.index(name)] for name in ("near", "nearest"))
    assert nearest[30] == nearest[82] > nearest[88]
    assert near[82] > near[30] > near[88]
