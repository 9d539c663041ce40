"""What can be looked at of the installed program without building it: its parts, licences, packages and settings."""

from __future__ import annotations

import json
import plistlib
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from media_assistant import paths, sentences
from media_assistant.jobs.worker_process import worker_command
from media_assistant.training.torch_parts import lack
from media_assistant.workflows.notices import Notice, list_notices

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "build"))

import supply_chain  # noqa: E402
from bundling import contents, linux_packages, notices  # noqa: E402

BUNDLING = ROOT / "build" / "bundling"


@pytest.fixture
def frozen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """As PyInstaller's starter leaves `sys`, with the bundle's own folder."""
    inside = tmp_path / "_internal"
    (inside / "resources").mkdir(parents=True)
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "_MEIPASS", str(inside), raising=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "media-assistant"))
    return inside


def test_the_frozen_program_finds_its_folders_and_starts_itself_as_worker(frozen: Path) -> None:
    assert paths.bundled("resources") == frozen / "resources"
    with pytest.raises(FileNotFoundError):
        paths.bundled("models")
    assert worker_command() == [str(frozen.parent / "media-assistant"), "--worker"]


def test_on_windows_workers_are_the_program_that_has_pipes(frozen: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(frozen.parent / "MediaAssistant.exe"))
    with_console = frozen.parent / "media-assistant.exe"
    with_console.touch()
    monkeypatch.setattr(sys, "platform", "win32")
    assert worker_command() == [str(with_console), "--worker"]


def test_the_about_page_shows_what_was_collected(frozen: Path) -> None:
    found = [Notice("This bundle as a whole", "", "GPL-3.0-or-later", "text"), Notice("av", "18", "BSD", "")]
    notices.write(found, frozen / "resources" / "notices.json", frozen / "NOTICES.txt")
    assert list_notices() == found
    assert "GPL-3.0-or-later" in (frozen / "NOTICES.txt").read_text("utf-8")


def test_notices_are_of_what_is_really_in_the_bundle(tmp_path: Path) -> None:
    packages, work = tmp_path / "site-packages", tmp_path / "work"
    for name, licence in (("here", "MIT"), ("elsewhere", "GPL-3.0-only"), ("pyinstaller", "GPL")):
        about = packages / f"{name}-1.dist-info"
        about.mkdir(parents=True)
        about.joinpath("METADATA").write_text(
            f"Metadata-Version: 2.4\nName: {name}\nVersion: 1\nLicense-Expression: {licence}\n"
        )
        about.joinpath("RECORD").write_text(f"{name}/__init__.py,,\n{name}-1.dist-info/LICENSE,,\n")
        about.joinpath("LICENSE").write_text(f"The licence of {name}.")
    work.mkdir()
    account = [
        ("here", str(packages / "here" / "__init__.py"), "PYMODULE"),
        ("libx264.so", "/x/libx264.so.1", "BINARY"),
    ]
    work.joinpath("COLLECT-00.toc").write_text(repr((account, False)))
    parts = contents.read_account(work)
    assert [part.name for part in parts] == ["here", "libx264.so"]
    found = {each.name: each for each in notices.collect(parts, packages, tmp_path)}
    assert found["here"].licence == "MIT" and found["here"].text == "The licence of here."
    assert "elsewhere" not in found and "PyInstaller's starter" in found
    assert found["This bundle as a whole"].licence == "GPL-3.0-or-later" and "x264 (in PyAV)" in found
    assert "x265 (in PyAV)" not in found and notices.undeclared(list(found.values())) == []


def test_a_debian_package_says_what_it_needs_and_leaves_nothing_to_scripts(tmp_path: Path) -> None:
    fields = dict(
        line.split(": ", 1) for line in linux_packages.control("1.2.3", 42).splitlines() if not line.startswith(" ")
    )
    assert fields["Version"] == "1.2.3" and fields["Installed-Size"] == "42"
    dev = (ROOT / "build" / "dev.py").read_text("utf-8")
    asked = set(re.search(r'DEBIAN_PACKAGES = """(.*?)"""', dev, re.DOTALL)[1].split())
    said = set(re.findall(r"[a-z][a-z0-9.+-]+", fields["Depends"] + " " + fields["Recommends"]))
    assert asked <= said


def test_the_desktop_entry_and_the_store_page_name_the_same_program() -> None:
    entry = (BUNDLING / "linux" / f"{linux_packages.ID}.desktop").read_text("utf-8")
    page = (BUNDLING / "linux" / f"{linux_packages.ID}.metainfo.xml").read_text("utf-8")
    assert "Exec=media-assistant %F" in entry and "Name[zh_CN]=" in entry and "video/mp4;" in entry
    assert f"<id>{linux_packages.ID}</id>" in page and f"{linux_packages.ID}.desktop</launchable>" in page


def test_the_mac_says_what_it_opens() -> None:
    info = plistlib.loads((BUNDLING / "macos" / "Info.plist").read_bytes())
    (opens,) = info["CFBundleDocumentTypes"]
    assert {"public.movie", "public.audio", "public.image"} <= set(opens["LSItemContentTypes"])
    assert opens["LSHandlerRank"] == "Alternate"
    rights = plistlib.loads((BUNDLING / "macos" / "entitlements.plist").read_bytes())
    assert set(rights.values()) == {True} and not any("network" in right for right in rights)
    subprocess.run(["sh", "-n", str(BUNDLING / "macos" / "package.sh")], check=True)
    subprocess.run(["sh", "-n", str(BUNDLING / "linux" / "smoke.sh")], check=True)


def test_the_windows_installer_is_for_one_person_and_names_what_the_bundle_holds() -> None:
    script = (BUNDLING / "windows" / "media-assistant.iss").read_text("utf-8")
    sections: dict[str, list[str]] = {}
    for line in script.splitlines():
        if heading := re.fullmatch(r"\[(\w+)\]", line):
            assert heading[1] not in sections
            here = sections.setdefault(heading[1], [])
        elif sections and line and not line.startswith((";", "#")):
            here.append(line)
    setup = dict(line.split("=", 1) for line in sections["Setup"])
    assert setup["PrivilegesRequired"] == "lowest" and setup["AppId"].startswith("{{") and setup["AppVersion"]
    for name in ("Tasks", "Files", "Icons", "Registry", "Run"):
        for line in sections[name]:
            assert re.fullmatch(r'(\w+: ("([^"]|"")*"|[^;"]+); )*\w+: ("([^"]|"")*"|[^;"]+)', line), line
    tasks = {re.search(r'Name: "(\w+)"', line)[1] for line in sections["Tasks"]}
    assert {task for line in script.splitlines() for task in re.findall(r"Tasks: (\w+)", line)} <= tasks
    assert script.count("#if") == script.count("#endif")
    spec = (BUNDLING / "program.spec").read_text("utf-8")
    for program in set(re.findall(r"\{app\}\\([\w-]+)\.exe", script)):
        assert f'program("{program}"' in spec


def test_the_workflow_installs_what_it_built_on_three_systems() -> None:
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "release.yml").read_text("utf-8"))["jobs"]
    assert set(jobs) == {"linux", "windows", "macos", "draft"} and set(jobs["draft"]["needs"]) == set(jobs) - {"draft"}
    for name in jobs["draft"]["needs"]:
        said = [step.get("run", "") for step in jobs[name]["steps"]]
        assert any("build/dev.py bundle" in each for each in said)
        assert any("lighthouse" in each or "smoke.sh" in each for each in said)
        assert all("uses" in step or "run" in step for step in jobs[name]["steps"])
        for file in re.findall(r"build[/\\]bundling[/\\]\S+?\.(?:sh|iss)", " ".join(said)):
            assert (ROOT / file.replace("\\", "/")).is_file(), file


def test_both_variants_are_locked_and_never_hold_two_runtimes() -> None:
    locks = {
        name: {found for found, _ in supply_chain.pins((BUNDLING / f"{name}.lock").read_text("utf-8"))}
        for name in ("cpu", "cuda")
    }
    assert "onnxruntime" in locks["cpu"] and "onnxruntime-gpu" not in locks["cpu"]
    cuda = (BUNDLING / "cuda.lock").read_text("utf-8")
    assert re.search(r"^onnxruntime-gpu==\S+ ; sys_platform != 'darwin'", cuda, re.MULTILINE)
    assert re.search(r"^onnxruntime==\S+ ; sys_platform == 'darwin'", cuda, re.MULTILINE)
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["dependency-groups"]
    tools = {re.split(r"[>=; ]", name)[0] for name in groups["dev"]}
    assert not locks["cpu"] & (tools - {"pyinstaller"}) and not locks["cpu"] & {"torch", "pandas", "opencv-python"}


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
    record = {
        "id": "OSV-1",
        "affected": [
            {
                "package": {"name": "Good"},
                "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.1"}]}],
            }
        ],
    }
    assert len(supply_chain.weaknesses([("good", "1.0"), ("other", "1.0")], json.loads(json.dumps([record])), "l")) == 1
    assert supply_chain.weaknesses([("good", "1.1")], [record], "l") == []


def test_an_installed_program_does_not_ask_for_pip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert lack(("torch",)).code == "training.not_in_bundle"
    for language in ("en", "zh_CN"):
        assert "pip" not in sentences.say(language, "error.training.not_in_bundle", missing="torch")
