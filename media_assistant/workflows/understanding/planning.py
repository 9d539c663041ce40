"""Which analyses an item needs, which of them this computer can do, and which are done."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

from media_assistant.analysis import registry
from media_assistant.analysis.analyser import Spec, Stage
from media_assistant.analysis.remembering import BY_LINES
from media_assistant.items.changes import LibraryChanges
from media_assistant.items.item import Item
from media_assistant.items.kind import Kind
from media_assistant.library.library import JobRow, Library, Run
from media_assistant.settings import Settings
from media_assistant.workflows.understanding.courses import COURSES

HasModel = Callable[[str], bool]
"""Whether a model serves a task."""

FindModel = Callable[[str], str]
"""The model that serves a task now; empty where there is none."""

_CHUNK = 2000
_SMALL_BYTES = 50_000_000
_QUICK, _SHORT, _LONG = 60, 40, 20
_BY_BEST_ALONE = frozenset({"image-text-embedding"})
"""Tasks of which only what the best model found is good enough: words find it in that model's space alone."""


def plan_jobs(
    library: Library,
    find_model: FindModel,
    settings: Settings,
    item_ids: Sequence[int] | None,
    only: Sequence[str] = (),
    *,
    redo: bool = False,
    arrived: Collection[str] | None = None,
    keeps_stale: bool = False,
    should_stop: Callable[[], bool] = bool,
) -> tuple[LibraryChanges, int]:
    """Queue what these items (None: all) lack, with `redo` also what they have; gives the number of rows asked for.

    What failed or was cancelled stays so until a person asks (`retry`, `redo`), but for what only lacked a model, and
    when models `arrived` (their tasks) for what failed by a model's fault. Then what pictures show is also lacking where
    another model saw it than the one that would now. Of files that are no longer there nothing is kept that is not done
    again; with `keeps_stale` a later plan forgets it: a step was just taken that is taken back with all that was found.
    `should_stop` is asked now and then, and left unheard where that is asked only once: what is merely lacking is found at
    the next start.
    """
    find = functools.cache(find_model)
    able = possible_specs(lambda task: bool(find(task)), settings, only)
    possible = [spec for spec in able if not only or spec.name in only]
    wanted = list(library.item_ids()) if item_ids is None else list(dict.fromkeys(item_ids))
    changes = LibraryChanges()
    count = 0
    for start in range(0, len(wanted), _CHUNK):
        if should_stop() and not (redo or arrived):
            break
        part = [int(item_id) for item_id in wanted[start : start + _CHUNK]]
        items = library.items(part)
        runs = [] if redo else library.runs(part)
        done = _done(runs, settings, find, arrived or ())
        rows = [
            JobRow(item.id, spec.name, int(spec.stage), _priority(item))
            for item in items
            for spec in specs_of(item.kind, possible)
            if (item.id, spec.name) not in done
        ]
        rows += _lines_without_vectors(runs, {(row.item_id, row.analyser) for row in rows}, only)
        rows += _told_by_new_vectors(rows, able)
        if rows and not redo:
            given_up = _given_up(library, part, has_new_model=arrived is not None)
            rows = [row for row in rows if (row.item_id, row.analyser) not in given_up]
        if not only and not keeps_stale:
            changes |= _forget_stale(library, items, runs, rows)
        if rows:
            changes |= library.enqueue(rows, redo=redo)
            count += len(rows)
    return changes, count


def planned_by(settings: Settings) -> tuple[object, ...]:
    """What decides which analyses there are to do. The size of the window does not."""
    return settings.switched_off, settings.chosen_models, settings.spoken_languages


def specs_of(kind: Kind, possible: Iterable[Spec]) -> Iterator[Spec]:
    """Those for one kind of file."""
    return (spec for spec in possible if kind in spec.kinds)


def possible_specs(has_model: HasModel, settings: Settings, only: Collection[str] = ()) -> tuple[Spec, ...]:
    """The analysers that the person wants and whose model is here. The rest wait until it comes."""
    tasks: dict[str, bool] = {}

    def can(spec: Spec) -> bool:
        wanted = [task for task in (spec.task, spec.or_task) if task]
        for task in wanted:
            if task not in tasks:
                tasks[task] = has_model(task)
        return not wanted or any(tasks[task] for task in wanted)

    # An analyser that is asked for by name is wanted, whatever is switched off otherwise.
    return tuple(
        spec for spec in registry.SPECS if (spec.name in only or spec.name not in settings.switched_off) and can(spec)
    )


def _done(
    runs: Iterable[Run], settings: Settings, find_model: FindModel, arrived: Collection[str]
) -> set[tuple[int, str]]:
    """What stands and need not be done again: complete, of this version, by the model that the person chose if any, and
    where a better one may have `arrived` by that.
    """
    done: set[tuple[int, str]] = set()
    versions = {spec.name: spec for spec in registry.SPECS}
    for run in runs:
        spec = versions.get(run.analyser)
        if spec is None or not run.is_complete or run.is_stale or run.lacks_vectors or run.version < spec.version:
            continue
        chosen = settings.chosen_models.get(spec.task, "") if spec.task else ""
        is_by_best_alone = spec.task in arrived and spec.task in _BY_BEST_ALONE
        is_by_any = not run.model or not (chosen or is_by_best_alone)
        # A chosen model that is gone would find nothing better than the one in its place.
        if is_by_any or (run.model == chosen and not is_by_best_alone) or find_model(spec.task) in ("", run.model):
            done.add((run.item_id, run.analyser))
    return done


def _forget_stale(
    library: Library, items: Iterable[Item], runs: Iterable[Run], rows: Iterable[JobRow]
) -> LibraryChanges:
    """What was found in files that are no longer there, by whoever does not look into the new ones: switched off, without
    its model, given up, or for another kind of file. Anybody else replaces it.
    """
    here = {item.id for item in items}
    planned = {(row.item_id, row.analyser) for row in rows}
    left = [(run.item_id, run.analyser) for run in runs if run.is_stale and run.item_id in here]
    left = [each for each in left if each not in planned]
    return library.forget_stale(left) if left else LibraryChanges()


def _lines_without_vectors(
    runs: Iterable[Run], planned: Collection[tuple[int, str]], only: Sequence[str]
) -> Iterator[JobRow]:
    """What was said once needs no recogniser to be found by its meaning again."""
    for run in runs:
        is_wanted = run.analyser in BY_LINES and (not only or run.analyser in only)
        if is_wanted and run.lacks_vectors and run.is_complete and (run.item_id, run.analyser) not in planned:
            yield JobRow(run.item_id, run.analyser, int(Stage.UNDERSTAND), _SHORT)


def _told_by_new_vectors(rows: Sequence[JobRow], able: Iterable[Spec]) -> list[JobRow]:
    """Where vectors are going to be made anew, what is told from them is told anew."""
    planned = {(row.item_id, row.analyser) for row in rows}
    makers = {row.item_id: row.priority for row in rows if row.analyser in COURSES.values()}
    return [
        JobRow(item_id, spec.name, int(spec.stage), priority)
        for spec in able
        if spec.wants_courses
        for item_id, priority in makers.items()
        if (item_id, spec.name) not in planned
    ]


def _given_up(library: Library, item_ids: Sequence[int], *, has_new_model: bool) -> set[tuple[int, str]]:
    again = "error.model." if has_new_model else "error.model.missing"
    return {
        (item_id, analyser)
        for item_id, analyser, error in library.given_up(item_ids)
        if not error.code.startswith(again)
    }


def _priority(item: Item) -> int:
    """Within a stage what is quick goes first, so that much is understood soon."""
    if item.kind in (Kind.PHOTO, Kind.TEXT):
        return _QUICK
    return _SHORT if item.size_bytes < _SMALL_BYTES else _LONG
