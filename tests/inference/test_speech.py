from __future__ import annotations

import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from media_assistant.errors import UserFixable
from media_assistant.inference.card import load_card
from media_assistant.inference.install import to_toml
from media_assistant.inference.repeats import is_loop, without_loops
from media_assistant.inference.speech import Speech, _blocks, _is_faint


@dataclass(frozen=True)
class Said:
    start_s: float
    end_s: float
    text: str
    avg_logprob: float = -0.2
    no_speech: float = 0.0


@pytest.mark.parametrize(
    "text",
    [
        "thank you " * 12,
        "no no no no no no no no no no no no",
        "谢谢观看" * 6,
        "I'm going to the store, " * 7,
        "哈" * 30,
        "Well, then: " + "and so on and so forth " * 8,
    ],
)
def test_a_stuck_line_is_a_loop(text: str) -> None:
    assert is_loop(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no, no, no!",
        "three three three three",
        "We will, we will rock you. We will, we will rock you.",
        "row row row your boat gently down the stream",
        "好好好，知道了",
        "你好你好你好",
        "one two three four five six seven eight nine zero one two",
        "Thank you. Thank you very much. Thank you all for coming to this place tonight.",
    ],
)
def test_people_may_repeat_themselves(text: str) -> None:
    assert not is_loop(text)


def test_of_a_stuck_row_only_the_first_line_remains() -> None:
    stuck = [Said(2.0 * n, 2.0 * n + 2, "Thanks for watching") for n in range(6)]
    lines = [Said(-5, -1, "Hello"), *stuck, Said(20, 22, "Goodbye")]
    assert [line.text for line in without_loops(lines)] == ["Hello", "Thanks for watching", "Goodbye"]


def test_a_chorus_stays() -> None:
    chorus = [Said(3.0 * n, 3.0 * n + 2 + 0.3 * (n % 3), "let it be") for n in range(5)]
    assert list(without_loops(chorus)) == chorus
    twice = [Said(0, 2, "yes"), Said(2, 4, "yes"), Said(4, 5, "no"), Said(5, 7, "yes")]
    assert list(without_loops(twice)) == twice
    doubtful = [Said(3.0 * n, 3.0 * n + 1 + n, "mm", avg_logprob=-1.4) for n in range(5)]
    assert list(without_loops(doubtful)) == doubtful[:1]


def test_lines_come_as_soon_as_they_are_known() -> None:
    given: list[str] = []

    def source():
        for text in ("one", "two", "three"):
            given.append(text)
            yield Said(0, 1, text)

    first = next(iter(without_loops(source())))
    assert first.text == "one"
    assert given == ["one"]


def test_long_sound_is_cut_where_it_is_quiet() -> None:
    wave = np.ones(16_000 * 4000, np.float32)
    for quiet_s in (1770, 3530):
        wave[16_000 * quiet_s : 16_000 * quiet_s + 4_000] = 0
    blocks = list(_blocks(wave))
    assert blocks[0][0] == 0
    assert blocks[-1][1] == len(wave)
    assert [stop for _, stop in blocks[:-1]] == [start for start, _ in blocks[1:]]
    assert 1770 <= blocks[0][1] / 16_000 <= 1770.3
    assert 3530 <= blocks[1][1] / 16_000 <= 3530.3
    assert list(_blocks(wave[:0])) == []


def test_faint_is_what_nobody_could_understand() -> None:
    assert _is_faint(np.full(16_000, 1e-4, np.float32))
    assert not _is_faint(np.concatenate([np.zeros(16_000), np.full(1_600, 0.01)]).astype(np.float32))


@pytest.fixture
def digits(material: Path) -> Speech:
    return Speech(load_card(material / "models" / "asr-whisper-digits"), threads=2)


def test_where_nobody_speaks_nothing_is_written(digits: Speech) -> None:
    generator = np.random.default_rng(3)
    for sound in (
        np.zeros(0, np.float32),
        np.zeros(80_000, np.float32),
        generator.normal(0, 0.05, 160_000).astype(np.float32),
        np.sin(np.arange(160_000) * 0.1).astype(np.float32),
    ):
        language, segments = digits.transcribe(sound)
        assert list(segments) == []
        assert language == ""


def said(material: Path, name: str) -> np.ndarray:
    with wave.open(str(material / "media" / "digits" / name)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), np.int16).astype(np.float32) / 32768


@pytest.mark.parametrize("words", [False, True])
def test_times_hold_in_the_middle_of_silence(digits: Speech, material: Path, words: bool) -> None:
    """The model hears six seconds at a time; what is said later must still be found, at its place."""
    heard = said(material, "jackson_07.wav")
    silence = np.zeros(16_000 * 9, np.float32)
    (line,) = digits.transcribe(np.concatenate([silence, heard, silence]), words=words)[1]
    assert line.text == "six seven three zero"
    assert 8.4 < line.start_s < 9.3
    assert 11.6 < line.end_s < 12.8
    assert [word.text for word in line.words] == (["six", "seven", "three", "zero"] if words else [])


def test_a_line_does_not_reach_over_a_long_pause(digits: Speech, material: Path) -> None:
    """Silence is taken out before the network hears it, so its own segments join what lies far apart."""
    heard, silence = said(material, "jackson_07.wav"), np.zeros(16_000 * 9, np.float32)
    lines = list(digits.transcribe(np.concatenate([silence, heard, silence, heard, silence]))[1])
    assert len(lines) >= 2
    assert all(line.end_s - line.start_s < 5 for line in lines)
    assert lines[0].text == "six seven three zero"
    assert lines[1].start_s > 20


def test_batches_give_the_same_words(digits: Speech, material: Path) -> None:
    spaced = np.concatenate([np.pad(said(material, "george_06.wav"), (0, 16_000 * 4)) for _ in range(4)])
    one_by_one = digits.transcribe(spaced, words=False, batch_size=0)[1]
    together = digits.transcribe(spaced, words=False, batch_size=4)[1]
    words = " ".join(line.text for line in together)
    assert words == " ".join(line.text for line in one_by_one)
    assert words.startswith("zero two six")


def test_a_freed_model_opens_again(digits: Speech, material: Path) -> None:
    digits.transcribe(np.zeros(16_000, np.float32))
    digits.free()
    assert digits._model is None
    digits.transcribe(np.zeros(16_000, np.float32))
    assert digits._model is not None


def test_a_broken_model_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(b"nonsense" * 100)
    (tmp_path / "config.json").write_text("{}")
    card = {
        "id": "x",
        "task": "speech-recognition",
        "session": "faster-whisper",
        "languages": ["*"],
        "licence": "MIT",
        "model": ".",
    }
    (tmp_path / "model.toml").write_text(to_toml(card))
    with pytest.raises(UserFixable) as caught:
        Speech(load_card(tmp_path)).transcribe(np.zeros(16_000, np.float32))
    assert caught.value.code == "model.not_loadable"


@pytest.mark.parametrize("asked", ["en-US", "en_GB", "EN"])
def test_a_language_is_told_without_its_country(digits: Speech, material: Path, asked: str) -> None:
    """The network's own names have none: it would refuse them."""
    language, segments = digits.transcribe(said(material, "jackson_07.wav"), language=asked)
    assert (language, [segment.text for segment in segments]) == ("en", ["six seven three zero"])
