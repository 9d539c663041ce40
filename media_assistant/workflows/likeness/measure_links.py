"""Likeness by measure: tempo and key, and what fingerprints found to be the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from media_assistant.items.kind import Kind
from media_assistant.items.ranking import rarity
from media_assistant.items.sentence import Parameter
from media_assistant.items.span import WHOLE
from media_assistant.sentences import say_key
from media_assistant.workflows.likeness.links import Link, Links, add_link
from media_assistant.workflows.likeness.portraits import KEY, TEMPO

_SAME = 6.0
"""Nats: nothing else is as like."""

if TYPE_CHECKING:
    from media_assistant.library.finding_store import FindingStore
    from media_assistant.workflows.likeness.portraits import Portrait

SAME_TEMPO = 0.02
"""Share of a tempo by which another may differ and still be the same: a listener hears no difference below."""


def link_music(store: FindingStore, portrait: Portrait, links: Links) -> None:
    """The same tempo, the same key, or both; each worth its rarity among what has one."""
    tempo, key = _number(portrait.traits.get(TEMPO)), str(portrait.traits.get(KEY) or "")
    if portrait.kind is not Kind.MUSIC or not (tempo or key):
        return
    tempos = {item_id: _number(value) for item_id, value in store.likeness.items_with_trait(TEMPO)} if tempo else {}
    keys = dict(store.likeness.items_with_trait(KEY)) if key else {}
    total = max(2, len(tempos.keys() | keys.keys()))
    in_tempo = {item_id for item_id, bpm in tempos.items() if _is_same_tempo(tempo, bpm)}
    in_key = {item_id for item_id, name in keys.items() if name == key}
    for item_id in in_tempo | in_key:
        nats = 0.0
        same: list[str] = []
        parameters: dict[str, Parameter] = {}
        if item_id in in_tempo:
            nats += 0.4 * rarity(len(in_tempo), total)
            same.append("tempo")
            parameters["bpm"] = round(tempo)
        if item_id in in_key:
            nats += 0.3 * rarity(len(in_key), total)
            same.append("key")
            parameters |= {"key": key, "key_zh": say_key("zh_CN", key)}
        add_link(links, item_id, Link(nats, "music", f"reason.same_{'_and_'.join(same)}", parameters))


def link_recordings(store: FindingStore, portrait: Portrait, links: Links) -> None:
    """The same recording in another file, as the search for duplicates found it. A part of one says nothing of it."""
    if portrait.item_id and portrait.span == WHOLE and portrait.kind in {Kind.MUSIC, Kind.VIDEO}:
        for item_id, sureness in store.likeness.same_recordings(portrait.item_id).items():
            add_link(links, item_id, Link(_SAME * sureness, "recording", "reason.same_recording"))


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _is_same_tempo(one: float, other: float) -> bool:
    return one > 0 and abs(one - other) <= SAME_TEMPO * one
