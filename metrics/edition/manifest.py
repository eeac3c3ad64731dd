"""Which editions there are, which one is shown, what their manifests say, and whether their
files are still as they were published.

An edition is sealed: the manifest holds the SHA-256 of every other file, and the id of the
edition ends in the first digits of the SHA-256 of the manifest. What is changed afterwards,
by hand or by a broken disk, is noticed when the edition is opened.
"""

import hashlib
import json
import os
import re
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from metrics.base.errors import CxError, EditionError
from metrics.base.settings import data_option
from metrics.edition import leftovers

MANIFEST = "manifest.json"
PUBLIC = "public.duckdb"

_SEAL_DIGITS = 12
_SEALED_ID = re.compile(rf"\d{{8}}T\d{{12}}Z-([0-9a-f]{{{_SEAL_DIGITS}}})")
_BUILDING = ".building-"
_NEEDED: dict[str, type] = {
    "edition": str,
    "title": str,
    "published_at": str,
    "as_of": str,
    "data_through": str,
    "next_quarter": str,
    "next_due_on": str,
    "n_published": int,
    "files": list,
    "inputs": list,
    "metrics": dict,
    "checks": list,
}
"""Keys of a manifest that pages read, and their types."""


def edition_ids(home: Path) -> list[str]:
    """Return the ids of the editions of a data set, oldest first."""
    return [name for name in folder_names(home) if (home / "editions" / name / MANIFEST).is_file()]


def folder_names(home: Path) -> list[str]:
    """Return the names of all folders of editions, also of those without a manifest. What
    begins with a dot is no edition (yet)."""
    folder = home / "editions"
    if not folder.is_dir():
        return []
    return sorted(
        path.name for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")
    )


def current_id(home: Path) -> str | None:
    """Return what the pointer `current` names, or None where it cannot be read or is empty.
    Whether there is such an edition is not asked."""
    try:
        named = (home / "editions" / "current").read_bytes()
    except OSError:
        return None
    return named.decode(errors="replace").strip() or None


def point_to(home: Path, edition_id: str) -> None:
    """Replace the pointer `current` atomically; readers see the old or the new one."""
    editions = home / "editions"
    current = editions / "current"
    fresh = editions / f".current-{os.getpid()}"
    with fresh.open("w", encoding="utf-8") as file:
        file.write(edition_id + "\n")
        file.flush()
        os.fsync(file.fileno())
    if current.is_dir() and not current.is_symlink():
        # Nothing of ours makes a folder there; what is in it is kept, out of the way.
        current.rename(editions / f".current-folder-{time.time_ns()}")
    fresh.replace(current)


def use_edition(home: Path, edition_id: str) -> None:
    """Point `current` at an older or newer edition.

    Raises CxError where there is no such edition, EditionError where it is not sound.
    """
    if edition_id not in edition_ids(home):
        known = ", ".join(edition_ids(home)) or "none"
        raise CxError(f"there is no edition {edition_id!r}; there are: {known}")
    for verdict in verify_edition(home, edition_id):
        if verdict.problem:
            raise _unsound(home, edition_id, f"{verdict.name} {verdict.problem}")
    point_to(home, edition_id)


def read_manifest(home: Path, edition_id: str) -> dict[str, Any]:
    """Return the manifest of an edition.

    Raises EditionError where it is missing, cannot be read or lacks what pages need.
    """
    manifest, problem = _read(home / "editions" / edition_id)
    if problem:
        raise _unsound(home, edition_id, f"{MANIFEST} {problem}")
    return manifest


def _read(folder: Path) -> tuple[dict[str, Any], str]:
    """Manifest of an edition, and what is wrong with its form ('' for nothing)."""
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
    except FileNotFoundError:
        return {}, "is missing"
    except OSError as error:
        return {}, f"cannot be read ({error.strerror})"
    except (ValueError, RecursionError):
        return {}, "cannot be read: it is no JSON, cut or changed"
    if not isinstance(manifest, dict):
        return {}, "cannot be read: it is no JSON object"
    for key, kind in _NEEDED.items():
        if not isinstance(manifest.get(key), kind):
            return {}, f"cannot be read: {key} is missing or of another type"
    for about in manifest["files"]:
        known = {"name": str, "bytes": int, "sha256": str}
        if not isinstance(about, dict) or any(
            not isinstance(about.get(key), kind) for key, kind in known.items()
        ):
            return {}, "cannot be read: files do not say name, bytes and sha256"
    return manifest, ""


def last_manifest(home: Path) -> dict[str, Any]:
    """Return the manifest of the edition that pages show; where there is none or it cannot
    be read, that of the newest edition whose manifest can; empty without one."""
    for edition_id in (current_id(home), *reversed(edition_ids(home))):
        if edition_id in edition_ids(home):
            manifest, problem = _read(home / "editions" / str(edition_id))
            if not problem:
                return manifest
    return {}


def _seal(manifest: dict[str, Any]) -> str:
    """SHA-256 of a manifest without its id, whatever the order of its keys."""
    content = {key: value for key, value in manifest.items() if key != "edition"}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def sealed_id(stamp: str, manifest: dict[str, Any]) -> str:
    """Return the id of a new edition: its time, and the first digits of the hash of its
    manifest, which holds the hashes of all other files."""
    as_read = json.loads(json.dumps(manifest))
    return f"{stamp}-{_seal(as_read)[:_SEAL_DIGITS]}"


@dataclass(frozen=True)
class Verdict:
    """What was found of one file of an edition: a problem ('' for none), or a note."""

    name: str
    problem: str = ""
    note: str = ""


def verify_edition(home: Path, edition_id: str) -> list[Verdict]:
    """Read every file of an edition and return what was found, the manifest first. Files
    that the manifest does not list are told of too."""
    folder = home / "editions" / edition_id
    manifest, problem = _read(folder)
    problem = problem or _manifest_problem(edition_id, manifest)
    if problem:
        return [Verdict(MANIFEST, problem)]
    note = "" if _SEALED_ID.fullmatch(edition_id) else "of before manifests were sealed: not proven"
    names = [str(about["name"]) for about in manifest["files"]]
    found = [Verdict(MANIFEST, "", note)]
    found += [Verdict(name, _file_problem(folder, manifest, name)) for name in names]
    for path in sorted(folder.iterdir()):
        if path.name == MANIFEST or path.name in names:
            continue
        if path.suffix == ".wal" or path.suffix == ".duckdb":
            found.append(Verdict(path.name, "is no file of the edition: remove it"))
        else:
            found.append(Verdict(path.name, "", "is no file of the edition"))
    return found


def _manifest_problem(edition_id: str, manifest: dict[str, Any]) -> str:
    if manifest["edition"] != edition_id:
        return f"is that of edition {_short(str(manifest['edition']))}"
    sealed = _SEALED_ID.fullmatch(edition_id)
    if sealed and not _seal(manifest).startswith(sealed[1]):
        return "was changed after publishing"
    if PUBLIC not in {about["name"] for about in manifest["files"]}:
        return f"does not list {PUBLIC}"
    return ""


def _file_problem(folder: Path, manifest: dict[str, Any], name: str) -> str:
    """What is wrong with a file that the manifest lists; '' for nothing."""
    (about,) = [about for about in manifest["files"] if about["name"] == name][:1]
    path = folder / name
    try:
        size = path.stat().st_size
        if size < about["bytes"]:
            return f"is cut: {size:,} of {about['bytes']:,} bytes are left"
        if size > about["bytes"] or _sha256(path) != about["sha256"]:
            return "was changed after publishing"
    except FileNotFoundError:
        return "is missing"
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    if (folder / f"{name}.wal").exists():
        # DuckDB would play this log back into what it shows.
        return f"was opened for writing: {name}.wal lies beside it"
    return ""


_hashes: dict[Path, tuple[tuple[int, ...], str]] = {}
_manifests: dict[Path, tuple[tuple[int, ...], dict[str, Any]]] = {}
_looking = threading.Lock()


def _identity(path: Path) -> tuple[int, ...]:
    """What changes with a file. A change of its content changes ctime too, which programs
    cannot set back as they can the time of the last writing."""
    facts = path.stat()
    return (facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns)


def _sha256(path: Path) -> str:
    """SHA-256 of a file, computed once per process as long as the file stays the same."""
    with _looking:
        identity = _identity(path)
        known = _hashes.get(path)
        if known is None or known[0] != identity:
            with path.open("rb") as file:
                known = (identity, hashlib.file_digest(file, "sha256").hexdigest())
            _hashes[path] = known
        return known[1]


def _sound_manifest(home: Path, edition_id: str) -> dict[str, Any]:
    """Manifest of an edition, held against its seal once per process as long as the file
    stays the same. Raises EditionError as `check_edition` does."""
    path = home / "editions" / edition_id / MANIFEST
    identity = _identity(path) if path.is_file() else ()
    known = _manifests.get(path)
    if known is None or known[0] != identity:
        manifest = read_manifest(home, edition_id)
        if problem := _manifest_problem(edition_id, manifest):
            raise _unsound(home, edition_id, f"{MANIFEST} {problem}")
        _manifests[path] = known = (identity, manifest)
    return known[1]


def _unsound(home: Path, edition_id: str, problem: str) -> EditionError:
    reason = f"edition {edition_id}: {problem}"
    return EditionError("unsound edition", reason, remedy(home, edition_id))


def check_edition(home: Path, edition_id: str, name: str = PUBLIC) -> dict[str, Any]:
    """Return the manifest of an edition after holding it and one of its files against
    their hashes. A file that stays the same is read once per process.

    Raises EditionError where there is no such edition, or it is missing, cut or changed.
    """
    if edition_id not in folder_names(home):
        raise EditionError(
            "unknown edition",
            f"there is no edition {_short(edition_id)}",
            "see `python -m metrics" + data_option(home) + " editions list`",
        )
    manifest = _sound_manifest(home, edition_id)
    if problem := _file_problem(home / "editions" / edition_id, manifest, name):
        raise _unsound(home, edition_id, f"{name} {problem}")
    return manifest


def chosen_id(home: Path) -> str:
    """Return the id of the edition that pages show.

    Raises EditionError where nothing is published, or `current` names no edition.
    """
    named = current_id(home)
    folders = folder_names(home)
    if named in folders:
        return str(named)
    current = home / "editions" / "current"
    if not folders and named is None:
        raise EditionError(
            "no edition",
            "nothing is published yet",
            "run `python -m metrics build`, or load files and run `python -m metrics publish`",
        )
    if named is not None:
        raise EditionError(
            "unknown edition",
            f"the file editions/current names {_short(named)}, which is no edition here",
            remedy(home, named),
        )
    if current.is_dir():
        reason = "editions/current is a folder, not a file that names an edition"
    elif current.exists():
        reason = "the file editions/current is empty or cannot be read"
    else:
        reason = "the file editions/current, which names the edition to show, is missing"
    raise EditionError("no current edition", reason, remedy(home, named))


def remedy(home: Path, broken: str | None) -> str:
    """Return what to do about a broken edition: the command that shows the newest sound
    one, or that makes a new one."""
    command = f"python -m metrics{data_option(home)}"
    for edition_id in reversed(edition_ids(home)):
        if edition_id != broken and _is_sound(home, edition_id):
            return f"run `{command} editions use {edition_id}`, or publish again"
    if broken in edition_ids(home) and _is_sound(home, str(broken)):
        return f"run `{command} editions use {broken}`, or publish again"
    return f"publish again: `{command} publish`"


def _is_sound(home: Path, edition_id: str) -> bool:
    return not any(verdict.problem for verdict in verify_edition(home, edition_id))


def _short(text: str) -> str:
    """A text that may be anything, quoted, on one line, and not long."""
    return repr(text if len(text) <= 60 else f"{text[:60]}…")


@contextmanager
def building_folder(editions: Path, stamp: str) -> Iterator[Path]:
    """Make the folder in which this process makes a new edition, and hold it: no other
    process takes it for a leftover. It is removed where the block fails."""
    folder = editions / f"{_BUILDING}{stamp}-{os.getpid()}"
    folder.mkdir()
    with leftovers.held(folder):
        try:
            yield folder
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise


def remove_leftovers(home: Path) -> None:
    """Remove what killed runs left half done among the editions of a data set; never what
    a living process makes."""
    editions = home / "editions"
    for path in sorted(editions.iterdir()) if editions.is_dir() else []:
        found = re.fullmatch(r"\.(?:building-.*|current)-(\d+)", path.name)
        if found and leftovers.is_left(path, int(found[1])):
            leftovers.remove(path)
