"""A tag of several items: on how many of them it is, or is proposed."""

from __future__ import annotations

from PySide6.QtGui import QKeyEvent

from media_assistant.items.concept import Concept
from media_assistant.items.moment import Source
from media_assistant.items.tag import Tag, TagState
from media_assistant.ui.desk import Desk
from media_assistant.ui.tips import plain_tip
from media_assistant.ui.widgets.tags.chip import TagChip


class SharedTagChip(TagChip):
    """Decided as any other chip: ✓ puts it on all (a proposed one: where it is proposed), ✕ takes it off or refuses it."""

    def __init__(self, desk: Desk, concept: Concept, state: TagState, count: int, total: int) -> None:
        self._is_on_all = state is TagState.ACCEPTED and count == total
        super().__init__(Tag(0, concept, state, 1.0, Source("")), desk.look, desk.words, desk.keys)
        words, name = desk.words, desk.words.concept(concept)
        is_proposed = state is TagState.SUGGESTED
        numbers: dict[str, str | int] = {"count": count, "total": words.number(total)}
        self.text = words.say("ui.many.on_all" if self._is_on_all else "ui.many.on", name=name, **numbers)
        self.setAccessibleName(
            words.say("ui.many.proposed_on" if is_proposed else "ui.many.is_on", name=name, **numbers)
        )
        tip = words.say("ui.many.tip.proposed" if is_proposed else "ui.many.tip.on", **self._shown_keys)
        self.setAccessibleDescription(tip)
        self.setToolTip(plain_tip(tip))

    @property
    def _icons(self) -> tuple[str, ...]:
        return ("close",) if self._is_on_all else ("accept", "close")

    def _choices(self) -> tuple[TagState | None, ...]:
        return (TagState.REJECTED,) if self._is_on_all else (TagState.ACCEPTED, TagState.REJECTED)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """What is on some can also be put on all."""
        if self._keys.meant(event, "tag") == "accept":
            if not self._is_on_all:
                self.decided.emit(TagState.ACCEPTED)
            return
        super().keyPressEvent(event)
