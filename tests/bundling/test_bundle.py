"""What can be looked at of the installed program without building it: its parts, licences, packages and settings."""

from __future__ import annotations

import hashlib
import os
import plistlib
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml

from media_assistant import __main__, paths, sentences
from media_assistant.cli import completeness
from media_assistant.jobs.worker_process import worker_command
from media_assistant.training import pack
from media_assistant.training.pack import load_packs
from media_assistant.training.torch_parts import lack
from media_assistant.ui import qt_words
from media_assistant.workflows.notices import Notice, list_notices

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "build"))

import supply_chain  # noqa: E402
from bundling import contents, inside_av, linux_packages, make, notices, publisher, training_pack, wanted  # noqa: E402

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


def test_what_lies_beside_the_program_is_found_where_a_person_sees_the_program(
    frozen: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert paths.carried_folders()[:-1] == (frozen.parent, frozen.parent.parent)
    app = frozen.parent / "Media Assistant.app" / "Contents" / "MacOS" / "media-assistant"
    monkeypatch.setattr(sys, "executable", str(app))
    monkeypatch.setattr(sys, "platform", "darwin")
    assert frozen.parent in paths.carried_folders()


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
    about = packages / "many-1.dist-info"
    (about / "licenses" / "BUILD_LICENSES").mkdir(parents=True)
    about.joinpath("METADATA").write_text("Metadata-Version: 2.4\nName: many\nVersion: 1\nLicense-Expression: MIT\n")
    inside = ("LICENSE", "BUILD_LICENSES/freetype.txt", "AUTHORS.py")
    about.joinpath("RECORD").write_text(
        "many/__init__.py,,\n" + "".join(f"many-1.dist-info/licenses/{file},,\n" for file in inside)
    )
    for file in inside:
        (about / "licenses" / file).write_text(f"what {file} says")
    work.mkdir()
    account = [
        ("here", str(packages / "here" / "__init__.py"), "PYMODULE"),
        ("many", str(packages / "many" / "__init__.py"), "PYMODULE"),
        ("av.libs/libx264-d653.so.165", "/x/av.libs/libx264-d653.so.165", "BINARY"),
    ]
    work.joinpath("COLLECT-00.toc").write_text(repr((account, False)))
    parts = contents.read_account(work)
    assert [part.name for part in parts] == ["here", "many", "av.libs/libx264-d653.so.165"]
    found = {each.name: each for each in notices.collect(parts, packages, tmp_path)}
    assert found["here"].licence == "MIT" and found["here"].text == "The licence of here."
    many = found["many"].text
    assert "what LICENSE says" in many and "BUILD_LICENSES/freetype.txt\n\nwhat" in many and ".py" not in many
    assert "elsewhere" not in found and "PyInstaller's starter" in found
    assert found["This bundle as a whole"].licence == "GPL-3.0-or-later" and "x264 (in PyAV)" in found
    assert "x265 (in PyAV)" not in found and notices.undeclared(list(found.values())) == []
    assert notices.undeclared([Notice("silent", "1", "UNKNOWN", ""), Notice("spoken", "1", "", "its text")]) == [
        "silent"
    ]
    strange = contents.Part("libc", Path("/x/y.so"))
    assert notices.unowned([*parts, strange], [packages, Path("/x/av.libs")]) == [strange.source]


LINUX_AV = """av.libs: libSvtAv1Enc-9393c086.so.4.1.0 libXau-154567c4.so.6.0.0 libasound-c7818c60.so.2.0.0
    libavcodec-5e6b81c2.so.62.28.102 libavdevice-d91b4e17.so.62.3.102 libavfilter-b5da520e.so.11.14.102 libavformat-4639def2.so.62.12.102
    libavutil-5809ad29.so.60.26.102 libdav1d-f4b27961.so.7.0.0 libdrm-b0291a67.so.2.4.0 libgmp-8c6c054f.so.10.5.0
    libgnutls-71454fd1.so.30.42.0 libhogweed-006f41d4.so.6.11 libmp3lame-8f9e436f.so.0.0.0 libnettle-71a806b4.so.8.11
    libopencore-amrnb-d72c52e2.so.0.0.5 libopencore-amrwb-1b0ca122.so.0.0.5 libopus-114e2b1a.so.0.11.1 libsharpyuv-48a062bd.so.0.1.2
    libswresample-f0bc92fc.so.6.3.102 libswscale-88e9f973.so.9.5.102 libunistring-09f6121d.so.5.2.1 libvpl-e4e9cae8.so.2.16
    libvpx-edb6de90.so.12.0.0 libwebp-0c5118d0.so.7.2.0 libwebpmux-e1880640.so.3.1.2 libx264-d6533a8d.so.165 libx265-f5385bb8.so.216
    libxcb-5ddf6756.so.1.1.0 libxcb-shape-7716c890.so.0.0.0 libxcb-shm-0be6dfbf.so.0.0.0 libxcb-xfixes-6de855b8.so.0.0.0"""
WINDOWS_AV = """av.libs: avcodec-62-98.dll avdevice-62-bf.dll avfilter-11-ae.dll avformat-62-b6.dll avutil-60-cc.dll libdav1d-95.dll
    libgcc_s_seh-1-4c.dll libiconv-2-6c.dll libmp3lame-0-da.dll libopencore-amrnb-0-b8.dll libopencore-amrwb-0-49.dll libopus-0-43.dll
    libsharpyuv-8b.dll libstdc++-6-2d.dll libSvtAv1Enc-c4.dll libvpl-96.dll libvpx-1-d8.dll libwebp-4b.dll libwebpmux-9c.dll
    libwinpthread-1-02.dll libx264-165-f3.dll libx265-ef.dll swresample-6-01.dll swscale-9-0c.dll zlib1-79.dll"""
MAC_AV = """av/.dylibs: libavutil.60.26.102.dylib libavfilter.11.14.102.dylib libswresample.6.3.102.dylib libwebp.7.2.0.dylib
    libavcodec.62.28.102.dylib libdav1d.7.dylib libavdevice.62.3.102.dylib libx264.165.dylib libmp3lame.0.dylib libswscale.9.5.102.dylib
    libavformat.62.12.102.dylib libSvtAv1Enc.4.1.0.dylib libopencore-amrnb.0.dylib libopencore-amrwb.0.dylib libwebpmux.3.1.2.dylib
    libvpx.12.dylib libx265.216.dylib libopus.0.dylib libsharpyuv.0.1.2.dylib"""
"""What the wheels of PyAV 18.1 hold."""


@pytest.mark.parametrize(("said", "count"), [(LINUX_AV, 18), (WINDOWS_AV, 15), (MAC_AV, 10)])
def test_all_that_lies_in_pyav_has_a_notice_and_what_nobody_knows_ends_the_bundle(said: str, count: int) -> None:
    folder, _, names = said.partition(": ")
    parts = [contents.Part(name, Path("/site-packages", folder, name)) for name in names.split()]
    # Other packages have an FFmpeg of their own, which they tell of themselves.
    parts.append(contents.Part("x", Path("/site-packages/opencv_python_headless.libs/libaom-a0d22147.so.3.14.1")))
    found = {library.name: library for library in inside_av.libraries_in(parts)}
    assert {"FFmpeg", "x264", "x265", "LAME", "Opus", "libwebp", "opencore-amr"} <= set(found) and len(found) == count
    assert inside_av.unknown_in(parts) == []
    strange = Path("/site-packages", folder, "libstrange-1.so")
    assert inside_av.unknown_in([*parts, contents.Part("strange", strange)]) == [strange]
    assert "GNU LESSER" in inside_av.text_of(found["FFmpeg"])
    assert "Copyright (c) 2010, Google Inc." in inside_av.text_of(found["libwebp"])
    assert not any("makers of the model" in inside_av.text_of(library) for library in inside_av.LIBRARIES)


def test_on_windows_nothing_is_taken_from_whatever_else_is_installed(tmp_path: Path) -> None:
    java = Path("/java/bin")
    own = ("vcruntime140.dll", "MSVCP140.dll", "msvcp140_1.dll", "VCRUNTIME140_1.dll")
    parts = [contents.Part(name, java / name) for name in (*own, "jvm.dll")]
    assert notices.unowned(parts, [tmp_path]) == [java / "jvm.dll"]
    (notice,) = [each for each in notices.collect(parts, tmp_path, tmp_path) if "Microsoft" in each.name]
    assert "redistribution" in notice.text
    systems = (
        "api-ms-win-crt-runtime-l1-1-0.dll",
        "API-MS-Win-core-file-l1-2-0.dll",
        "ucrtbase.dll",
        "PySide6/ucrtbase.dll",
    )
    assert not any(wanted.is_wanted(name, "win32") for name in systems)
    assert all(wanted.is_wanted(name, "win32") for name in (*own, "av.libs/libstdc++-6-2d.dll"))
    assert not wanted.is_wanted("libstdc++.so.6", "linux")
    assert 'run_path(str(HERE / "wanted.py"))["is_wanted"]' in (BUNDLING / "program.spec").read_text("utf-8")


def test_a_debian_package_says_what_it_needs_and_leaves_nothing_to_scripts(tmp_path: Path) -> None:
    fields = dict(
        line.split(": ", 1) for line in linux_packages.control("1.2.3", 42).splitlines() if not line.startswith(" ")
    )
    assert fields["Version"] == "1.2.3" and fields["Installed-Size"] == "42"
    dev = (ROOT / "build" / "dev.py").read_text("utf-8")
    asked = set(re.search(r'DEBIAN_PACKAGES = """(.*?)"""', dev, re.DOTALL)[1].split())
    said = set(re.findall(r"[a-z][a-z0-9.+-]+", fields["Depends"] + " " + fields["Recommends"]))
    assert asked <= said


def test_the_desktop_entry_and_the_store_page_are_whole_and_name_the_same_program(tmp_path: Path) -> None:
    linux_packages.write_entries(tmp_path, "0.1.0")
    who = publisher.read()
    entry = (tmp_path / "applications" / "media-assistant.desktop").read_text("utf-8")
    page = (tmp_path / "metainfo" / f"{who.app_id}.metainfo.xml").read_text("utf-8")
    assert "Exec=media-assistant %F" in entry and "Name[zh_CN]=" in entry and "video/mp4;" in entry
    assert f"<id>{who.app_id}</id>" in page and ">media-assistant.desktop</launchable>" in page
    assert who.homepage in page and who.name in page and not re.search(r"@[A-Z_]+@", entry + page)
    # The window says whose it is, or its place in a dock has no icon.
    assert 'setDesktopFileName("media-assistant")' in (ROOT / "media_assistant/ui/startup/app.py").read_text("utf-8")


@pytest.mark.skipif(not shutil.which("desktop-file-validate"), reason="needs desktop-file-utils")
def test_a_fault_in_the_desktop_entry_ends_the_bundle(tmp_path: Path) -> None:
    entry = tmp_path / "media-assistant.desktop"
    entry.write_text("[Desktop Entry]\nType=Application\nExec=x\n")
    with pytest.raises(SystemExit, match="Name"):
        linux_packages.validate(entry, tmp_path / "none.xml")


def test_who_publishes_is_said_in_one_place_and_placeholders_are_not_published(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    who = publisher.read()
    others = [
        file for file in BUNDLING.rglob("*") if file.suffix in (".py", ".iss", ".spec", ".xml", ".desktop", ".plist")
    ]
    for field in (who.email, who.homepage, who.app_id):
        assert not [file for file in others if field in file.read_text("utf-8")]
    named = publisher.FILE.read_text("utf-8").replace(f"placeholders = {', '.join(who.placeholders)}", "placeholders =")
    monkeypatch.setattr(publisher, "read", lambda: who._replace(placeholders=("homepage",)))
    assert publisher.main() == 1 and "homepage" in capsys.readouterr().out
    monkeypatch.undo()
    file = tmp_path / "publisher.ini"
    file.write_text(named, "utf-8")
    assert publisher.read(file) == who._replace(placeholders=())
    file.write_text(named.replace("placeholders =", "placeholders = address"), "utf-8")
    with pytest.raises(KeyError, match="address"):
        publisher.read(file)


def test_the_mac_says_what_it_opens() -> None:
    info = plistlib.loads((BUNDLING / "macos" / "Info.plist").read_bytes())
    (opens,) = info["CFBundleDocumentTypes"]
    assert {"public.movie", "public.audio", "public.image"} <= set(opens["LSItemContentTypes"])
    assert opens["LSHandlerRank"] == "Alternate"
    # PyInstaller takes a program that can be run in a terminal for one that is never seen.
    assert info["LSBackgroundOnly"] is False
    # What the networks' runtime is made for.
    assert info["LSMinimumSystemVersion"] == "14.0"
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
    # What people start is signed too where the installer is; it lies in no folder of the bundle but the topmost.
    (ours,) = [line for line in sections["Files"] if "Signing" in line]
    assert r'Source: "{#Source}\*.exe"' in ours and any(r'Excludes: "\*.exe"' in line for line in sections["Files"])
    spec = (BUNDLING / "program.spec").read_text("utf-8")
    for program in set(re.findall(r"\{app\}\\([\w-]+)\.exe", script)):
        assert f'program("{program}"' in spec


def test_the_workflow_installs_what_it_built_on_three_systems() -> None:
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "release.yml").read_text("utf-8"))["jobs"]
    assert set(jobs) == {"named", "linux", "windows", "macos", "draft"} and set(jobs["draft"]["needs"]) == set(jobs) - {
        "draft"
    }
    assert any("publisher.py" in step.get("run", "") for step in jobs["named"]["steps"])
    assert any("GITHUB_REF_NAME" in step.get("run", "") for step in jobs["named"]["steps"]), "a tag is the version's"
    for name in ("linux", "windows", "macos"):
        said = [step.get("run", "") for step in jobs[name]["steps"]]
        assert any("build/dev.py bundle" in each for each in said)
        assert any("--check-parts" in each or "smoke.sh" in each for each in said)
        assert any("search telescope" in each or "smoke.sh" in each for each in said)
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


def test_a_program_finds_what_it_imports_late() -> None:
    code = compile(
        "from typing import TYPE_CHECKING\nimport a.b as c\n"
        "if TYPE_CHECKING:\n    import never\n    from never import ever\n"
        "class K:\n    def late(self):\n        from d.e import f\n        importlib.import_module('g.h')\n",
        "x",
        "exec",
    )
    found = {(each.module, each.name) for each in completeness.imports_of(code)}
    assert found == {("typing", ""), ("typing", "TYPE_CHECKING"), ("a.b", ""), ("d.e", ""), ("d.e", "f"), ("g.h", "")}
    own = list(completeness.own_modules())
    assert "media_assistant.analysis.registry" in own and "media_assistant.ui.panels.player_panel" in own
    heads = completeness.code_of("media_assistant.learning.tag_heads")
    assert heads is not None and completeness.Import("sklearn.linear_model") in set(completeness.imports_of(heads))
    assert completeness.try_import(completeness.Import("json", "loads")) is None
    lacks = [
        completeness.try_import(completeness.Import(*names)).lacks for names in (("json", "no_such"), ("absent.part",))
    ]
    assert lacks == ["json", "absent"]


def test_qts_own_words_come_along_in_the_languages_of_the_window(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = {Path(qt_words.file_of(language)).name for language in sentences.LANGUAGES if language != "en"}
    every = sorted(Path(qt_words.file_of("en")).parent.glob("*.qm"))
    for folder in ("PySide6/Qt/translations", "PySide6/translations"):  # on Linux and macOS; on Windows
        assert {file.name for file in every if wanted.is_wanted(f"{folder}/{file.name}")} == names != set()
    assert wanted.is_wanted("resources/translations/zh_CN/keys.toml")
    assert completeness.missing_words() == []
    monkeypatch.setattr(qt_words, "file_of", lambda language: str(tmp_path / f"qtbase_{language}.qm"))
    assert completeness.missing_words() == [str(tmp_path / "qtbase_zh_CN.qm")]


def test_an_installed_program_does_not_ask_for_pip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert lack(("torch",)).code == "training.not_in_bundle"
    for language in ("en", "zh_CN"):
        assert "pip" not in sentences.say(language, "error.training.not_in_bundle", missing="torch")


def test_no_process_of_the_program_lets_the_networks_runtime_report(monkeypatch: pytest.MonkeyPatch) -> None:
    """It keeps a number for the computer from the moment that it is imported, and a frozen program imports it in many places."""
    monkeypatch.delenv("ORT_DISABLE_TELEMETRY")
    assert __main__.main(["no-such-verb"]) == 2
    assert os.environ["ORT_DISABLE_TELEMETRY"] == "1"


def test_the_bundle_holds_what_the_training_packs_packages_ask_for() -> None:
    spec = (BUNDLING / "program.spec").read_text("utf-8")
    for name in training_pack.IN_BUNDLE:
        module = {"pillow": "PIL", "typing-extensions": "typing_extensions"}.get(name, name)
        assert f'collect_submodules("{module}"' in spec or f'    "{module}",' in spec, name
    assert "*standard_library()," in spec
    locked = {name for name, _ in supply_chain.pins((BUNDLING / "cpu.lock").read_text("utf-8"))}
    assert locked >= training_pack.IN_BUNDLE
    # Never a second copy of what the program has already: two NumPys in one process do not live.
    for offered in load_packs(ROOT / "resources" / "training_packs.toml"):
        assert not {wheel.name for wheel in offered.wheels} & training_pack.IN_BUNDLE


def test_wheels_are_chosen_for_their_system() -> None:
    linux, windows, mac = training_pack.SYSTEMS

    def fitting(file: str) -> list[str]:
        return [system.name for system in training_pack.SYSTEMS if training_pack._fits(file, system)]

    assert fitting("a-1-cp311-cp311-manylinux2014_x86_64.manylinux_2_17_x86_64.whl") == [linux.name]
    assert fitting("a-1-cp310-abi3-win_amd64.whl") == [windows.name]
    assert fitting("a-1-cp311-cp311-macosx_11_0_universal2.whl") == [mac.name]
    assert fitting("a-1-py3-none-any.whl") == [linux.name, windows.name, mac.name]
    for other in (
        "a-1-cp312-cp312-win_amd64.whl",
        "a-1-cp311-cp311-musllinux_1_2_x86_64.whl",
        "a-1-cp311-cp311t-win32.whl",
        "a-1.tar.gz",
    ):
        assert fitting(other) == []


@pytest.mark.skipif(shutil.which("xz") is None, reason="who makes no packages need not have xz")
def test_packages_say_which_variant_they_are_of(tmp_path: Path) -> None:
    dist = tmp_path / "media-assistant"
    inside = dist / "_internal"
    inside.mkdir(parents=True)
    (inside / "onnxruntime-1.dist-info").mkdir()
    plain = linux_packages.make_archive(dist, tmp_path, "1.2.3", make.variant_of(dist))
    (inside / "onnxruntime-1.dist-info").rename(inside / "onnxruntime_gpu-1.dist-info")
    cuda = linux_packages.make_archive(dist, tmp_path, "1.2.3", make.variant_of(dist))
    assert plain.is_file() and plain.name == "media-assistant-1.2.3-linux-x86_64.tar.xz"
    assert cuda.is_file() and cuda.name == "media-assistant-cuda-1.2.3-linux-x86_64.tar.xz"


def test_the_training_pack_is_of_the_very_wheels_that_are_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index, said = tmp_path / "index", []
    index.mkdir()
    for version in ("1.0", "1.0+cpu"):
        file = index / f"tiny-{version}-py3-none-any.whl"
        about = f"tiny-{version}.dist-info"
        with zipfile.ZipFile(file, "w") as wheel:
            wheel.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: tiny\nVersion: {version}\n")
            wheel.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            wheel.writestr(f"{about}/RECORD", "")
        said.append((file.name, hashlib.sha256(file.read_bytes()).hexdigest()))
    (file, digest), _ = said
    listed = tmp_path / "list.toml"
    monkeypatch.setattr(training_pack, "LIST", listed)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))

    def make_it(file: str, version: str) -> Path:
        listed.write_text(
            f'[[pack]]\nsystem = "{pack.this_system()}"\npython = "{pack.this_python()}"\nunpacked_bytes = 1\n[[pack.wheel]]\n'
            f'name = "tiny"\nversion = "{version}"\nfile = "{file}"\nsize_bytes = 1\nsha256 = "{digest}"\nurl = "https://x/{file}"\n'
        )
        return training_pack.make_archive(tmp_path, "1", Path(sys.executable), None)

    with zipfile.ZipFile(make_it(file, "1.0")) as archive:
        assert file in archive.namelist()
    for other, version in (("tiny-1.0-cp311-cp311-linux_x86_64.whl", "1.0"), ("tiny-2.0-py3-none-any.whl", "2.0")):
        with pytest.raises(SystemExit, match=re.escape(other)):
            make_it(other, version)


def test_licences_go_into_what_is_shipped(tmp_path: Path) -> None:
    dist = tmp_path / "media-assistant"
    (dist / "_internal").mkdir(parents=True)
    assert make.shipped(dist, is_mac=False) == [(dist / "_internal", dist)]
    with pytest.raises(SystemExit):
        make.shipped(dist, is_mac=True)
    inside = tmp_path / "Media Assistant.app" / "Contents"
    (inside / "Frameworks" / "resources").mkdir(parents=True)
    assert make.shipped(dist, is_mac=True)[1] == (inside / "Frameworks", inside / "Resources")
