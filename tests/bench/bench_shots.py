"""Shot detection: quality and speed against PySceneDetect's AdaptiveDetector.

Quality on films of `shots_generator` (scoring seeds only; both detectors see the same decoded files and are scored by
the same function) and on the composed videos of the test material. AdaptiveDetector runs as its authors set it, and
also with the shortest scene set to 5 frames as ours has it; the better of the two is quoted per family.

Speed is of the detectors alone on frames that are decoded already, each converting them as it would from a file:
ours from the decoder's planes to 64 x 36, theirs to BGR (what its own PyAV reader gives) and then to its working size.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import av
import cv2
from material import find_material
from measure import report
from scenedetect import FrameTimecode
from scenedetect.detectors import AdaptiveDetector
from shots_generator import FAMILIES, Boundary, Film, Score, plan, score, write

from media_assistant.analysis.shot_detection import HEIGHT, WIDTH, ShotDetector
from media_assistant.items.kind import Kind
from media_assistant.media.registry import open_source
from media_assistant.media.source import Frame, Sound

SEEDS = range(1, 6)
_WORKING_WIDTH = 256
"""PySceneDetect shrinks wider pictures to about this before it looks."""


def ours(file: Path) -> list[int]:
    """First frames of new shots."""
    source = open_source(file, Kind.VIDEO)
    detector = ShotDetector(source.facts.frame_rate)
    found = []
    for frame in source.play(frames=True, sound=False):
        if not isinstance(frame, Sound):
            found += detector.push(frame.rgb(WIDTH, HEIGHT))
    source.close()
    return [boundary.at for boundary in (*found, *detector.finish())]


def theirs(file: Path, min_scene_len: int) -> list[int]:
    """The same by AdaptiveDetector, fed as its scene manager feeds it."""
    with av.open(str(file)) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        rate = float(stream.average_rate or 25)
        return feed_theirs(
            (frame.to_ndarray(format="bgr24") for frame in container.decode(stream)), rate, min_scene_len
        )


def feed_theirs(pictures: object, rate: float, min_scene_len: int) -> list[int]:
    """Cuts in a row of BGR pictures."""
    detector = AdaptiveDetector(min_scene_len=min_scene_len)
    found = []
    last = FrameTimecode(0, rate)
    for number, picture in enumerate(pictures):  # type: ignore[arg-type, var-annotated]
        factor = picture.shape[1] // _WORKING_WIDTH
        if factor > 1:
            size = (round(picture.shape[1] / factor), round(picture.shape[0] / factor))
            picture = cv2.resize(picture, size, interpolation=cv2.INTER_LINEAR)  # noqa: PLW2901
        last = FrameTimecode(number, rate)
        found += detector.process_frame(last, picture)
    found += detector.post_process(last)
    return [cut.frame_num for cut in found]


def measure_quality(folder: Path) -> None:
    """One JSON line per family and one for all."""
    everything = [Score(), Score()]
    for family in FAMILIES:
        totals = {"ours": Score(), "default": Score(), "short": Score()}
        for seed in SEEDS:
            film = plan(family, seed)
            file = folder / f"{family}_{seed}.mp4"
            write(film, file)
            truth = film.boundaries()
            totals["ours"] += score(truth, ours(file))
            totals["default"] += score(truth, theirs(file, 15))
            totals["short"] += score(truth, theirs(file, 5))
        best = max((totals["default"], totals["short"]), key=lambda one: one.f1)
        tell(family, totals["ours"], best, films=len(SEEDS))
        everything = [everything[0] + totals["ours"], everything[1] + best]
    tell("all", everything[0], everything[1], films=len(SEEDS) * len(FAMILIES))


def measure_composed(media: Path) -> None:
    """The composed videos, whose cuts are known to the hundredth of a second."""
    totals = [Score(), Score()]
    rows = [json.loads(line) for line in (media / "media" / "index.jsonl").read_text("utf-8").splitlines()]
    for row in rows:
        if row["kind"] != "video-composed":
            continue
        file = media / row["file"]
        with av.open(str(file)) as container:
            rate = float(container.streams.video[0].average_rate)
        truth = [Boundary("cut", round(at_s * rate), round(at_s * rate)) for at_s in row["cuts"]]
        totals[0] += score(truth, ours(file))
        totals[1] += max((score(truth, theirs(file, frames)) for frames in (5, 15)), key=lambda one: one.f1)
    tell("composed videos", totals[0], totals[1])


def tell(family: str, mine: Score, other: Score, **more: int) -> None:
    """Print a line of quality."""
    line = {
        "bench": "shots F1",
        "family": family,
        "ours": round(mine.f1, 4),
        "theirs": round(other.f1, 4),
        "ratio": round(mine.f1 / other.f1, 3) if other.f1 else None,
        "ours_counts": [mine.hits, mine.missed, mine.false],
        "theirs_counts": [other.hits, other.missed, other.false],
        "peer": "scenedetect AdaptiveDetector",
        "target": ">= theirs + 0.03",
        **more,
        "command": "python3 build/dev.py bench shots",
    }
    print(json.dumps(line), flush=True)


def measure_speed(folder: Path) -> None:
    """On frames decoded beforehand, at three sizes."""
    cv2.setNumThreads(1)
    for width, height in ((320, 180), (1280, 720), (1920, 1080)):
        film = Film("cuts", 1, (60, 45, 70, 30), ("cut",) * 3, (0,) * 3)
        file = folder / f"speed_{height}.mp4"
        write(film, file, width=width, height=height)

        def once(work: Callable[[list[Frame], list[av.VideoFrame]], object], mine: bool, file: Path = file) -> float:
            source = open_source(file, Kind.VIDEO)
            frames = (
                [part for part in source.play(frames=True, sound=False) if not isinstance(part, Sound)] if mine else []
            )
            source.close()
            with av.open(str(file)) as container:
                decoded = [] if mine else list(container.decode(video=0))
            start = time.perf_counter()
            work(frames, decoded)
            return time.perf_counter() - start

        def look(frames: list[Frame], _: list[av.VideoFrame]) -> None:
            detector = ShotDetector(25)
            for frame in frames:
                detector.push(frame.rgb(WIDTH, HEIGHT))
            detector.finish()

        def look_theirs(_: list[Frame], decoded: list[av.VideoFrame]) -> None:
            feed_theirs((frame.to_ndarray(format="bgr24") for frame in decoded), 25.0, 15)

        pairs = [(once(look, True), once(look_theirs, False)) for _ in range(6)][1:]
        report(
            f"shots speed {height}p",
            [pair[0] for pair in pairs],
            [pair[1] for pair in pairs],
            target="<= 0.333",
            peer="scenedetect AdaptiveDetector",
            frames=sum(film.lengths),
        )


def main() -> None:
    """Print the JSON lines."""
    with tempfile.TemporaryDirectory() as folder:
        measure_speed(Path(folder))
        if "speed" in sys.argv[1:]:
            return
        if (media := find_material()) is not None:
            measure_composed(media)
        measure_quality(Path(folder))


if __name__ == "__main__":
    main()
