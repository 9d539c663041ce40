"""Which model fits this person, this computer and this library best, how long each would take, and why.

The person's choice wins; then the model that speaks most of their languages, then the one with the larger priority,
as everywhere (`ModelStore.find_all`), but only among those that this computer gets done in good time.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from media_assistant.inference.store import ModelState, State
from media_assistant.items.advice import TASKS, Advice, Amount, Forecast, Machine, Part, Rate, Work
from media_assistant.items.kind import Kind
from media_assistant.settings import Settings
from media_assistant.workflows.models.weighing import Load, Weight, gather, lacking

GOOD_TIME_S = 8 * 3600.0
"""One night: what takes longer for the whole library is not recommended while something quicker is there."""
_SLOWEST = 1.0
"""Nor is what takes longer than what it listens to or looks at."""
_PHOTO_S, _WORDS_S = 2.0, 20.0
"""What a photo may take at most, and a thousand words."""
_TYPICAL: Mapping[Part, Work] = {
    Part.FILM: Work(0, Kind.VIDEO, 3600, 0, 2.07, 25.0, 400, 1800),
    Part.SOUND: Work(0, Kind.MUSIC, 3600, 0, 0, 0, None, 1800),
    Part.PHOTO: Work(0, Kind.PHOTO, 0, 0, 12.0, 0),
    Part.TEXT: Work(0, Kind.TEXT, 0, 0, 0, 0, None, None, 5000),
}
"""What is reckoned with where a library has nothing of a kind."""

_FEW_S = ((3.0, 1, 5), (10.0, 3, 15))
"""Below so many seconds a figure would promise too much: starting and opening are most of it. From and to, as it is told."""

Say = Callable[..., str]


def advise(
    states: Sequence[ModelState], works: Sequence[Work], machine: Machine, settings: Settings
) -> tuple[Advice, ...]:
    """One advice for each task for which there is a model, in the order in which a person sees them."""
    found: list[Advice] = []
    for task in TASKS:
        known = [state for state in states if state.task == task and state.state is not State.BROKEN]
        if known:
            loads = gather(works, task)
            forecasts = tuple(forecast(state, loads, machine) for state in known)
            found.append(_choose(task, known, forecasts, machine, settings, has_any=bool(loads)))
    return tuple(found)


def forecast(state: ModelState, loads: Iterable[Load], machine: Machine) -> Forecast:
    """What the model would still have to do in this library, and how long that takes here."""
    todo = list(lacking(loads, state.id, is_in_use=state.is_in_use))
    amount = sum((load.amount for load in todo), Amount())
    measured = machine.models.get(state.id)
    if measured is None or not measured.rates:
        return Forecast(state.id, state.task, amount, None)
    per: dict[Part, float] = {}
    took_s = measured.opening_s + measured.preparing_s if todo else 0.0
    for part, rate in measured.rates.items():
        mine = [load for load in todo if load.part is part]
        took_s += sum(_seconds(rate, load) for load in mine)
        counted = mine or gather([_TYPICAL[part]], state.task)
        seconds = sum(_seconds(rate, load) for load in counted)
        per[part] = seconds / sum(_count(load.amount, part) for load in counted)
    return Forecast(
        state.id,
        state.task,
        amount,
        took_s,
        measured.is_derived,
        per_film_minute_s=per.get(Part.FILM),
        per_photo_s=per.get(Part.PHOTO),
        per_sound_minute_s=per.get(Part.SOUND),
        per_thousand_words_s=per.get(Part.TEXT),
    )


def _count(amount: Amount, part: Part) -> float:
    """Minutes, photos, or thousands of words."""
    return max(
        1e-9,
        {
            Part.FILM: amount.film_s / 60,
            Part.SOUND: amount.sound_s / 60,
            Part.PHOTO: float(amount.photos),
            Part.TEXT: amount.words / 1000,
        }[part],
    )


def speeds(machine: Machine) -> Mapping[str, float]:
    """Seconds for one unit of each model: smaller is faster, to be compared within a task."""
    return {
        model_id: sum(rate.reading_s + rate.thinking_s for rate in measured.rates.values())
        for model_id, measured in machine.models.items()
    }


def _seconds(rate: Rate, load: Load) -> float:
    return _handling_s(rate, load.weight) + load.weight.thinking * rate.thinking_s


def _handling_s(rate: Rate, weight: Weight) -> float:
    """All but the thinking."""
    return weight.fixed * rate.fixed_s + weight.reading * rate.reading_s


def _choose(
    task: str,
    states: Sequence[ModelState],
    forecasts: Sequence[Forecast],
    machine: Machine,
    settings: Settings,
    *,
    has_any: bool,
) -> Advice:
    by_id = {each.model_id: each for each in forecasts}

    def merit(state: ModelState) -> tuple[int, int, float]:
        spoken = sum(_speaks(state.languages, language) for language in settings.spoken_languages)
        return spoken, state.priority, -(by_id[state.id].took_s or 0.0)

    better = sorted(states, key=merit, reverse=True)
    chosen = settings.chosen_models.get(task, "")
    if any(state.id == chosen and state.state is State.READY for state in states):
        return Advice(task, chosen, "chosen", tuple(forecasts), _other(better, chosen, by_id))
    if not machine.is_measured:
        used = next((state.id for state in states if state.is_in_use), better[-1].id)
        return Advice(task, used, "unmeasured", tuple(forecasts))
    fitting = [state for state in better if _is_good(by_id[state.id])]
    if fitting:
        best = fitting[0].id
        reason = "fits" if has_any else "empty"
        return Advice(task, best, reason, tuple(forecasts), _other(better, best, by_id))
    timed = [state for state in better if by_id[state.id].took_s is not None]
    if not timed:
        used = next((state.id for state in states if state.is_in_use), better[-1].id)
        return Advice(task, used, "unreached", tuple(forecasts))
    quickest = min(timed, key=lambda state: by_id[state.id].took_s or 0.0).id
    return Advice(task, quickest, "quickest", tuple(forecasts), _other(better, quickest, by_id))


def _other(better: Sequence[ModelState], best: str, by_id: Mapping[str, Forecast]) -> str:
    """The next better one, else the next: what a person would ask about."""
    timed = [state.id for state in better if by_id[state.id].took_s is not None]
    if best not in timed or len(timed) < 2:
        return ""
    place = timed.index(best)
    return timed[place - 1] if place else timed[1]


def _is_good(each: Forecast) -> bool:
    """Whether it is done in one night, and no slower than a person would bear for one file."""
    if each.took_s is None:
        return False
    limits = (
        (each.per_film_minute_s, 60 * _SLOWEST),
        (each.per_sound_minute_s, 60 * _SLOWEST),
        (each.per_photo_s, _PHOTO_S),
        (each.per_thousand_words_s, _WORDS_S),
    )
    return each.took_s <= GOOD_TIME_S and all(took is None or took <= most for took, most in limits)


def _speaks(languages: Collection[str], language: str) -> bool:
    return not languages or "*" in languages or language.replace("_", "-").split("-")[0] in languages


# In words


def explain(advice: Advice, name: Callable[[str], str], say: Say) -> str:
    """The one sentence that says why, in the person's language. `name` gives a model's name as the reader knows it."""
    best = advice.forecast(advice.best)
    if best is None or best.took_s is None:
        has_own = advice.reason in ("chosen", "unmeasured", "unreached")
        return say(f"advice.{advice.reason if has_own else 'unmeasured'}.bare")
    if advice.reason == "empty":
        return say(
            "advice.empty.told", name=name(advice.best), took=duration(_typical_s(best), say), what=_typical(best, say)
        )
    if not best.amount.items:
        return say("advice.all_done", name=name(advice.best)) + _compared(advice, name, say)
    told = say(
        f"advice.{advice.reason}.told",
        name=name(advice.best),
        took=duration(best.took_s, say),
        amount=quantity(best, say),
    )
    return told + _compared(advice, name, say)


def _typical_s(each: Forecast) -> float:
    """For one hour of sound or of film, a hundred photos, or a book of a hundred thousand words."""
    if each.per_sound_minute_s is not None:
        return 60 * each.per_sound_minute_s
    if each.per_photo_s is not None:
        return 100 * each.per_photo_s
    if each.per_film_minute_s is not None:
        return 60 * each.per_film_minute_s
    return 100 * (each.per_thousand_words_s or 0.0)


def _typical(each: Forecast, say: Say) -> str:
    if each.per_sound_minute_s is not None:
        return say("advice.typical.sound")
    if each.per_photo_s is not None:
        return say("advice.typical.photos")
    return say("advice.typical.film" if each.per_film_minute_s is not None else "advice.typical.book")


def _compared(advice: Advice, name: Callable[[str], str], say: Say) -> str:
    other = advice.forecast(advice.other) if advice.other else None
    if other is None or other.took_s is None or not other.amount.items:
        return say("advice.full_stop")
    return say("advice.other", name=name(other.model_id), took=duration(other.took_s, say))


def few_seconds(seconds: float) -> tuple[int, int] | None:
    """From and to, for what is too short to be told better; None for what is not."""
    return next(((least, most) for below, least, most in _FEW_S if seconds < below), None)


def duration(seconds: float, say: Say) -> str:
    """`40 minutes`, `3 to 15 seconds`: no more exact than it is."""
    if (few := few_seconds(seconds)) is not None:
        return say("advice.span.few", least=few[0], most=few[1])
    if seconds < 50:
        return say("advice.span.seconds", count=5 * round(seconds / 5))
    if seconds < 5400:
        return say("advice.span.minutes", count=max(1, _rounded(seconds / 60)))
    if seconds < 48 * 3600:
        return say("advice.span.hours", count=max(2, _rounded(seconds / 3600)))
    return say("advice.span.days", count=max(2, _rounded(seconds / 86400)))


def quantity(each: Forecast, say: Say) -> str:
    """`your 12 hours of film and 340 photos`."""
    amount = each.amount
    parts: list[str] = []
    for seconds, kind in ((amount.film_s, "film"), (amount.sound_s, "sound")):
        if seconds >= 5400:
            parts.append(say(f"advice.amount.{kind}_hours", count=_rounded(seconds / 3600)))
        elif seconds >= 90:
            parts.append(say(f"advice.amount.{kind}_minutes", count=round(seconds / 60)))
        elif seconds > 0:
            parts.append(say(f"advice.amount.{kind}_seconds", count=max(1, round(seconds))))
    if amount.photos:
        parts.append(say("advice.amount.photos", count=amount.photos))
    if amount.words or (amount.items and not parts):
        parts.append(say("advice.amount.words", count=amount.words))
    return parts[0] if len(parts) == 1 else say("advice.amount.both", first=parts[0], second=parts[1])


def _rounded(value: float) -> int:
    """12, 40, 350: two figures are enough."""
    whole = round(value)
    return whole if whole < 20 else 5 * round(value / 5) if whole < 100 else 10 * round(value / 10)
