"""Makes `resources/samples`: the film, the melodies, the sound of waves, the photo, and `truth.json` for the tests.

Run it only to make them anew: `.venv/bin/python build/make_samples.py`. It needs espeak-ng, DejaVu and Noto CJK fonts on
the system; the four texts are written by hand and stay as they are. Everything here is the project's own work.
"""

from __future__ import annotations

import io
import json
import subprocess
import wave
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import sample_scenes as scenes
from numpy.typing import NDArray

OUT = Path(__file__).resolve().parent.parent / "resources" / "samples"

WIDTH, HEIGHT, RATE = 640, 360, 25
SHOTS = (
    (scenes.lighthouse, 100, "Lighthouse Bay", "灯塔海湾", "Welcome to lighthouse bay."),
    (scenes.moonlight, 110, "Moon and Stars", "月亮与星星", "The moon is bright tonight."),
    (scenes.forest, 90, "Morning Forest", "清晨森林", "Seven. Three. Five."),
    (scenes.city, 120, "City Lights", "城市灯火", "Ten thousand windows light up in the city."),
    (scenes.balloon, 80, "Over the Lake", "飞过湖面", "Nine. Zero. Two."),
)
SPEECH_AFTER_S = 0.6

NOTES = {name: number for number, name in enumerate(("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"))}


def hertz(note: str) -> float:
    """`A4` is 440 Hz."""
    return float(440.0 * 2 ** ((NOTES[note[:-1]] + 12 * int(note[-1]) - 57) / 12))


def spoken(text: str, rate_hz: int) -> NDArray[np.float32]:
    """What espeak-ng says, without the silence around it."""
    said = subprocess.run(
        ["espeak-ng", "-v", "en-gb", "-s", "135", "-g", "4", "--stdout", text], capture_output=True, check=True
    ).stdout
    with wave.open(io.BytesIO(said)) as file:
        theirs = file.getframerate()
        raw = np.frombuffer(said[44:], np.int16).astype(np.float32) / 32768
    loud = np.flatnonzero(np.abs(raw) > 0.01)
    raw = raw[loud[0] : loud[-1] + 1]
    at = np.arange(0, len(raw) - 1, theirs / rate_hz)
    return np.interp(at, np.arange(len(raw)), raw).astype(np.float32)


def tone(frequency: float, seconds: float, rate_hz: int, *, decay: float, harmonics: int = 6) -> NDArray[np.float64]:
    """A plucked string: harmonics that die away the sooner the higher they are."""
    t = np.arange(int(seconds * rate_hz)) / rate_hz
    wave_ = np.zeros_like(t)
    for k in range(1, harmonics + 1):
        if frequency * k < rate_hz / 2.2:
            wave_ += np.sin(2 * np.pi * frequency * k * t) / k**1.4 * np.exp(-t * decay * (1 + 0.5 * k))
    return wave_ * np.minimum(1, t / 0.004) * np.minimum(1, (seconds - t) / 0.02)


def drum(which: str, rate_hz: int, chance: np.random.Generator) -> NDArray[np.float64]:
    """A kick, a snare or a hat."""
    t = np.arange(int(0.25 * rate_hz)) / rate_hz
    if which == "kick":
        return 0.9 * np.sin(2 * np.pi * (50 * t + 3.2 * (1 - np.exp(-t * 30)))) * np.exp(-t * 18)
    noise = chance.standard_normal(len(t))
    if which == "snare":
        return (0.28 * noise + 0.2 * np.sin(2 * np.pi * 190 * t)) * np.exp(-t * 26)
    return 0.09 * np.diff(noise, prepend=0) * np.exp(-t * 70)


def melody(tempo_bpm: float, bars: list[tuple[str, str]], rate_hz: int, seed: int) -> NDArray[np.float64]:
    """Four beats a bar; each bar is (chord notes with the bass first, eight notes of melody, `.` rests)."""
    beat = 60 / tempo_bpm
    sound = np.zeros(int((len(bars) * 4 + 2) * beat * rate_hz))
    chance = np.random.default_rng(seed)

    def add(what: NDArray[np.float64], at_beat: float, loud: float) -> None:
        start = round(at_beat * beat * rate_hz)
        end = min(len(sound), start + len(what))
        sound[start:end] += loud * what[: end - start]

    for bar, (chord, tune) in enumerate(bars):
        first = bar * 4.0
        bass, *notes = chord.split()
        for part in (0, 2):
            add(tone(hertz(bass), beat * 1.9, rate_hz, decay=1.2, harmonics=4), first + part, 0.5)
        for part in range(4):
            for note in notes:
                add(tone(hertz(note), beat * 0.95, rate_hz, decay=2.2), first + part, 0.13)
            add(drum("kick" if part % 2 == 0 else "snare", rate_hz, chance), first + part, 0.55)
            for half in (0, 0.5):
                add(drum("hat", rate_hz, chance), first + part + half, 0.8)
        for eighth, note in enumerate(tune.split()):
            if note != ".":
                add(tone(hertz(note), beat * 1.2, rate_hz, decay=1.8), first + eighth / 2, 0.36)
    return sound / np.abs(sound).max() * 0.8


A_MINOR = [
    ("A2 C4 E4", "A4 . E5 D5 C5 . B4 ."),
    ("F2 A3 C4", "A4 . C5 . F5 E5 C5 ."),
    ("D2 D4 F4", "D5 . F5 E5 D5 . A4 ."),
    ("E2 G#3 B3", "E5 . D5 B4 G#4 . B4 ."),
    ("A2 C4 E4", "C5 . A4 B4 C5 . E5 ."),
    ("F2 A3 C4", "F5 . E5 C5 A4 . C5 ."),
    ("E2 G#3 B3", "B4 . G#4 . E5 . D5 ."),
    ("A2 C4 E4", "C5 . B4 . A4 . . ."),
]
D_MAJOR = [
    ("D2 F#4 A4", "D5 . F#5 A5 F#5 . D5 ."),
    ("A2 C#4 E4", "E5 . C#5 . A4 . C#5 E5"),
    ("B2 D4 F#4", "D5 . F#5 . B4 . D5 ."),
    ("G2 B3 D4", "G5 F#5 E5 . D5 . B4 ."),
    ("D2 F#4 A4", "A4 . D5 F#5 A5 . F#5 ."),
    ("G2 B3 D4", "B4 . D5 . G5 . F#5 ."),
    ("A2 C#4 E4", "E5 . E5 F#5 E5 . C#5 ."),
    ("D2 F#4 A4", "D5 . . . D5 . . ."),
]


def waves(seconds: float, rate_hz: int) -> NDArray[np.float64]:
    """The sea on a beach: noise whose colour and strength swell and ebb, each wave a little different."""
    chance = np.random.default_rng(3)
    count = int(seconds * rate_hz)
    t = np.arange(count) / rate_hz
    frequencies = np.fft.rfftfreq(count, 1 / rate_hz)

    def coloured(low: float, high: float, slope: float) -> NDArray[np.float64]:
        spectrum = np.fft.rfft(chance.standard_normal(count))
        spectrum *= (np.maximum(frequencies, 20) / 500) ** -slope
        spectrum *= 1 / (1 + (low / np.maximum(frequencies, 1)) ** 4) / (1 + (frequencies / high) ** 4)
        found = np.fft.irfft(spectrum, count)
        return np.asarray(found / found.std())

    swell = np.zeros(count)
    crest = 1.6
    while crest < seconds + 2:
        strength = 0.7 + 0.3 * chance.random()
        rise, fall = t - crest, t - crest
        swell += strength * np.where(rise < 0, np.exp(-((rise / 1.1) ** 2)), np.exp(-fall / 1.9))
        crest += 4.2 + 1.6 * chance.random()
    body = coloured(60, 700, 0.8) * (0.25 + 0.75 * swell)
    foam = coloured(1200, 6500, 0.3) * (0.03 + 0.5 * swell**2)
    both = body + 0.6 * foam
    edge = np.minimum(1, np.minimum(t, seconds - t) / 0.8)
    return both / np.abs(both).max() * 0.7 * edge


def write_sound(
    name: str, samples: NDArray[np.float64], rate_hz: int, codec: str, bit_rate: int, tags: dict[str, str]
) -> None:
    """One mono channel into a file of its own."""
    with av.open(str(OUT / name), "w") as file:
        stream = file.add_stream(codec, rate=rate_hz)
        assert isinstance(stream, av.AudioStream)
        stream.layout = "mono"
        stream.format = stream.codec_context.codec.audio_formats[0].name
        if bit_rate:
            stream.bit_rate = bit_rate
        file.metadata.update(tags)
        for packet in _encode(stream, samples, rate_hz):
            file.mux(packet)


def _encode(stream: av.AudioStream, samples: NDArray[np.float64], rate_hz: int) -> list[av.Packet]:
    if not stream.codec_context.is_open:
        stream.codec_context.open()
    resampler = av.AudioResampler(stream.format, stream.layout, rate_hz, frame_size=stream.codec_context.frame_size)
    packets: list[av.Packet] = []
    block = 4096
    for start in range(0, len(samples), block):
        piece = samples[start : start + block].astype(np.float32)[None]
        frame = av.AudioFrame.from_ndarray(piece, format="flt", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = rate_hz, start, Fraction(1, rate_hz)
        for ready in resampler.resample(frame):
            packets += stream.encode(ready)
    for ready in resampler.resample(None):
        packets += stream.encode(ready)
    return packets + stream.encode(None)


def write_film() -> dict[str, object]:
    """The film; returns what is true of it."""
    sound_rate = 44_100
    total = sum(shot[1] for shot in SHOTS)
    sound = np.zeros(total * sound_rate // RATE)
    truth: list[dict[str, object]] = []
    start = 0
    for _, frames, english, chinese, words in SHOTS:
        said = spoken(words, sound_rate)
        at_s = start / RATE + SPEECH_AFTER_S
        first = int(at_s * sound_rate)
        sound[first : first + len(said)] += said * 0.7 / np.abs(said).max()
        ends_s = at_s + len(said) / sound_rate
        if ends_s > (start + frames) / RATE:
            raise ValueError(f"{words!r} does not fit into its shot")
        truth.append(
            {
                "start_frame": start,
                "end_frame": start + frames,
                "start_ms": start * 1000 // RATE,
                "end_ms": (start + frames) * 1000 // RATE,
                "title_en": english,
                "title_zh": chinese,
                "spoken": words,
                "spoken_start_ms": round(at_s * 1000),
                "spoken_end_ms": round(ends_s * 1000),
            }
        )
        start += frames
    with av.open(str(OUT / "journey.mp4"), "w", options={"movflags": "faststart"}) as file:
        file.metadata.update({"title": "A small journey", "creation_time": "2024-06-15T16:40:00Z"})
        picture = file.add_stream("libx264", rate=RATE, options={"crf": "27", "preset": "slow", "g": "50"})
        assert isinstance(picture, av.VideoStream)
        picture.width, picture.height, picture.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        speech = file.add_stream("aac", rate=sound_rate)
        assert isinstance(speech, av.AudioStream)
        speech.layout, speech.bit_rate = "mono", 64_000
        for scene, frames, english, chinese, _ in SHOTS:
            for frame in range(frames):
                drawn = scene(WIDTH, HEIGHT, frame / RATE)
                scenes.title(drawn, english, chinese, HEIGHT, is_high=scene is scenes.city)
                shown = av.VideoFrame.from_image(scenes.finished(drawn, WIDTH, HEIGHT))
                for packet in picture.encode(shown):
                    file.mux(packet)
        for packet in picture.encode(None):
            file.mux(packet)
        for packet in _encode(speech, sound, sound_rate):
            file.mux(packet)
    return {"rate": RATE, "width": WIDTH, "height": HEIGHT, "duration_ms": total * 1000 // RATE, "shots": truth}


def main() -> None:
    """Make everything."""
    OUT.mkdir(parents=True, exist_ok=True)
    write_sound(
        "evening-walk.ogg",
        melody(96, A_MINOR + A_MINOR[:4], 48_000, 1),
        48_000,
        "libopus",
        56_000,
        {"title": "Evening walk", "artist": "Media Assistant samples", "album": "Two melodies", "date": "2024"},
    )
    write_sound(
        "bright-morning.flac",
        melody(128, D_MAJOR + D_MAJOR[:4], 22_050, 2),
        22_050,
        "flac",
        0,
        {"title": "Bright morning", "artist": "Media Assistant samples", "album": "Two melodies", "date": "2024"},
    )
    write_sound("waves.ogg", waves(16.0, 48_000), 48_000, "libopus", 48_000, {"title": "Waves on a beach"})
    truth = {
        "journey.mp4": write_film(),
        "evening-walk.ogg": {"tempo_bpm": 96, "key": "A minor"},
        "bright-morning.flac": {"tempo_bpm": 128, "key": "D major"},
        "waves.ogg": {"sound": "waves", "sound_zh": "海浪"},
        "balloon.jpg": scenes.write_photo(OUT / "balloon.jpg"),
        "lighthouse.md": {"language": "en", "topic": "sea"},
        "灯塔与大海.txt": {"language": "zh", "topic": "sea"},
        "night-sky.txt": {"language": "en", "topic": "night sky"},
        "夜空.html": {"language": "zh", "topic": "night sky"},
    }
    (OUT / "truth.json").write_text(json.dumps(truth, ensure_ascii=False, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
