"""Whether a program that was made into one folder has all that it imports: `media-assistant --check-parts`.

Most of what it needs is imported late, by a worker or when a panel opens, and what is missing there shows in a log alone.
So everything is imported at once, by lists that nobody has to keep: each module of the program, and whatever their
compiled code imports anywhere in it. What only the training pack brings may be missing. And Qt's own words in the languages
of the window, without which its dialogs and menus are English, are looked for.
"""

from __future__ import annotations

import dis
import importlib
import importlib.util
import os
import pkgutil
import sys
from collections.abc import Iterator, Sequence
from types import CodeType
from typing import NamedTuple

from media_assistant.sentences import LANGUAGES
from media_assistant.training.torch_parts import NEEDED

ROOT = "media_assistant"
OF_OTHER_SYSTEMS = frozenset(
    {"_winapi", "fcntl", "grp", "msvcrt", "nt", "posix", "pwd", "resource", "termios", "winreg", "winsound"}
)
"""Python has them on some systems only; our code asks first."""


class Import(NamedTuple):
    """`from module import name`; without a name the module alone."""

    module: str
    name: str = ""


class Fault(NamedTuple):
    """What to say of it, and the package that was not found, which may be one that another asked for."""

    text: str
    lacks: str


def main() -> int:
    """Say what is missing, a line each; returns the exit status."""
    modules = list(own_modules())
    faults = [lack.text for module in modules if (lack := try_import(Import(module)))]
    wanted: dict[Import, str] = {}
    for module in modules:
        code = code_of(module)
        if code is None:
            faults.append(f"{module}: has no code to look through")
            continue
        for each in imports_of(code):
            if not each.module.startswith(f"{ROOT}."):
                wanted.setdefault(each, module)
    optional = 0
    for each, by in wanted.items():
        top = each.module.partition(".")[0]
        if top in OF_OTHER_SYSTEMS and top not in sys.builtin_module_names and importlib.util.find_spec(top) is None:
            continue
        if lack := try_import(each):
            if lack.lacks in NEEDED:
                optional += 1
            else:
                faults.append(f"{lack.text}, for {by}")
    faults += missing_words()
    for fault in faults:
        print(f"missing: {fault}")
    if not faults:
        without = f"; {optional} more come with the training pack" if optional else ""
        print(f"{len(modules)} modules of the program and {len(wanted)} imports of others are there{without}")
    return 1 if faults else 0


def missing_words() -> list[str]:
    """Files that Qt's own words should be in. By name, for no module here imports Qt."""
    file_of = importlib.import_module(f"{ROOT}.ui.qt_words").file_of
    return [file for language in LANGUAGES if language != "en" and not os.path.isfile(file := file_of(language))]


def own_modules() -> Iterator[str]:
    """Names of all modules of the program, packages too."""
    package = importlib.import_module(ROOT)
    yield ROOT
    for found in pkgutil.walk_packages(package.__path__, f"{ROOT}."):
        yield found.name


def code_of(module: str) -> CodeType | None:
    """Compiled code, from a file or from a frozen program's archive."""
    spec = importlib.util.find_spec(module)
    get_code = getattr(spec.loader, "get_code", None) if spec is not None else None
    return get_code(module) if get_code is not None else None


def imports_of(code: CodeType) -> Iterator[Import]:
    """Every import in this code and in the functions and classes within it, at whatever time it is reached; and modules
    that `import_module` is given by name. What is there for type checkers alone is left out.
    """
    resume_at = -1
    last: Sequence[dis.Instruction] = ()
    module = ""
    for step in dis.get_instructions(code):
        if step.offset < resume_at:
            continue
        if "JUMP" in step.opname and any(each.argval == "TYPE_CHECKING" for each in last):
            resume_at = step.argval
        elif step.opname == "IMPORT_NAME":
            module = step.argval
            yield Import(module)
        # `import a.b as c` too takes `b` out of `a.b`, as the compiler has it.
        elif step.opname == "IMPORT_FROM" and not module.endswith(f".{step.argval}"):
            yield Import(module, step.argval)
        elif (
            step.opname == "LOAD_CONST"
            and _is_name(step.argval)
            and any(each.argval == "import_module" for each in last)
        ):
            yield Import(step.argval)
        last = (*last[-1:], step)
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from imports_of(inner)


def _is_name(value: object) -> bool:
    return isinstance(value, str) and all(part.isidentifier() for part in value.split("."))


def try_import(wanted: Import) -> Fault | None:
    """Why it cannot be had; None when it can. Whatever a library does when it is imported, it is only told of."""
    try:
        module = importlib.import_module(wanted.module)
        if wanted.name and not hasattr(module, wanted.name):
            importlib.import_module(f"{wanted.module}.{wanted.name}")
    except Exception as fault:  # noqa: BLE001 - somebody else's code, which may fail as it likes
        lacks = (fault.name or "").partition(".")[0] if isinstance(fault, ModuleNotFoundError) else ""
        return Fault(f"{wanted.module} {wanted.name}".rstrip() + f" ({type(fault).__name__}: {fault})", lacks)
    return None
