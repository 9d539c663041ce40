"""Which way to learn a tag is worth taking: by what each did on this person's examples and takes on this computer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from media_assistant.items.kind import Kind
from media_assistant.items.sentence import Parameter, Sentence
from media_assistant.items.tag import TagState
from media_assistant.items.which_way import NETWORK, Network, NetworkSpeed, Way, WhichWay, ways_of
from media_assistant.workflows.training.dataset import LEAST_ITEMS, MOST_ITEMS, PER_FILM
from media_assistant.workflows.training.network_time import expected_time

if TYPE_CHECKING:
    from media_assistant.library.library import Library
    from media_assistant.workflows.teaching.teaching import Teaching
    from media_assistant.workflows.training.training import Training

WORTH = 40
"""Photos and films of a tag from which a network is worth a thought."""
_GOOD = 0.9
"""An average precision from which nothing needs to be better."""
FORMS = ("likeness", "linear", "forest")


def which_way(library: Library, teaching: Teaching, training: Training, concept_id: str) -> WhichWay:
    """All of it for one tag, on the caller's thread. Where nothing was measured yet, the learning worker measures first, and
    it is waited for.
    """
    return weigh_tried(library, training, concept_id, teaching.try_ways(concept_id).result())


def weigh_tried(library: Library, training: Training, concept_id: str, measured: Mapping[str, Any]) -> WhichWay:
    """All of it for one tag, from what `Teaching.try_ways` said; on any thread."""
    from media_assistant.learning.fitting import FROM

    _, ways = ways_of({"ways": measured})
    tried = {way.form for way in ways}
    untried = {form: FROM[form] for form in FORMS if form not in tried}
    return weigh(ways, untried, network_of(library, training, concept_id), training.trained_on(concept_id))


def network_of(library: Library, training: Training, concept_id: str) -> Network:
    """What a network of this tag would need."""
    photos = len(library.with_tag(list(library.item_ids(Kind.PHOTO)), concept_id, TagState.ACCEPTED))
    films = len(library.with_tag(list(library.item_ids(Kind.VIDEO)), concept_id, TagState.ACCEPTED))
    # As many others again; where there are more than are learned from, photos and films are drawn alike.
    share = min(1.0, MOST_ITEMS / max(1, photos + films))
    pictures = round(2 * share * (photos + PER_FILM * films))
    return _network(photos + films, pictures, training.ability().missing, training.speed())


def _network(wanted: int, pictures: int, missing: Sequence[str], speed: NetworkSpeed | None) -> Network:
    if speed is None or missing:
        return Network(wanted, pictures, LEAST_ITEMS, WORTH, tuple(missing))
    # With too few it is said what the fewest would take.
    low, high = expected_time(speed, max(pictures, 2 * LEAST_ITEMS))
    return Network(wanted, pictures, LEAST_ITEMS, WORTH, (), low, high, speed.device)


def weigh(
    ways: Sequence[Way], untried: Mapping[str, int], network: Network, trained: tuple[float, float] | None
) -> WhichWay:
    """What is advised, and why."""
    advised, why = _advise(ways, untried, network, trained)
    return WhichWay(tuple(ways), untried, network, trained, advised, why)


def _advise(
    ways: Sequence[Way], untried: Mapping[str, int], network: Network, trained: tuple[float, float] | None
) -> tuple[str, Sentence]:
    kept = next((way for way in ways if way.is_kept), None)
    if kept is None or kept.precision is None:
        return (kept.form if kept else ""), Sentence("teach.way.nothing_measured")
    said: dict[str, Parameter] = {"precision": figure(kept.precision)}
    if trained is not None and trained[0] <= trained[1]:
        # A network was tried on this very tag, and was no better than a new head on what it began with.
        said |= {"right": round(100 * trained[0]), "head": round(100 * trained[1])}
        return kept.form, Sentence("teach.way.network_was_no_better", said)
    if kept.precision + kept.error < _GOOD and network.wanted >= network.worth and trained is None:
        if network.missing:
            return kept.form, Sentence("teach.way.network_missing", {**said, "count": network.wanted})
        return NETWORK, Sentence("teach.way.network", {**said, "count": network.wanted})
    if kept.form != FORMS[0]:
        first = next(way for way in ways if way.form == FORMS[0])
        before = first.precision if first.precision is not None else 0.0
        return kept.form, Sentence("teach.way.better", {**said, "before": figure(before)})
    if kept.precision >= _GOOD:
        return kept.form, Sentence("teach.way.good", said)
    if len(ways) > 1:
        return kept.form, Sentence("teach.way.not_better", said)
    return kept.form, Sentence("teach.way.few", {**said, "count": min(untried.values(), default=0)})


def say_ways(found: WhichWay) -> list[Sentence]:
    """A line for each way: what was measured, or what it takes."""
    lines = [_say_way(way) for way in found.ways]
    if any(way.precision is not None and way.precision < _GOOD for way in found.ways):
        lines.append(Sentence("teach.tried.note"))
    lines += [Sentence(f"teach.untried.{form}", {"count": count}) for form, count in found.untried.items()]
    network = found.network
    needs: dict[str, Parameter] = {"count": network.wanted, "least": network.least, "worth": network.worth}
    lines.append(Sentence("teach.network.needs", needs))
    if found.trained is not None:
        right, head = (round(100 * share) for share in found.trained)
        lines.append(Sentence("teach.network.trained", {"right": right, "head": head}))
    if network.missing:
        lines.append(Sentence("teach.network.not_installed"))
    elif network.low_s is None or network.high_s is None:
        lines.append(Sentence("teach.network.not_measured"))
    else:
        low, high = round(network.low_s), round(network.high_s)
        unit, by = ("seconds", 1) if high < 120 else ("minutes", 60) if high < 7200 else ("hours", 3600)
        times: dict[str, Parameter] = {"low": max(1, round(low / by)), "high": max(1, -(-high // by))}
        lines.append(Sentence(f"teach.network.{unit}", {**times, "device": network.device}))
    return lines


def _say_way(way: Way) -> Sentence:
    if way.precision is None:
        return Sentence(f"teach.alone.{way.form}", {"ms": way.took_ms})
    said: dict[str, Parameter] = {"precision": figure(way.precision), "error": figure(way.error)}
    return Sentence(f"teach.tried.{way.form}", {**said, "count": way.count, "ms": way.took_ms})


def figure(share: float) -> str:
    """0.84, as it is written in both languages."""
    return f"{share:.2f}"
