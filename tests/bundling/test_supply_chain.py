"""What is asked of everything that is not our own: hashes, licences, and known weaknesses by a list in OSV's form."""

from __future__ import annotations

import json
import sys
import zipfile
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "build"))

import supply_chain


def test_what_is_not_hashed_gpl_alone_or_known_to_be_weak_is_said() -> None:
    lock = "good==1.0 \\\n    --hash=sha256:aa\nbad==2.0\nworse>=1 \\\n    --hash=sha256:bb\n"
    assert [fault.split()[-1] for fault in supply_chain.unhashed(lock, "l")] == ["bad==2.0", "worse>=1"]
    assert (
        supply_chain.unlocked(["Good>=1", "open_TSNE>=1 ; python_version < '4'"], lock, "l")[0].split()[2]
        == "open-tsne;"
    )
    assert supply_chain.is_gpl_only("GPL-2.0-or-later") and supply_chain.is_gpl_only(
        "GNU Affero General Public License v3"
    )
    assert not supply_chain.is_gpl_only("LGPL-3.0-only OR GPL-2.0-only") and not supply_chain.is_gpl_only("MIT")


def osv_record(name: str, **more: object) -> dict:
    """As the export of the OSV database holds it, schema 1.7."""
    affected = {
        "package": {"name": "pi-heif", "ecosystem": "PyPI", "purl": "pkg:pypi/pi-heif"},
        "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.4.1"}]}],
        "versions": [],
        "database_specific": {"source": f"https://github.com/pypa/advisory-database/blob/main/vulns/{name}.yaml"},
    }
    return {
        "id": name,
        "summary": "Reads beyond the end",
        "details": "…",
        "aliases": [],
        "modified": "2026-10-01T10:00:00.000Z",
        "published": "2026-09-01T10:00:00Z",
        "references": [{"type": "ADVISORY", "url": f"https://example.org/{name}"}],
        "affected": [affected | more.pop("affected", {})],
        "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
        "schema_version": "1.7.3",
        **more,
    }


@pytest.mark.parametrize(
    ("version", "affected", "is_weak"),
    [
        ("1.4.0", {}, True),
        ("1.4.1", {}, False),
        ("1.4.1rc1", {}, True),
        ("1.4.0", {"ranges": [], "versions": ["1.3", "1.4"]}, True),
        ("1.4.0", {"ranges": [], "versions": ["1.3"]}, False),
        ("1.4.0", {"package": {"name": "Pi_HEIF", "ecosystem": "PyPI"}}, True),
        ("1.4.0", {"package": {"name": "pi-heif", "ecosystem": "npm"}}, False),
        ("1.4.0", {"ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}]}, True),
        ("1.4.0", {"ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"last_affected": "1.4.0"}]}]}, True),
        ("1.4.0", {"ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"last_affected": "1.3.9"}]}]}, False),
        # Two branches, each mended, in no order.
        ("1.4.0", {"ranges": [{"type": "ECOSYSTEM", "events": [{"fixed": "2.1"}, {"introduced": "1.3"}, {"introduced": "2"}, {"fixed": "1.4.1"}]}]}, True),
        ("1.5.0", {"ranges": [{"type": "ECOSYSTEM", "events": [{"fixed": "2.1"}, {"introduced": "1.3"}, {"introduced": "2"}, {"fixed": "1.4.1"}]}]}, False),
        ("2.0.5", {"ranges": [{"type": "ECOSYSTEM", "events": [{"fixed": "2.1"}, {"introduced": "1.3"}, {"introduced": "2"}, {"fixed": "1.4.1"}]}]}, True),
        ("1.4.0", {"ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"limit": "1.4"}]}]}, False),
        ("1.4.0", {"ranges": [{"type": "GIT", "repo": "https://example.org/x", "events": [{"introduced": "0"}]}]}, False),
        ("1.4.0", {"ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "two"}]}]}, True),
    ],
)  # fmt: skip
def test_a_pinned_version_is_judged_as_the_osv_schema_says(version: str, affected: dict, is_weak: bool) -> None:
    record = osv_record("PYSEC-2026-1", affected=affected)
    assert bool(supply_chain.weaknesses([("pi_heif", version)], [record], "l")) is is_weak


def test_the_osv_export_is_read_as_it_comes_and_tells_a_weakness_once(tmp_path: Path) -> None:
    records = [
        osv_record("GHSA-aaaa-bbbb-cccc", aliases=["CVE-2026-1", "PYSEC-2026-1"]),
        osv_record("MAL-2026-3", affected={"package": {"name": "pi-heiff", "ecosystem": "PyPI"}}),
        osv_record("PYSEC-2026-1", aliases=["CVE-2026-1", "GHSA-aaaa-bbbb-cccc"]),
        osv_record("PYSEC-2026-2", withdrawn="2026-10-02T00:00:00Z"),
    ]
    archive, listed, folder = tmp_path / "all.zip", tmp_path / "all.json", tmp_path / "all"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for record in records:
            packed.writestr(f"{record['id']}.json", json.dumps(record))
        packed.extractall(folder)
    listed.write_text(json.dumps(records))
    for saved in (archive, listed, folder):
        assert list(supply_chain.read_advisories(saved)) == records
    told = supply_chain.weaknesses([("pi-heif", "1.4.0"), ("numpy", "2.4")], records, "some.lock")
    assert told == ["some.lock: pi-heif 1.4.0 is known to be weak: GHSA-aaaa-bbbb-cccc Reads beyond the end"]
