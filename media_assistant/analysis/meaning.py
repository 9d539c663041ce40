"""Points in every text space for lines and passages, so that they are found by meaning and across languages."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from media_assistant.errors import UserFixable
from media_assistant.items.findings import Vector
from media_assistant.items.moment import Moment
from media_assistant.items.span import Span, TimeSpan

if TYPE_CHECKING:
    from media_assistant.inference.models import Models
    from media_assistant.inference.text_embedding import TextEmbedding

log = logging.getLogger(__name__)

_BATCH = 64
_GROUP_CHARACTERS, _GROUP_MS, _GROUP_GAP_MS = 200, 20_000, 2_000


class Meaning:
    """The text networks of this computer; says nothing where there are none, for words are found all the same."""

    def __init__(self, models: Models) -> None:
        self._networks: Sequence[TextEmbedding]
        try:
            self._networks = models.texts()
        except UserFixable as fault:
            log.warning("no text network: %s", fault)
            self._networks = ()

    def of(self, moments: Iterable[Moment]) -> Iterator[Vector]:
        """A vector per moment and space; none where a network knows no word of it. Works in batches of 64."""
        waiting = iter(moments)
        while batch := list(islice(waiting, _BATCH)):
            yield from self.of_texts([(moment.span, moment.text) for moment in batch])

    def of_texts(self, pairs: Sequence[tuple[Span, str]]) -> Iterator[Vector]:
        """As `of`, for spans and their words."""
        for network in self._networks:
            rows = network.embed([text for _, text in pairs], "passage")
            for (span, _), row in zip(pairs, rows, strict=True):
                if row.any():
                    yield Vector(network.space, span, np.ascontiguousarray(row, "<f4").tobytes())


def grouped(lines: Iterable[Moment]) -> Iterator[tuple[Span, str]]:
    """Neighbouring lines as one text each: a subtitle alone ("Yes.", "In the") means little.

    A group ends at a pause of two seconds, after twenty seconds, or after two hundred characters.
    """
    held: list[str] = []
    start_ms = end_ms = 0
    for line in lines:
        if not isinstance(line.span, TimeSpan):
            yield line.span, line.text
            continue
        is_far = line.span.start_ms - end_ms > _GROUP_GAP_MS or line.span.end_ms - start_ms > _GROUP_MS
        if held and (is_far or sum(map(len, held)) + len(line.text) > _GROUP_CHARACTERS):
            yield TimeSpan(start_ms, max(start_ms, end_ms)), " ".join(held)
            held = []
        if not held:
            start_ms, end_ms = line.span.start_ms, line.span.start_ms
        held.append(line.text)
        end_ms = max(end_ms, line.span.end_ms)
    if held:
        yield TimeSpan(start_ms, max(start_ms, end_ms)), " ".join(held)
