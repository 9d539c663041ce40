"""Whose work is in the program: packages and models with their licences, read from what is installed.

The installed program has no packages to ask: its notices were collected when it was made, and lie in a file.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from media_assistant.paths import bundled

ROOT = "media-assistant"
KEPT = "notices.json"
"""Of the bundled resources: what the tool that makes the installed program collected."""
_LONGEST = 200_000


@dataclass(frozen=True, slots=True)
class Notice:
    """`text` is the licence as it came, empty where a package brought none along."""

    name: str
    version: str
    licence: str
    text: str = ""


def list_notices() -> list[Notice]:
    """Packages that the program needs, each once and by name, then the vocabulary and the models that come with it. Reads many small files:
    not for the window's thread.
    """
    kept = bundled("resources") / KEPT
    if kept.is_file():
        return [Notice(**each) for each in json.loads(kept.read_text("utf-8"))]
    found = {_plain(each.name): each for each in metadata.distributions() if each.name}
    wanted, seen = [_plain(ROOT)], set[str]()
    while wanted:
        name = wanted.pop()
        if name in seen:
            continue
        seen.add(name)
        needs = (found[name].requires or ()) if name in found else ()
        # What an extra asks for is nobody's need here.
        wanted.extend(
            _plain(re.split(r"[ ;<>=!~\[(]", need, maxsplit=1)[0]) for need in needs if "extra ==" not in need
        )
    seen.discard(_plain(ROOT))
    packages = [package_notice(found[name]) for name in sorted(seen) if name in found]
    if not packages:
        # A source tree that is not installed: everything that is there.
        packages = [package_notice(each) for _, each in sorted(found.items())]
    return [*packages, vocabulary_notice(), *model_notices(bundled("models"))]


def package_notice(found: metadata.Distribution) -> Notice:
    """What an installed package says of its licence, with the texts that it brings along."""
    about = found.metadata
    licence = _said(about, "License-Expression")
    if not licence:
        classes = [each for each in about.get_all("Classifier") or () if each.startswith("License ::")]
        named = [each.rsplit(" :: ", 1)[-1] for each in classes]
        first = _said(about, "License").strip().split("\n")[0]
        licence = ", ".join(dict.fromkeys(name for name in named if name != "OSI Approved")) or first[:80]
    texts = []
    for file in found.files or ():
        # Where licences have a folder, all that is in it is one, whatever it is called: `BUILD_LICENSES/freetype.txt`.
        in_folder = file.parts[2:] if file.parts[1:2] == ("licenses",) and file.parts[0].endswith(".dist-info") else ()
        is_called_so = re.match(r"(?i)(licen[cs]e|copying|notice)", file.name)
        if (in_folder or is_called_so) and not file.name.endswith((".py", ".pyc")):
            try:
                text = Path(str(file.locate())).read_text("utf-8", "replace")[:_LONGEST]
            except OSError:
                continue
            texts.append(text if is_called_so else f"{'/'.join(in_folder)}\n\n{text}")
    return Notice(found.name, found.version, licence, "\n\n".join(texts))


def _said(about: metadata.PackageMetadata, name: str) -> str:
    return str(about[name] or "") if name in about else ""


def vocabulary_notice() -> Notice:
    """Of the names of things and the readings of Chinese characters that come with the program."""
    text = (bundled("resources") / "vocabulary" / "NOTICE.txt").read_text("utf-8")
    return Notice("Vocabulary", "", "CC-BY-4.0 AND Unicode-3.0 AND WordNet-3.0 AND MIT", text)


def model_notices(folder: Path) -> list[Notice]:
    """Of the models in the folder that bring a NOTICE along."""
    notices = []
    for file in sorted(folder.glob("*/NOTICE*")):
        text = file.read_text("utf-8", "replace")
        licence = ""
        card = file.with_name("model.toml")
        if card.is_file():
            said = re.search(r'^licen[cs]e\s*=\s*"([^"]*)"', card.read_text("utf-8"), re.MULTILINE)
            licence = said[1] if said else ""
        notices.append(Notice(file.parent.name, "", licence, text))
    return notices


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
