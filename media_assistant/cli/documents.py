"""The JSON documents of the command line: plain dictionaries with exactly the fields that scripts rely on.

Names are English, with `names` in both languages beside them. Extend a document; never take a field away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from media_assistant.items.answers import Analysis, Details, Hit, ImportReport, SearchAnswer
from media_assistant.items.concept import Concept
from media_assistant.items.item import Item
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Layer, Moment, Sense
from media_assistant.items.sentence import Sentence
from media_assistant.items.span import TextSpan, TimeSpan
from media_assistant.items.tag import Tag
from media_assistant.items.transcript import segment_to_plain, tracks

if TYPE_CHECKING:
    from media_assistant.inference.store import ModelState
    from media_assistant.workflows.likeness.portraits import Portrait
    from media_assistant.workflows.measurement.modelling import ModelBook

Plain = dict[str, Any]
Say = Callable[[Sentence], str]
"""A sentence in the person's language; empty for none."""


def item_document(item: Item, say: Say) -> Plain:
    """ITEM."""
    facts = item.facts
    document: Plain = {
        "id": item.id,
        "kind": item.kind.value,
        "path": item.path,
        "title": item.title,
        "duration_ms": facts.duration_ms,
        "missing": item.is_missing,
        "state": item.state.value,
        "size_bytes": item.size_bytes,
        "added_at": item.added_at,
    }
    if item.copies:
        document["copies"] = list(item.copies)
    if item.error:
        document["error"] = say(item.error)
    if facts.width:
        document |= {"width": facts.width, "height": facts.height}
    if facts.pages:
        document["pages"] = facts.pages
    if facts.captured is not None:
        captured = facts.captured
        document["captured"] = {
            "at": captured.at,
            "offset_minutes": captured.offset_minutes,
            "source": captured.source.value,
        }
    if facts.place is not None:
        document["place"] = {"latitude": facts.place.latitude, "longitude": facts.place.longitude}
    tags = facts.tags
    written = {name: getattr(tags, name) for name in ("title", "artist", "album", "date", "genre", "comment", "track")}
    if any(written.values()):
        document["file_tags"] = {name: value for name, value in written.items() if value}
    return document


def moment_document(moment: Moment, item: Item | Portrait) -> Plain:
    """MOMENT: milliseconds, or page and characters in a text. `item` is what it is a moment of, in the library or not."""
    match moment.span:
        case TimeSpan(start_ms, end_ms):
            where: Plain = {"start_ms": start_ms, "end_ms": end_ms}
        case TextSpan(page, start, end):
            where = {"page": page, "from": start, "to": end}
        case _ if item.kind is Kind.TEXT:
            where = {"page": None, "from": None, "to": None}
        case _:
            where = {"start_ms": 0, "end_ms": item.facts.duration_ms}
    document = {
        **where,
        "sense": moment.sense.value,
        "label": moment.concept.en if moment.concept else None,
        "text": moment.text,
        "score": round(moment.score, 4),
        "source": moment.source.analyser,
    }
    if moment.source.model:
        document["model"] = moment.source.model
    if moment.concept:
        document["concept"] = moment.concept.id
        document["names"] = _names(moment.concept)
    if moment.language:
        document["language"] = moment.language
    if moment.box is not None:
        box = moment.box
        document["box"] = [round(side, 5) for side in (box.left, box.top, box.width, box.height)]
    return document


def details_document(details: Details, say: Say) -> Plain:
    """What `show` says: the item, and everything known of it."""
    item = details.item
    return {
        **item_document(item, say),
        "tags": [tag_document(tag, item) for tag in details.tags],
        "shots": [
            {"start_ms": shot.span.start_ms, "end_ms": shot.span.end_ms}
            for shot in details.shots
            if isinstance(shot.span, TimeSpan)
        ],
        "moments": [moment_document(moment, item) for moment in (*details.labels, *details.lines, *details.marks)],
        "transcript": transcript_document(_first_track(details.lines)),
        "traits": dict(details.traits),
        "analyses": [analysis_document(analysis, say) for analysis in details.analyses],
    }


def _first_track(lines: Iterable[Moment]) -> Iterable[Moment]:
    """Of lines in several languages side by side those of the one with the most: one after the other they are no transcript."""
    said = [line for line in lines if line.sense is Sense.SAID and line.layer is Layer.LINE]
    return next(iter(tracks(said).values()), ())


def tag_document(tag: Tag, item: Item) -> Plain:
    """A tag with who proposed it, what the person decided, and the moments that carry it."""
    return {
        "name": tag.concept.en,
        "names": _names(tag.concept),
        "concept": tag.concept.id,
        "score": round(tag.score, 4),
        "state": tag.state.value,
        "source": tag.source.analyser,
        "evidence": [moment_document(moment, item) for moment in tag.evidence],
    }


def transcript_document(lines: Iterable[Moment]) -> Plain | None:
    """Spoken lines with their words; None where nothing was said."""
    said = [line for line in lines if line.sense is Sense.SAID and line.layer is Layer.LINE]
    if not said:
        return None
    return {
        "language": next((line.language for line in said if line.language), ""),
        "segments": [
            segment_to_plain(line.span.start_ms, line.span.end_ms, line.text, line.words)
            for line in said
            if isinstance(line.span, TimeSpan)
        ],
    }


def analysis_document(analysis: Analysis, say: Say) -> Plain:
    """One analyser's work on one item."""
    return {
        "analyser": analysis.analyser,
        "model": analysis.model,
        "state": analysis.state,
        "error": say(analysis.error) or None,
        "took_s": round(analysis.took_s, 3),
    }


def hit_document(hit: Hit, say: Say) -> Plain:
    """One result of a search."""
    return {
        "item": item_document(hit.item, say),
        "score": round(hit.score, 4),
        "moments": [moment_document(moment, hit.item) for moment in hit.moments],
    }


def search_document(answer: SearchAnswer, say: Say) -> Plain:
    """What `search` says."""
    document: Plain = {
        "took_ms": round(answer.took_ms, 2),
        "results": [hit_document(hit, say) for hit in answer.hits],
        "more_below_cut": answer.more_below_cut,
        "more_fitting": answer.more_fitting,
        "is_cut": answer.is_cut,
    }
    if answer.hints:
        document["hints"] = [say(hint) for hint in answer.hints]
    return document


def import_document(
    report: ImportReport, items: Iterable[Item], done: int, failed: int, took_s: float, say: Say
) -> Plain:
    """What `import` says."""
    return {
        "added": [item_document(item, say) for item in items],
        "known": report.known,
        "moved": report.moved,
        "failed": [{"path": path, "reason": say(reason)} for path, reason in report.failed],
        "ignored": [{"path": path, "reason": say(reason)} for path, reason in report.ignored],
        "analyses": {"done": done, "failed": failed},
        "took_s": round(took_s, 3),
    }


def model_document(state: ModelState, say: Say) -> Plain:
    """A line of `models`."""
    return {
        "id": state.id,
        "task": state.task,
        "state": str(state.state),
        "size_bytes": state.size_bytes,
        "licence": state.licence,
        "why": say(state.why) or None,
    }


def advice_document(book: ModelBook, say: Say, words: Callable[..., str]) -> list[Plain]:
    """What `models advise` says: the lines of `models` with what each would take here; `why` is the one sentence for the
    model that is recommended. Seconds are for all of what the library still lacks of it.
    """
    from media_assistant.workflows.models.advising import explain

    names = {state.id: state.id for state in book.states}
    advices = {advice.task: advice for advice in book.advices}
    document: list[Plain] = []
    for state in book.states:
        line = model_document(state, say)
        advice = advices.get(state.task)
        forecast = advice.forecast(state.id) if advice else None
        if advice and forecast:
            is_best = advice.best == state.id
            took_s, amount = forecast.took_s, forecast.amount
            line |= {
                "in_use": state.is_in_use,
                "recommended": is_best,
                "took_s": None if took_s is None else round(took_s, 2),
                "derived": forecast.is_derived,
                "lacking": {
                    "film_s": round(amount.film_s, 1),
                    "sound_s": round(amount.sound_s, 1),
                    "photos": amount.photos,
                    "words": amount.words,
                    "items": amount.items,
                },
                "per": {
                    name: None if seconds is None else round(seconds, 4)
                    for name, seconds in (
                        ("film_minute_s", forecast.per_film_minute_s),
                        ("photo_s", forecast.per_photo_s),
                        ("sound_minute_s", forecast.per_sound_minute_s),
                        ("thousand_words_s", forecast.per_thousand_words_s),
                    )
                },
                "measured_at": book.machine.at or None,
            }
            if is_best:
                line["why"] = explain(advice, names.__getitem__, words)
        document.append(line)
    return document


def _names(concept: Concept) -> Plain:
    return {"en": concept.en, "zh": concept.zh or None}
