"""Every model that comes with the program is complete, and every entry of the catalogue is honest and usable."""

from __future__ import annotations

from pathlib import Path

import pytest

from media_assistant.inference.card import load_card
from media_assistant.inference.catalogue import CatalogueEntry, load_catalogue
from media_assistant.inference.verify import Verifier

MODELS = Path(__file__).resolve().parents[2] / "models"
BUNDLED = sorted(folder for folder in MODELS.iterdir() if folder.is_dir() and not folder.name.startswith(("_", ".")))
CATALOGUE = load_catalogue(MODELS / "catalogue.toml")


@pytest.mark.parametrize("folder", BUNDLED, ids=lambda folder: folder.name)
def test_a_bundled_model_has_card_notice_and_hashes(folder: Path, tmp_path: Path) -> None:
    card = load_card(folder)
    assert card.id == folder.name
    assert len((folder / "NOTICE").read_text("utf-8")) > 200
    weights = [name for name in card.named_files() if name.endswith((".onnx", ".json", ".bin"))]
    assert set(weights) <= set(card.sha256)
    assert sum((folder / name).stat().st_size for name in card.sha256) <= 8_000_000
    assert card.extra["measured"]
    Verifier(tmp_path).check(card)


def test_the_catalogue_covers_what_a_person_can_download() -> None:
    tasks = {entry.task for entry in CATALOGUE.values()}
    assert {"speech-recognition", "image-text-embedding", "audio-tagging", "text-embedding"} <= tasks


@pytest.mark.parametrize("entry", CATALOGUE.values(), ids=lambda entry: entry.id)
def test_an_entry_tells_what_a_person_wants_to_know(entry: CatalogueEntry) -> None:
    assert entry.licence
    assert entry.size_bytes > 1_000_000
    assert entry.about["en"]
    assert entry.about["zh"]
    assert entry.suits in {"small", "good", "gpu"}
    if entry.is_checked:
        assert len(entry.revision) == 40
    named = [
        entry.card.get(key) for key in ("model", "image_model", "text_model", "tokenizer", "labels", "preprocessor")
    ]
    assert {name for name in named if name and name != "."} <= set(entry.files)
    assert "MIT" in entry.licence or "Apache" in entry.licence or "BSD" in entry.licence or "CC BY 4.0" in entry.licence
