"""What a network that learns from courses is given: the vectors of tagged films or sounds, in their order, and its card."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from media_assistant.errors import UserFixable, why_of
from media_assistant.items.concept import Concept
from media_assistant.items.tag import TagState
from media_assistant.items.training import Matter
from media_assistant.jobs.limits import choose_threads
from media_assistant.library.library import Library
from media_assistant.workflows.training.begun import PLAN, place_of
from media_assistant.workflows.training.dataset import Dataset, draw, gather_dataset
from media_assistant.workflows.understanding.courses import IN_TIME, course_space, courses_of

if TYPE_CHECKING:
    from media_assistant.learning.course import Course

TASK = "own-courses"
EPOCHS = 200
_OTHERS = 4
"""Times as many items as the commonest tag has are looked through for those that carry none: not all have a course."""
_LEAST_OTHERS = 200


@dataclass(frozen=True, slots=True)
class CourseDataset:
    """`courses[i]` is that of `dataset.items[i]`."""

    matter: Matter
    space: str
    dataset: Dataset
    courses: tuple[Course, ...]


def course_candidates(library: Library, matter: Matter) -> list[tuple[Concept, int]]:
    """Tags that the person put on films and sounds, and on how many that have a course of this sort, most first."""
    ids = [int(item_id) for kind in IN_TIME for item_id in library.item_ids(kind)]
    tagged = {
        concept: set(library.with_tag(ids, concept.id, TagState.ACCEPTED))
        for concept, accepted, _ in library.tag_states(ids)
        if accepted
    }
    _, there = course_space(library, matter, set().union(*tagged.values()))
    counted = [(concept, len(carriers & there)) for concept, carriers in tagged.items() if carriers & there]
    return sorted(counted, key=lambda one: -one[1])


def gather_courses(library: Library, concepts: Sequence[Concept], matter: Matter) -> CourseDataset:
    """From the items that the person said carry one of the tags. Raises UserFixable as `gather_dataset`."""
    ids = [int(item_id) for kind in IN_TIME for item_id in library.item_ids(kind)]
    carriers = [set(library.with_tag(ids, concept.id, TagState.ACCEPTED)) for concept in concepts]
    carried = set().union(*carriers)
    most = max(_LEAST_OTHERS, _OTHERS * max(map(len, carriers)))
    space, there = course_space(library, matter, [*carried, *draw(set(ids) - carried, seed=1)[:most]])
    dataset = gather_dataset(library, concepts, among=there)
    found = courses_of(library, space, [one.item.id for one in dataset.items])
    kept = tuple(one for one in dataset.items if one.item.id in found)
    return CourseDataset(matter, space, replace(dataset, items=kept), tuple(found[one.item.id] for one in kept))


def has_courses(folder: Path, plan: dict[str, Any], library: Library) -> bool:
    """Whether a training that was stopped can go on: what it learns from is there, and the library's vectors are of that
    space still. What was learned from another one's could be asked about nothing.
    """
    space, _ = course_space(library, Matter(plan["matter"]), [one["item"] for one in plan["items"]])
    return space == plan["space"] and _width(folder) > 0


def course_plan(name: str, courses: CourseDataset) -> dict[str, Any]:
    """Of `plan.json`."""
    return {
        "name": name,
        "labels": list(courses.dataset.labels),
        "matter": courses.matter.value,
        "space": courses.space,
        "epochs": EPOCHS,
        "seed": 1,
        "threads": choose_threads(whole_machine=True),
        "items": [{"item": one.item.id, "class": one.label} for one in courses.dataset.items],
    }


def save_plan(folder: Path, plan: dict[str, Any], library: Library) -> None:
    """Begin a training for this library. Raises UserFixable("training.not_kept")."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / PLAN).write_text(json.dumps({**plan, "library": place_of(library)}), "utf-8")
    except OSError as fault:
        raise UserFixable("training.not_kept", why=why_of(fault)) from fault


def save_courses(folder: Path, courses: CourseDataset) -> None:
    """Write what the worker reads beside the plan. Raises UserFixable("training.not_kept")."""
    import numpy as np

    from media_assistant.analysis.course_training_run import LENGTHS, STEPS
    from media_assistant.learning.course import padded

    width = max(course.steps.shape[1] for course in courses.courses)
    steps, mask = padded([course.steps for course in courses.courses], width)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # Half as many bytes; unit vectors lose nothing that a head could learn from.
        np.save(folder / STEPS, steps.astype(np.float16))
        np.save(folder / LENGTHS, mask.sum(1).astype(np.int64))
    except OSError as fault:
        raise UserFixable("training.not_kept", why=why_of(fault)) from fault


def course_card(model_id: str, plan: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Of the network that is going to be made from the plan in `folder`."""
    return {
        "id": model_id,
        "task": TASK,
        "session": "onnx",
        "languages": [],
        "licence": "yours",
        "model": "model.onnx",
        "labels": "labels.tsv",
        "name": plan["name"],
        "input": {"space": plan["space"], "width": _width(folder), "sense": plan["matter"]},
        "output": {"logits": "float32 [batch, labels], no softmax"},
    }


def _width(folder: Path) -> int:
    """Of the vectors that `save_courses` wrote; 0 where they cannot be read."""
    import numpy as np

    from media_assistant.analysis.course_training_run import STEPS

    try:
        return int(np.load(folder / STEPS, mmap_mode="r", allow_pickle=False).shape[-1])
    except (OSError, ValueError, IndexError):
        return 0
