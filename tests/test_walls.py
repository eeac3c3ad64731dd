"""The rooms of metrics/: what imports what, what a room shows of itself, what a page loads."""

import ast
import importlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from metrics.base.settings import ROOT
from tests import rooms

ROOMS = sorted(path.parent.name for path in (ROOT / "metrics").glob("*/__init__.py"))
CODE = sorted(
    path
    for folder in ("metrics", "ui", "pages")
    for path in (ROOT / folder).rglob("*.py")
    if "__pycache__" not in path.parts
)


def lint_imports(top: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=top,
        env={**os.environ, "PYTHONPATH": str(top)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_the_walls_stand_and_a_hole_is_seen(tmp_path: Path) -> None:
    done = lint_imports(ROOT)
    assert done.returncode == 0, done.stdout
    for folder in ("metrics", "ui"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    with (tmp_path / "metrics" / "tell" / "palette.py").open("a") as file:
        file.write(
            "\n\ndef late() -> None:\n    import streamlit\n    import metrics.gate.publish\n"
        )
    done = lint_imports(tmp_path)
    assert done.returncode == 1
    broken = [line for line in done.stdout.splitlines() if line.endswith("BROKEN")]
    assert broken == [
        "A room imports no room above it BROKEN",
        "What is told knows no warehouse, no gate, no intake and no definition BROKEN",
        "Only build, desk and cli know the gate BROKEN",
        "Nothing under metrics reaches Streamlit by any route BROKEN",
        "A page process opens no warehouse and loads no tool of publishing BROKEN",
    ]


def imports(path: Path) -> Iterator[tuple[str, str]]:
    """Module and name of every import of ours, functions included."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("metrics"):
            yield from ((str(node.module), alias.name) for alias in node.names)
        if isinstance(node, ast.Import):
            yield from ((one.name, "") for one in node.names if one.name.startswith("metrics"))


def test_a_room_is_entered_by_its_face() -> None:
    """`__init__.py` names the modules that others may use, and no name that nobody uses."""
    used: dict[str, set[str]] = {room: set() for room in ROOMS}
    for path in [*CODE, ROOT / "app.py", ROOT / "metrics" / "__main__.py"]:
        own = path.relative_to(ROOT).parts
        for module, name in imports(path):
            parts = [*module.split("."), name]
            if len(parts) < 3 or parts[1] not in ROOMS or own[:2] == ("metrics", parts[1]):
                continue
            used[parts[1]].add(parts[2])
    for room in ROOMS:
        face = importlib.import_module(f"metrics.{room}").__all__
        assert used[room] <= set(face), f"metrics/{room} keeps these to itself"
        assert set(face) <= used[room], f"nobody uses these of metrics/{room}"


def test_the_picture_of_the_rooms_is_current() -> None:
    """And tells every room that there is: docs/architecture.md, drawn by `make rooms`."""
    text = rooms.PAGE.read_text("utf-8")
    assert text == rooms.written(text, rooms.arrows(rooms.graph("metrics", "ui")))
    assert all(f"| `{room}` |" in text for room in ROOMS)


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_takes_what_another_keeps_to_itself(path: Path) -> None:
    taken = [f"{module}.{name}" for module, name in imports(path) if name.startswith("_")]
    assert [name for name in taken if not name.endswith("__")] == []


WATCHED = """
import sys
from tests.apps import open_page
from ui.registry import PAGES
for entry in PAGES:
    app = open_page(entry.script)
    assert not app.exception, entry.script
    assert len(app.title) == 1, entry.script
loaded = {name.split(".")[0] for name in sys.modules}
ours = {".".join(name.split(".")[:3]) for name in sys.modules if name.startswith("metrics.")}
print(len(PAGES), *sorted(loaded & {"altair", "streamlit", *HEAVY}), *sorted(ours))
"""
HEAVY = {"sqlalchemy", "sqlglot", "scipy", "sklearn", "spacy", "sqlfluff", "highspy", "lxml"}


def test_a_page_process_loads_what_pages_need(federal_home: Path) -> None:
    """All pages that readers see, opened in a process of their own."""
    switches = ("CX_LOADING", "CX_PREVIEW", "CX_TEAM")
    kept = {name: value for name, value in os.environ.items() if name not in switches}
    done = subprocess.run(
        [sys.executable, "-c", f"HEAVY = {HEAVY!r}\n{WATCHED}"],
        cwd=ROOT,
        env={**kept, "CX_HOME": str(federal_home), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    n_pages, *loaded = done.stdout.split()
    assert int(n_pages) == 9
    assert {"altair", "streamlit", "metrics.tell", "metrics.edition.edition"} <= set(loaded)
    assert not HEAVY & set(loaded)
    rooms = {name.split(".")[1] for name in loaded if name.startswith("metrics.")}
    assert rooms <= {"base", "edition", "tell", "deliver", "intake"}
    assert [name for name in loaded if name.startswith("metrics.intake.")] in (
        [],
        ["metrics.intake.answer_file"],
    )
