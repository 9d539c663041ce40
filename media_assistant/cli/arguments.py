"""What may stand on the command line."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from media_assistant.errors import MediaAssistantError
from media_assistant.items.clock import parse_exact
from media_assistant.items.span import LATEST_MS, WHOLE, Span, TimeSpan
from media_assistant.items.transcript import FORMATS

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

_HIGHEST = 2**31 - 1


class WrongUsage(MediaAssistantError):
    """Exit status 2; `usage` is the short help that belongs to it."""

    def __init__(self, message: str, usage: str) -> None:
        super().__init__(message)
        self.usage = usage


class _Parser(argparse.ArgumentParser):
    """Raises instead of leaving the process, so that `--json` keeps its promise of one document."""

    def error(self, message: str) -> NoReturn:
        raise WrongUsage(message, self.format_usage())

    def _print_message(self, message: str, file: SupportsWrite[str] | None = None) -> None:
        """The help in UTF-8 whatever the terminal thinks, as all answers are."""
        is_answer = file is sys.stdout
        if message and is_answer:
            with suppress(OSError):
                sys.stdout.flush()
                sys.stdout.buffer.write(message.encode("utf-8"))
                sys.stdout.buffer.flush()
            return
        super()._print_message(message, file)


def build_parser(say: Callable[..., str]) -> argparse.ArgumentParser:
    """The parser of the whole command line, its help in the person's language."""
    parser = _Parser(prog="media-assistant", description=say("cli.help.program"), allow_abbrev=False)
    _add_common(parser, say)
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)

    def verb(name: str) -> argparse.ArgumentParser:
        words = say(f"cli.help.{name}")
        made = verbs.add_parser(name, help=words, description=words, allow_abbrev=False)
        _add_common(made, say, is_again=True)
        return made

    added = verb("import")
    added.add_argument("paths", nargs="+", type=_path, metavar="PATH")
    added.add_argument("--no-analyse", action="store_true", help=say("cli.help.no_analyse"))

    added = verb("analyse")
    added.add_argument("items", nargs="*", metavar="ITEM")
    added.add_argument("--only", default="", metavar="A,B", help=say("cli.help.only"))
    added.add_argument("--redo", action="store_true", help=say("cli.help.redo_done"))

    added = verb("list")
    added.add_argument("query", nargs="?", default="", metavar="QUERY")
    _add_limit(added, say)

    added = verb("show")
    added.add_argument("item", metavar="ITEM")

    added = verb("search")
    added.add_argument("query", metavar="QUERY")
    added.add_argument("--all", action="store_true", help=say("cli.help.all"))
    _add_limit(added, say)

    added = verb("similar")
    added.add_argument("items", nargs="+", metavar="ITEM|PATH")
    added.add_argument(
        "--not",
        dest="unlike",
        nargs="+",
        action="extend",
        default=[],
        metavar="ITEM|PATH",
        help=say("cli.help.similar_not"),
    )
    added.add_argument("--at", metavar="TIME", help=say("cli.help.similar_at"))
    added.add_argument("--from", dest="start", metavar="TIME", help=say("cli.help.similar_from"))
    added.add_argument("--to", dest="end", metavar="TIME", help=say("cli.help.similar_to"))
    _add_limit(added, say)

    added = verb("transcribe")
    added.add_argument("path", metavar="PATH")
    added.add_argument("--to", choices=FORMATS, default="", help=say("cli.help.to"))
    added.add_argument("--output", type=_path, metavar="FILE", help=say("cli.help.output"))
    added.add_argument("--language", default="", metavar="L", help=say("cli.help.language"))
    added.add_argument("--model", default="", metavar="ID", help=say("cli.help.model"))

    added = verb("tag")
    added.add_argument("what", choices=("add", "remove", "accept", "reject"))
    added.add_argument("items", nargs="+", metavar="ITEM")
    added.add_argument("tag", metavar="TAG")

    added = verb("export")
    added.add_argument("folder", type=_path, metavar="DIR")

    added = verb("restore")
    added.add_argument("path", type=_path, metavar="PATH")

    added = verb("jobs")
    added.add_argument("what", nargs="?", choices=("list", "pause", "resume", "retry"), default="list")
    added.add_argument("items", nargs="*", metavar="ITEM")

    added = verb("models")
    added.add_argument("what", nargs="?", choices=("list", "advise", "install", "remove", "verify"), default="list")
    added.add_argument("ids", nargs="*", metavar="ID")
    added.add_argument("--measure", action="store_true", help=say("cli.help.measure"))
    added.add_argument("--seconds", type=float, default=None, metavar="N", help=say("cli.help.seconds"))

    added = verb("history")
    added.add_argument("--played", action="store_true", help=say("cli.help.played"))
    _add_limit(added, say)

    added = verb("forget")
    added.add_argument("what", nargs="+", metavar="WHAT", help=say("cli.help.forget_what"))
    added.add_argument("--yes", action="store_true", help=say("cli.help.yes"))

    added = verb("undo")
    added.add_argument("step", nargs="?", type=_number, default=None, metavar="STEP", help=say("cli.help.step"))
    added.add_argument("--back-to", action="store_true", help=say("cli.help.back_to"))

    verb("redo")

    added = verb("missing")
    added.add_argument("what", nargs="?", choices=("list", "find", "gone", "remove"), default="list")
    added.add_argument("folder", nargs="?", type=_path, default=None, metavar="DIR")
    added.add_argument("--yes", action="store_true", help=say("cli.help.yes"))

    added = verb("duplicates")
    added.add_argument("what", nargs="?", choices=("list", "keep", "different"), default="list")
    added.add_argument("items", nargs="*", metavar="ITEM")
    _add_limit(added, say)

    added = verb("train")
    added.add_argument("tags", nargs="*", metavar="TAG")
    added.add_argument("--name", default="", metavar="NAME", help=say("cli.help.train_name"))
    added.add_argument("--backbone", default="", metavar="NETWORK", help=say("cli.help.backbone"))
    added.add_argument(
        "--from", dest="matter", choices=("pictures", "seen", "heard"), default="pictures", help=say("cli.help.matter")
    )
    added.add_argument("--advise", action="store_true", help=say("cli.help.advise"))
    added.add_argument("--throw-away", default="", metavar="NAME", help=say("cli.help.throw_away"))
    pack = added.add_mutually_exclusive_group()
    pack.add_argument("--install", nargs="?", const="", default=None, metavar="PACK", help=say("cli.help.install_pack"))
    pack.add_argument("--uninstall", action="store_true", help=say("cli.help.uninstall_pack"))

    added = verb("teach")
    added.add_argument("tag", metavar="TAG")
    added.add_argument("--like", nargs="+", action="extend", default=[], metavar="ITEM", help=say("cli.help.like"))
    added.add_argument(
        "--not", dest="unlike", nargs="+", action="extend", default=[], metavar="ITEM", help=say("cli.help.teach_not")
    )
    added.add_argument("--version", type=_number, default=None, metavar="N", help=say("cli.help.version"))
    added.add_argument("--forget", action="store_true", help=say("cli.help.teach_forget"))
    _add_limit(added, say)

    added = verb("for-you")
    words = ("like", "not-now", "never", "not-because")
    added.add_argument("word", nargs="?", choices=words, default=None, help=say("cli.help.for_you_word"))
    added.add_argument("item", nargs="?", default="", metavar="ITEM")
    _add_limit(added, say)

    added = verb("mix")
    added.add_argument("--seed", nargs="+", action="extend", default=[], metavar="ITEM", help=say("cli.help.mix_seed"))
    added.add_argument("--query", default="", metavar="QUERY", help=say("cli.help.mix_query"))
    added.add_argument("--from", dest="start", default="", metavar="ITEM", help=say("cli.help.mix_from"))
    added.add_argument("--to", dest="end", default="", metavar="ITEM", help=say("cli.help.mix_to"))
    added.add_argument("--minutes", type=float, default=None, metavar="N", help=say("cli.help.mix_minutes"))
    added.add_argument("--steps", type=int, default=None, metavar="N", help=say("cli.help.mix_steps"))
    added.add_argument("--tempo", default="", metavar="LOW-HIGH", help=say("cli.help.mix_tempo"))
    courses = added.add_mutually_exclusive_group()
    courses.add_argument("--rising", action="store_true", help=say("cli.help.mix_rising"))
    courses.add_argument("--falling", action="store_true", help=say("cli.help.mix_falling"))
    keys = added.add_mutually_exclusive_group()
    keys.add_argument("--key-compatible", action="store_true", help=say("cli.help.mix_compatible"))
    keys.add_argument("--key-same", action="store_true", help=say("cli.help.mix_same"))
    added.add_argument("--out", type=_path, default=None, metavar="FILE", help=say("cli.help.mix_out"))

    added = verb("groups")
    added.add_argument("number", nargs="?", type=_number, default=None, metavar="N", help=say("cli.help.groups_number"))

    verb("backup")
    verb("check").add_argument("--repair", action="store_true", help=say("cli.help.repair"))
    return parser


def check_arguments(asked: argparse.Namespace, usage: str) -> None:
    """What argparse cannot say. Raises WrongUsage."""
    if asked.verb == "models" and asked.what in ("install", "remove") and len(asked.ids) != 1:
        raise WrongUsage(f"models {asked.what} needs one ID", usage)
    if asked.verb == "models" and asked.seconds is not None and not 1 <= asked.seconds <= 600:
        raise WrongUsage("--seconds must be from 1 to 600", usage)
    if asked.verb == "missing" and asked.what != "list" and asked.folder is None:
        raise WrongUsage(f"missing {asked.what} needs a DIR", usage)
    if asked.verb == "duplicates" and asked.what == "keep" and not asked.items:
        raise WrongUsage("duplicates keep needs an ITEM", usage)
    if asked.verb == "duplicates" and asked.what == "different" and len(asked.items) < 2:
        raise WrongUsage("duplicates different needs two ITEMs or more", usage)
    if asked.verb == "undo" and asked.back_to and asked.step is None:
        raise WrongUsage("--back-to needs a STEP", usage)
    if asked.verb == "for-you" and asked.word and not asked.item:
        raise WrongUsage(f"for-you {asked.word} needs an ITEM", usage)
    if asked.verb == "mix":
        _check_mix(asked, usage)
    if asked.verb == "similar":
        asked.span = _span_of(asked, usage)
    if asked.verb == "search" and not asked.query.strip():
        raise WrongUsage("search needs a QUERY", usage)
    if getattr(asked, "limit", None) is not None and asked.limit < 1:
        raise WrongUsage("--limit must be at least 1", usage)
    if asked.verb == "analyse" and asked.only:
        from media_assistant.analysis import registry

        known = {spec.name for spec in registry.SPECS}
        if unknown := [name for name in asked.only.split(",") if name and name not in known]:
            raise WrongUsage(f"no such analyser: {', '.join(unknown)} (known: {', '.join(sorted(known))})", usage)


def _check_mix(asked: argparse.Namespace, usage: str) -> None:
    """From seeds, or from one item to another; a tempo such as 100-130. Raises WrongUsage."""
    if bool(asked.start) != bool(asked.end):
        raise WrongUsage("--from and --to go together", usage)
    if not asked.start and not asked.seed and not asked.query.strip():
        raise WrongUsage("mix needs --seed, --query, or --from and --to", usage)
    if asked.minutes is not None and not 0 < asked.minutes <= 1440:
        raise WrongUsage("--minutes must be more than 0, and 1440 at most", usage)
    if asked.steps is not None and not 2 <= asked.steps <= 300:
        raise WrongUsage("--steps must be from 2 to 300", usage)
    asked.tempo_range = None
    if asked.tempo:
        low, _, high = asked.tempo.partition("-")
        try:
            asked.tempo_range = (float(low), float(high))
        except ValueError:
            raise WrongUsage("--tempo needs two numbers such as 100-130", usage) from None


def _span_of(asked: argparse.Namespace, usage: str) -> Span:
    """Where in the one ITEM to look. Raises WrongUsage."""
    given = {"--at": asked.at, "--from": asked.start, "--to": asked.end}
    times = {name: parse_exact(word) for name, word in given.items() if word is not None}
    if not times:
        return WHOLE
    for name, ms in times.items():
        if ms is None:
            raise WrongUsage(f"{name} needs a time such as 1:12 or 72.5", usage)
    if len(asked.items) > 1:
        raise WrongUsage("a time needs exactly one ITEM before it", usage)
    if asked.at is not None:
        if len(times) > 1:
            raise WrongUsage("--at goes without --from and --to", usage)
        return TimeSpan(times["--at"] or 0, times["--at"] or 0)
    start_ms, end_ms = times.get("--from") or 0, times.get("--to", LATEST_MS) or 0
    if end_ms <= start_ms:
        raise WrongUsage("--to must be later than --from", usage)
    return TimeSpan(start_ms, end_ms)


def _library(word: str) -> Path:
    """From whichever folder it was named. Raises ArgumentTypeError for a home that nobody has."""
    file = os.path.expanduser(word)
    if file.startswith("~"):
        raise argparse.ArgumentTypeError(f"there is no home {Path(file).parts[0]}")
    return Path(file).absolute()


def _path(word: str) -> Path:
    """Raises ArgumentTypeError for no name at all, as of a variable that is not set: that would be the folder one is in."""
    if not word:
        raise argparse.ArgumentTypeError("the name is empty")
    return Path(word)


def _number(word: str) -> int:
    """As far as anything is counted here: one beyond that is as one that nothing has. Raises ArgumentTypeError."""
    try:
        return max(-_HIGHEST, min(int(word), _HIGHEST))
    except ValueError:
        raise argparse.ArgumentTypeError(f"no whole number: {word!r}") from None


def _add_common(parser: argparse.ArgumentParser, say: Callable[..., str], *, is_again: bool = False) -> None:
    """Options that may stand before the verb or after it."""
    kept = argparse.SUPPRESS if is_again else None
    parser.add_argument("--library", type=_library, metavar="FILE", default=kept, help=say("cli.help.library"))
    flag = argparse.SUPPRESS if is_again else False
    parser.add_argument("--json", action="store_true", default=flag, help=say("cli.help.json"))
    parser.add_argument("--quiet", action="store_true", default=flag, help=say("cli.help.quiet"))


def _add_limit(parser: argparse.ArgumentParser, say: Callable[..., str]) -> None:
    parser.add_argument("--limit", type=_number, default=None, metavar="N", help=say("cli.help.limit"))
