"""What `dev.py check` asks of everything that is not our own: hashes in the locks, licences, and known weaknesses.

    supply_chain.py [ADVISORIES]    run in the developers' environment, or with MEDIA_ASSISTANT_ADVISORIES=ADVISORIES

Nothing is fetched. ADVISORIES is what https://osv-vulnerabilities.storage.googleapis.com/PyPI/all.zip gave: the archive as it
came, with one record of the OSV schema (https://ossf.github.io/osv-schema) in each `ID.json`; or the folder that it was
unpacked into; or the records as one JSON list. Without it the check of weaknesses says that it could not run.
"""

from __future__ import annotations

import ast
import json
import os
import re
import sys
import tomllib
import zipfile
from collections.abc import Iterable, Iterator
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
        records = list(read_advisories(Path(saved)))
        if not records:
            faults.append(f"{saved} holds no advisory; see build/supply_chain.py for its form")
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


def read_advisories(saved: Path) -> Iterator[dict]:
    """The records of an archive, a folder or a JSON list. Raises OSError, zipfile.BadZipFile and ValueError."""
    if saved.is_dir():
        for file in sorted(saved.glob("*.json")):
            yield json.loads(file.read_bytes())
    elif zipfile.is_zipfile(saved):
        with zipfile.ZipFile(saved) as archive:
            for name in sorted(archive.namelist()):
                if name.endswith(".json"):
                    yield json.loads(archive.read(name))
    else:
        listed = json.loads(saved.read_bytes())
        yield from listed if isinstance(listed, list) else [listed]


def weaknesses(pinned: Iterable[tuple[str, str]], records: Iterable[dict], lock: str) -> list[str]:
    """A sentence for each pinned version that a record holds for affected, and for each that cannot be told from it.

    One weakness has a record in each of several databases, which name one another as aliases: it is told once.
    """
    versions: dict[str, list[str]] = {}
    for name, version in pinned:
        versions.setdefault(_plain(name), []).append(version)
    faults: list[str] = []
    told: set[tuple[str, str, str]] = set()
    for record in records:
        if record.get("withdrawn"):
            continue
        names = [record["id"], *(record.get("aliases") or ())]
        for affected in record.get("affected") or ():
            package = affected.get("package") or {}
            name = _plain(package.get("name", ""))
            # A record may speak of packages of other languages too, which may have the same name.
            if package.get("ecosystem") != "PyPI" or name not in versions:
                continue
            for version in versions[name]:
                verdict = _verdict(version, affected)
                if verdict and not any((name, version, each) in told for each in names):
                    told.update((name, version, each) for each in names)
                    about = record.get("summary") or ", ".join(names[1:])
                    faults.append(f"{lock}: {name} {version}{verdict}: {record['id']} {about}".rstrip())
    return faults


def _verdict(version: str, affected: dict) -> str:
    """Empty where this version is not affected; else what to say after its name."""
    from packaging.version import InvalidVersion, Version

    listed = affected.get("versions") or ()
    if version in listed:
        return " is known to be weak"
    try:
        this = Version(version)
        if any(this == Version(each) for each in listed if _is_version(each)):
            return " is known to be weak"
        if any(_lies_in(this, each) for each in affected.get("ranges") or ()):
            return " is known to be weak"
    except InvalidVersion as fault:
        return "" if listed else f" may be weak, see for yourself ({fault})"
    return ""


def _is_version(text: str) -> bool:
    from packaging.version import InvalidVersion, Version

    try:
        Version(text)
    except InvalidVersion:
        return False
    return True


def _lies_in(version: object, reach: dict) -> bool:
    """The schema's own evaluation: in the order of versions, affected from `introduced` on, until before `fixed` or up to
    `last_affected`, and only below a `limit` where there is one. Commits (GIT) cannot be compared with a version.
    """
    from packaging.version import Version

    if reach.get("type") not in ("ECOSYSTEM", "SEMVER"):
        return False
    events = [(kind, said) for event in reach.get("events") or () for kind, said in event.items()]
    limits = [said for kind, said in events if kind == "limit"]
    if limits and not any(said == "*" or version < Version(said) for said in limits):
        return False
    # `0` comes before every version, even before `0.dev1`.
    ordered = sorted(
        ((said != "0", Version(said), kind) for kind, said in events if kind != "limit"), key=lambda event: event[:2]
    )
    is_in = False
    for is_bound, bound, kind in ordered:
        if kind == "introduced":
            is_in = is_in or not is_bound or version >= bound
        elif (kind == "fixed" and version >= bound) or (kind == "last_affected" and version > bound):
            is_in = False
    return is_in


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
