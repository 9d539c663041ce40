"""Heads on courses: whether the order is learned where only the order tells. Needs the extra `train`.

    python3 build/dev.py bench courses [--films N]

Generated: courses of noisy A's and B's, A then B against B then A, held back by the trainer itself. Real: clips of the
labelled sounds one after the other, a background (rain, sea, …) and then a living being against the being first; their
vectors are those of the sound network, and the courses that are judged are made of clips that no learned course holds.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from material import find_material, open_models

from media_assistant.inference.audio_tags import AudioTags
from media_assistant.items.kind import Kind
from media_assistant.learning.course import MOST_STEPS, padded
from media_assistant.media.registry import open_source
from media_assistant.media.source import Sound
from media_assistant.training.course_heads import WAYS, build_head
from media_assistant.training.courses import CourseWish, train_course
from media_assistant.training.torch_parts import load, missing_parts

BEINGS = ("dog_bark", "baby_cry", "person_sneeze", "rooster")
GROUNDS = ("rain", "sea_waves", "clock_tick", "helicopter", "chainsaw", "fire_crackling")
LEARNED = 3
"""Of the five clips of each sound; the others are only judged."""
Rows = list[np.ndarray[Any, np.dtype[np.float32]]]


def generated(films: int, seed: int, noise: float, width: int = 64) -> tuple[Rows, list[int]]:
    """A then B (0) or B then A (1), as many of each, so that the mean tells nothing."""
    drawn = np.random.default_rng(seed)
    kinds, rows, classes = drawn.normal(size=(2, width)), [], []
    for number in range(films):
        its, half = number % 2, int(drawn.integers(2, 12))
        steps = kinds[np.repeat([its, 1 - its], half)]
        steps = steps + drawn.normal(size=steps.shape) * noise
        rows.append((steps / np.linalg.norm(steps, axis=1, keepdims=True)).astype(np.float32))
        classes.append(its)
    return rows, classes


def hear(network: AudioTags, file: Path) -> np.ndarray[Any, np.dtype[np.float32]]:
    """The vectors of a clip, a second each."""
    source = open_source(file, Kind.MUSIC)
    try:
        mono = np.concatenate([part.mono for part in source.play(frames=False, sound=True) if isinstance(part, Sound)])
    finally:
        source.close()
    _, points = network.tag(mono)
    assert points is not None
    steps = np.stack([points[at : at + 2].mean(0) for at in range(0, len(points) - 1, 2)])
    return np.asarray(steps / np.maximum(np.linalg.norm(steps, axis=1, keepdims=True), 1e-9), np.float32)


def arrivals(clips: dict[str, Rows], films: int, seed: int, *, is_learned: bool) -> tuple[Rows, list[int]]:
    """A being comes after a background (0), or a background after a being (1)."""
    drawn = np.random.default_rng(seed)
    rows, classes = [], []
    for number in range(films):
        its = number % 2

        def clip(names: tuple[str, ...]) -> Any:
            own = clips[str(drawn.choice(names))]
            own = own[:LEARNED] if is_learned else own[LEARNED:]
            return own[int(drawn.integers(len(own)))]

        parts = [clip(GROUNDS), clip(BEINGS)]
        rows.append(np.concatenate(parts[::-1] if its else parts))
        classes.append(its)
    return rows, classes


def train(rows: Rows, classes: list[int], seed: int) -> tuple[Any, dict[str, Any]]:
    """(report, each head as it was at its best)."""
    torch, _ = load()
    steps, mask = padded(rows, rows[0].shape[1])
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "state.pt"
        wish = CourseWish(("ab", "ba"), tuple(classes), tuple(range(len(classes))), "bench", file, seed=seed)
        made = train_course(steps, mask, wish, lambda _: None, bool)
        kept = torch.load(file, weights_only=True)["ways"]
    heads = {}
    for way in WAYS:
        empty = torch.zeros(steps.shape[2]), torch.ones(steps.shape[2])
        heads[way] = build_head(torch, way, MOST_STEPS, 2, *empty)
        heads[way].load_state_dict(kept[way]["best"])
        heads[way].eval()
    return made.report, heads


def share(right: np.ndarray[Any, Any]) -> list[float]:
    """The mean, and between what it lies in 95 % of a thousand resamples."""
    drawn = np.random.default_rng(0)
    means = [right[drawn.integers(0, len(right), len(right))].mean() for _ in range(1000)]
    return [round(float(each), 3) for each in (right.mean(), *np.percentile(means, [2.5, 97.5]))]


def main() -> None:
    """Print a line for each sort of course."""
    asked = argparse.ArgumentParser(prog="bench courses")
    asked.add_argument("--films", type=int, default=48)
    films = asked.parse_args().films
    if missing := missing_parts():
        print(f"courses: not installed: {', '.join(missing)}", file=sys.stderr)
        return
    torch, _ = load()
    material = find_material()
    assert material is not None, "the test material is not here"
    network, folder = open_models().sounds(), material / "media" / "sounds"
    clips = {name: [hear(network, file) for file in sorted(folder.glob(f"{name}*"))] for name in (*BEINGS, *GROUNDS)}
    assert all(len(own) == 5 for own in clips.values()), {name: len(own) for name, own in clips.items()}

    for title in ("generated", "sounds"):
        right: dict[str, list[bool]] = {way: [] for way in (*WAYS, "kept")}
        kept, took_s = [], []
        for seed in range(5):
            if title == "generated":
                rows, classes = generated(films, seed, noise=1.0)
                # The same two kinds of moments, other courses.
                judged, truth = generated(films + 200, seed, noise=1.0)
                judged, truth = judged[films:], truth[films:]
            else:
                rows, classes = arrivals(clips, films, seed, is_learned=True)
                judged, truth = arrivals(clips, 200, 100 + seed, is_learned=False)
            report, heads = train(rows, classes, seed + 1)
            kept.append(report.way)
            took_s.append(report.took_s)
            fed = [torch.from_numpy(each) for each in padded(judged, judged[0].shape[1])]
            for way, head in heads.items():
                with torch.no_grad():
                    said = head(*fed).argmax(1).numpy()
                hits = (said == np.array(truth)).tolist()
                right[way] += hits
                right["kept"] += hits if way == report.way else []
        line = {
            "bench": f"courses, {title}",
            "right": {way: share(np.array(hits)) for way, hits in right.items()},
            "learned_from": films,
            "kept": kept,
            "seconds_each": round(float(np.median(took_s)), 1),
            "command": "python3 build/dev.py bench courses",
        }
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
