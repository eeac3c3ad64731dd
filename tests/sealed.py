"""Editions that a test changed on purpose, sealed anew as if they were published so."""

import hashlib
import json
from pathlib import Path
from typing import Any

from metrics.edition.manifest import MANIFEST, point_to, sealed_id


def reseal(home: Path, edition_id: str, **changed: Any) -> str:
    """Seal an edition whose files were changed, with other keys of its manifest where
    `changed` says so; point to it and return its new id."""
    folder = home / "editions" / edition_id
    about = json.loads((folder / MANIFEST).read_text()) | changed
    for file in about["files"]:
        data = (folder / file["name"]).read_bytes()
        file |= {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    del about["edition"]
    fresh_id = sealed_id(edition_id.split("-")[0], about)
    (folder / MANIFEST).write_text(json.dumps({"edition": fresh_id, **about}))
    folder.rename(home / "editions" / fresh_id)
    point_to(home, fresh_id)
    return fresh_id
