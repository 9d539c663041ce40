"""Transcription of at least ten minutes of joined speech: our whole path against bare faster-whisper.

Same network, same options, both warm, the same sound. Ours decodes the file, finds the speech, cuts at pauses, streams
findings with checkpoints; theirs is handed the decoded sound and transcribes it in one call. Compared in time and text.
"""

from __future__ import annotations

import json
import sys
import tempfile
import wave
from pathlib import Path

import as_worker  # noqa: F401  before NumPy, which looks at its environment once
import numpy as np
from faster_whisper import WhisperModel
from material import find_material, open_models
from measure import in_turn, report

from media_assistant.analysis.run import run
from media_assistant.inference.hardware import detect
from media_assistant.items.kind import Kind
from media_assistant.items.moment import Layer, Moment
from media_assistant.media.registry import open_source
from media_assistant.media.source import Sound

MINUTES = 10
RATE = 16_000


def join_speech(media: Path, file: Path) -> None:
    """The labelled digits with half-second pauses, over and over, as one 16 kHz mono wav."""
    labels = [json.loads(line) for line in (media / "index.jsonl").read_text("utf-8").splitlines()]
    parts: list[np.ndarray] = []
    for label in labels:
        if label["kind"] == "speech-digits":
            source = open_source(media.parent / label["file"], Kind.MUSIC)
            parts += [block.mono for block in source.play(frames=False, sound=True) if isinstance(block, Sound)]
            parts.append(np.zeros(RATE // 2, np.float32))
            source.close()
    once = np.concatenate(parts)
    times = -(-MINUTES * 60 * RATE // len(once))
    samples = (np.clip(np.tile(once, times), -1, 1) * 32767).astype("<i2")
    with wave.open(str(file), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(samples.tobytes())


def main() -> int:
    """Print the JSON line."""
    material = find_material()
    if material is None:
        print(json.dumps({"bench": "transcription", "skipped": "no speech network without the test material"}))
        return 0
    models = open_models()
    speech = models.speech()
    hardware = detect()
    folder = str(speech.card.path(speech.card.model))
    bare = WhisperModel(
        folder, device="cpu", compute_type=hardware.compute_type("cpu"), cpu_threads=2, local_files_only=True
    )
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "speech.wav"
        join_speech(material / "media", file)
        source = open_source(file, Kind.MUSIC)
        sound = np.concatenate([b.mono for b in source.play(frames=False, sound=True) if isinstance(b, Sound)])
        source.close()
        texts: dict[str, str] = {}

        def ours() -> None:
            said = [
                finding.text.strip()
                for _, finding in run(file, Kind.MUSIC, ["speech"], models, options={"languages": "en"})
                if isinstance(finding, Moment) and finding.layer is Layer.LINE
            ]
            texts["ours"] = " ".join(said)

        def theirs() -> None:
            segments, _ = bare.transcribe(
                sound,
                language="en",
                beam_size=5,
                condition_on_previous_text=False,
                word_timestamps=speech.has_word_times,
                vad_filter=True,
            )
            texts["theirs"] = " ".join(segment.text.strip() for segment in segments)

        ours_s, theirs_s = in_turn(ours, theirs, pairs=3)
        same = texts["ours"].split() == texts["theirs"].split()
        report(
            "transcription",
            ours_s,
            theirs_s,
            target="<= 1.03, same text",
            peer="faster_whisper.WhisperModel.transcribe on decoded sound, same options",
            minutes=round(len(sound) / RATE / 60, 1),
            same_text=same,
            words=len(texts["theirs"].split()),
            times_real_time=round(len(sound) / RATE / sorted(ours_s)[len(ours_s) // 2], 1),
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
