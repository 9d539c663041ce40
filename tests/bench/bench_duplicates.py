"""Duplicates: quality on a generated set of ten transforms over a folder of media, against `imagehash`, `videohash` and
Chromaprint, and what finding them costs.

`bench duplicates [--media DIR] [--set DIR]`: the set is made from DIR (or the test material) and kept in the second
folder if one is named, where it serves again, but not for another DIR. Every file is analysed by the real analyser, kept in
a real library, and compared by the real workflow; scored are all pairs of files of a kind: in one group or not, of one source or not. Transforms and sources set
aside before tuning are told apart from the others. Peers that are not installed are passed over: put them in a throw-away
environment (`imagehash`, `videohash`, which asks for ffmpeg, and `pyacoustid` with fpcalc) and name its site-packages with
`--peers DIR`.
"""

from __future__ import annotations

import argparse
import json
import pickle
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import combinations
from pathlib import Path

from duplicates_at_scale import at_scale
from duplicates_generator import ASIDE, FRESH, Made, generate
from material import find_material

from media_assistant.analysis.run import Done, run
from media_assistant.items.findings import Finding, Fingerprint
from media_assistant.items.item import Facts
from media_assistant.items.kind import Kind
from media_assistant.library.library import Library, NewItem
from media_assistant.media.probe import probe
from media_assistant.workflows.duplicates.duplicate_groups import read_groups
from media_assistant.workflows.duplicates.finding_duplicates import compare_rounds

COMMAND = "python3 build/dev.py bench duplicates"
Pair = tuple[int, int]


class NoModels:
    """Fingerprints need none."""

    threads = 2


def keep_set(known: Path, media: Path, made: Sequence[Made]) -> None:
    """For the next run, with the folder that it was made from."""
    rows = [(m.file, m.kind, m.source, m.transform, m.is_aside) for m in made]
    known.write_bytes(pickle.dumps({"media": str(media.resolve()), "rows": rows}))


def read_set(known: Path, media: Path | None) -> list[Made]:
    """What an earlier run kept. Raises ValueError where that was made from another folder than is asked for by name."""
    kept = pickle.loads(known.read_bytes())
    of, rows = (kept["media"], kept["rows"]) if isinstance(kept, dict) else ("a folder that it does not name", kept)
    if media is not None and str(media.resolve()) != of:
        raise ValueError(f"the set in {known.parent} was made from {of}: name another folder with --set")
    return [Made(*row) for row in rows]


def fill(library: Library, made: Sequence[Made]) -> tuple[list[int], dict[str, float]]:
    """Analyse everything; gives the ids, and the seconds by kind in the analyser alone."""
    took: dict[str, float] = defaultdict(float)
    new, found = [], []
    for number, each in enumerate(made):
        kind = Kind(each.kind)
        findings: list[Finding] = []
        for _, said in run(each.file, kind, ["fingerprints"], NoModels()):  # type: ignore[arg-type]
            if isinstance(said, Fingerprint):
                findings.append(said)
            elif isinstance(said, Done):
                took[each.kind] += said.took_s
        facts = probe(each.file, kind) if kind is not Kind.PHOTO else Facts()
        new.append(NewItem(kind, str(each.file), each.file.stem, each.file.stat().st_size, number, f"{number}", facts))
        found.append(findings)
    ids, _ = library.add_items(new)
    for item_id, findings in zip(ids, found, strict=True):
        library.save_findings(item_id, "fingerprints", 1, "", "", findings, is_first_chunk=True)
        library.finish_analysis(item_id, "fingerprints", 1)
    return ids, dict(took)


def is_aside(one: Made, other: Made) -> bool:
    """Whether a pair has anything in it that was set aside."""
    return any(each.is_aside or each.transform in ASIDE for each in (one, other))


def part_of(one: Made, other: Made) -> str:
    """`fresh`: with what was set aside later."""
    if one.transform in FRESH or other.transform in FRESH:
        return "fresh"
    return "aside" if is_aside(one, other) else "tuned"


def score(made: Sequence[Made], found: set[Pair], *, name: str) -> None:
    """Print F1 by kind, of the tuned and of the set aside, and the recall of each transform against its original."""
    for kind in ("photo", "video", "music"):
        of_kind = [index for index, each in enumerate(made) if each.kind == kind]
        counts = {"tuned": [0, 0, 0], "aside": [0, 0, 0], "fresh": [0, 0, 0]}
        for one, other in combinations(of_kind, 2):
            is_same, is_found = made[one].source == made[other].source, (one, other) in found
            part = counts[part_of(made[one], made[other])]
            part[0] += is_same and is_found
            part[1] += is_found and not is_same
            part[2] += is_same and not is_found
        line: dict[str, object] = {"bench": "duplicates", "who": name, "kind": kind, "files": len(of_kind)}
        for part, (hits, false, missed) in counts.items():
            line[part] = {
                "F1": round(2 * hits / max(1, 2 * hits + false + missed), 4),
                "precision": round(hits / max(1, hits + false), 4),
                "recall": round(hits / max(1, hits + missed), 4),
                "false": false,
            }
        line["to_original"] = _by_transform(made, of_kind, found)
        line["command"] = COMMAND
        print(json.dumps(line), flush=True)


def _by_transform(made: Sequence[Made], of_kind: Iterable[int], found: set[Pair]) -> dict[str, str]:
    originals = {made[index].source: index for index in of_kind if made[index].transform == "original"}
    tried: dict[str, list[bool]] = defaultdict(list)
    for index in of_kind:
        each = made[index]
        if each.transform not in ("original", "decoy"):
            original = originals[each.source]
            tried[each.transform].append((min(index, original), max(index, original)) in found)
    return {name: f"{sum(hits)}/{len(hits)}" for name, hits in sorted(tried.items())}


def ours(made: Sequence[Made]) -> tuple[set[Pair], Library]:
    """Pairs of indices that are in one group."""
    folder = Path(tempfile.mkdtemp(prefix="bench-duplicates-"))
    library = Library.open(folder / "library.sqlite")
    started = time.perf_counter()
    ids, took = fill(library, made)
    analysed = time.perf_counter() - started
    started = time.perf_counter()
    for found in compare_rounds(library, None):
        library.save_pairs(found.compared, found.pairs)
    compared = time.perf_counter() - started
    started = time.perf_counter()
    groups = read_groups(library)
    grouped = time.perf_counter() - started
    index_of = {item_id: index for index, item_id in enumerate(ids)}
    pairs = {
        (min(a, b), max(a, b))
        for group in groups
        for a, b in combinations([index_of[item_id] for item_id in group.item_ids], 2)
    }
    count = {kind: sum(each.kind == kind for each in made) for kind in took}
    print(
        json.dumps(
            {
                "bench": "duplicates: time",
                "analyser_ms_per_item": {kind: round(1000 * s / count[kind], 1) for kind, s in took.items()},
                "all_with_decoding_s": round(analysed, 1),
                "compare_ms_per_item": round(1000 * compared / len(made), 2),
                "group_ms": round(1000 * grouped, 1),
                "items": len(made),
                "groups": len(groups),
                "command": COMMAND,
            }
        ),
        flush=True,
    )
    return pairs, library


# Peers


def by_imagehash(made: Sequence[Made]) -> set[Pair]:
    """pHash of 64 bits as its README has it; two are the same below the distance that is best for them on the tuned part."""
    import imagehash
    from PIL import Image

    photos = [index for index, each in enumerate(made) if each.kind == "photo"]
    codes = {index: imagehash.phash(Image.open(made[index].file)) for index in photos}
    apart = {pair: codes[pair[0]] - codes[pair[1]] for pair in combinations(photos, 2)}
    return _best(made, apart, range(32))


def by_videohash(made: Sequence[Made]) -> set[Pair]:
    """Its own hash of a whole film, the same way."""
    from PIL import Image
    from videohash import VideoHash

    # It names a filter as Pillow did before version 10.
    Image.ANTIALIAS = Image.LANCZOS  # type: ignore[attr-defined]

    films = [index for index, each in enumerate(made) if each.kind == "video"]
    codes = {index: int(VideoHash(path=str(made[index].file)).hash_hex, 16) for index in films}
    apart = {pair: (codes[pair[0]] ^ codes[pair[1]]).bit_count() for pair in combinations(films, 2)}
    return _best(made, apart, range(32))


def by_chromaprint(made: Sequence[Made]) -> set[Pair]:
    """Chromaprint's own fingerprints, compared by pyacoustid's own `compare_fingerprints`."""
    import acoustid

    music = [index for index, each in enumerate(made) if each.kind == "music"]
    codes = {}
    for index in music:
        try:
            codes[index] = acoustid.fingerprint_file(str(made[index].file), force_fpcalc=True)
        except acoustid.FingerprintGenerationError:
            continue
    apart = {
        pair: round(100 * (1 - acoustid.compare_fingerprints(codes[pair[0]], codes[pair[1]])))
        for pair in combinations(sorted(codes), 2)
    }
    return _best(made, apart, range(0, 100, 2))


def _best(made: Sequence[Made], apart: dict[Pair, int], limits: Iterable[int]) -> set[Pair]:
    """The pairs below the limit that gives the best F1 on what was not set aside."""
    tuned = [pair for pair in apart if part_of(made[pair[0]], made[pair[1]]) == "tuned"]

    def f1(limit: int) -> float:
        hits = false = missed = 0
        for one, other in tuned:
            is_same, is_found = made[one].source == made[other].source, apart[one, other] <= limit
            hits += is_same and is_found
            false += is_found and not is_same
            missed += is_same and not is_found
        return 2 * hits / max(1, 2 * hits + false + missed)

    limit = max(limits, key=f1)
    return {pair for pair, distance in apart.items() if distance <= limit}


PEERS: dict[str, Callable[[Sequence[Made]], set[Pair]]] = {
    "imagehash": by_imagehash,
    "videohash": by_videohash,
    "chromaprint": by_chromaprint,
}


def main() -> int:
    """Print JSON lines."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--media", type=Path, default=None)
    parser.add_argument("--set", type=Path, default=None)
    parser.add_argument("--scale", type=int, nargs="?", const=100_000, default=0)
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--peers", default="")
    asked = parser.parse_args()
    sys.path.append(asked.peers)  # behind our own packages
    material = find_material()
    media = asked.media or (material / "media" if material else None)
    if media is None:
        print("no media: name a folder with --media", file=sys.stderr)
        return 1
    if asked.scale:
        at_scale(media, asked.scale, f"{COMMAND} --scale {asked.scale}", asked.set)
        return 0
    folder = asked.set or Path(tempfile.mkdtemp(prefix="bench-duplicates-"))
    known = folder / "made.pickle"
    if known.is_file():
        try:
            made = read_set(known, asked.media)
        except ValueError as fault:
            print(fault, file=sys.stderr)
            return 1
    else:
        made = generate(media, folder)
        keep_set(known, media, made)
    found, library = ours(made)
    score(made, found, name="ours")
    for name, ask in PEERS.items() if not asked.no_peers else ():
        try:
            score(made, ask(made), name=name)
        except ImportError as fault:
            print(json.dumps({"bench": "duplicates", "who": name, "not_installed": str(fault)}), flush=True)
    library.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
