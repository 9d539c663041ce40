"""Makes a model pack: chosen models with their cards, hashes and licences in one archive that lies beside the installer.

    model_pack.py OUT VERSION WHAT…     run by `dev.py bundle --model-pack WHAT…`, in the bundle's environment

WHAT is a model's folder, a folder of such folders (as the models folder of a computer that has them), or the id of an entry of the
catalogue, which is then downloaded. A model that may not be passed on, or of which no licence text is at hand, is refused.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT))

from media_assistant.errors import UserFixable  # noqa: E402
from media_assistant.inference.card import CARD_NAME, ModelCard, load_card  # noqa: E402
from media_assistant.inference.catalogue import CatalogueEntry, load_catalogue  # noqa: E402
from media_assistant.inference.download import download  # noqa: E402
from media_assistant.inference.install import import_folder  # noqa: E402
from media_assistant.inference.model_pack import LIST, NAME  # noqa: E402

# What says no, wherever it stands in the words of a licence, and what says yes; silence is no.
_NO = re.compile(
    r"\bNC\b|non.?commercial|\bND\b|no.?deriv|research (use )?only|test use|evaluation|proprietary|all rights|"
    r"\bRAIL|llama|gemma|community licen|yours",
    re.IGNORECASE,
)
_TEXTS = {
    r"\bMIT\b": "MIT.txt",
    r"Apache": "Apache-2.0.txt",
    r"BSD.?3|BSD-3-Clause": "BSD-3-Clause.txt",
    r"\bISC\b": "ISC.txt",
    r"CC.?BY.?SA.?4": "CC-BY-SA-4.0.txt",
    r"CC.?BY.?4": "CC-BY-4.0.txt",
    r"\bCC0\b": "CC0-1.0.txt",
    r"WordNet": "WordNet.txt",
}
"""How a licence may be called, and its text in `licences`; that of Apache is the program's own."""
_OF_ITS_OWN = re.compile(r"(LICEN[CS]E|NOTICE|COPYING)(\.\w+)?", re.IGNORECASE)
_LICENCE = "LICENCE.txt"


def main(words: list[str]) -> int:
    """Returns the exit status; every refusal is printed."""
    out, version, *what = words
    target, refused = make(Path(out), version, what)
    for line in refused:
        print(f"left out: {line}")
    if target is None:
        print("No model is left, so there is no pack.")
        return 1
    print(f"{target.stat().st_size / 1e6:8.1f} MB  {target}")
    return 0


def make(out: Path, version: str, what: list[str]) -> tuple[Path | None, list[str]]:
    """(the archive, a sentence for each model that was refused). Raises UserFixable where a model is broken."""
    catalogue = load_catalogue(ROOT / "models" / "catalogue.toml")
    user = out / "model-pack"
    shutil.rmtree(user, ignore_errors=True)
    refused, cards = [], []
    for each in what:
        for source in _models_of(Path(each), catalogue):
            name, licence = (
                (source.id, source.licence) if isinstance(source, CatalogueEntry) else _of_folder(source, catalogue)
            )
            if why := refusal(licence):
                refused.append(f"{name}: {why}")
                continue
            cards.append(
                download(source, user) if isinstance(source, CatalogueEntry) else import_folder(source, user, catalogue)
            )
    if not cards:
        return None, refused
    return _write(out / f"{NAME}-{version}.zip", version, cards), refused


def refusal(licence: str) -> str:
    """Why a model under a licence of these words may not be in a pack; empty where it may."""
    if found := _NO.search(licence):
        return f"its licence says “{found[0]}”: {licence}"
    if not texts_of(licence):
        return f"nothing is known of its licence, or its text is not at hand: {licence or 'none'}"
    return ""


def texts_of(licence: str) -> list[Path]:
    """The texts of all licences that are named."""
    names = [file for words, file in _TEXTS.items() if re.search(words, licence, re.IGNORECASE)]
    return [ROOT / "LICENSE" if name == "Apache-2.0.txt" else HERE / "licences" / name for name in names]


def _models_of(place: Path, catalogue: dict[str, CatalogueEntry]) -> list[Path | CatalogueEntry]:
    if not place.is_dir():
        if place.name not in catalogue:
            raise SystemExit(f"{place} is neither a folder nor an entry of the catalogue.")
        return [catalogue[place.name]]
    if (place / CARD_NAME).is_file():
        return [place]
    inside = sorted(file.parent for file in place.glob(f"*/{CARD_NAME}"))
    return list(inside) or [place]


def _of_folder(folder: Path, catalogue: dict[str, CatalogueEntry]) -> tuple[str, str]:
    """(name, licence): by its card, or as the catalogue says of what the folder is called after."""
    if (folder / CARD_NAME).is_file():
        card = load_card(folder)
        return card.id, card.licence
    known = next((each for each in catalogue.values() if folder.name in (each.id, each.repo.split("/")[-1])), None)
    return folder.name, known.licence if known else ""


def _write(target: Path, version: str, cards: list[ModelCard]) -> Path:
    beside = target.with_suffix(".new")
    models = []
    # Networks hardly get smaller, and a pack that is only stored opens at once.
    with zipfile.ZipFile(beside, "w", zipfile.ZIP_STORED) as archive:
        for card in cards:
            files = [file for file in sorted(card.folder.rglob("*")) if file.is_file()]
            for file in files:
                archive.write(file, f"{card.id}/{file.relative_to(card.folder).as_posix()}")
            archive.writestr(f"{card.id}/{_LICENCE}", licence_text(card))
            size = sum(file.stat().st_size for file in files)
            models.append({"id": card.id, "task": card.task, "licence": card.licence, "size_bytes": size})
        archive.writestr(LIST, json.dumps({"version": version, "models": models}, ensure_ascii=False, indent=1))
        archive.writestr(
            "READ ME.txt",
            _READ_ME.format(version=version, models="\n".join(f"  {one['id']}: {one['licence']}" for one in models)),
        )
    beside.replace(target)
    return target


def licence_text(card: ModelCard) -> str:
    """What its card says, then the texts: the model's own files, and those of all licences that are named."""
    origin = card.extra.get("origin") or card.extra.get("source") or card.extra.get("repo") or ""
    parts = [f"{card.id}\n{card.licence}" + (f"\n{origin}" if origin else "")]
    own = [file for file in sorted(card.folder.iterdir()) if _OF_ITS_OWN.fullmatch(file.name)]
    parts += [file.read_text("utf-8", "replace") for file in (*own, *texts_of(card.licence))]
    return f"\n\n{'-' * 70}\n\n".join(parts)


_READ_ME = """A model pack of Media Assistant {version}, for computers without a network. Leave it packed.

Put it beside the program or among the downloads: the program finds it and offers to install it. Or: Models, "Add a
model pack", or in a terminal: media-assistant models install THIS-FILE

{models}
"""


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except UserFixable as fault:
        sys.exit(f"No pack was made: {fault}")
