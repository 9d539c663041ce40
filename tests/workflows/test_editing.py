"""Transcripts by hand, on real recordings with a real recogniser, and files written beside real media."""

from __future__ import annotations

import hashlib
import os
import shutil
import threading
import time
import wave
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from media_assistant.analysis import registry
from media_assistant.assistant import Assistant
from media_assistant.cli.documents import details_document
from media_assistant.errors import Cancelled, UserFixable
from media_assistant.inference.card import load_card
from media_assistant.inference.speech import Speech
from media_assistant.items.findings import Finding
from media_assistant.items.moment import Layer, Moment, Sense, Source, Word
from media_assistant.items.replacing import Count, Wanted
from media_assistant.items.span import TimeSpan
from media_assistant.items.transcript import PERSON, retype, span_of
from media_assistant.library.library import JobRow
from media_assistant.media.transcript_files import read_transcript
from media_assistant.settings import Settings
from media_assistant.workflows.transcripts.saving_transcripts import heard_and_written
from media_assistant.workflows.transcripts.transcripts import format_lines, spoken_lines
from tests.workflows.engine import open_assistant, wait_for

MODEL = "asr-whisper-digits"
SPOKEN = ("jackson_07.wav", "george_06.wav", "jackson_01.wav")
TEXTS = ["six seven three zero", "zero two six", "six seven"]
PAUSE_S = 3


@pytest.fixture
def assistant(material: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Assistant]:
    monkeypatch.setenv("MEDIA_ASSISTANT_MODELS", str(material / "models"))
    others = tuple(spec.name for spec in registry.SPECS if spec.name not in ("preview", "speech"))
    opened = open_assistant(settings=Settings(switched_off=others))
    yield opened
    opened.close()


@pytest.fixture
def recording(material: Path, tmp_path: Path) -> Path:
    """Three people say digits, with pauses between them."""
    parts = []
    for name in SPOKEN:
        with wave.open(str(material / "media" / "digits" / name)) as file:
            parts.append(np.frombuffer(file.readframes(file.getnframes()), np.int16))
        parts.append(np.zeros(16_000 * PAUSE_S, np.int16))
    made = tmp_path / "recordings" / "digits.wav"
    made.parent.mkdir()
    with wave.open(str(made), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(np.concatenate(parts).tobytes())
    return made


def transcribed(assistant: Assistant, file: Path) -> int:
    (item_id,) = assistant.import_paths([file]).result(60).added
    wait_for(lambda: assistant.when_idle().done() or assistant.progress().done >= assistant.progress().total > 0, 120)
    wait_for(lambda: said(assistant, item_id), 120)
    return item_id


def said(assistant: Assistant, item_id: int) -> list[Moment]:
    return [line for line in assistant.library.details(item_id).lines if line.sense is Sense.SAID]


def texts(assistant: Assistant, item_id: int) -> list[str]:
    return [line.text for line in said(assistant, item_id)]


def test_listening_again_takes_one_stretch_and_leaves_a_persons_lines(assistant: Assistant, recording: Path) -> None:
    before = hashlib.sha256(recording.read_bytes()).hexdigest()
    item_id = transcribed(assistant, recording)
    assert texts(assistant, item_id) == TEXTS
    first, second, third = said(assistant, item_id)
    edit = assistant.transcripts.rewrite
    edit(item_id, [first], [retype(first, "6 7 3 0")]).result(30)
    # As if another model had heard them wrong.
    for line in (second, third):
        wrong = Moment(line.span, Sense.SAID, Layer.LINE, text="wrong", language="en", source=Source("speech", "bad"))
        edit(item_id, [line], [wrong]).result(30)
    assert texts(assistant, item_id) == ["6 7 3 0", "wrong", "wrong"]
    heard: list[tuple[int, int]] = []
    stretch = TimeSpan(span_of(third).start_ms - 300, span_of(third).end_ms + 300)
    assistant.transcripts.listen_again(
        item_id, stretch, model=MODEL, progress=lambda done, total: heard.append((done, total))
    ).result(120)
    assert texts(assistant, item_id) == ["6 7 3 0", "wrong", TEXTS[2]], "one stretch alone"
    again = said(assistant, item_id)[2]
    assert (again.source.analyser, again.source.model) == ("speech", MODEL)
    assert abs(span_of(again).start_ms - span_of(third).start_ms) < 400 and again.words
    assert heard and all(0 <= done <= total == 600 + third.span.end_ms - third.span.start_ms for done, total in heard)  # type: ignore[union-attr]
    assistant.transcripts.listen_again(item_id, None, model=MODEL).result(120)
    assert texts(assistant, item_id) == ["6 7 3 0", *TEXTS[1:]], "the person's line stays"
    assistant.undo().result(30)
    assert texts(assistant, item_id) == ["6 7 3 0", "wrong", TEXTS[2]]
    # A newer run of the queue changes nothing that was asked for by hand.
    assistant.redo_analysis([item_id], ["speech"]).result(30)
    assistant.when_idle().result(120)
    assert texts(assistant, item_id) == ["6 7 3 0", "wrong", TEXTS[2]]
    assert [entry.verb for entry in assistant.library.journal()][:2] == ["listen_again", "listen_again"]
    assert hashlib.sha256(recording.read_bytes()).hexdigest() == before


def test_its_own_subtitles_beside_it_do_not_stand_in_for_what_was_heard(
    material: Path, recording: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Saved under the name that the dialog proposes; then it is understood again."""
    monkeypatch.setenv("MEDIA_ASSISTANT_MODELS", str(material / "models"))
    others = tuple(spec.name for spec in registry.SPECS if spec.name not in ("preview", "subtitles", "speech"))
    opened = open_assistant(settings=Settings(switched_off=others))
    try:
        item_id = transcribed(opened, recording)
        opened.transcripts.save_as(item_id, "srt", recording.with_suffix(".srt")).result(30)
        opened.redo_analysis([item_id]).result(30)
        opened.when_idle().result(120)
        assert texts(opened, item_id) == TEXTS
        assert all(line.words and line.source.analyser == "speech" for line in said(opened, item_id))
    finally:
        opened.close()


def test_listening_where_nobody_speaks_leaves_what_is_there(assistant: Assistant, recording: Path) -> None:
    item_id = transcribed(assistant, recording)
    end_ms = span_of(said(assistant, item_id)[0]).end_ms
    with pytest.raises(UserFixable, match="heard_nothing"):
        assistant.transcripts.listen_again(item_id, TimeSpan(end_ms + 800, end_ms + 2000), model=MODEL).result(120)
    assert texts(assistant, item_id) == TEXTS


def test_names_of_the_library_reach_the_recogniser(assistant: Assistant, recording: Path, material: Path) -> None:
    """The test network was never taught to be prompted, so that what names do to it shows."""
    item_id = transcribed(assistant, recording)
    assistant.transcripts.set_names(["seven", "eight"]).result(30)
    with wave.open(str(recording)) as file:
        sound = np.frombuffer(file.readframes(file.getnframes()), np.int16).astype(np.float32) / 32768
    speech = Speech(load_card(material / "models" / MODEL), threads=2)
    told = [segment.text for segment in speech.transcribe(sound, hotwords=("seven", "eight"))[1]]
    plain = [segment.text for segment in speech.transcribe(sound)[1]]
    assert told != plain
    assistant.redo_analysis([item_id], ["speech"]).result(30)
    assistant.when_idle().result(120)
    with_names = texts(assistant, item_id)
    assert with_names != TEXTS, "the queue's own run is told"
    assistant.undo().result(30)
    assert assistant.library.spoken_names() == ()


def test_more_names_than_fit_are_left_out_whole(material: Path) -> None:
    from media_assistant.inference.speech import _fitting

    model = Speech(load_card(material / "models" / MODEL))._opened()
    names = [f"Ødegård-{number}" for number in range(500)]
    fitting = _fitting(model, names).split(", ")
    assert 20 < len(fitting) < 200 and fitting == names[: len(fitting)]


# Without a recogniser


@pytest.fixture
def quiet() -> Iterator[Assistant]:
    opened = open_assistant(works=False)
    yield opened
    opened.close()


def heard(start_ms: int, text: str, language: str = "en") -> Moment:
    words = tuple(Word(start_ms + 400 * n, start_ms + 400 * n + 400, word, 0.9) for n, word in enumerate(text.split()))
    span = TimeSpan(start_ms, start_ms + 400 * len(words))
    return Moment(span, Sense.SAID, Layer.LINE, text=text, language=language, words=words)


def filled(assistant: Assistant, samples: Path, folder: Path, *names: str) -> list[int]:
    """Copies of the sample film with a transcript each."""
    folder.mkdir(exist_ok=True)
    ids = []
    for number, name in enumerate(names):
        film = Path(shutil.copy(samples / "journey.mp4", folder / name))
        with film.open("ab") as end:
            end.write(b" " * (number + 1))
        (item_id,) = assistant.import_paths([film], analyse=False).result(60).added
        lines: list[Finding] = [heard(0, "the hide is high"), heard(3000, "the hide turns"), heard(6000, "home")]
        assistant.library.save_findings(item_id, "speech", 1, "net", "", lines, is_first_chunk=True)
        assistant.library.finish_analysis(item_id, "speech", 1)
        ids.append(item_id)
    return ids


def test_a_word_is_replaced_across_the_library_in_one_step(quiet: Assistant, samples: Path, tmp_path: Path) -> None:
    ids = filled(quiet, samples, tmp_path / "films", "one.mp4", "two.mp4", "three.mp4")
    editing = quiet.transcripts
    assert editing.count(Wanted("HIDE")) == Count(6, 6, 3)
    assert editing.count(Wanted("HIDE", is_exact_case=True)) == Count()
    assert editing.count(Wanted("hide"), ids[:1]) == Count(2, 2, 1)
    assert editing.count(Wanted(""), ids) == Count()
    steps = len(quiet.library.journal())
    editing.replace(Wanted("hide"), "tide").result(30)
    assert len(quiet.library.journal()) == steps + 1
    for item_id in ids:
        assert texts(quiet, item_id) == ["the tide is high", "the tide turns", "home"]
        assert said(quiet, item_id)[0].words[1] == Word(400, 800, "tide", 1.0)
    found = quiet.search("said:tide", is_half_typed=False).result(60)
    assert {hit.item.id for hit in found.hits} == set(ids)
    quiet.undo().result(30)
    for item_id in ids:
        assert texts(quiet, item_id) == ["the hide is high", "the hide turns", "home"]
    editing.replace(Wanted("^home$", is_pattern=True), "", ids[:1]).result(30)
    assert texts(quiet, ids[0]) == ["the hide is high", "the hide turns"]


def test_a_pattern_that_never_ends_changes_nothing_and_blocks_nothing(
    quiet: Assistant, samples: Path, tmp_path: Path
) -> None:
    (item_id,) = filled(quiet, samples, tmp_path / "films", "one.mp4")
    editing, endless = quiet.transcripts, Wanted("(a+)+$", is_pattern=True)
    editing.replace(Wanted("home"), "a" * 20_000 + "b").result(30)
    for asked in (lambda: editing.count(endless), lambda: editing.replace(endless, "").result(30)):
        with pytest.raises(UserFixable, match="slow_pattern"):
            asked()
    editing.replace(Wanted("a+b", is_pattern=True), "home").result(30)
    assert texts(quiet, item_id) == ["the hide is high", "the hide turns", "home"]


def test_saving_beside_never_touches_a_file_that_we_did_not_write(
    quiet: Assistant, samples: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "films"
    one, two = filled(quiet, samples, folder, "one.mp4", "two.mp4")
    theirs = folder / "one.en.srt"
    theirs.write_text("somebody's own")
    saved = quiet.transcripts.save([one, two], "srt").result(30)
    assert [file.name for file in saved.written] == ["one.en.2.srt", "two.en.srt"]
    assert theirs.read_text() == "somebody's own"
    line = said(quiet, two)[0]
    quiet.transcripts.rewrite(two, [line], [retype(line, "the tide is high")]).result(30)
    saved = quiet.transcripts.save([two], "srt").result(30)
    assert [file.name for file in saved.written] == ["two.en.srt"], "our own file is renewed"
    ours = folder / "two.en.srt"
    assert "the tide is high" in ours.read_text()
    assert oct(ours.stat().st_mode & 0o777) == oct((folder / "one.en.2.srt").stat().st_mode & 0o777)
    ours.write_text(ours.read_text() + "\nchanged by hand")
    saved = quiet.transcripts.save([two], "srt").result(30)
    assert [file.name for file in saved.written] == ["two.en.2.srt"] and "changed by hand" in ours.read_text()
    assert not [name for name in os.listdir(folder) if name.startswith(".transcript")]


def test_what_we_wrote_of_an_item_comes_in_as_none(quiet: Assistant, samples: Path, tmp_path: Path) -> None:
    folder = tmp_path / "films"
    (one,) = filled(quiet, samples, folder, "one.mp4")
    saved = quiet.transcripts.save([one], "txt").result(30)
    report = quiet.import_paths([folder], analyse=False).result(60)
    assert not report.added and not report.failed
    assert [(path, why.code) for path, why in report.ignored] == [
        (str(saved.written[0]), "ignored.workflows.own_transcript")
    ]
    saved.written[0].write_text("Something else altogether, that somebody wrote there by hand.\n")
    assert len(quiet.import_paths([folder], analyse=False).result(60).added) == 1


def test_two_films_of_one_name_do_not_take_each_others_subtitles(
    quiet: Assistant, samples: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "films"
    one, two = filled(quiet, samples, folder, "film.mp4", "film.mov")
    names = [quiet.transcripts.save([item_id], "vtt").result(30).written[0].name for item_id in (one, two, one)]
    assert names == ["film.en.vtt", "film.en.2.vtt", "film.en.vtt"]
    out = tmp_path / "out"
    out.mkdir()
    saved = quiet.transcripts.save([one, two], "lrc", folder=out).result(30)
    assert sorted(os.listdir(out)) == ["film.en.2.lrc", "film.en.lrc"] and len(saved.written) == 2


def test_what_is_saved_waits_for_no_listening_and_is_there_after_the_end(
    samples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from media_assistant.workflows.transcripts import listening_again, saving_transcripts

    quiet = open_assistant(works=False)
    (one,) = filled(quiet, samples, tmp_path / "films", "one.mp4")
    begun = threading.Event()

    def listens(*_: object, should_stop: Callable[[], bool], **__: object) -> None:
        begun.set()
        wait_for(should_stop)
        raise Cancelled

    monkeypatch.setattr(listening_again, "listen_again", listens)
    listening = quiet.transcripts.listen_again(one, None)
    assert begun.wait(30)
    quiet.transcripts.save_as(one, "srt", tmp_path / "at once.srt").result(30)
    # What is asked for in the moment before the end.
    write = saving_transcripts.write_whole
    monkeypatch.setattr(saving_transcripts, "write_whole", lambda *asked: (time.sleep(0.3), write(*asked))[1])
    for number in range(3):
        quiet.transcripts.save_as(one, "srt", tmp_path / f"late {number}.srt")
    read = quiet.transcripts.read_file(one, tmp_path / "at once.srt")
    quiet.close()
    assert sorted(file.name for file in tmp_path.glob("late*.srt")) == [f"late {number}.srt" for number in range(3)]
    assert read.result(0) is not None
    with pytest.raises(Cancelled):
        listening.result(0)


def test_a_drive_that_does_not_answer_lets_the_program_end_and_the_person_decide(
    samples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from media_assistant.workflows.intake import playlists
    from media_assistant.workflows.transcripts import editing

    monkeypatch.setattr(editing, "SAVING_S", 0.3)
    quiet = open_assistant(works=False)
    (one,) = filled(quiet, samples, tmp_path / "films", "one.mp4")
    answers = threading.Event()
    monkeypatch.setattr(playlists, "write_whole", lambda *_: answers.wait(60))
    saving = quiet.collections.save_playlist("one", [one], tmp_path / "one.m3u8")
    quiet.rate([one], 4).result(30)
    assert quiet.library.ratings([one]) == {one: 4}
    quiet.close()
    assert not saving.done()
    answers.set()


def test_what_cannot_be_written_is_said_and_stops_nothing(quiet: Assistant, samples: Path, tmp_path: Path) -> None:
    one, two, silent = filled(quiet, samples, tmp_path / "films", "one.mp4", "two.mp4", "silent.mp4")
    quiet.library.save_findings(silent, "speech", 1, "", "", [], None, True)
    (tmp_path / "films" / "one.mp4").rename(tmp_path / "one.mp4")
    gone = tmp_path / "nowhere"
    saved = quiet.transcripts.save([one, two], "srt", folder=gone).result(30)
    assert [title for title, _ in saved.failed] == ["one", "two"] and not gone.exists()
    assert saved.failed[0][1].code == "error.workflows.not_written"
    saved = quiet.transcripts.save([silent, two], "txt").result(30)
    assert saved.silent == 1 and [file.name for file in saved.written] == ["two.en.txt"]
    with pytest.raises(UserFixable, match="is_original"):
        quiet.transcripts.save_as(two, "srt", tmp_path / "films" / "two.mp4").result(30)
    (tmp_path / "way").symlink_to(tmp_path / "films")
    with pytest.raises(UserFixable, match="is_original"):
        quiet.transcripts.save_as(two, "srt", tmp_path / "way" / "silent.mp4").result(30)
    target = tmp_path / "any name.srt"
    assert quiet.transcripts.save_as(two, "srt", target).result(30) == target


def test_our_own_file_beside_the_film_is_no_news(quiet: Assistant, samples: Path, tmp_path: Path) -> None:
    """What we saved beside a film is not read back as if somebody had laid subtitles there; a changed one is."""
    from media_assistant.analysis.subtitles import beside

    (one,) = filled(quiet, samples, tmp_path / "films", "one.mp4")
    quiet.transcripts.save([one], "srt").result(30)
    film = tmp_path / "films" / "one.mp4"
    written = heard_and_written(quiet.library, one)
    assert len(beside(film)) == 1 and not beside(film, written)
    ours = film.with_name("one.en.srt")
    ours.write_text(ours.read_text().replace("hide", "tide"))
    assert [line.text for line in beside(film, written)[0].lines][:1] == ["the tide is high"]


def test_what_was_saved_under_a_name_of_the_persons_choice_is_no_news_wherever_it_goes(
    quiet: Assistant, samples: Path, tmp_path: Path
) -> None:
    """The dialog proposes the film's own name; later the film is renamed, and its subtitles with it."""
    from media_assistant.analysis.subtitles import beside

    folder = tmp_path / "films"
    one, two = filled(quiet, samples, folder, "one.mp4", "two.mp4")
    quiet.transcripts.save_as(one, "srt", folder / "one.srt").result(30)
    assert not beside(folder / "one.mp4", heard_and_written(quiet.library, one))
    assert len(beside(folder / "one.mp4", heard_and_written(quiet.library, two))) == 1, "of another film it may be news"
    (folder / "one.srt").rename(folder / "other.srt")
    (folder / "one.mp4").rename(folder / "other.mp4")
    assert not beside(folder / "other.mp4", heard_and_written(quiet.library, one))
    # Renewed where it lies now, for it is what we wrote.
    (tmp_path / "elsewhere").mkdir()
    (folder / "other.srt").rename(tmp_path / "elsewhere" / "one.en.srt")
    saved = quiet.transcripts.save([one], "srt", folder=tmp_path / "elsewhere").result(30)
    assert [file.name for file in saved.written] == ["one.en.srt"]


def test_a_persons_own_subtitles_stay_theirs_when_they_are_corrected_and_exported(
    quiet: Assistant, samples: Path, tmp_path: Path
) -> None:
    """Over the file that they came from, which is read again; and beside it, where nothing of theirs is written over."""
    from media_assistant.analysis.subtitles import beside, lines_to_moments

    folder = tmp_path / "films"
    folder.mkdir()
    film, theirs = folder / "film.mp4", folder / "film.zh.srt"
    shutil.copy(samples / "journey.mp4", film)
    theirs.write_text("1\n00:00:01,000 --> 00:00:02,000\n潮水很高\n\n2\n00:00:03,000 --> 00:00:04,000\n我们回家\n")
    (one,) = quiet.import_paths([film], analyse=False).result(60).added

    def read_again() -> None:
        found: list[Finding] = [
            line for read in beside(film, heard_and_written(quiet.library, one)) for line in lines_to_moments(read)
        ]
        quiet.library.save_findings(one, "subtitles", 2, "", "", found, is_first_chunk=True)

    read_again()
    assert texts(quiet, one) == ["潮水很高", "我们回家"]
    before = theirs.read_bytes()
    quiet.transcripts.save_as(one, "srt", tmp_path / "copy.srt").result(30)
    assert (tmp_path / "copy.srt").read_bytes() == before
    saved = quiet.transcripts.save([one], "srt").result(30)
    assert saved.written == (theirs,) and theirs.read_bytes() == before, "it says so already"
    read_again()
    assert texts(quiet, one) == ["潮水很高", "我们回家"], "written elsewhere, it is theirs beside the film"
    (tmp_path / "copy.srt").unlink()
    line = said(quiet, one)[0]
    quiet.transcripts.rewrite(one, [line], [retype(line, "潮水退了")]).result(30)
    saved = quiet.transcripts.save([one], "srt").result(30)
    assert [file.name for file in saved.written] == ["film.zh.2.srt"] and theirs.read_bytes() == before
    line = said(quiet, one)[1]
    quiet.transcripts.rewrite(one, [line], [retype(line, "回家")]).result(30)
    saved = quiet.transcripts.save([one], "srt").result(30)
    assert [file.name for file in saved.written] == ["film.zh.2.srt"], "our own is renewed"
    quiet.undo().result(30)
    quiet.transcripts.save_as(one, "srt", theirs).result(30)
    quiet.library.save_findings(one, "subtitles", 2, "", "", [], is_first_chunk=True)  # the disk was away
    read_again()
    assert texts(quiet, one) == ["潮水退了", "我们回家"], "no line is lost"


@pytest.mark.parametrize("to", ["srt", "vtt", "json"])
def test_what_is_exported_comes_back_as_it_was(quiet: Assistant, samples: Path, tmp_path: Path, to: str) -> None:
    (one,) = filled(quiet, samples, tmp_path / "films", "one.mp4")
    hours = 101 * 3_600_000
    lines: list[Finding] = [
        heard(0, "one & <two> 三"),
        Moment(TimeSpan(500, 2500), Sense.SAID, Layer.LINE, text="at the same\ntime", language="en"),
        Moment(TimeSpan(hours, hours + 1500), Sense.SAID, Layer.LINE, text="42", language="en"),
        Moment(TimeSpan(hours + 2000, hours + 2600), Sense.SAID, Layer.LINE, text="very late", language="en"),
    ]
    if to == "srt":
        lines[0] = heard(0, "one & two 三")  # angle brackets are marks in SubRip, and nothing can mask them
    quiet.library.save_findings(one, "speech", 2, "net", "", lines, is_first_chunk=True)
    before = said(quiet, one)
    file = tmp_path / f"back.{to}"
    quiet.transcripts.save_as(one, to, file).result(30)
    quiet.transcripts.rewrite(one, before, [], "delete_lines").result(30)
    assert not said(quiet, one)
    quiet.transcripts.read_file(one, file).result(30)
    after = said(quiet, one)
    assert [(line.span, line.text) for line in after] == [(line.span, line.text) for line in before]
    if to == "json":
        assert [line.words for line in after] == [line.words for line in before]
    assert after[0].source.analyser == "subtitles" and after[0].language == "en"
    quiet.undo().result(30)
    quiet.undo().result(30)
    assert said(quiet, one) == before


def test_a_language_that_is_asked_for_is_not_answered_in_another_one(
    quiet: Assistant, samples: Path, tmp_path: Path
) -> None:
    (one,) = filled(quiet, samples, tmp_path / "films", "one.mp4")
    film = tmp_path / "films" / "one.mp4"
    assert quiet.transcribe(film, one, language="en").result(30) == quiet.transcribe(film, one).result(30)
    with pytest.raises(UserFixable, match=r"model\.missing"):  # it is listened to, for which there is no network here
        quiet.transcribe(film, one, language="de").result(60)
    for same in ("eng", "EN", "en-US", "en_GB", "English"):
        assert quiet.transcribe(film, one, language=same).result(60) == quiet.transcribe(film, one).result(30)
    film.with_name("one.zh.srt").write_text("1\n00:00:01,000 --> 00:00:02,000\n潮水很高\n")
    for same in ("zh", "zh_CN"):
        assert [line.text for line in quiet.transcribe(film, language=same).result(60)] == ["潮水很高"]
    with pytest.raises(UserFixable, match=r"model\.missing"):
        quiet.transcribe(film, language="de").result(60)


def test_what_is_still_being_written_down_is_not_saved(quiet: Assistant, samples: Path, tmp_path: Path) -> None:
    film = shutil.copy(samples / "journey.mp4", tmp_path / "film.mp4")
    (one,) = quiet.import_paths([Path(film)], analyse=False).result(60).added
    quiet.library.save_findings(one, "speech", 1, "", "", [heard(0, "six seven")], 2_000, is_first_chunk=True)
    quiet.library.enqueue([JobRow(one, "speech", 1)])
    saved = quiet.transcripts.save([one], "srt").result(30)
    assert not saved.written and not saved.silent and not list(tmp_path.glob("*.srt"))
    assert [why.code for _, why in saved.failed] == ["error.workflows.half_transcript"]
    named = tmp_path / "named.srt"
    with pytest.raises(UserFixable, match="half_transcript"):
        quiet.transcripts.save_as(one, "srt", named).result(30)
    assert not named.exists()
    quiet.library.cancel_jobs([one], ["speech"])
    assert quiet.transcripts.save_as(one, "srt", named).result(30) == named, "nothing more will come"
    assert not quiet.transcripts.save([one], "srt").result(30).failed


def test_words_without_times_are_saved_as_text_alone(quiet: Assistant, samples: Path, tmp_path: Path) -> None:
    one, two = filled(quiet, samples, tmp_path / "films", "one.mp4", "two.mp4")
    span = TimeSpan(0, 9000)
    sung: list[Finding] = [Moment(span, Sense.SAID, Layer.LINE, text=text) for text in ("the tide", "turns")]
    quiet.library.save_findings(one, "speech", 2, "", "", sung, is_first_chunk=True)
    quiet.library.finish_analysis(one, "speech", 2)
    saved = quiet.transcripts.save([one, two], "srt").result(30)
    assert [file.name for file in saved.written] == ["two.en.srt"], "one stops no other"
    assert [why.code for _, why in saved.failed] == ["error.workflows.no_times"]
    named = tmp_path / "named.lrc"
    with pytest.raises(UserFixable, match="no_times"):
        quiet.transcripts.save_as(one, "lrc", named).result(30)
    assert not named.exists()
    saved = quiet.transcripts.save([one], "txt").result(30)
    assert [file.read_text("utf-8") for file in saved.written] == ["the tide\nturns\n"]


def test_half_a_transcript_is_not_given_out_as_the_whole(assistant: Assistant, recording: Path) -> None:
    (item_id,) = assistant.import_paths([recording], analyse=False).result(60).added
    library = assistant.library
    library.save_findings(item_id, "speech", 1, "", "", [heard(0, "six seven")], 2_000, is_first_chunk=True)
    for wish in ("", "en_US"):
        heard_anew = assistant.transcribe(recording, item_id, language=wish).result(120)
        assert [line.text for line in heard_anew] == TEXTS, "it listens itself"
    library.finish_analysis(item_id, "speech", 1)
    assert [line.text for line in assistant.transcribe(recording, item_id).result(30)] == ["six seven"]
    saved = assistant.transcripts.save([item_id], "srt").result(30)
    assert [file.name for file in saved.written] == ["digits.en.srt"] and not saved.failed


def test_a_corrected_text_finds_its_times_in_what_was_heard(quiet: Assistant, samples: Path, tmp_path: Path) -> None:
    (one,) = filled(quiet, samples, tmp_path / "films", "one.mp4")
    text = tmp_path / "one.txt"
    quiet.transcripts.save_as(one, "txt", text).result(30)
    text.write_text(text.read_text().replace("hide", "tide").replace("turns\n", "turns at last\n"))
    quiet.transcripts.read_file(one, text).result(30)
    lines = said(quiet, one)
    assert [line.text for line in lines] == ["the tide is high", "the tide turns at last", "home"]
    assert [span_of(line).start_ms for line in lines] == [0, 3000, 6000]
    assert lines[2].source.analyser == "speech", "what was right stays as it was heard"
    assert lines[0].words[3] == Word(1200, 1600, "high", 0.9)


def test_other_programs_files_are_read(quiet: Assistant, samples: Path, tmp_path: Path) -> None:
    (one,) = filled(quiet, samples, tmp_path / "films", "one.mp4")
    styled = tmp_path / "one.zh.ass"
    styled.write_text(
        "[Script Info]\nScriptType: v4.00+\n\n[V4+ Styles]\nFormat: Name, Fontname\nStyle: Default,Arial\n\n[Events]\n"
        "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
        "Dialogue: 0,0:00:01.00,0:00:02.50,Default,,0,0,0,,{\\i1}潮水{\\i0}很高\\N第二行\n"
        "Comment: 0,0:00:01.00,0:00:02.50,Default,,0,0,0,,not said\n"
    )
    quiet.transcripts.read_file(one, styled).result(30)
    chinese = [line for line in said(quiet, one) if line.language == "zh"]
    assert [(line.span, line.text) for line in chinese] == [(TimeSpan(1000, 2500), "潮水很高\n第二行")]
    assert len(said(quiet, one)) == 4, "English stays beside it"
    assert format_lines(spoken_lines(quiet.library, one, "zh"), "txt") == "潮水很高 第二行\n"
    shown = details_document(quiet.library.details(one), lambda sentence: sentence.code)
    assert [line["text"] for line in shown["transcript"]["segments"]] == ["the hide is high", "the hide turns", "home"]
    assert "潮水很高\n第二行" in [moment["text"] for moment in shown["moments"]]
    assert format_lines(spoken_lines(quiet.library, one), "txt").startswith("the hide")
    whisper = tmp_path / "other.json"
    whisper.write_text(
        '{"language": "en", "segments": [{"start": 0.5, "end": 1.25, "text": " Hello there",'
        ' "words": [{"word": " Hello", "start": 0.5, "end": 0.8, "probability": 0.4}]}]}'
    )
    quiet.transcripts.read_file(one, whisper).result(30)
    english = [line for line in said(quiet, one) if line.language == "en"]
    assert [(line.span, line.text, line.words) for line in english] == [
        (TimeSpan(500, 1250), "Hello there", (Word(500, 800, "Hello", 0.4),))
    ]
    told = whisper.rename(tmp_path / "other.it.json")
    assert read_transcript(told).language == "en", "what it says of itself"
    lyrics = tmp_path / "other.lrc"
    lyrics.write_text("[00:01.00]first\n[00:02.50]\n[6061:00.25]late\n")
    quiet.transcripts.read_file(one, lyrics).result(30)
    spans = [line.span for line in said(quiet, one) if line.language == "en"]
    assert spans == [TimeSpan(1000, 2500), TimeSpan(363_660_250, 363_664_250)]
    for name, content in (("a.json", "{}"), ("b.json", "[[[["), ("c.srt", "nothing"), ("d.txt", " \n")):
        (tmp_path / name).write_text(content)
        with pytest.raises(UserFixable):
            quiet.transcripts.read_file(one, tmp_path / name).result(30)


def test_a_persons_line_is_the_one_that_is_exported(quiet: Assistant, samples: Path, tmp_path: Path) -> None:
    (one,) = filled(quiet, samples, tmp_path / "films", "one.mp4")
    line = said(quiet, one)[0]
    quiet.transcripts.rewrite(one, [line], [retype(line, "the tide is high")]).result(30)
    assert said(quiet, one)[0].source == PERSON
    known = quiet.transcribe(tmp_path / "films" / "one.mp4", one).result(30)
    assert [line.text for line in known] == ["the tide is high", "the hide turns", "home"]
