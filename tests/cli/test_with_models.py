"""The program with real networks on real media: speech out of the library and in it, sights in both languages."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def ask(material: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("MEDIA_ASSISTANT_MODELS", str(material / "models"))

    def run(*words: str | Path) -> Any:
        done = subprocess.run(
            [sys.executable, "-m", "media_assistant", *map(str, words), "--json"],
            cwd=ROOT,
            capture_output=True,
            env=os.environ,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        return json.loads(done.stdout)

    return run


def exact_clips(material: Path) -> list[dict[str, Any]]:
    lines = (material / "media" / "index.jsonl").read_text("utf-8").splitlines()
    return [clip for clip in map(json.loads, lines) if clip.get("asr_exact") and not clip.get("long")]


def test_a_clip_is_transcribed_in_and_out_of_the_library(ask: Any, material: Path) -> None:
    clip = next(clip for clip in exact_clips(material) if len(clip["transcript"].split()) > 1)
    path = material / clip["file"]
    outside = ask("transcribe", path)
    said = " ".join(segment["text"] for segment in outside["segments"])
    assert said.split() == clip["transcript"].split()
    for segment in outside["segments"]:
        assert [word["text"].strip() for word in segment["words"]] == segment["text"].split()
        assert all(0 <= word["probability"] <= 1 for word in segment["words"])
    ask("import", path)
    assert ask("show", path)["transcript"]["segments"] == outside["segments"]
    word = clip["transcript"].split()[0]
    assert ask("search", f'said:"{word}"')["results"][0]["item"]["path"] == str(path)


def test_a_transcript_written_beside_its_clip_is_heard_again_and_not_read(
    ask: Any, material: Path, tmp_path: Path
) -> None:
    clip = next(clip for clip in exact_clips(material) if len(clip["transcript"].split()) > 1)
    path = Path(shutil.copy(material / clip["file"], tmp_path))
    ask("import", path)
    heard = ask("show", path)["transcript"]
    ask("transcribe", path, "--output", path.with_suffix(".srt"))
    ask("analyse", path, "--redo", "--only", "subtitles,speech")
    assert ask("show", path)["transcript"] == heard and heard["segments"][0]["words"]


def test_what_only_lacked_a_model_is_done_when_it_comes(
    ask: Any, material: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = material / "media" / "photos" / "dog_151.jpg"
    monkeypatch.delenv("MEDIA_ASSISTANT_MODELS")
    ask("import", photo)
    assert "sights" not in {analysis["analyser"] for analysis in ask("show", photo)["analyses"]}
    monkeypatch.setenv("MEDIA_ASSISTANT_MODELS", str(material / "models"))
    assert ask("analyse")["analyses"]["done"] >= 1
    tags = {tag["name"].lower(): tag for tag in ask("show", photo)["tags"]}
    assert tags["dog"]["names"]["zh"] == "狗"
    assert tags["dog"]["evidence"]
    for query in ("dog", "狗"):
        assert ask("search", query)["results"][0]["item"]["path"] == str(photo)


def test_a_model_folder_installs_verifies_and_goes_again(
    ask: Any, material: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MEDIA_ASSISTANT_MODELS")
    source = material / "models" / "asr-whisper-digits"
    installed = {state["id"]: state for state in ask("models", "install", source)}
    assert installed[source.name]["state"] == "ready"
    assert [state["state"] for state in ask("models", "verify", source.name)] == ["ready"]
    weights = max((ROOT / os.environ["MEDIA_ASSISTANT_HOME"]).rglob("model.bin"), key=lambda file: file.stat().st_size)
    with weights.open("r+b") as file:
        file.seek(weights.stat().st_size // 2)
        byte = file.read(1)
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([byte[0] ^ 1]))
    (broken,) = ask("models", "verify", source.name)
    assert (broken["state"], bool(broken["why"])) == ("broken", True)
    assert source.name not in {
        state["id"] for state in ask("models", "remove", source.name) if state["state"] == "ready"
    }
