"""The house keeps its own rules: sizes, names, translations, cards, and a wheel that is complete."""

from __future__ import annotations

import ast
import errno
import os
import re
import string
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from media_assistant import sentences
from media_assistant.errors import why_of
from media_assistant.items.kind import Kind

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "media_assistant"
MODULES = sorted(PACKAGE.rglob("*.py"))
TRANSLATIONS = ROOT / "resources" / "translations"


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_stays_readable(module: Path) -> None:
    assert len(module.read_text("utf-8").splitlines()) <= 400
    assert module.stem not in {"utils", "helpers", "common", "manager", "base", "misc"}
    if module.name == "__init__.py":
        assert module.read_text("utf-8").strip() == ""


def tracked_files() -> list[Path]:
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listing.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listing.stdout.decode().split("\0") if name]


def test_nothing_large_or_foreign_is_in_git() -> None:
    for file in tracked_files():
        limit = 8_000_000 if file.is_relative_to(ROOT / "models") else 3_000_000
        assert file.stat().st_size <= limit, file


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


def test_both_languages_say_the_same_things() -> None:
    english, chinese = sentences.load_sentences("en"), sentences.load_sentences("zh_CN")

    def roots(keys: Iterator[str]) -> set[str]:
        return {re.sub(r"\.(one|other)$", "", key) for key in keys}

    assert roots(iter(english)) == roots(iter(chinese))
    for key, sentence in english.items():
        twin = chinese.get(key) or chinese.get(re.sub(r"\.one$", ".other", key))
        if twin is not None and not key.endswith(".one"):
            assert placeholders(sentence) == placeholders(twin), key
        assert sentence, key


def codes_in_the_program() -> Iterator[tuple[str, str]]:
    """(file, key) of every sentence that the code names with a literal: faults, reasons, and what is said directly."""
    for module in MODULES:
        for node in ast.walk(ast.parse(module.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            first = node.args[0]
            if name in {"UserFixable", "Sentence"} and isinstance(first, ast.Constant) and first.value:
                yield str(module.relative_to(ROOT)), str(first.value)


def test_every_sentence_that_the_code_names_exists() -> None:
    known = {re.sub(r"\.(one|other)$", "", key) for key in sentences.load_sentences("en")}
    missing = [
        (file, code) for file, code in codes_in_the_program() if code not in known and f"error.{code}" not in known
    ]
    assert not missing


def _told(node: ast.AST) -> str | None:
    """A literal text; of one that is put together the literal parts, with `*` for each that is not known here."""
    match node:
        case ast.Constant(str(text)):
            return text
        case ast.JoinedStr(parts):
            return "".join(_told(part) or "*" for part in parts)
        case ast.BinOp(left, ast.Add()):
            return f"{_told(left) or '*'}*"
    return None


def test_every_sentence_is_said_somewhere() -> None:
    """A key stands in the code as it is, lies under a beginning that the code completes (`ui.sense.*`), or is another one
    of the code's with an ending (`*_tip`).
    """
    nodes = (node for module in MODULES for node in ast.walk(ast.parse(module.read_text("utf-8"))))
    told = {text for node in nodes if (text := _told(node))}
    begun = [re.escape(text).replace(r"\*", ".+") for text in told if re.match(r"[a-z_]+\.[^*]*\*", text)]
    begun = [pattern for pattern in begun if not pattern.startswith(("ui\\..+", "error\\..+"))]  # all of them begin so
    ended = tuple(text[1:] for text in told if re.fullmatch(r"\*_[a-z]+", text))
    is_begun = re.compile("|".join(begun)).fullmatch

    def is_said(key: str) -> bool:
        ways = {key, key.removeprefix("error."), key.removeprefix("ui.")} | {key.removesuffix(end) for end in ended}
        return any(way in told or is_begun(way) for way in ways)

    known = {re.sub(r"\.(one|other)$", "", key) for key in sentences.load_sentences("en")}
    assert [key for key in sorted(known) if not is_said(key)] == []


def test_chinese_speaks_to_a_person_in_one_way_and_has_one_name_for_each_thing() -> None:
    others = "收藏集|提议|审核|批注|小图(?!片)|艺术家|字稿|训练组件|合辑|忘掉|理解|Media Assistant"
    wrong = re.compile(f"你(?!好)|影片|资料库|{others}")  # 您, 视频, 媒体库
    assert [key for key, sentence in sentences.load_sentences("zh_CN").items() if wrong.search(sentence)] == []


def test_english_says_no_word_that_was_given_up() -> None:
    wrong = re.compile(r"\bshall\b|learnt of|\bmains\b|, surely|\bis no [a-z]+ of\b|[a-z]'[a-z]|\} %")
    assert [key for key, sentence in sentences.load_sentences("en").items() if wrong.search(sentence)] == []


def test_what_the_system_refuses_for_is_said_in_both_languages() -> None:
    full = why_of(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
    said = {language: sentences.say(language, "error.media.read_failed", why=full) for language in sentences.LANGUAGES}
    assert "the disk is full" in said["en"]
    assert "磁盘已满" in said["zh_CN"]
    rare = why_of(OSError(errno.EXDEV, os.strerror(errno.EXDEV)))
    assert os.strerror(errno.EXDEV) in sentences.say("en", "error.media.read_failed", why=rare)
    assert why_of(OSError("no number")) == "no number"


def test_every_kind_has_an_icon_and_a_sample() -> None:
    from media_assistant.media.sniff import sniff

    icons = {file.stem for file in (ROOT / "resources" / "icons").glob("*.svg")}
    found = set()
    for file in (ROOT / "resources" / "samples").iterdir():
        sniffed = sniff(file) if file.suffix not in {".py", ".json"} else None
        if sniffed is not None:
            found.add(sniffed.kind)
    for kind in Kind:
        assert kind.value in icons
        assert kind in found


def test_every_bundled_model_has_a_card_and_a_notice() -> None:
    catalogue = tomllib.loads((ROOT / "models" / "catalogue.toml").read_text("utf-8"))
    assert catalogue
    for folder in (path for path in (ROOT / "models").iterdir() if path.is_dir() and not path.name.startswith("__")):
        card = tomllib.loads((folder / "model.toml").read_text("utf-8"))
        assert card["id"] == folder.name
        assert card["licence"]
        assert (folder / "NOTICE").is_file()
        assert card["sha256"]


def test_starting_imports_nothing_heavy() -> None:
    """The command line's own start; networks, decoders and Qt come when they are needed."""
    heavy = ["PySide6", "numpy", "onnxruntime", "av", "cv2", "PIL", "faster_whisper", "ctranslate2", "torch", "jieba"]
    code = (
        f"import sys, media_assistant.__main__, media_assistant.cli; print([n for n in {heavy!r} if n in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert answer.stdout.strip() == "[]"


def test_the_wheel_is_complete(tmp_path: Path) -> None:
    """Built, unpacked elsewhere, and run from there: resources and models travel inside."""
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True, text=True)
    (wheel,) = tmp_path.glob("*.whl")
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    code = (
        "from media_assistant.paths import bundled; from media_assistant import sentences, __file__ as where;"
        "print(where); print(bundled('models')); print(len(sentences.load_sentences('zh_CN')))"
        ";assert list((bundled('models')).glob('*/model.toml')) and list((bundled('resources')/'samples').glob('*.mp4'))"
    )
    run = [sys.executable, "-c", code]
    answer = subprocess.run(
        run, capture_output=True, text=True, check=False, cwd=tmp_path, env={"PYTHONPATH": str(site), "PATH": ""}
    )
    assert answer.returncode == 0, answer.stderr
    where, models, count = answer.stdout.split()
    assert Path(where).is_relative_to(site)
    assert Path(models).is_relative_to(site)
    assert int(count) > 50
    assert (site / "media_assistant" / "py.typed").is_file()
