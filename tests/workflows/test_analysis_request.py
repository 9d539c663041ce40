"""Requests and answers: split small, put together whole."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from media_assistant.analysis.analyser import Stage
from media_assistant.items.findings import to_plain
from media_assistant.items.item import Captured, DateSource, Facts, FileTags, Place, facts_from_plain, facts_to_plain
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Layer, Moment, Sense
from media_assistant.items.sentence import Sentence
from media_assistant.items.span import TimeSpan
from media_assistant.jobs.messages import MAX_HEADER, read_message, write_message
from media_assistant.settings import Settings
from media_assistant.workflows.analysis_request import (
    Chunk,
    Ended,
    GaveUp,
    Request,
    analysis_options,
    understand_answers,
)

ROOT = Path(__file__).resolve().parents[2]


def shot(number: int) -> Moment:
    return Moment(TimeSpan(number * 1000, number * 1000 + 1000), Sense.SEEN, Layer.SHOT)


def test_much_that_is_known_travels_in_small_pieces() -> None:
    known = tuple(shot(number) for number in range(5000))
    request = Request(Path("/film.mp4"), Kind.VIDEO, Stage.UNDERSTAND, ("sights",), {}, known=known)
    pipe = io.BytesIO()
    for header, data in request.messages():
        write_message(pipe, header, data)
    pipe.seek(0)
    got = []
    while (message := read_message(pipe)) is not None:
        got.append(message[0])
    assert len(got) > 2
    assert got[-1]["do"] == "analyse"
    assert [plain for header in got[:-1] for plain in header["moments"]] == [to_plain(moment)[0] for moment in known]


@pytest.mark.parametrize("name", ["Anna {}", "安娜 {}", '"{}"\\'])
def test_more_names_than_a_message_holds_are_told_as_far_as_they_fit(name: str) -> None:
    names = [name.format(number) for number in range(20_000)]
    options = analysis_options(Settings(), names, {"0" * 64})
    request = Request(Path("/film.mp4"), Kind.VIDEO, Stage.TRANSCRIBE, ("speech",), {}, options=options)
    for header, data in request.messages():
        write_message(io.BytesIO(), header, data)
    told = options["hotwords"].split(",")
    assert told == names[: len(told)] and len(told) > 500
    assert analysis_options(Settings(), ["Anna", "Ben"])["hotwords"] == "Anna,Ben"
    assert analysis_options(Settings(), ["x" * 100_000])["hotwords"] == ""


def test_facts_survive_the_way() -> None:
    facts = Facts(
        duration_ms=1,
        width=2,
        codecs=("h264",),
        tags=FileTags(title="标题", track=3),
        captured=Captured("2025-07-12T14:03:09", 120, DateSource.EXIF),
        place=Place(1.5, 2.5),
        subtitle_languages=("zh",),
    )
    assert facts_from_plain(json.loads(json.dumps(facts_to_plain(facts)))) == facts
    assert facts_from_plain(json.loads(json.dumps(facts_to_plain(Facts())))) == Facts()


def test_chunks_end_at_checkpoints_and_a_failure_keeps_only_what_cannot_come_twice() -> None:
    def found(name: str, number: int) -> tuple[dict[str, object], bytes]:
        return {**to_plain(shot(number))[0], "of": name}, b""

    answers = [
        ({"is": "begin", "of": "speech", "model": ["m", "r"]}, b""),
        found("speech", 1),
        found("shots", 2),
        ({"is": "checkpoint", "position_ms": 1500, "of": "speech"}, b""),
        found("speech", 3),
        ({"is": "failed", "of": "speech", "error": {"code": "error.media.damaged"}}, b""),
        ({"is": "failed", "of": "shots", "error": {"code": "error.media.damaged"}}, b""),
        ({"is": "end"}, b""),
    ]
    assert list(understand_answers(answers)) == [
        Chunk("speech", (shot(1),), 1500, "m", "r"),
        GaveUp("speech", Sentence("error.media.damaged")),
        Chunk("shots", (shot(2),), None),
        GaveUp("shots", Sentence("error.media.damaged")),
        Ended(was_stopped=False, error=Sentence(), report=""),
    ]


def test_a_failure_before_the_first_checkpoint_of_what_went_on_keeps_nothing_that_comes_again() -> None:
    answers = [
        ({"is": "begin", "of": "speech", "model": ["m", "r"]}, b""),
        ({**to_plain(shot(61))[0], "of": "speech"}, b""),
        ({"is": "failed", "of": "speech", "error": {"code": "error.media.damaged"}}, b""),
    ]
    assert list(understand_answers(answers, ["speech"])) == [GaveUp("speech", Sentence("error.media.damaged"))]


def test_a_line_too_long_for_a_header_arrives() -> None:
    line = Moment(TimeSpan(0, 1), Sense.SAID, Layer.LINE, text="浪" * MAX_HEADER)
    code = (
        "import sys\nfrom media_assistant.worker import Worker\nfrom media_assistant.items.findings import from_plain\n"
        "import json\nworker = Worker(sys.stdin.buffer, sys.stdout.buffer)\n"
        "worker._send_finding('speech', from_plain(json.load(sys.stdin), b''))\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", code],
        input=json.dumps(to_plain(line)[0]).encode(),
        capture_output=True,
        check=True,
        cwd=ROOT,
    ).stdout
    message = read_message(io.BytesIO(said))
    assert message is not None
    (header, data) = message
    chunk, *_ = understand_answers([(header, data), ({"is": "checkpoint", "position_ms": 1, "of": "speech"}, b"")])
    assert isinstance(chunk, Chunk)
    assert chunk.findings == (line,)


def test_promise_13_a_worker_opens_no_network_connection_on_any_system() -> None:
    code = (
        "import socket\nfrom media_assistant.jobs.confinement import refuse_network\nrefuse_network()\n"
        "for family in (socket.AF_INET, socket.AF_INET6):\n"
        "    try:\n        socket.socket(family)\n    except PermissionError:\n        print('refused')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.split() == ["refused", "refused"]
