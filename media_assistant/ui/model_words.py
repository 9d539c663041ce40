"""What the Models page says of a model: plain words on the surface, names and numbers in the details."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from media_assistant import sentences
from media_assistant.items.advice import Forecast, Machine
from media_assistant.ui.words import Words
from media_assistant.workflows.models.advising import duration

if TYPE_CHECKING:
    from media_assistant.inference.store import ModelState

_MOST_LANGUAGES = 4
_LONGEST_NAME = 28
"""Characters; the whole name is in the details."""


def namer(words: Words, states: Sequence[ModelState]) -> Callable[[str], str]:
    """By id what a person reads instead of a model's name: `Standard`, or that it is one of their own.

    Several of the same kind, for one task, are told apart by their names.
    """
    levels = {state.id: _level(words, state) for state in states}
    common = {level for level in levels.values() if list(levels.values()).count(level) > 1}

    def name(model_id: str) -> str:
        level = levels.get(model_id, model_id)
        short = model_id if len(model_id) <= _LONGEST_NAME else model_id[: _LONGEST_NAME - 1] + "…"
        return words.say("ui.level.named", level=level, name=short) if level in common else level

    return name


def _level(words: Words, state: ModelState) -> str:
    key = f"ui.level.{state.level}"
    return words.say(key if key in sentences.load_sentences(words.language) else "ui.level.own")


def first_choice(states: Iterable[ModelState]) -> ModelState | None:
    """Of one task, what to begin with before anything was measured: the smallest that can be fetched; None where one is ready."""
    states = list(states)
    if any(state.state == "ready" for state in states):
        return None
    return min((state for state in states if state.entry), key=lambda each: each.size_bytes, default=None)


def facts(words: Words, state: ModelState) -> str:
    """`148 MB · any language · Licence: MIT`."""
    found = [words.size(state.size_bytes)] if state.size_bytes else []
    if state.languages:
        found.append(_languages(words, state.languages))
    if state.licence:
        found.append(words.say("ui.models.licence", licence=state.licence))
    return " · ".join(found)


def takes(words: Words, forecast: Forecast | None) -> str:
    """`about 40 minutes`, and that it is an estimate if it is one; empty where nobody knows."""
    if forecast is None or forecast.took_s is None:
        return ""
    if not forecast.amount.items:
        return ""
    text = words.say("ui.models.takes", took=duration(forecast.took_s, words.say))
    return words.say("ui.models.estimated", text=text) if forecast.is_derived else text


def what_is_wrong(words: Words, state: ModelState) -> str:
    """Why a broken one is not used, and what mends it; which file it is stands in the details."""
    if not state.broken_files:
        return words.sentence(state.why)
    return words.say("ui.models.damaged_repair" if state.entry is not None else "ui.models.damaged")


def details(words: Words, state: ModelState, forecast: Forecast | None, machine: Machine) -> str:
    """Name, source, place and figures, a line each."""
    lines = [state.id]
    if state.state == "broken" and state.why:
        lines.append(words.sentence(state.why))
    if state.entry is not None:
        entry = state.entry
        lines.append(words.say("ui.models.detail.source", repo=entry.repo, revision=entry.revision))
    if state.folder is not None:
        lines.append(words.say("ui.models.detail.folder", folder=str(state.folder)))
    if state.needed_mb:
        lines.append(words.say("ui.models.detail.memory", size=words.size(state.needed_mb * 1_000_000)))
    if len(state.languages) > _MOST_LANGUAGES:
        lines.append(words.say("ui.list_separator").join(words.language_name(code) or code for code in state.languages))
    if forecast is not None and forecast.took_s is not None:
        lines += _figures(words, forecast)
        how = "estimated" if forecast.is_derived else "measured"
        of = machine.device
        lines.append(words.say(f"ui.models.detail.{how}", device=of, threads=machine.threads))
        if forecast.is_derived and state.task == "speech-recognition":
            lines.append(words.say("ui.models.detail.speech_proxy"))
    return "\n".join(lines)


def _figures(words: Words, forecast: Forecast) -> list[str]:
    figures = (
        ("film_minute", forecast.per_film_minute_s),
        ("photo", forecast.per_photo_s),
        ("sound_minute", forecast.per_sound_minute_s),
        ("thousand_words", forecast.per_thousand_words_s),
    )
    return [
        words.say(f"ui.models.detail.{name}", seconds=words.decimal(value, 1 if value >= 10 else 3))
        for name, value in figures
        if value is not None
    ]


def _languages(words: Words, languages: tuple[str, ...]) -> str:
    if "*" in languages:
        return words.say("ui.models.any_language")
    known = [words.language_name(code) or code for code in languages[:_MOST_LANGUAGES]]
    names = words.say("ui.list_separator").join(known)
    more = len(languages) - len(known)
    return words.say("ui.models.languages_more", names=names, count=more) if more else names
