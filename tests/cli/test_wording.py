"""What a person reads: everything that can be said has words, and no file's name breaks a line."""

from __future__ import annotations

import errno
import io
import os
from typing import Any

import pytest

from media_assistant import sentences
from media_assistant.analysis import registry
from media_assistant.cli import alike, wording
from media_assistant.cli.progress import ProgressLine
from media_assistant.inference.store import State
from media_assistant.items.clock import clock
from media_assistant.items.item import DateSource
from media_assistant.items.kind import Kind
from media_assistant.items.tag import TagState


def test_everything_that_can_be_said_has_words() -> None:
    for language in sentences.LANGUAGES:
        known = sentences.load_sentences(language)
        wanted = [f"cli.analyser.{spec.name}" for spec in registry.SPECS]
        wanted += [f"cli.kind.{kind}" for kind in Kind]
        wanted += [f"cli.captured.{source}" for source in DateSource]
        wanted += [f"cli.model.{state}" for state in State]
        wanted += [f"cli.state.{name}" for name in ("waiting", "running", "done", "failed", "cancelled")]
        wanted += [f"error.jobs.{code}" for code in ("crashed", "memory", "time", "silent", "stopped", "bug")]
        assert [key for key in wanted if key not in known] == []
    assert set(wording._STATES) == {state.value for state in TagState}


def test_columns_line_up_with_wide_letters_and_names_stay_on_one_line() -> None:
    lines = wording.columns([("1", "灯塔", "x"), ("20", "lighthouse", "y")])
    assert {wording.width_of(line[: line.rindex(end)]) for line, end in zip(lines, "xy", strict=True)} == {16}
    assert wording.width_of("e\u0301a\u200db\u0e34") == 3, "marks and joiners stand on no column of their own"
    assert wording.columns([]) == []
    assert "\n" not in wording.printable("two\nlines\t\x1b[31m‮")
    for name in (
        "海 🎈 café",
        "夜\u3000空",
        "12\N{NO-BREAK SPACE}Uhr",
        "Bild\N{NARROW NO-BREAK SPACE}9.41\N{NARROW NO-BREAK SPACE}PM",
    ):
        assert wording.printable(name) == name
    for breaks in "\n\r\x85\u2028\u2029\u202e\u200b\x1b":
        assert wording.printable(breaks) == "\N{REPLACEMENT CHARACTER}", ascii(breaks)


def test_a_reason_with_a_name_in_it_stays_on_its_line() -> None:
    """What is alike may be who made it, as the files say."""
    reason = {"weight": 1.0, "text": "both by \x1b[2JAnna\nBen", "evidence": [], "theirs": [], "example": 0}
    found = {"item": {"id": 1, "title": "waves", "path": "/waves.mp3"}, "reasons": [reason]}
    lines = alike._lines(Any, {"results": [found], "examples": [1]})
    assert [line.strip() for line in lines][1:] == [
        "both by \N{REPLACEMENT CHARACTER}[2JAnna\N{REPLACEMENT CHARACTER}Ben"
    ]


def test_times() -> None:
    assert [clock(ms) for ms in (0, 61_000, 3_723_000)] == ["0:00", "1:01", "1:02:03"]


def test_a_bar_on_a_terminal_is_wiped_away() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    with ProgressLine(terminal) as progress:
        progress.show("海" * 200, 1, 4, 65.0)
    assert "1/4" in terminal.getvalue()
    assert "1:05" in terminal.getvalue()
    assert terminal.getvalue().endswith("\r\x1b[2K")
    assert "\n" not in terminal.getvalue()


def test_plain_lines_elsewhere_and_none_when_quiet() -> None:
    stream = io.StringIO()
    with ProgressLine(stream) as progress:
        for done in range(100):
            progress.show("Looking", done, 100)
    assert stream.getvalue() == "Looking 0/100\n"
    with ProgressLine(quiet := io.StringIO(), is_quiet=True) as progress:
        progress.show("Looking", 1, 2)
    assert quiet.getvalue() == ""


def test_nobody_who_reads_it_any_more_stops_the_work() -> None:
    class Lost(io.StringIO):
        def isatty(self) -> bool:
            return True

        def flush(self) -> None:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    closed = io.StringIO()
    for stream in (Lost(), closed):
        with ProgressLine(stream) as progress:
            if stream is closed:
                closed.close()
            progress.show("Looking", 1, 2)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="a full disk")
def test_a_full_disk_under_the_log_stops_nothing_and_is_not_tried_again() -> None:
    with open("/dev/full", "w") as full:
        with ProgressLine(full) as progress:
            progress.show("Looking", 1, 2)
            assert progress._is_quiet
        full.flush()


def test_a_passage_of_several_lines_is_one_line() -> None:
    passage = {
        "page": 1,
        "from": 0,
        "to": 9,
        "sense": "written",
        "label": "",
        "text": "Title\n\nfirst  words",
        "score": 1.0,
    }
    assert wording.moment_line(passage, "en").endswith("Title first words")
    assert wording.moment_line(passage, "en").startswith("  Page 1  ")
    assert wording.moment_line(passage, "zh_CN").startswith(" 第 1 页  "), "as wide on a terminal"


def test_nothing_is_called_by_its_name_in_the_program() -> None:
    def say(code: str, **parameters: str | int | float) -> str:
        return sentences.say("zh_CN", code, **parameters)

    analyses = [{"analyser": "sights", "state": "failed", "model": "m", "error": "e"}]
    bare: dict[str, object] = {"id": 1, "kind": "music", "duration_ms": 0, "title": "t", "path": "/t", "missing": False}
    empty: dict[str, object] = {"tags": [], "shots": [], "moments": [], "analyses": analyses}
    traits = {"tempo_bpm": 100.0, "key": "A minor", "odd_trait": 1}
    shown = "\n".join(wording.details_lines({**bare, **empty, "traits": traits}, say, "zh_CN"))
    assert "速度  100 拍/分" in shown and "调性  A 小调" in shown and "画面内容" in shown and "odd_trait  1" in shown
    jobs = {"paused": False, "counts": {}, "jobs": [{"title": "t", "analyser": "sights", "error": "e"}]}
    assert wording.jobs_lines(jobs, say, "zh_CN") == ["! t: 画面内容: e"]
    model = {"id": "m", "state": "ready", "size_bytes": 0, "licence": "l", "why": "", "task": "audio-tagging"}
    (line,) = wording.models_lines([model, model], say, "zh_CN")[:1]
    assert line.endswith("声音")
    assert "（语音）" in say("error.model.missing", task="speech-recognition")
    assert "“画面内容”" in say("error.analysis.fault", analyser="sights")
    assert "“odd”" in say("error.analysis.unknown_analyser", analyser="odd")
