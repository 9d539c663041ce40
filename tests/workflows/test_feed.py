"""News are gathered, told once, and a listener that stumbles takes nobody down."""

from __future__ import annotations

import logging
import time

import pytest

from media_assistant.items.changes import LibraryChanges
from media_assistant.workflows.feed import Feed
from tests.workflows.engine import wait_for


def test_a_flood_is_few_news_and_complete() -> None:
    feed = Feed()
    told: list[LibraryChanges] = []
    feed.subscribe(told.append)
    for number in range(5000):
        feed.publish(LibraryChanges(changed=(number,)))
    wait_for(lambda: sum(len(changes.changed) for changes in told) == 5000, 10)
    assert len(told) < 100
    feed.close()


def test_what_is_untold_is_told_at_the_end_and_unsubscribed_ones_hear_nothing() -> None:
    feed = Feed()
    told: list[LibraryChanges] = []
    silent: list[LibraryChanges] = []
    feed.subscribe(told.append)
    feed.subscribe(silent.append)()
    feed.publish(LibraryChanges())
    feed.publish(LibraryChanges(removed=(1,), journal=True))
    feed.close()
    assert told == [LibraryChanges(removed=(1,), journal=True)]
    assert silent == []


def test_a_listener_that_stumbles_takes_nobody_down(caplog: pytest.LogCaptureFixture) -> None:
    feed = Feed()
    told: list[LibraryChanges] = []

    def stumble(_: LibraryChanges) -> None:
        raise RuntimeError("a listener's fault")

    feed.subscribe(stumble)
    feed.subscribe(told.append)
    with caplog.at_level(logging.ERROR):
        feed.publish(LibraryChanges(added=(1,)))
        wait_for(lambda: told, 5)
        time.sleep(0.05)
        feed.publish(LibraryChanges(added=(2,)))
        feed.close()
    assert [changes.added for changes in told] == [(1,), (2,)]
    assert "a listener's fault" in caplog.text
