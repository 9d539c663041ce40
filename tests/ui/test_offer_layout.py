"""Where the cards of "For you" are: arithmetic, without a window."""

from __future__ import annotations

import pytest

from media_assistant.ui.widgets.for_you.offer_layout import WIDEST, OfferLayout, Spot


@pytest.mark.parametrize("width", [230, 640, 1000, 2400])
def test_cards_stand_side_by_side_and_their_signs_on_them(width: int) -> None:
    layout = OfferLayout([12, 12], width, [0, 3])
    seen = list(layout.seen(0, 10_000))
    assert seen == [Spot(0, at) for at in range(min(12, layout.columns))] + [
        Spot(1, at) for at in range(layout.firsts[1], min(12, layout.firsts[1] + layout.columns))
    ]
    cards = [layout.card_rect(spot) for spot in seen]
    assert all(0 < card.width() <= WIDEST and card.left() >= 0 and card.right() < width for card in cards)
    assert not any(one.intersects(other) for one in cards for other in cards if one is not other)
    assert not any(layout.head_rect(row).intersects(card) for row in (0, 1) for card in cards)
    assert cards[0].contains(layout.sign_rects(Spot(0, 0), 4)[-1])
    assert layout.head_rect(0).united(layout.head_rect(1)).contains(layout.arrow_rects(1)[1])


def test_a_row_moves_no_further_than_there_are_cards_and_only_itself() -> None:
    layout = OfferLayout([10, 2], 800, [0, 1])
    assert layout.firsts == [0, 0], "two fit beside each other"
    assert layout.can_move(0) == (False, True)
    assert layout.can_move(1) == (False, False)
    layout.move(0, 100)
    assert layout.firsts == [10 - layout.columns, 0]
    assert layout.can_move(0) == (True, False)
    layout.bring(Spot(0, 0))
    assert layout.firsts[0] == 0
    layout.bring(Spot(0, layout.columns))
    assert layout.firsts[0] == 1, "as little as possible"
    layout.bring(Spot(0, 2))
    assert layout.firsts[0] == 1


def test_only_rows_in_sight_are_seen() -> None:
    layout = OfferLayout([1] * 50, 800, [0] * 50)
    top = 20 * layout.row_height + 1
    assert [spot.row for spot in layout.seen(top, layout.row_height)] == [20, 21]
    assert layout.height == 50 * layout.row_height
    assert list(OfferLayout().seen(0, 500)) == []
