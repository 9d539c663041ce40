from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from media_assistant.errors import UserFixable
from media_assistant.inference.hardware import Hardware
from media_assistant.inference.store import ModelStore, State, open_store
from media_assistant.paths import find_paths

CPU = Hardware(2, 4096, ("CPUExecutionProvider",), 0)
GPU = Hardware(8, 65536, ("CUDAExecutionProvider", "CPUExecutionProvider"), 1)


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    catalogue = tmp_path / "catalogue.toml"
    catalogue.write_text(
        '[[model]]\nid = "far"\nrepo = "a/far"\nrevision = "main"\nfiles = ["model.bin"]\nlicence = "MIT"\n'
        'size_bytes = 12\n[model.card]\ntask = "speech-recognition"\nsession = "faster-whisper"\n'
        'languages = ["*"]\nmodel = "."\n'
    )
    return ModelStore([tmp_path / "extra"], tmp_path / "user", tmp_path / "bundled", catalogue)


def test_the_order_of_folders_decides_who_owns_an_id(
    store: ModelStore, tmp_path: Path, make_clip: Callable[..., Path]
) -> None:
    make_clip(tmp_path / "bundled" / "tiny", licence="bundled")
    assert store.card("tiny").licence == "bundled"
    make_clip(tmp_path / "user" / "tiny", licence="user")
    assert store.card("tiny").licence == "user"
    make_clip(tmp_path / "extra" / "tiny", licence="extra")
    assert [card.licence for card in store.cards()] == ["extra"]


def test_choosing(store: ModelStore, tmp_path: Path, make_clip: Callable[..., Path]) -> None:
    make_clip(tmp_path / "user" / "a", id="a", priority=5)
    make_clip(tmp_path / "user" / "b", id="b", languages=["en", "zh"])
    make_clip(tmp_path / "user" / "c", id="c", priority=5, runs_best_on="gpu")
    make_clip(tmp_path / "user" / "d", id="d", priority=9, memory_mb=8192)
    task = "image-text-embedding"

    def found(*languages: str, chosen: str = "", hardware: Hardware = CPU) -> str:
        card = store.find(task, languages, chosen, hardware)
        return card.id if card else ""

    assert found() == "a"
    assert found("zh") == "b"
    assert found("zh", chosen="a") == "a"
    assert found(chosen="gone") == "a"
    assert found(hardware=GPU) == "d"
    assert [card.id for card in store.find_all(task, (), "", GPU)] == ["d", "c", "a", "b"]
    assert store.find("speech-recognition") is None


def test_what_the_models_that_fit_here_ask_of_a_computer(
    store: ModelStore, tmp_path: Path, make_clip: Callable[..., Path]
) -> None:
    make_clip(tmp_path / "user" / "a", id="a")
    assert store.most_memory_mb(CPU) == 0
    make_clip(tmp_path / "user" / "b", id="b", memory_mb=CPU.memory_mb)
    make_clip(tmp_path / "user" / "c", id="c", memory_mb=CPU.memory_mb + 1)
    make_clip(tmp_path / "user" / "d", id="d", memory_mb="much")
    assert store.most_memory_mb(CPU) == CPU.memory_mb


def test_among_equals_what_was_measured_decides(
    store: ModelStore, tmp_path: Path, make_clip: Callable[..., Path]
) -> None:
    for name in ("one", "two", "unmeasured"):
        make_clip(tmp_path / "user" / name, id=name, priority=5)
    make_clip(tmp_path / "user" / "better", id="better", priority=6)

    def order(**speeds: float) -> list[str]:
        return [card.id for card in store.find_all("image-text-embedding", ("en",), "", CPU, speeds)]

    assert order(one=0.2, two=0.1) == ["better", "two", "one", "unmeasured"]
    assert order(one=0.1, two=0.2, better=9.0) == ["better", "one", "two", "unmeasured"]


def test_states(store: ModelStore, tmp_path: Path, make_clip: Callable[..., Path]) -> None:
    make_clip(tmp_path / "user" / "good", id="good")
    (tmp_path / "user" / "no-card").mkdir()
    (make_clip(tmp_path / "extra" / "lacking", id="lacking") / "onnx" / "text_model.onnx").unlink()
    states = {state.id: state for state in store.states()}
    assert states["good"].state is State.READY
    assert states["good"].size_bytes > 1000
    assert states["good"].is_removable
    assert states["no-card"].state is State.BROKEN
    assert states["no-card"].why.code == "error.model.no_card"
    assert states["lacking"].why.code == "error.model.file_missing"
    assert not states["lacking"].is_removable
    assert states["far"].state is State.AVAILABLE
    assert states["far"].why.code == "model.not_yet_checked"
    assert states["far"].size_bytes == 12


def test_a_folder_that_is_a_model_itself_counts(tmp_path: Path, make_clip: Callable[..., Path]) -> None:
    folder = make_clip(tmp_path / "somewhere")
    store = ModelStore([folder, tmp_path / "gone"], tmp_path / "user", tmp_path / "none", tmp_path / "none.toml")
    assert [card.id for card in store.cards()] == ["tiny"]


def test_verify_an_unknown_model(store: ModelStore) -> None:
    with pytest.raises(UserFixable) as caught:
        store.verify("nobody")
    assert caught.value.code == "model.unknown"


def test_the_programs_own_store_has_its_text_network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MEDIA_ASSISTANT_MODELS", str(tmp_path))
    store = open_store(find_paths())
    card = store.find("text-embedding", ("en", "zh"))
    assert card is not None
    store.verify(card.id)
    assert all(state.licence for state in store.states())
