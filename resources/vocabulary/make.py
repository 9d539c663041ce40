"""Makes `concepts.tsv` and `wnids.tsv` from `everyday.txt`, WordNet, and a classifier's list of classes with WordNet ids.

    python3 make.py synsets.jsonl.gz labels.tsv

`everyday.txt` is written by hand; its concepts are tied to WordNet's meanings by their English names. A class of the
list hangs below the nearest everyday concepts among its hypernyms (and those that `classes.txt` adds by hand), so
that a terrier is a dog is an animal. Names in `names.txt`, by hand too, stand before all others. Ids of the list count
as in WordNet 3.0, those of the data as in a later WordNet: a class is found by its names, and among equal ones by the
nearest offset.
"""

from __future__ import annotations

import csv
import gzip
import json
import re
import sys
from collections import defaultdict
from pathlib import Path

HERE = Path(__file__).resolve().parent


class WordNet:
    """Nouns by id and by name."""

    def __init__(self, file: Path) -> None:
        self.nouns = {}
        self.by_name = defaultdict(list)
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            for line in lines:
                synset = json.loads(line)
                if synset["id"].endswith("-n"):
                    self.nouns[synset["id"]] = synset
                    for name in synset["en"]:
                        self.by_name[name.lower()].append(synset["id"])

    def parents(self, id_: str) -> list[str]:
        """The meanings right above."""
        synset = self.nouns.get(id_, {})
        return [*synset.get("hypernym", []), *synset.get("instance_hypernym", [])]

    def above(self, id_: str) -> set[str]:
        """The meaning and all above it."""
        found, waiting = {id_}, [id_]
        while waiting:
            for parent in self.parents(waiting.pop()):
                if parent not in found:
                    found.add(parent)
                    waiting.append(parent)
        return found

    def find_class(self, wnid: str, names: list[str]) -> str:
        """The meaning that shares most names with a class."""
        shared = defaultdict(int)
        for name in names:
            for id_ in self.by_name.get(name.lower(), ()):
                shared[id_] += 1
        offset = int(wnid[1:])
        return max(
            shared,
            key=lambda id_: (shared[id_] + shared[id_] / len(self.nouns[id_]["en"]), -abs(int(id_[:-2]) - offset)),
        )


def slug(name: str) -> str:
    """A name as an id."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def read_everyday() -> dict[str, dict]:
    """The concepts of `everyday.txt` by id."""
    concepts, path = {}, []
    for line in (HERE / "everyday.txt").read_text("utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        depth = (len(line) - len(line.lstrip())) // 2
        english, chinese = line.strip().split(" = ")
        chinese, _, anchor = chinese.partition(" @")
        chinese, *more = chinese.split(" ^")
        kind = {0: "everyday", 1: "general", 2: "shelf"}[len(english) - len(english.lstrip("*"))]
        names, zh = english.lstrip("*").split("/"), chinese.split("/")
        display = re.sub(
            r" (animal|bird|fish|insect|toy|machine|activity|season|set|vegetable|plant|fruit|drink|ball)$",
            "",
            names[0],
        )
        id_ = slug(names[0])
        if names[0] in {
            "musical instrument",
            "swimming pool",
            "tennis ball",
            "golf ball",
            "rugby ball",
            "ping-pong ball",
            "washing machine",
            "sewing machine",
        }:
            display = names[0]
        if id_ in concepts:
            raise ValueError(f"{id_} stands twice")
        concepts[id_] = {
            "id": id_,
            "en": display,
            "zh": zh[0],
            "aliases": list(dict.fromkeys([n for n in names[1:] if n != display] + zh[1:])),
            "parents": list(dict.fromkeys(path[depth - 1 : depth] + [slug(one) for one in more])),
            "kind": kind,
            "anchor": anchor.strip(),
            "names": names,
        }
        path[depth:] = [id_]
    for concept in concepts.values():
        if missing := [parent for parent in concept["parents"] if parent not in concepts]:
            raise ValueError(f"{concept['id']}: no {missing}")
    return concepts


def tie(concepts: dict[str, dict], net: WordNet, covered: dict[str, int]) -> None:
    """Give each concept the meaning of its name that has the most classes below it, within its parent's meaning."""
    for concept in concepts.values():
        names = [concept["anchor"]] if concept["anchor"] else [concept["en"], *concept["names"]]
        around = {concepts[parent].get("synset") for parent in concept["parents"]} - {None, ""}
        concept["synset"] = ""
        for name in names:
            ids = [id_ for id_ in net.by_name.get(name.lower(), ()) if covered.get(id_)]
            inside = [id_ for id_ in ids if around & net.above(id_)]
            chosen = inside or (ids if concept["anchor"] or not around else [])
            if chosen:
                concept["synset"] = max(chosen, key=lambda id_: covered[id_])
                break


def nearest(net: WordNet, id_: str, tied: dict[str, str]) -> list[str]:
    """The everyday concepts first met on the ways up."""
    found, level, seen = [], [id_], set()
    while level:
        following = []
        for one in level:
            if one in tied:
                found.append(tied[one])
            else:
                following += [parent for parent in net.parents(one) if parent not in seen]
                seen.update(following)
        level = following
    return list(dict.fromkeys(found))


def read_classes() -> dict[str, list[str]]:
    """By hand: `class name = concept, concept` instead of what WordNet says; `class name = ` for none."""
    lines = (HERE / "classes.txt").read_text("utf-8").splitlines()
    pairs = [line.split("=") for line in lines if line.strip() and not line.startswith("#")]
    return {name.strip(): [one.strip() for one in ids.split(",") if one.strip()] for name, ids in pairs}


def name_by_hand(concepts: dict[str, dict]) -> None:
    """What `names.txt` says. An English name that gives way stays as another one, a Chinese one was wrong."""
    for line in (HERE / "names.txt").read_text("utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        id_, *english, chinese = line.split(" = ")
        chinese, *not_so = chinese.split(" -")
        concept = concepts[id_]
        name, before = english[0] if english else concept["en"], concept["en"]
        others = [one for one in (before, *concept["aliases"]) if one not in (name, chinese, *not_so)]
        concept |= {"en": name, "zh": chinese, "aliases": list(dict.fromkeys(others))}


def above(concepts: dict[str, dict], id_: str) -> set[str]:
    """Every id above a concept."""
    found = set()
    for parent in concepts[id_]["parents"]:
        found |= {parent} | above(concepts, parent)
    return found


def main(wordnet: Path, labels: Path) -> None:
    """Write both tables."""
    net = WordNet(wordnet)
    with labels.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    classes = {row["wnid"]: [name.strip() for name in row["en"].split(",")] for row in rows}
    synsets = {wnid: net.find_class(wnid, names) for wnid, names in classes.items()}
    covered = defaultdict(int)
    for id_ in synsets.values():
        for one in net.above(id_):
            covered[one] += 1
    concepts, by_hand = read_everyday(), read_classes()
    tie(concepts, net, covered)
    tied = {concept["synset"]: concept["id"] for concept in reversed(concepts.values()) if concept["synset"]}
    own_names = {concept["id"] for concept in concepts.values()}
    of_class = {}
    for wnid, names in classes.items():
        id_, name = synsets[wnid], names[0]
        # Two classes are called crane, two maillot: the id tells them apart.
        hand = by_hand.get(f"{name} {wnid}", by_hand.get(name))
        parents = hand if hand is not None else nearest(net, id_, tied)
        parents = [one for one in parents if not any(one in above(concepts, other) for other in parents)]
        if len(parents) == 1 and (tied.get(id_) == parents[0] or slug(name) == parents[0]):
            of_class[wnid] = parents[0]
            continue
        new = slug(name) if slug(name) not in own_names else f"{slug(name)}_{wnid}"
        own_names.add(new)
        of_class[wnid] = new
        chinese = [word for word in net.nouns[id_].get("zh", []) if re.fullmatch(r"[\u4e00-\u9fff]{2,7}", word)]
        is_one_of = {alias for concept in concepts.values() for alias in (concept["zh"], *concept["aliases"])}
        chinese = [word for word in chinese if word not in is_one_of]
        concepts[new] = {
            "id": new,
            "en": name,
            "zh": chinese[0] if chinese else "",
            "aliases": list(dict.fromkeys([*names[1:4], *chinese[1:3]])),
            "parents": parents,
            "kind": "class",
        }
    name_by_hand(concepts)
    with (HERE / "concepts.tsv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, delimiter="\t", lineterminator="\n")
        table.writerow(["id", "en", "zh", "aliases", "parents", "kind"])
        for one in concepts.values():
            table.writerow(
                [one["id"], one["en"], one["zh"], "|".join(one["aliases"]), "|".join(one["parents"]), one["kind"]]
            )
    with (HERE / "wnids.tsv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, delimiter="\t", lineterminator="\n")
        table.writerow(["wnid", "concept"])
        table.writerows(of_class.items())


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
