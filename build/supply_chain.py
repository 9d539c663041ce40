"""What `dev.py check` asks of everything that is not our own: hashes in the locks, licences, and known weaknesses.

    supply_chain.py [ADVISORIES.json]    run in the developers' environment, or with MEDIA_ASSISTANT_ADVISORIES=FILE

Nothing is fetched. ADVISORIES is a saved list in the form of the OSV database: a JSON list of records, each with `id` and
`affected`, as https://osv-vulnerabilities.storage.googleapis.com/PyPI/all.zip holds them one file each. Without a list the
check of weaknesses says that it could not run.
"""

from __future__ import annotations

import ast
import json
import os
import re
import sys
import tomllib
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("build/requirements.lock", "build/bundling/cpu.lock", "build/bundling/cuda.lock")
_GPL = re.compile(r"\bA?GPL|GNU (Affero )?General Public", re.IGNORECASE)
_LESSER = re.compile(r"\bLGPL|Lesser General Public", re.IGNORECASE)
_OTHER = re.compile(r"\b(MIT|BSD|Apache|MPL|PSF|ISC|Commercial|LGPL)\b|Lesser", re.IGNORECASE)


def main(words: list[str]) -> int:
    """Print every fault; 1 when there is one."""
    faults = [fault for lock in LOCKS for fault in unhashed((ROOT / lock).read_text("utf-8"), lock)]
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    faults += [fault for lock in LOCKS for fault in unlocked(wanted, (ROOT / lock).read_text("utf-8"), lock)]
    faults += gpl_imports(imported_modules(ROOT / "media_assistant"), metadata.packages_distributions())
    saved = words[0] if words else os.environ.get("MEDIA_ASSISTANT_ADVISORIES", "")
    if saved:
        records = json.loads(Path(saved).read_text("utf-8"))
        for lock in LOCKS:
            faults += weaknesses(pins((ROOT / lock).read_text("utf-8")), records, lock)
        print(f"supply chain: {len(records)} advisories of {saved} looked through")
    else:
        print("supply chain: known weaknesses were NOT looked for: no saved list (see build/supply_chain.py)")
    for fault in faults:
        print(f"supply chain: {fault}")
    if not faults:
        print(f"supply chain: every package of {len(LOCKS)} locks has its hashes; nothing imported is GPL alone")
    return 1 if faults else 0


def unhashed(lock: str, name: str) -> list[str]:
    """A sentence for each requirement of a lock that is not pinned to a version with hashes."""
    joined = lock.replace("\\\n", " ")
    lines = [line.strip() for line in joined.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    return [
        f"{name}: no hash for {line.split()[0]}" for line in lines if "==" not in line or "--hash=sha256:" not in line
    ]


def unlocked(wanted: Iterable[str], lock: str, name: str) -> list[str]:
    """A sentence for each requirement of the program that a lock lacks: what was added since it was made."""
    there = {_plain(pinned) for pinned, _ in pins(lock)}
    names = {_plain(re.split(r"[^A-Za-z0-9._-]", each)[0]) for each in wanted}
    return [f"{name}: lacks {each}; `dev.py lock` makes it anew" for each in sorted(names - there)]


def pins(lock: str) -> list[tuple[str, str]]:
    """(name, version) of everything in a lock."""
    return re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", lock, re.MULTILINE)


def imported_modules(package: Path) -> set[str]:
    """Top-level names that the program's own code imports, anywhere in it."""
    names: set[str] = set()
    for file in package.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_bytes())):
            if isinstance(node, ast.Import):
                names |= {each.name.partition(".")[0] for each in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module.partition(".")[0])
    return names - sys.stdlib_module_names - {"media_assistant"}


def gpl_imports(modules: Iterable[str], owners: dict[str, list[str]]) -> list[str]:
    """A sentence for each installed library among them that can be had under the GPL alone."""
    faults = []
    for name in sorted({owner for module in modules for owner in owners.get(module, ())}):
        about = metadata.metadata(name)
        said = " | ".join(
            [about.get("License-Expression") or "", (about.get("License") or "")[:80]]
            + [each for each in about.get_all("Classifier") or () if each.startswith("License ::")]
        )
        if is_gpl_only(said):
            faults.append(f"{name} is imported and is GPL alone: {said}")
    return faults


def is_gpl_only(licence: str) -> bool:
    """Whether this licence, in whatever words, leaves no other choice than the GPL or AGPL."""
    return bool(_GPL.search(_LESSER.sub("", licence))) and not _OTHER.search(licence)


def weaknesses(pinned: Iterable[tuple[str, str]], records: Iterable[dict], lock: str) -> list[str]:
    """A sentence for each pinned version that an advisory names or that lies in a range of it that is mended later."""
    from packaging.version import InvalidVersion, Version

    versions: dict[str, list[str]] = {}
    for name, version in pinned:
        versions.setdefault(_plain(name), []).append(version)
    faults = []
    for record in records:
        for affected in record.get("affected", ()):
            name = _plain(affected.get("package", {}).get("name", ""))
            for version in versions.get(name, ()):
                try:
                    is_hit = version in affected.get("versions", ()) or any(
                        _lies_in(Version(version), each) for each in affected.get("ranges", ())
                    )
                except InvalidVersion:
                    continue
                if is_hit and not record.get("withdrawn"):
                    faults.append(f"{lock}: {name} {version}: {record['id']} {record.get('summary', '')}".rstrip())
    return faults


def _lies_in(version: object, reach: dict) -> bool:
    """OSV's events: affected from `introduced` on, until before `fixed` or up to `last_affected`."""
    from packaging.version import Version

    if reach.get("type") != "ECOSYSTEM":
        return False
    is_in = False
    for event in reach.get("events", ()):
        if "introduced" in event:
            is_in = is_in or event["introduced"] == "0" or version >= Version(event["introduced"])
        elif ("fixed" in event and version >= Version(event["fixed"])) or (
            "last_affected" in event and version > Version(event["last_affected"])
        ):
            is_in = False
    return is_in


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
