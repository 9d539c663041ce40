"""Names of groups: what is surely commoner inside, said once, and the same when a thing more comes."""

import itertools

import numpy as np

from media_assistant.learning.group_names import MOST, Term, choose, drawn, telling


def term(key: str, sureness: float, *names: str) -> Term:
    return Term(key, names or (key,), sureness)


def keys(terms: list[Term]) -> list[str]:
    return [each.key for each in terms]


def test_what_tells_a_group_is_commoner_in_it_than_elsewhere() -> None:
    sureness = telling(np.array([18, 20, 2]), np.array([20, 100, 10]), 20, 100)
    assert sureness[0] > 5 and sureness[1] < 2 and abs(sureness[2]) < 1


def test_a_name_is_of_the_surest_and_says_nothing_twice() -> None:
    whale = term("whale", 6, "whale", "鲸")
    asked = [term("dull", 2), term("sea", 4), whale, term("pair", 5, "sperm whale"), term("b", 3), term("a", 3)]
    assert keys(choose(asked)) == ["whale", "sea", "a"], "of two that are as sure always the same one"
    assert keys(choose([whale, term("zh", 5, "蓝鲸"), term("s", 3, "sperm", "抹香")])) == ["whale", "s"]
    assert choose([]) == [] and len(choose([term(f"t{at}", 3 + at) for at in range(9)])) == MOST


def test_a_name_gives_way_only_to_what_is_clearly_surer() -> None:
    old = ["sea", "ship"]
    held = [term("sea", 4.0), term("ship", 4.2)]
    assert keys(choose([*held, term("tide", 2.9)], old)) == old, "not sure enough to come in, and the order stays"
    assert keys(choose([*held, term("tide", 3.1)], old)) == ["ship", "sea", "tide"]
    three = [*old, "tide"]
    shown = [*held, term("tide", 3.0), term("wave", 3.5)]
    assert keys(choose(shown, three)) == three
    assert keys(choose([*shown[:-1], term("wave", 3.9)], three)) == ["ship", "sea", "wave"]
    gone = [term("sea", 2.1), term("ship", 1.9), term("tide", 2.6)]
    assert keys(choose(gone, old)) == ["sea", "tide"], "what does not hold any more goes, and leaves room"


def test_names_stay_while_a_group_grows_by_one_and_one() -> None:
    rng = np.random.default_rng(5)
    shares = np.concatenate([[0.9, 0.8, 0.75, 0.7, 0.65], rng.uniform(0.1, 0.5, 15)])
    outside = np.concatenate([[0.1, 0.08, 0.1, 0.09, 0.08], rng.uniform(0.1, 0.5, 15)])
    inside = (rng.random((80, 20)) < shares).cumsum(axis=0)
    rest = (rng.random((400, 20)) < outside).sum(axis=0)
    name: list[str] = []
    names, fickle = [], []
    for members in range(20, 80):
        counts = inside[members - 1]
        sureness = telling(counts, counts + rest, members, members + 400)
        terms = [term(f"t{at}", float(sure)) for at, sure in enumerate(sureness)]
        name = keys(choose(terms, name))
        names.append(name)
        fickle.append(keys(choose(terms)))

    def changes(of: list[list[str]]) -> int:
        return sum(one != other for one, other in itertools.pairwise(of))

    assert changes(names) <= 2 < changes(fickle)
    assert set(names[-1]) <= {f"t{at}" for at in range(5)}


def test_those_that_stand_for_all_are_nearly_the_same_when_one_comes_or_goes() -> None:
    ids = list(range(1, 5000, 3))
    some = drawn(ids, 200)
    assert len(some) == 200 and some == sorted(some) and drawn(ids[:50], 200) == ids[:50]
    assert len(set(some) & set(drawn([*ids, 777_777], 200))) >= 199
    assert len(set(some) & set(drawn([each for each in ids if each != some[3]], 200))) == 199
    assert abs(np.mean(some) - np.mean(ids)) < 300, "from everywhere"
