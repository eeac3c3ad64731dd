"""Which editions there are, which one is shown, and what their manifests say."""

import json
import os
from pathlib import Path
from typing import Any

from metrics.errors import CxError


def edition_ids(home: Path) -> list[str]:
    """Return the ids of the editions of a data set, oldest first."""
    folder = home / "editions"
    if not folder.is_dir():
        return []
    return sorted(path.parent.name for path in folder.glob("*/manifest.json"))


def current_id(home: Path) -> str | None:
    """Return the id that the pointer `current` names, or None without an edition."""
    try:
        return (home / "editions" / "current").read_text(encoding="utf-8").strip() or None
    except (FileNotFoundError, NotADirectoryError):
        return None


def point_to(home: Path, edition_id: str) -> None:
    """Replace the pointer `current` atomically; readers see the old or the new one."""
    editions = home / "editions"
    fresh = editions / f".current-{os.getpid()}"
    with fresh.open("w", encoding="utf-8") as file:
        file.write(edition_id + "\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(editions / "current")


def use_edition(home: Path, edition_id: str) -> None:
    """Point `current` at an older or newer edition.

    Raises CxError where there is no such edition.
    """
    if edition_id not in edition_ids(home):
        known = ", ".join(edition_ids(home)) or "none"
        raise CxError(f"there is no edition {edition_id!r}; there are: {known}")
    point_to(home, edition_id)


def read_manifest(home: Path, edition_id: str) -> dict[str, Any]:
    """Return the manifest of an edition."""
    path = home / "editions" / edition_id / "manifest.json"
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CxError(f"{path}: cannot be read ({error}); choose another edition") from error
    return dict(manifest)
