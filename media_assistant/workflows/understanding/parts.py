"""How an item's analyses are cut into requests to a worker."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from media_assistant.analysis import registry
from media_assistant.library.library import Run
from media_assistant.workflows.models.installing import model_for


@dataclass(frozen=True, slots=True)
class Part:
    """Analysers of one item that are asked in one request, and so share one decode."""

    analysers: tuple[str, ...]
    start_ms: int
    only_vectors: bool = False
    """The rest of what they found is there."""


def model_of(analyser: str, config: Mapping[str, Any]) -> tuple[str, str]:
    """Model and revision that an analyser uses in a worker with this `models_config`; empty for what needs none."""
    spec = registry.spec_of(analyser)
    cards = (model_for(task, config) for task in (spec.task, spec.or_task) if task)
    return next(((card.id, card.revision) for card in cards if card is not None), ("", ""))


def cut_parts(
    runs: Iterable[Run],
    analysers: Sequence[str],
    attempts: Mapping[str, int],
    uses: Callable[[str], tuple[str, str]],
) -> list[Part]:
    """What can share a decode: those that begin at the same place. After a crash each for itself, to find the guilty one.

    `runs` are the item's. What was interrupted goes on only if the analyser still `uses` the model that began it.
    """
    standing = {
        run.analyser: run
        for run in runs
        if not run.is_stale and run.analyser in analysers and run.version == registry.spec_of(run.analyser).version
    }
    parts: dict[tuple[bool, bool, int], list[str]] = {}
    for name in analysers:
        run = standing.get(name)
        only_vectors = run is not None and run.is_complete and run.lacks_vectors
        start_ms = run.checkpoint_ms if run is not None and not run.is_complete else 0
        if run is not None and start_ms and (run.model, run.revision) != uses(name):
            start_ms = 0
        parts.setdefault((registry.spec_of(name).wants_courses, only_vectors, start_ms), []).append(name)
    # Shots first: others that begin elsewhere build on all of them. What wants the others' vectors comes last.
    in_order = sorted(parts.items(), key=lambda part: ("shots" not in part[1], part[0]))
    is_single = any(attempts[name] > 1 for name in analysers)
    return [
        Part(names, start_ms, only_vectors)
        for (_, only_vectors, start_ms), together in in_order
        for names in ([(name,) for name in together] if is_single else [tuple(together)])
    ]
