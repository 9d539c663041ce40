"""What the networks tell from the course of a film or a sound that a person trained: their own tags, for which the order counts.

They look at nothing: they are given the vectors that other analysers made, one after the other. So they come last, once
those are in the library.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from media_assistant.analysis.analyser import Analyser, Job, Pass
from media_assistant.analysis.registry import spec_of
from media_assistant.items.concept import Concept
from media_assistant.items.findings import Finding
from media_assistant.items.moment import Layer, Moment, Sense, Source
from media_assistant.items.span import WHOLE, Span, TimeSpan
from media_assistant.items.training import OTHER
from media_assistant.learning.course import Course, from_bytes, padded, stretches

if TYPE_CHECKING:
    from media_assistant.inference.course_classes import CourseClasses

_LEAST = 0.5
"""Where a card names no threshold: more likely than not."""


class OwnCoursesAnalyser:
    """Asks every network of the task `own-courses`; each label's key is the tag that it stands for."""

    spec = spec_of("own_courses")

    def open(self, job: Job) -> Pass:
        """Raises UserFixable("model.missing") where nobody trained one."""
        return _OwnCoursesPass(job.models.own_courses(), [from_bytes(data) for data in job.courses])


class _OwnCoursesPass(Pass):
    def __init__(self, networks: Sequence[CourseClasses], courses: Sequence[Course]) -> None:
        self._networks = networks
        self._courses = {course.space: course for course in courses}

    def finish(self) -> Iterator[Finding]:
        for network in self._networks:
            course = self._courses.get(network.space)
            if course is not None and course.steps.shape[1] == network.width:
                yield from _judge(network, course)


def _judge(network: CourseClasses, course: Course) -> Iterator[Moment]:
    (scores,) = network.classify(*padded([course.steps], network.width))
    least = network.card.thresholds.get("least", _LEAST)
    said = [
        place
        for place, label in enumerate(network.labels)
        if label.key != OTHER and scores[place] >= least and scores[place] == scores.max()
    ]
    if not said:
        return
    parts = list(stretches(len(course.steps)))
    alone = _of_parts(network, course, parts)
    source = Source(OwnCoursesAnalyser.spec.name, network.card.id, network.card.revision)
    for place in said:
        label = network.labels[place]
        concept = Concept(label.key, label.name_en, label.name_zh)
        span = _enough(course, parts, alone[:, place], least)
        score = round(float(scores[place]), 3)
        yield Moment(span, Sense(network.sense), Layer.LABEL, concept, score=score, source=source)


def _of_parts(network: CourseClasses, course: Course, parts: Sequence[tuple[int, int]]) -> NDArray[np.float32]:
    """What the network says of each part as if it were all: `[parts, labels]`."""
    if not parts:
        return np.zeros((0, len(network.labels)), np.float32)
    return network.classify(*padded([course.steps[first:end] for first, end in parts], network.width))


def _enough(course: Course, parts: Sequence[tuple[int, int]], scores: NDArray[np.float32], least: float) -> Span:
    """The shortest stretch of which alone the network would say the same, or all of it.

    That is what a person can check by watching it; how strongly an inner weight of the network points somewhere is not.
    """
    found = [place for place, score in enumerate(scores.tolist()) if score >= least]
    if not found:
        return WHOLE
    shortest = min(parts[place][1] - parts[place][0] for place in found)
    best = max((place for place in found if parts[place][1] - parts[place][0] == shortest), key=lambda at: scores[at])
    first, end = parts[best]
    return TimeSpan(course.spans[first].start_ms, max(span.end_ms for span in course.spans[first:end]))


def analyser() -> Analyser:
    """For the registry."""
    return OwnCoursesAnalyser()
