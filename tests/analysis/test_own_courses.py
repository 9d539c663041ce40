"""A network of the person's own is told the course of a film and says its tags, with the stretch that is enough for it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from media_assistant.analysis.own_courses import OwnCoursesAnalyser
from media_assistant.analysis.run import run
from media_assistant.inference.hardware import detect
from media_assistant.inference.install import finish
from media_assistant.inference.models import Models
from media_assistant.inference.onnx_writer import Graph
from media_assistant.inference.store import ModelStore
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Moment, Sense
from media_assistant.items.span import WHOLE, TimeSpan
from media_assistant.learning.course import MOST_STEPS, course_of, to_bytes
from media_assistant.paths import bundled
from media_assistant.workflows.understanding.parts import cut_parts


def save_arrival_network(folder: Path, name: str = "own-arrives", width: int = 2) -> None:
    """Says its tag where a step of the second axis comes right after one of the first, by a convolution over time."""
    work = folder / ".arriving" / name
    work.mkdir(parents=True)
    kernel = np.zeros((1, width, 2), np.float32)
    kernel[0, 0, 0] = kernel[0, 1, 1] = 1
    graph = Graph()
    steps = graph.take("steps", np.float32, ["batch", MOST_STEPS, width])
    mask = graph.take("mask", np.float32, ["batch", MOST_STEPS])
    there = graph.add("Mul", steps, graph.add("Unsqueeze", mask, graph.table(np.array([2], np.int64))))
    turns = graph.add("Conv", graph.add("Transpose", there, perm=[0, 2, 1]), graph.table(kernel), kernel_shape=[2])
    most = graph.add("Flatten", graph.add("GlobalMaxPool", turns), axis=1)
    rows = graph.table(np.array([[20.0, 0.0]], np.float32))
    logits = graph.add("Add", graph.add("MatMul", most, rows), graph.table(np.array([0.0, 30.0], np.float32)))
    graph.give(logits, "logits", ["batch", 2])
    graph.save(work / "model.onnx")
    (work / "labels.tsv").write_text("index\tkey\ten\tzh\n0\town:arrives\tarrives\t到来\n1\t\tnone\t\n", "utf-8")
    card = {"id": name, "task": "own-courses", "session": "onnx", "languages": [], "licence": "yours"}
    card |= {"model": "model.onnx", "labels": "labels.tsv"}
    finish(work, folder, {**card, "input": {"space": "net", "width": width, "sense": "seen"}})


def said_of(samples: Path, folder: Path, pattern: str, space: str = "net", width: int = 2) -> list[Moment]:
    """Of a course with a step a second, `a` on the first axis and `b` on the second."""
    axes = {"a": np.eye(width, dtype=np.float32)[0], "b": np.eye(width, dtype=np.float32)[1]}
    placed = [(TimeSpan(1000 * at, 1000 * at + 1000), axes[step]) for at, step in enumerate(pattern)]
    course = course_of(space, placed)
    assert course is not None
    models = Models(ModelStore([], folder, bundled("models"), folder / "none.toml"), detect(), threads=1)
    found = run(next(samples.glob("*.*g*")), Kind.MUSIC, ["own_courses"], models, courses=[to_bytes(course)])
    return [one for _, one in found if isinstance(one, Moment)]


def test_order_is_told_and_the_shortest_stretch_that_is_enough_is_its_evidence(tmp_path: Path, samples: Path) -> None:
    save_arrival_network(tmp_path)
    (said,) = said_of(samples, tmp_path, "aaaaaaaaaabbbbbb")
    assert said.concept is not None and said.concept.id == "own:arrives" and said.concept.zh == "到来"
    assert said.sense is Sense.SEEN and said.score > 0.99
    assert said.source.analyser == OwnCoursesAnalyser.spec.name and said.source.model == "own-arrives"
    assert said.span == TimeSpan(9000, 11_000)
    # The same steps the other way round.
    assert said_of(samples, tmp_path, "bbbbbbaaaaaaaaaa") == []
    (short,) = said_of(samples, tmp_path, "ab")
    assert short.span == WHOLE


def test_vectors_of_another_space_or_width_say_nothing(tmp_path: Path, samples: Path) -> None:
    save_arrival_network(tmp_path)
    assert said_of(samples, tmp_path, "ab", space="other") == []
    assert said_of(samples, tmp_path, "ab", width=3) == []


def test_it_is_asked_once_the_others_are_done() -> None:
    names = ("sights", "own_courses", "shots")
    parts = cut_parts([], names, dict.fromkeys(names, 1), lambda _name: ("", ""))
    assert [part.analysers for part in parts] == [("sights", "shots"), ("own_courses",)]
