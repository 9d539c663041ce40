"""What came of a training, in the person's language."""

from __future__ import annotations

from collections.abc import Sequence

from media_assistant.items.concept import Concept
from media_assistant.items.training import OTHER, Matter, TrainingReport
from media_assistant.library.library import Library
from media_assistant.ui.words import Words


def default_name(words: Words, concepts: Sequence[Concept], matter: Matter) -> str:
    """Of a network that the person gives none. One that learns from the course of things takes no other's place."""
    of = [] if matter is Matter.PICTURES else [words.say(f"ui.sense.{matter.value}")]
    return words.say("ui.list_separator").join([*of, *map(words.concept, concepts)])[:80]


def report_lines(words: Words, library: Library, model_id: str, report: TrainingReport) -> list[str]:
    """How much of what was held back is right, in all and for each label."""
    shares = {"right": round(100 * report.accuracy), "guess": round(100 * report.guess_accuracy)}
    lines = [words.say("training.made", model=model_id.removeprefix("own-"), **shares)]
    lines.append(words.say(f"training.way.{report.way}", right=round(100 * report.head_accuracy)))
    for one in report.scores():
        counts = {"right": one.right, "there": one.there, "said": one.said}
        lines.append(words.say("training.score", name=label_name(words, library, one.label), **counts))
    return lines


def label_name(words: Words, library: Library, label: str) -> str:
    """Of a tag, or what stands for none of them."""
    if label == OTHER:
        return words.say("training.none_of_these")
    concept = library.concept(label)
    # A tag that was deleted since, or another library's, is called by what its id has of a name.
    return words.concept(concept) if concept else label.partition(":")[2] or label
