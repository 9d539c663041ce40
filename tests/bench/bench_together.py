"""All analyses of one file, against one bare decode plus the sum of each analyser alone on ready inputs.

Same threads, same networks, same frames; what one analyser lends another (the shots) is known beforehand to the one
that works alone, so that both look at the same pictures. What is compared is what sharing one decode and streaming the findings costs
or saves; the analysers themselves are in both numbers.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import as_worker  # noqa: F401  before NumPy, which looks at its environment once
from material import find_material, open_models
from measure import report

from media_assistant.analysis import registry
from media_assistant.analysis.analyser import Job, Stage
from media_assistant.analysis.run import run
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Moment
from media_assistant.media.registry import open_source
from media_assistant.media.source import Sound
from media_assistant.paths import bundled

PAIRS = 5


def main(film: Path) -> None:
    """Print the JSON line."""
    models = open_models()
    names = [
        spec.name
        for spec in registry.SPECS
        if spec.stage is Stage.UNDERSTAND
        and Kind.VIDEO in spec.kinds
        and (not spec.task or models.card(spec.task) is not None)
    ]

    known = tuple(said for _, said in run(film, Kind.VIDEO, ["shots"], models) if isinstance(said, Moment))

    def ours() -> None:
        for _ in run(film, Kind.VIDEO, names, models):
            pass

    def decode() -> list[object]:
        source = open_source(film, Kind.VIDEO, threads=models.threads)
        try:
            return list(source.play(frames=True, sound=True))
        finally:
            source.close()

    def alone(name: str, parts: list[object]) -> float:
        source = open_source(film, Kind.VIDEO, threads=models.threads)
        started = 0.0
        try:
            analyser = registry.load(name)
            started = time.perf_counter()
            job = Job(film, Kind.VIDEO, source, models, known=known)
            watching = analyser.open(job)
            spec = analyser.spec
            for part in parts:
                if isinstance(part, Sound):
                    if spec.wants_sound:
                        list(watching.sound(part))
                elif spec.wants_frames:
                    list(watching.frame(part))  # type: ignore[arg-type]
            list(watching.finish())
            return time.perf_counter() - started
        finally:
            source.close()

    ours_s, theirs_s = [], []
    for turn in range(PAIRS + 1):
        start = time.perf_counter()
        ours()
        together = time.perf_counter() - start
        start = time.perf_counter()
        source = open_source(film, Kind.VIDEO, threads=models.threads)
        for _ in source.play(frames=True, sound=True):
            pass
        source.close()
        apart = time.perf_counter() - start
        apart += sum(alone(name, decode()) for name in names)
        if turn:  # the first warms up
            ours_s.append(together)
            theirs_s.append(apart)
    report(
        "together",
        ours_s,
        theirs_s,
        target="<= 1.15",
        peer="one decode + the sum of each analyser alone on decoded frames and sound",
        analysers=names,
        file=film.name,
    )


if __name__ == "__main__":
    chosen = [Path(word) for word in sys.argv[1:] if not word.startswith("-")]
    media = find_material()
    default = (
        media / "media" / "videos" / "slides_sound_3.mp4" if media else bundled("resources") / "samples" / "journey.mp4"
    )
    main(chosen[0] if chosen else default)
