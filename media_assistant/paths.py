"""Where things live. The only module that asks the system for folders."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

APP_NAME = "Media Assistant"
KEPT = ".kept"
"""Of the user's models: the folder of what is remembered about models, and may be deleted."""


class Paths(NamedTuple):
    """The folders of one person's program. Only `keep_private` creates any; who writes a file makes its folder."""

    data: Path
    """The default library, backups, and the user's model folder: what must not be lost."""
    cache: Path
    """Previews, matrices and scratch: all of it may be deleted at any time."""
    config: Path
    logs: Path
    library: Path
    """The SQLite file."""
    model_folders: tuple[Path, ...] = ()
    """Extra folders from MEDIA_ASSISTANT_MODELS, searched before the user's own."""

    @property
    def user_models(self) -> Path:
        """Where downloads and trained models go."""
        return self.data / "models"

    @property
    def training_pack(self) -> Path:
        """Where the packages lie that an installed program trains with."""
        return self.data / "training"

    @property
    def worker_folders(self) -> tuple[Path, Path]:
        """Where worker processes may write: their scratch, and what they remember of models."""
        return self.cache / "worker", self.user_models / KEPT

    @property
    def backups(self) -> Path:
        """Backups lie beside the library that they are of."""
        return self.library.with_name(self.library.name + ".backups")

    @property
    def previews(self) -> Path:
        """Small pictures of this library's items, a folder each."""
        return self.library_cache / "previews"

    @property
    def own(self) -> tuple[Path, ...]:
        """Files and folders that the program keeps for itself: wherever they lie, they are no person's media."""
        beside = (self.library.with_name(self.library.name + end) for end in ("", "-wal", "-shm", "-journal", ".lock"))
        return self.cache, self.config, self.logs, self.user_models, self.training_pack, self.backups, *beside

    @property
    def matrices(self) -> Path:
        """What this library's vectors are looked through in."""
        return self.library_cache / "matrices"

    @property
    def layouts(self) -> Path:
        """Where this library's items lie on the map."""
        return self.library_cache / "map"

    @property
    def prints(self) -> Path:
        """What duplicates of this library's items are looked for in."""
        return self.library_cache / "prints"

    @property
    def library_cache(self) -> Path:
        """Previews, matrices, prints and map of this library; another library has its own."""
        import hashlib

        digest = hashlib.blake2b(
            str(self.library.resolve()).encode("utf-8", "surrogateescape"), digest_size=8
        ).hexdigest()
        return self.cache / "libraries" / digest


def find_paths(library: Path | None = None) -> Paths:
    """Read MEDIA_ASSISTANT_HOME and MEDIA_ASSISTANT_MODELS once; `library` overrides the default SQLite file."""
    home = os.environ.get("MEDIA_ASSISTANT_HOME")
    if home:
        root = Path(os.path.expanduser(home)).resolve()
        data, cache, config, logs = root / "data", root / "cache", root / "config", root / "logs"
    else:
        import platformdirs

        dirs = platformdirs.PlatformDirs(APP_NAME, appauthor=False)
        data, cache, config, logs = dirs.user_data_path, dirs.user_cache_path, dirs.user_config_path, dirs.user_log_path
    extra = os.environ.get("MEDIA_ASSISTANT_MODELS", "")
    folders = tuple(Path(os.path.expanduser(part)) for part in extra.split(os.pathsep) if part)
    return Paths(data, cache, config, logs, library or data / "library.sqlite", folders)


def keep_private(paths: Paths) -> None:
    """Make the program's folders, where they are not there yet, for this person alone: what they hold tells of all that is in
    the library, and by the system's own word others on this computer might read it. What cannot be made is told by whoever
    needs it.
    """
    for folder in (paths.data, paths.cache, paths.config, paths.logs):
        with suppress(OSError):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def carried_folders() -> tuple[Path, ...]:
    """Where what goes with an installer is put down: beside the installed program, and where downloads go."""
    beside: tuple[Path, ...] = ()
    if getattr(sys, "frozen", False):
        around = Path(sys.executable).parents
        # On macOS what a person sees is the app, in which the program lies as `Contents/MacOS/media-assistant`.
        beside = (*around[:2], *(around[3:4] if sys.platform == "darwin" else ()))
    home = os.environ.get("MEDIA_ASSISTANT_HOME")
    if home:
        return *beside, Path(os.path.expanduser(home)).resolve() / "downloads"
    import platformdirs

    return *beside, Path(platformdirs.user_downloads_dir())


def absolute(path: str | os.PathLike[str], rules: ModuleType = os.path) -> str:
    """As `os.path.abspath`, with the letter of a drive on Windows as a capital: `d:` and `D:` are one, and what is known by
    its path must not come in twice for how that was typed.
    """
    whole: str = rules.abspath(path)
    return whole[:1].upper() + whole[1:] if len(rules.splitdrive(whole)[0]) == 2 else whole


def bundled(name: str) -> Path:
    """The folder `resources` or `models`, in the frozen program, the installed wheel, or the source tree."""
    frozen = getattr(sys, "_MEIPASS", None)
    package = Path(__file__).resolve().parent
    candidates = [Path(frozen) / name] if frozen else [package / "_bundled" / name, package.parent / name]
    for candidate in candidates:
        if candidate.is_dir():
            return candidate
    raise FileNotFoundError(f"the program's own folder {name!r} is missing")
