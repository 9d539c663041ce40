"""Tries every model of the catalogue for real: download, hashes, opening, one run each. For a machine with the network.

    python3 build/dev.py check-models [--catalogue FILE] [--server ADDRESS] [--keep FOLDER] [ID…]

What does not hold of an entry is printed, a line each: a file that is not there, a size or a licence that is another,
a graph of another shape. Exit status: 0 all hold, 1 some do not, 2 wrong usage, 4 the server cannot be reached.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from media_assistant.errors import UserFixable
from media_assistant.inference.catalogue import CatalogueEntry, load_catalogue
from media_assistant.paths import bundled

OK, WRONG, USAGE, UNREACHABLE = 0, 1, 2, 4
_SIZE_TOLERANCE = 0.05
_GIGABYTE = 1_000_000_000

Tell = Callable[[str], None]


def check(entry: CatalogueEntry, server: str, folder: Path) -> Iterator[str]:
    """What does not hold of one entry. Raises UserFixable("download.offline") where there is no server."""
    from media_assistant.inference import download

    try:
        plan = download.plan(entry, server)
    except UserFixable as fault:
        if fault.code == "download.offline":
            raise
        yield _sentence(fault)
        return
    if entry.size_bytes and abs(plan.size_bytes / entry.size_bytes - 1) > _SIZE_TOLERANCE:
        yield f"size_bytes = {entry.size_bytes} in the catalogue, {plan.size_bytes} on the server"
    if entry.revision not in {"main", plan.revision}:
        yield f"revision = {entry.revision} in the catalogue, {plan.revision} on the server"
    missing = set(entry.files) - {file.name for file in plan.files}
    yield from (f"no such file: {name}" for name in sorted(missing))
    if shutil.disk_usage(folder).free < plan.size_bytes + _GIGABYTE:
        yield f"not tried: {plan.size_bytes} bytes do not fit on this drive"
        return
    try:
        card = download.download(entry, folder, server=server, progress=_show(entry.id))
    except UserFixable as fault:
        if fault.code == "download.offline":
            raise
        yield _sentence(fault)
        return
    try:
        yield from _try(card.id, folder, entry)
    except UserFixable as fault:
        yield _sentence(fault)


def _try(model_id: str, folder: Path, entry: CatalogueEntry) -> Iterator[str]:
    """Open it as a worker does, and run it once."""
    import numpy as np

    from media_assistant.inference.hardware import detect
    from media_assistant.inference.models import Models
    from media_assistant.inference.store import ModelStore

    store = ModelStore([], folder, folder / "none", folder / "none.toml")
    models = Models(store, detect(), chosen={entry.task: model_id}, threads=os.cpu_count() or 1)
    random = np.random.default_rng(1)
    sound = (random.standard_normal(16_000 * 12) * 0.05).astype(np.float32)
    match entry.task:
        case "speech-recognition":
            list(models.speech().transcribe(sound, language="en")[1])
        case "image-text-embedding":
            network = models.image_text()
            seen = network.embed_images([random.integers(0, 255, (300, 400, 3), np.uint8)])
            told = network.embed_texts(["a dog", "海边的灯塔"])
            if seen.shape[1] != entry.card["dimension"] or not (np.isfinite(seen).all() and np.isfinite(told).all()):
                yield f"vectors {seen.shape}, {told.shape}"
        case "text-embedding":
            rows = next(each for each in models.texts() if each.card.id == model_id).embed(["a dog", "灯塔"])
            if rows.shape != (2, entry.card["dimension"]) or not np.isfinite(rows).all():
                yield f"vectors {rows.shape}"
        case "audio-tagging" | "music-tagging":
            tagger = models.sounds() if entry.task == "audio-tagging" else models.music()
            scores, _ = tagger.tag(sound)
            if scores.shape[1] != len(tagger.labels) or not np.isfinite(scores).all():
                yield f"scores {scores.shape} for {len(tagger.labels)} labels"
        case other:
            yield f"nobody knows how to try the task {other}"


def can_reach(server: str) -> str:
    """Why the server cannot be reached, or an empty string. A page that says no is reached all the same."""
    try:
        urllib.request.urlopen(server, timeout=15).close()
    except urllib.error.HTTPError:
        return ""
    except (OSError, ValueError) as fault:
        return str(getattr(fault, "reason", fault))
    return ""


def main(arguments: Sequence[str]) -> int:
    """The command line above."""
    from media_assistant.inference.download import DEFAULT_SERVER

    parser = argparse.ArgumentParser(
        prog="check-models", description="Downloads and tries every model of the catalogue."
    )
    parser.add_argument("ids", nargs="*", metavar="ID")
    parser.add_argument("--catalogue", type=Path, default=bundled("models") / "catalogue.toml")
    parser.add_argument("--server", default=DEFAULT_SERVER)
    parser.add_argument("--keep", type=Path, help="a folder where the models stay")
    asked = parser.parse_args(arguments)
    catalogue = load_catalogue(asked.catalogue)
    if unknown := [model_id for model_id in asked.ids if model_id not in catalogue]:
        print(f"not in the catalogue: {', '.join(unknown)}")
        return USAGE
    if reason := can_reach(asked.server):
        print(f"{asked.server} cannot be reached from here ({reason}). Nothing was checked.")
        return UNREACHABLE
    chosen = [catalogue[model_id] for model_id in asked.ids] if asked.ids else list(catalogue.values())
    bad = 0
    for entry in chosen:
        folder = asked.keep or Path(tempfile.mkdtemp(prefix="check-models-"))
        folder.mkdir(parents=True, exist_ok=True)
        try:
            wrong = list(check(entry, asked.server, folder))
        except UserFixable as fault:
            print(f"{_sentence(fault)} {entry.id} and what follows was not checked.")
            return UNREACHABLE
        finally:
            if asked.keep is None:
                shutil.rmtree(folder, ignore_errors=True)
        bad += bool(wrong)
        print(f"{entry.id}: {'holds' if not wrong else 'does not hold'}", flush=True)
        for line in wrong:
            print(f"    {line}", flush=True)
    print(f"{len(chosen) - bad} of {len(chosen)} hold.")
    return WRONG if bad else OK


def _show(model_id: str) -> Callable[[int, int], None] | None:
    if not sys.stderr.isatty():
        return None
    return lambda done, total: print(
        f"\r{model_id}: {done // 1_000_000} of {total // 1_000_000} MB", end="", file=sys.stderr
    )


def _sentence(fault: UserFixable) -> str:
    from media_assistant import sentences

    return sentences.say("en", f"error.{fault.code}", **fault.parameters)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
