"""Films with known cuts, made from a seed: the yardstick for shot detection, written before the detector.

Each film is a row of scenes with their own textured ground, light and moving things, filmed by a drifting camera with
sensor noise, joined by what its family is about. The truth is kept per boundary. Same seed, same film.

Families: `cuts` (irregular, some between alike scenes), `fades` (to and from black), `dissolves`, `flashes` (cuts amid
photo flashes), `motion` (whip pans, things that rush past close to the lens, changing light), `shake` (hand-held),
`mixed` (all of it). Seeds below 100 are for scoring alone; whoever tunes a detector uses others.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

FAMILIES = ("cuts", "fades", "dissolves", "flashes", "motion", "shake", "mixed")
WIDTH, HEIGHT, RATE = 320, 180, 25

CUT_TOLERANCE = 1
"""Frames that a cut may be off."""
GRADUAL_MARGIN = 2
"""Frames that a detection may lie outside of a fade or dissolve."""

Rgb = NDArray[np.uint8]


@dataclass(frozen=True)
class Boundary:
    """`start` is the first frame that is not the old shot alone, `end` the first that is the new one alone.

    A cut has both at the first frame of the new shot.
    """

    kind: str
    start: int
    end: int


@dataclass(frozen=True)
class Film:
    """What to render. `joins[i]` leads from scene i to scene i + 1."""

    family: str
    seed: int
    lengths: tuple[int, ...]
    joins: tuple[str, ...]
    join_frames: tuple[int, ...]

    def boundaries(self) -> list[Boundary]:
        """The truth. Scenes lie end to end; a gradual join takes its frames half from each side."""
        found, at = [], 0
        for length, join, frames in zip(self.lengths, self.joins, self.join_frames, strict=False):
            at += length
            found.append(Boundary(join, at - frames // 2, at - frames // 2 + frames))
        return found


def plan(family: str, seed: int, scenes: int = 9) -> Film:
    """Lengths and joins of a film."""
    draw = np.random.default_rng([seed, FAMILIES.index(family), 1])
    gradual = {"fades": ("fade",), "dissolves": ("dissolve",), "mixed": ("cut", "cut", "fade", "dissolve")}
    choices = gradual.get(family, ("cut",))
    joins = [
        str(draw.choice(choices)) if draw.random() > 0.2 or family == "mixed" else "cut" for _ in range(scenes - 1)
    ]
    frames = [0 if join == "cut" else int(draw.integers(10, 34)) for join in joins]
    lengths = [int(draw.integers(14, 30) if draw.random() < 0.3 else draw.integers(30, 95)) for _ in range(scenes)]
    for i, taken in enumerate(frames):  # a join needs room on both sides
        lengths[i] = max(lengths[i], taken + 16)
        lengths[i + 1] = max(lengths[i + 1], taken + 16)
    return Film(family, seed, tuple(lengths), tuple(joins), tuple(frames))


class Scene:
    """One place with its light: a ground larger than the picture and things that move over it."""

    def __init__(self, draw: np.random.Generator, family: str, length: int, like: Scene | None = None) -> None:
        self.draw = draw
        self.length = length
        self.palette = like.palette if like is not None else draw.uniform(0, 255, (4, 3)) * draw.uniform(0.35, 1.0)
        self.ground = self._make_ground()
        busy = family in {"motion", "mixed"}
        self.things = [self._make_thing(is_close=busy and i == 0) for i in range(int(draw.integers(2, 6)))]
        self.drift = draw.normal(0, 0.7, 2)
        self.zoom = draw.normal(0, 0.0007)
        self.shake = draw.uniform(2.5, 7) if family == "shake" or (family == "mixed" and draw.random() < 0.3) else 0.0
        self.noise = draw.uniform(1, 6)
        self.sway = draw.uniform(0, 2 * np.pi, 4)
        self.light = draw.normal(0, 0.006) if busy else draw.normal(0, 0.0007)
        self.whips: list[tuple[int, int, float]] = []
        if busy and length > 40 and draw.random() < 0.7:
            start = int(draw.integers(10, length - 24))
            self.whips.append((start, int(draw.integers(6, 14)), float(draw.choice([-1, 1]) * draw.uniform(10, 26))))
        self.flashes: list[tuple[int, float, float]] = []
        if family == "flashes" or (family == "mixed" and draw.random() < 0.4):
            for _ in range(int(draw.integers(1, 4))):
                self.flashes.append(
                    (int(draw.integers(4, max(5, length - 8))), draw.uniform(0.5, 1.0), draw.uniform(0.15, 0.6))
                )

    def _make_ground(self) -> NDArray[np.float32]:
        """Noise in octaves (each half as strong) mixed from the palette, with edges like walls and horizons."""
        draw, size = self.draw, (HEIGHT * 3, WIDTH * 3)
        weights = np.zeros((*size, 4), np.float32)
        for octave in range(2, 8):
            coarse = draw.normal(0, 1, (2**octave, 2**octave, 4)).astype(np.float32)
            weights += cv2.resize(coarse, size[::-1], interpolation=cv2.INTER_CUBIC) * 0.62**octave
        for _ in range(int(draw.integers(3, 12))):
            left, top = int(draw.integers(0, size[1])), int(draw.integers(0, size[0]))
            weights[
                top : top + int(draw.integers(20, 300)), left : left + int(draw.integers(20, 400)), draw.integers(4)
            ] += draw.uniform(0.2, 1)
        weights = np.exp(2.2 * weights / weights.std())
        weights /= weights.sum(axis=2, keepdims=True)
        return weights @ self.palette.astype(np.float32)

    def _make_thing(self, is_close: bool) -> dict[str, object]:
        draw = self.draw
        return {
            "at": draw.uniform((0, 0), (WIDTH, HEIGHT)),
            "by": draw.normal(0, 1.3, 2)
            if not is_close
            else np.array([draw.choice([-1, 1]) * draw.uniform(14, 40), draw.normal(0, 3)]),
            "size": draw.uniform(8, 34, 2) if not is_close else draw.uniform(60, 130, 2),
            "colour": draw.uniform(0, 255, 3),
            "is_round": bool(draw.random() < 0.6),
            "again": int(draw.integers(25, 60)) if is_close else 0,
        }

    def frame(self, i: int) -> NDArray[np.float32]:
        """Frame `i` (may lie before 0 or past the end, for joins), without sensor noise."""
        t = float(i)
        x = WIDTH + self.drift[0] * t + 3 * np.sin(t / 17 + self.sway[0])
        y = HEIGHT + self.drift[1] * t + 2 * np.sin(t / 23 + self.sway[1])
        for start, frames, speed in self.whips:
            x += speed * min(max(t - start, 0), frames)
        angle = 0.0
        if self.shake:
            jolt = np.random.default_rng([abs(int(self.sway[2] * 1e6)), i + 1000]).normal(0, 1, 3)
            x, y, angle = x + jolt[0] * self.shake, y + jolt[1] * self.shake, jolt[2] * 0.7
        scale = 1 / max(0.6, 1 + self.zoom * t)
        turn = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), angle, 1)
        view = np.array([[scale, 0, np.clip(x, 8, 2 * WIDTH - 8)], [0, scale, np.clip(y, 8, 2 * HEIGHT - 8)]])
        matrix = np.vstack([view, [0, 0, 1]]) @ np.vstack([turn, [0, 0, 1]])
        picture = cv2.warpAffine(
            self.ground,
            matrix[:2],
            (WIDTH, HEIGHT),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REFLECT,
        )
        for thing in self.things:
            moved = t % thing["again"] if thing["again"] else t  # type: ignore[operator]
            start = (
                np.array([-140.0 if thing["by"][0] > 0 else WIDTH + 140.0, thing["at"][1]])
                if thing["again"]
                else thing["at"]
            )  # type: ignore[index]
            cx, cy = (start + thing["by"] * moved).round().astype(int).tolist()  # type: ignore[operator]
            w, h = (thing["size"]).astype(int).tolist()  # type: ignore[attr-defined]
            colour = tuple(float(c) for c in thing["colour"])  # type: ignore[attr-defined]
            if thing["is_round"]:
                cv2.ellipse(picture, (cx, cy), (w, h), 0, 0, 360, colour, -1, cv2.LINE_AA)
            else:
                cv2.rectangle(picture, (cx - w, cy - h), (cx + w, cy + h), colour, -1)
        picture *= max(0.25, 1 + self.light * t + 0.02 * np.sin(t / 9 + self.sway[3]))
        for at, strength, decay in self.flashes:
            if 0 <= i - at < 6:
                picture += 255 * strength * decay ** (i - at)
        return picture


def render(film: Film) -> Iterator[Rgb]:
    """The frames, uint8 `[180, 320, 3]`."""
    draw = np.random.default_rng([film.seed, FAMILIES.index(film.family), 2])
    scenes: list[Scene] = []
    for i, length in enumerate(film.lengths):
        like = scenes[i - 1] if i and draw.random() < 0.25 else None
        scenes.append(Scene(draw, film.family, length, like))
    starts = np.concatenate([[0], np.cumsum(film.lengths)])
    boundaries = film.boundaries()
    for at in range(int(starts[-1])):
        now = int(np.searchsorted(starts, at, side="right")) - 1
        picture = scenes[now].frame(at - int(starts[now]))
        for i, boundary in enumerate(boundaries):
            if boundary.start <= at < boundary.end:
                share = (at - boundary.start + 1) / (boundary.end - boundary.start + 1)
                old = scenes[i].frame(at - int(starts[i]))
                new = scenes[i + 1].frame(at - int(starts[i + 1]))
                if boundary.kind == "dissolve":
                    picture = (1 - share) * old + share * new
                else:
                    picture = old * max(0.0, 1 - 2.4 * share) + new * max(0.0, 2.4 * share - 1.4)
        noise = scenes[now].noise
        picture = picture + draw.standard_normal((HEIGHT, WIDTH, 1), np.float32) * noise
        yield np.clip(picture, 0, 255).astype(np.uint8)


def write(film: Film, file: Path, *, width: int = WIDTH, height: int = HEIGHT) -> None:
    """Encode as H.264 as cameras do: lossy, with B-frames, a key frame at most every two seconds."""
    with av.open(str(file), "w") as container:
        stream = container.add_stream("libx264", rate=RATE, options={"crf": "23", "preset": "veryfast", "g": "50"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.thread_count = 2
        for i, picture in enumerate(render(film)):
            shown = cv2.resize(picture, (width, height), interpolation=cv2.INTER_CUBIC)
            frame = av.VideoFrame.from_ndarray(shown, "rgb24")
            frame.pts, frame.time_base = i, Fraction(1, RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


@dataclass(frozen=True)
class Score:
    """Counts that add up over films."""

    hits: int = 0
    missed: int = 0
    false: int = 0

    def __add__(self, other: Score) -> Score:
        return Score(self.hits + other.hits, self.missed + other.missed, self.false + other.false)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 1 where there was nothing to find and nothing was found."""
        wrong = self.missed + self.false
        return 1.0 if not self.hits and not wrong else 2 * self.hits / (2 * self.hits + wrong)


def score(truth: list[Boundary], found: list[int]) -> Score:
    """`found` are the first frames of new shots. Each boundary takes one, the nearest to its middle; the rest are false."""
    free = sorted(set(found))
    hits = 0
    for boundary in truth:
        margin = CUT_TOLERANCE if boundary.kind == "cut" else GRADUAL_MARGIN
        fitting = [at for at in free if boundary.start - margin <= at <= boundary.end + margin]
        if fitting:
            middle = (boundary.start + boundary.end) / 2
            free.remove(min(fitting, key=lambda at: abs(at - middle)))
            hits += 1
    return Score(hits, len(truth) - hits, len(free))
