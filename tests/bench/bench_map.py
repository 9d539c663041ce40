"""The map: how long it takes to lay out, how well it keeps neighbours, and how smoothly it moves.

    python tests/bench/bench_map.py layout [--items N]   components, t-SNE in a worker, and what both keep
    python tests/bench/bench_map.py real [--home DIR]    the same of what networks found in labelled media
    python tests/bench/bench_map.py pan [--items N] [--seconds S]   milliseconds of a frame while it is dragged and zoomed

N is 100,000 if not said: vectors of 200 numbers about 150 topics. Of a layout it is said which share of the ten nearest of an item
lies within the nearest 2 % on the plane. Of the labelled media (`labelled_media`; understood in a temporary home, or in
`--home`, where they stay) it is said of components and of t-SNE how far neighbours on the plane can be trusted (0..1: Venna,
Kaski, "Local multidimensional scaling", 2006), and how often the five nearest have the item's own label, beside the same
among all that is known of it. A frame is all that the window's thread does for one: moving and painting, at
1440×900, while sharper pictures are made beside it.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from media_assistant.learning import layout
from media_assistant.learning.layout import goes_with, plane, reduced
from media_assistant.learning.plane import Plane
from media_assistant.workflows.order.mapping import LibraryMap

TOPICS, WIDTH = 150, 200
FRAME_MS = 16.7


def make_units(count: int) -> np.ndarray:
    rng = np.random.default_rng(4)
    centres = rng.standard_normal((TOPICS, WIDTH)).astype(np.float32)
    units = centres[rng.integers(TOPICS, size=count)] + 0.8 * rng.standard_normal((count, WIDTH), np.float32)
    return units / np.linalg.norm(units, axis=1, keepdims=True)


def tell(**said: object) -> None:
    print(json.dumps({"bench": "map", **said}), flush=True)


def bench_layout(count: int) -> None:
    from media_assistant.paths import find_paths
    from media_assistant.workflows.order.laying_out import layouts_of_worker

    units = make_units(count)
    began = time.perf_counter()
    points = reduced(units)
    start = plane(points)
    components_s = time.perf_counter() - began
    began = time.perf_counter()
    laid, first_s = start, 0.0
    for _done, found in layouts_of_worker(find_paths(), points, start, is_warm=False, should_stop=lambda: False):
        if found is not None:
            laid, first_s = found, first_s or time.perf_counter() - began
    tell(
        items=count,
        components_s=round(components_s, 2),
        tsne_s=round(time.perf_counter() - began, 1),
        first_better_s=round(first_s, 1),
        kept_by_components=round(goes_with(points, start), 3),
        kept_by_tsne=round(goes_with(points, laid), 3),
        target="20,000 in at most 60 s",
    )


def bench_real(home: Path) -> None:
    from labelled_media import SIGHT, SOUND, TOPIC, open_labelled
    from material import find_material
    from sklearn.manifold import trustworthiness

    from media_assistant.learning.layout import refined
    from media_assistant.workflows.likeness.fused_vectors import read_fused

    material = find_material()
    assert material is not None, "the labelled media are not here"
    labelled = open_labelled(material / "media", home.absolute())
    try:
        fused = read_fused(labelled.assistant.library)
        labels: dict[int, str] = {}
        for wanted in labelled.wanted:
            if wanted.sense in (SIGHT, SOUND, TOPIC):
                labels |= {
                    spot.item_id: f"{wanted.sense} {wanted.names}" for spot in wanted.spots if spot.start_ms is None
                }
        points = reduced(fused.units)
        laid = {"components": plane(points)}
        for name, rounds in (("tsne", None), ("tsne_750_rounds", (250, 500))):
            with _rounds(rounds):
                found = refined(points, laid["components"], lambda _done, _now: None, lambda: False)
            assert found is not None
            laid[name] = found
        own = np.array([labels.get(int(item_id), "") for item_id in fused.ids])
        known = np.flatnonzero(own != "")
        tell(
            what="real",
            items=len(fused.ids),
            labelled=len(known),
            labels=len(set(own[known])),
            same_label_in_full=_same_label(fused.units, own, known),
            **{
                f"trust_{name}": round(float(trustworthiness(fused.units, spots, n_neighbors=10)), 3)
                for name, spots in laid.items()
            },
            **{f"same_label_{name}": _same_label(spots, own, known) for name, spots in laid.items()},
        )
    finally:
        labelled.assistant.close()


@contextmanager
def _rounds(wanted: tuple[int, int] | None) -> Iterator[None]:
    """t-SNE with so many early and late rounds for a while; as it is without."""
    before = layout._EARLY, layout._LATE
    layout._EARLY, layout._LATE = wanted or before
    try:
        yield
    finally:
        layout._EARLY, layout._LATE = before


def _same_label(spots: np.ndarray, labels: np.ndarray, known: np.ndarray) -> float:
    """Of the five nearest labelled ones of each labelled item, the share with its label, where it has others of it at all."""
    found = []
    for at in known:
        others = known[known != at]
        if not (labels[others] == labels[at]).any():
            continue
        far = ((spots[others] - spots[at]) ** 2).sum(axis=1)
        found.append(float((labels[others[np.argsort(far, kind="stable")[:5]]] == labels[at]).mean()))
    return round(float(np.mean(found)), 3)


def bench_pan(count: int, seconds: float) -> None:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import QPointF
    from PySide6.QtWidgets import QApplication

    from media_assistant.assistant import Assistant
    from media_assistant.paths import find_paths
    from media_assistant.settings import Settings
    from media_assistant.ui.screenshots import let_pass, wait_until
    from media_assistant.ui.startup.app import prepare_application
    from media_assistant.ui.startup.running import Running
    from media_assistant.ui.widgets.map.canvas import MapCanvas

    rng = np.random.default_rng(5)
    spots = 60 * rng.standard_normal((TOPICS, 2))[rng.integers(TOPICS, size=count)] + 4 * rng.standard_normal(
        (count, 2)
    )
    found = LibraryMap(
        Plane(np.arange(1, count + 1), spots.astype(np.float32)),
        rng.integers(4, size=count).astype(np.uint8),
        rng.uniform(15_000, 20_000, count),
    )
    application = prepare_application()
    running = Running.whole(application, Assistant.open(find_paths(), Settings(), works=False))
    canvas = MapCanvas(running.desk)
    canvas.resize(1440, 900)
    canvas.show()
    canvas.show_map(found)
    wait_until(lambda: canvas.picture is not None and not canvas._is_painting, longest_ms=20_000)
    let_pass(500)
    moved, zoomed, pictures = [], [], 0
    canvas.painted.connect(lambda _picture: None)
    canvas.zoom(4)
    let_pass(500)
    until, turn, shown = time.perf_counter() + seconds, 0, canvas.picture
    while time.perf_counter() < until:
        began = time.perf_counter()
        is_zoom = turn % 120 >= 100
        if is_zoom:
            canvas.zoom(1.04 if turn % 240 < 120 else 1 / 1.04, QPointF(500, 300))
        else:
            canvas.pan(14 if turn % 400 < 200 else -14, 5 if turn % 600 < 300 else -5)
        canvas.repaint()
        QApplication.processEvents()
        (zoomed if is_zoom else moved).append((time.perf_counter() - began) * 1000)
        pictures += canvas.picture is not shown
        shown = canvas.picture
        turn += 1
        time.sleep(max(0.0, FRAME_MS / 1000 - (time.perf_counter() - began)))
    for name, each in (("pan", moved), ("zoom", zoomed)):
        p50, p99, longest = np.quantile(each, (0.5, 0.99, 1.0)).round(2).tolist()
        tell(what=name, items=count, frames=len(each), median_ms=p50, p99_ms=p99, longest_ms=longest, pictures=pictures)
    canvas.close()
    running.close()
    running.assistant.close()


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("what", nargs="?", choices=("layout", "real", "pan", "both"), default="both")
    asked.add_argument("--items", type=int, default=100_000)
    asked.add_argument("--seconds", type=float, default=15.0)
    asked.add_argument("--home", type=Path, help="where the labelled library is kept; a temporary folder if none is")
    options = asked.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["MEDIA_ASSISTANT_HOME"] = str(Path(scratch))
        if options.what == "real":
            bench_real(options.home or Path(scratch))
            return
        if options.what != "layout":
            bench_pan(options.items, options.seconds)
        if options.what != "pan":
            bench_layout(options.items)


if __name__ == "__main__":
    main()
