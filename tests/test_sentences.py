"""Which language the program speaks where a person has not chosen one: that of the system, on each of them."""

from __future__ import annotations

import ctypes
import plistlib
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from media_assistant import sentences

NAMES = ("LC_ALL", "LC_MESSAGES", "LANG")


@pytest.fixture(autouse=True)
def told_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a program that is started by a click on macOS: without a word on languages."""
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    sentences._preferred_by.cache_clear()


def test_on_linux_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    assert sentences.choose_language("system") == "en"
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert sentences.choose_language("system") == "zh_CN" and sentences.choose_language("en") == "en"
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    assert sentences.choose_language("system") == "en"


@pytest.mark.parametrize("form", [plistlib.FMT_BINARY, plistlib.FMT_XML])
def test_on_macos_the_preferences_say_where_the_environment_does_not(
    form: plistlib.PlistFormat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    preferences = tmp_path / "Library" / "Preferences" / ".GlobalPreferences.plist"
    preferences.parent.mkdir(parents=True)
    for languages, chosen in ((["zh-Hans-CN", "en-CN"], "zh_CN"), (["en-CN", "zh-Hans-CN"], "en"), ([], "en")):
        preferences.write_bytes(plistlib.dumps({"AppleLanguages": languages, "AppleLocale": "zh_CN"}, fmt=form))
        sentences._preferred_by.cache_clear()
        assert sentences.choose_language("system") == chosen
    preferences.write_bytes(plistlib.dumps({"AppleLanguages": ["zh-Hans-CN"]}, fmt=form))
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    assert sentences.choose_language("system") == "en"


@pytest.mark.parametrize(
    "broken", [b"", b"bplist00", b"<?xml", b"<plist><dict><key>AppleLanguages</key></dict></plist>"]
)
def test_preferences_that_cannot_be_read_say_nothing(
    broken: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert sentences.choose_language("system") == "en"
    preferences = tmp_path / "Library" / "Preferences" / ".GlobalPreferences.plist"
    preferences.parent.mkdir(parents=True)
    preferences.write_bytes(broken)
    sentences._preferred_by.cache_clear()
    assert sentences.choose_language("system") == "en"


@pytest.mark.parametrize(("number", "chosen"), [(0x0804, "zh_CN"), (0x0409, "en"), (0xFFFF, "en")])
def test_on_windows_the_language_of_its_menus_counts(number: int, chosen: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    kernel = SimpleNamespace(GetUserDefaultUILanguage=lambda: number)
    monkeypatch.setattr(ctypes, "windll", SimpleNamespace(kernel32=kernel), raising=False)
    monkeypatch.setenv("LANG", "zh_CN" if chosen == "en" else "en")
    assert sentences.choose_language("system") == chosen
