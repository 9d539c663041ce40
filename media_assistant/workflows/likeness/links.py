"""What an example and another item have in common: links, each with a weight and with what makes it true.

A weight is in nats: how much likelier the link makes it that the two belong together. Links of one family look at the
same (several networks at one picture), so that only the strongest of a family counts; families are added up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from media_assistant.items.moment import Moment
from media_assistant.items.sentence import Parameter
from media_assistant.items.span import Span

LEAST = 0.4
"""Nats below which a link is too weak to be said, and so does not count."""


@dataclass(frozen=True, slots=True)
class SharedWord:
    """A rare word that both say or write, in one language or in two."""

    en: str
    zh: str
    ours: Moment
    theirs: int
    """The id of their moment."""


@dataclass(frozen=True, slots=True)
class Link:
    """One likeness. `code` is the sentence that says it, where that does not depend on the places."""

    nats: float
    family: str
    code: str = ""
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    pairs: tuple[tuple[Span, Span], ...] = ()
    """Places in the example and in the other item that are alike, the most alike first."""
    concepts: tuple[str, ...] = ()
    words: tuple[SharedWord, ...] = ()
    space: str = ""
    is_clear: bool = True
    """Not only a little alike, by what a network says."""


Links = dict[int, list[Link]]
"""By the id of the other item."""


def add_link(links: Links, item_id: int, link: Link, least: float = LEAST) -> None:
    """Take a link down, unless it is too weak to be said."""
    if link.nats >= least:
        links.setdefault(item_id, []).append(link)


def strongest(links: Sequence[Link]) -> list[Link]:
    """The best link of each family, the weightiest first."""
    best: dict[str, Link] = {}
    for link in links:
        if link.family not in best or link.nats > best[link.family].nats:
            best[link.family] = link
    return sorted(best.values(), key=lambda link: (-link.nats, link.family))


def total(links: Sequence[Link]) -> float:
    """Nats of all links together."""
    return sum(link.nats for link in strongest(links))
