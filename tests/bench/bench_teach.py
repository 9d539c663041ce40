"""How well and how quickly a tag is taught.

    python3 build/dev.py bench teach [--media FOLDER] [--home FOLDER] [--items N]

Quality: leave-one-out with one to three examples per class over a folder with an `index.jsonl` (as labelled_media tells
it; the test material without one), beside the plain nearest mean (teach_quality); with what was promised and what was
kept. The library is made and understood in a temporary home, or in `--home`, where it stays for the next run.

Many: with `--members N` alone, a tag that N items carry by the person's word, and one that a model proposes on N items, in a
library written straight into the tables: processor seconds of each step of teaching, by the clock, and the memory of both
processes at their height.

Speed: from the person's word to the proposals in the library, among items of random vectors (as bench similar makes
them), with one, three and twenty examples; `--items 0` leaves it out, `--no-quality` the quality. One JSON line each.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import shutil
import statistics
import tempfile
import time
from pathlib import Path

from bench_similar import make_library
from labelled_media import open_labelled
from many_members import MANY, PROPOSED, make_many
from material import find_material
from measure import largest_child_mb
from teach_quality import measure

from media_assistant.assistant import Assistant
from media_assistant.items.span import WHOLE
from media_assistant.items.teaching import TaughtExample
from media_assistant.paths import Paths
from media_assistant.settings import Settings
from media_assistant.workflows.teaching.taught_things import read_known, read_things

SENSES = {"photo": "seen", "sound": "heard", "music": "heard", "text": "words"}
ROUNDS = 5


def quality(media: Path, home: Path) -> None:
    """A line for each kind of labelled files."""
    labelled = open_labelled(media.absolute(), home.absolute())
    library = labelled.assistant.library
    try:
        known = read_known(library)
        for kind, sense in SENSES.items():
            of = {labelled.files[row["file"]]: row.get("label") for row in labelled.rows if row["kind"] == kind}
            if sense not in known.spaces or len(of) < 2:
                continue
            things = read_things(library, known.spaces[sense], [(item_id, WHOLE) for item_id in of], known.above)
            classes = {item_id: str(label) for item_id, label in of.items() if label}
            print(
                json.dumps({"bench": "teach", "kind": kind, **measure(things, classes, known.grounds[sense])}),
                flush=True,
            )
    finally:
        labelled.assistant.close()


def speed(items: int, home: Path) -> None:
    """Seconds from a person's word to the proposals, the first in a new process and the median of the next ones."""
    file = home / f"similar-{items}.sqlite"
    make_library(file, items).close()
    assistant = Assistant.open(
        Paths(home / "data", home / "cache", home / "config", home / "logs", file), Settings(), works=False
    )
    try:
        library, teaching = assistant.library, assistant.teaching
        ids = list(map(int, library.item_ids()))
        by_topic: dict[str, list[int]] = {}
        for start in range(1, 3000, 500):
            for item_id, labels in library.labels_by_models(ids[start : start + 500]).items():
                if len(labels) == 1:
                    by_topic.setdefault(next(iter(labels)), []).append(item_id)
        topics = sorted(by_topic, key=lambda topic: -len(by_topic[topic]))
        teaching.prepare().result()
        teaching.settle().result()
        for count, refused in ((1, 0), (3, 1), (20, 6)):
            times, found = [], 0
            for number, topic in enumerate(topics[: ROUNDS + 1]):
                others = by_topic[topics[-1 - number]]
                members = (by_topic[topic] * 4)[:count]
                if len(set(members)) < count:
                    members = [*dict.fromkeys(by_topic[topic]), *ids[7 : 7 + count]][:count]
                examples = [TaughtExample(each) for each in members]
                examples += [TaughtExample(each, is_counter=True) for each in (others + ids[100:120])[:refused]]
                name = f"taught {count} {number}"
                start = time.perf_counter()
                teaching.teach(name, examples).result()
                times.append(time.perf_counter() - start)
                found += library.count_proposals(f"own:{name}")
                teaching.forget(f"own:{name}").result()
            print(
                json.dumps(
                    {
                        "bench": "teach_speed",
                        "items": items,
                        "vectors": library.finding.vectors.count("looks"),
                        "examples": count,
                        "counter_examples": refused,
                        "first_s": round(times[0], 3),
                        "median_s": round(statistics.median(times[1:]), 3),
                        "max_s": round(max(times), 3),
                        "proposals": found,
                    }
                ),
                flush=True,
            )
    finally:
        assistant.close()


def many(members: int, home: Path) -> None:
    """A line for each of the two tags."""
    kept = home / f"many-{members}.sqlite"
    if not kept.exists():
        built = multiprocessing.get_context("spawn").Process(target=make_many, args=(kept, members))
        built.start()
        built.join()
    # What is taught is no part of what is kept for the next run.
    file = kept.with_name(f"many-{members}-taught.sqlite")
    shutil.copy(kept, file)
    assistant = Assistant.open(
        Paths(home / "data", home / "cache", home / "config", home / "logs", file), Settings(), works=False
    )
    try:
        teaching, ids = assistant.teaching, list(map(int, assistant.library.item_ids()))
        teaching.prepare().result()
        teaching.settle().result()
        for concept in (MANY, PROPOSED):
            examples = [TaughtExample(each, is_counter=at > 2) for at, each in enumerate(ids[10:2000:300])]
            steps = {
                "teach": lambda concept=concept, examples=examples: teaching.teach(concept, examples).result(),
                "correct": lambda concept=concept: teaching.teach(concept, [TaughtExample(ids[7], is_counter=True)]).result(),
                "page": lambda concept=concept: teaching.lesson(concept.id),
                "questions": lambda concept=concept: teaching.questions(concept.id),
                "nothing_new": lambda: teaching.settle().result(),
                "forget": lambda concept=concept: teaching.forget(concept.id).result(),
            }  # fmt: skip
            line: dict[str, object] = {"bench": "teach_many", "tag": concept.en, "members": members}
            for name, work in steps.items():
                used, start = time.process_time(), time.perf_counter()
                work()
                line[f"{name}_s"] = round(time.perf_counter() - start, 2)
                line[f"{name}_cpu_s"] = round(time.process_time() - used, 2)
                if name == "correct":
                    report = assistant.library.taught_versions(concept.id)[0]
                    line |= {"examples": len(report.examples), "forms": report.report["forms"]}
            print(json.dumps(line), flush=True)
        heights = {"own_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10, "worker_mb": largest_child_mb()}
        print(json.dumps({"bench": "teach_many", "members": members, **heights}), flush=True)
    finally:
        assistant.close()


def main() -> None:
    """Print the JSON lines."""
    wanted = argparse.ArgumentParser(prog="bench teach")
    wanted.add_argument("--media", type=Path, help="a folder with index.jsonl; the test material if none is given")
    wanted.add_argument("--home", type=Path, help="where the libraries are kept; a temporary folder if none is")
    wanted.add_argument(
        "--items", type=int, default=100_000, help="of the library that speed is measured in; 0 for none"
    )
    wanted.add_argument("--no-quality", action="store_true", help="speed alone")
    wanted.add_argument("--members", type=int, default=0, help="of tags that very many items carry; nothing else then")
    chosen = wanted.parse_args()
    material = find_material()
    media = chosen.media or (material / "media" if material else None)
    with tempfile.TemporaryDirectory() as folder:
        home = chosen.home or Path(folder)
        home.mkdir(parents=True, exist_ok=True)
        if chosen.members:
            many(chosen.members, home)
            return
        if not chosen.no_quality:
            if media is None or not (media / "index.jsonl").is_file():
                wanted.error("no labelled media: give a folder with --media")
            quality(media, home)
        if chosen.items:
            speed(chosen.items, home)


if __name__ == "__main__":
    main()
