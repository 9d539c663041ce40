"""What stands in the lanes of a timeline."""

from __future__ import annotations

from media_assistant.items.answers import Details
from media_assistant.items.item import Facts, Item
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Layer, Moment, Sense
from media_assistant.items.span import WHOLE, Span, TimeSpan
from media_assistant.ui.widgets.timeline.lanes import Block, make_lanes
from media_assistant.ui.words import Words


def line(span: Span, text: str, score: float = 1.0, sense: Sense = Sense.SAID) -> Moment:
    return Moment(span, sense, Layer.LINE, text=text, score=score)


def details(kind: Kind, *lines: Moment) -> Details:
    shots = (Moment(TimeSpan(0, 4000), Sense.SEEN, Layer.SHOT),)
    return Details(Item(1, kind, "/a", "a", 1, "", Facts(duration_ms=9000)), (), shots, (), lines, {}, ())


def test_lanes_hold_what_is_known_and_what_was_found_in_order_of_time() -> None:
    late, early = TimeSpan(5000, 6000), TimeSpan(1000, 1000)
    known = details(
        Kind.VIDEO,
        line(late, "third", 0.2),
        line(late, "first", 0.9),
        line(late, "second", 0.5),
        line(late, "fourth", 0.1),
        line(WHOLE, "nowhere in time"),
        line(early, "here"),
    )
    found = (
        line(late, "first"),
        line(TimeSpan(2000, 3000), "only found"),
        line(late, "read", sense=Sense.WRITTEN),
        Moment(TimeSpan(0, 1), Sense.SAID, Layer.MARK, text="a mark is no finding"),
    )
    lanes = {lane.sense: lane.blocks for lane in make_lanes(known, found, Words("en"))}
    assert list(lanes) == [None, *Sense]
    assert lanes[None] == (Block(0, 4000, ""),)
    assert lanes[Sense.SAID] == (
        Block(1000, 1000, "here"),
        Block(2000, 3000, "only found", is_found=True),
        Block(5000, 6000, "first, second, third", is_found=True),
    )
    assert lanes[Sense.WRITTEN] == (Block(5000, 6000, "read", is_found=True),)
    assert not lanes[Sense.SEEN]


def test_what_has_no_picture_has_no_empty_lanes_for_what_is_seen() -> None:
    lanes = make_lanes(details(Kind.MUSIC), (), Words("en"))
    assert [lane.sense for lane in lanes if not lane.blocks] == [Sense.SAID, Sense.HEARD]
