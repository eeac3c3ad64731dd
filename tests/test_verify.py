"""Editions verify themselves: what was cut, changed or removed after publishing is said, with
what to do, and never shown."""

import errno
import fcntl
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from starlette.requests import Request

import app as front_door
from metrics.base.errors import CxError, EditionError
from metrics.cli.main import main
from metrics.edition import leftovers, manifest
from metrics.edition.edition import open_edition
from metrics.edition.manifest import (
    MANIFEST,
    PUBLIC,
    building_folder,
    current_id,
    edition_ids,
    last_manifest,
    point_to,
    remove_leftovers,
    sealed_id,
    use_edition,
    verify_edition,
)
from tests.apps import open_page

TEAM = "component-TSA.duckdb"


def make_edition(home: Path, day: int = 1, is_sealed: bool = True) -> str:
    """Make a tiny edition of two files, point to it, and return its id."""
    stamp = f"202401{day:02}T000000000000Z"
    folder = home / "editions" / "making"
    folder.mkdir(parents=True)
    for name in (PUBLIC, TEAM):
        with duckdb.connect(folder / name) as connection:
            connection.execute(f"create table published as select {day} as value")
    about: dict[str, Any] = {
        "title": "Tiny",
        "published_at": f"2024-01-{day:02}T00:00:00+00:00",
        "as_of": "2024-01-01",
        "data_through": "2023Q4",
        "next_quarter": "2024Q1",
        "next_due_on": "2024-02-01",
        "n_published": 1,
        "files": [
            {
                "name": name,
                "bytes": (folder / name).stat().st_size,
                "sha256": manifest._sha256(folder / name),
            }
            for name in (PUBLIC, TEAM)
        ],
        "inputs": [],
        "metrics": {},
        "checks": [],
    }
    edition_id = sealed_id(stamp, about) if is_sealed else f"{stamp}-1a2b3c4d"
    text = json.dumps({"edition": edition_id, **about}, indent=2)
    (folder / MANIFEST).write_text(text)
    folder.rename(home / "editions" / edition_id)
    point_to(home, edition_id)
    return edition_id


def folder_of(home: Path) -> Path:
    return home / "editions" / str(current_id(home))


def change(path: Path) -> None:
    """Change one byte in the middle; size and time of the last writing stay the same."""
    facts = path.stat()
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def grow(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\0")


def edit_rows(path: Path) -> None:
    """Change a figure as an analyst would."""
    with duckdb.connect(path) as connection:
        connection.execute("update published set value = 99")


def edit_manifest(path: Path) -> None:
    """Change what the manifest says and leave it in order."""
    path.write_text(path.read_text().replace('"Tiny"', '"Huge"'))


def edit_manifest_and_id(path: Path) -> None:
    """Change the manifest, with a public.duckdb that agrees with it."""
    edit_rows(path.parent / PUBLIC)
    about = json.loads(path.read_text())
    about["files"][0]["bytes"] = (path.parent / PUBLIC).stat().st_size
    about["files"][0]["sha256"] = manifest._sha256(path.parent / PUBLIC)
    path.write_text(json.dumps(about))


def drop_key(path: Path) -> None:
    about = json.loads(path.read_text())
    del about["files"]
    path.write_text(json.dumps(about))


def make_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


BROKEN: dict[str, tuple[str, Callable[[Path], object], str]] = {
    "public missing": (PUBLIC, Path.unlink, r"public\.duckdb is missing"),
    "public cut": (PUBLIC, cut, r"public\.duckdb is cut: [\d,]+ of [\d,]+ bytes are left"),
    "public empty": (PUBLIC, lambda path: path.write_bytes(b""), "is cut: 0 of"),
    "public changed": (PUBLIC, change, r"public\.duckdb was changed after publishing"),
    "public grown": (PUBLIC, grow, r"public\.duckdb was changed after publishing"),
    "public edited": (PUBLIC, edit_rows, r"public\.duckdb was changed after publishing"),
    "public a folder": (PUBLIC, make_folder, r"public\.duckdb (is cut|cannot be read|was changed)"),
    "log beside it": (
        PUBLIC,
        lambda path: path.with_name(f"{PUBLIC}.wal").write_bytes(b"x"),
        r"was opened for writing: public\.duckdb\.wal",
    ),
    "manifest missing": (MANIFEST, Path.unlink, r"manifest\.json is missing"),
    "manifest cut": (MANIFEST, cut, "it is no JSON, cut or changed"),
    "manifest binary": (MANIFEST, lambda path: path.write_bytes(b"\xff\xfe\0"), "it is no JSON"),
    "manifest deep": (MANIFEST, lambda path: path.write_text("[" * 100_000), "it is no JSON"),
    "manifest a list": (MANIFEST, lambda path: path.write_text("[]"), "it is no JSON object"),
    "manifest without files": (MANIFEST, drop_key, "files is missing or of another type"),
    "manifest edited": (MANIFEST, edit_manifest, r"manifest\.json was changed after publishing"),
    "both edited": (MANIFEST, edit_manifest_and_id, r"manifest\.json was changed after"),
    "manifest a folder": (MANIFEST, make_folder, r"manifest\.json cannot be read"),
}

POINTERS: dict[str, tuple[Callable[[Path], object], str]] = {
    "empty": (lambda path: path.write_text(""), "current is empty or cannot be read"),
    "unknown": (lambda path: path.write_text("20200101T000000000000Z-00000000"), "no edition here"),
    "binary": (lambda path: path.write_bytes(b"\xff\0\xfe" * 500), "no edition here"),
    "elsewhere": (lambda path: path.write_text("../../x"), "'../../x', which is no edition here"),
    "a folder": (make_folder, "is a folder, not a file"),
    "missing": (Path.unlink, "is missing"),
}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A CX_HOME with two tiny editions, the second one shown."""
    monkeypatch.setenv("CX_HOME", str(tmp_path))
    make_edition(tmp_path, 1)
    make_edition(tmp_path, 2)
    return tmp_path


def health() -> tuple[int, dict[str, Any]]:
    answer = front_door.health(Request({"type": "http"}))
    return answer.status_code, json.loads(bytes(answer.body))


def test_a_sound_edition_is_read_once_per_process(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert open_edition(home).query("from published")["value"].to_list() == [2]
    monkeypatch.setattr(manifest.hashlib, "file_digest", lambda *_: pytest.fail("read again"))
    assert open_edition(home).query("from published")["value"].to_list() == [2]
    assert health() == (200, health()[1] | {"status": "ok", "edition": current_id(home)})


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_not_as_it_was_published_is_not_opened(
    home: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file, damage, said = BROKEN[name]
    first, second = edition_ids(home)
    open_edition(home)
    damage(folder_of(home) / file)
    with pytest.raises(EditionError, match=said) as refused:
        open_edition(home)
    assert f"run `python -m metrics editions use {first}`" in refused.value.remedy
    code, body = health()
    assert (code, body["edition"], body["status"]) == (503, None, "unsound edition")
    assert body["reason"] == refused.value.reason and str(home) not in str(body)
    assert main(["editions", "verify"]) == 1
    assert main(["editions", "verify", first]) == 0
    assert main(["editions", "verify", second]) == 1
    point_to(home, first)
    with pytest.raises(CxError):
        use_edition(home, second)
    assert current_id(home) == first and health()[0] == 200
    assert main(["editions", "list"]) == 0
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize("name", POINTERS)
def test_a_broken_pointer_is_said_and_publishing_gets_over_it(home: Path, name: str) -> None:
    damage, said = POINTERS[name]
    second = edition_ids(home)[-1]
    damage(home / "editions" / "current")
    with pytest.raises(EditionError) as refused:
        open_edition(home)
    assert said in refused.value.reason
    assert refused.value.remedy.startswith(f"run `python -m metrics editions use {second}`")
    code, body = health()
    assert code == 503 and body["edition"] is None and said in body["reason"]
    assert main(["editions", "verify"]) == 1
    assert last_manifest(home)["edition"] == second
    use_edition(home, second)
    assert health()[0] == 200


def test_the_manifest_of_before_stands_in_for_a_broken_one(home: Path) -> None:
    first, second = edition_ids(home)
    cut(home / "editions" / second / MANIFEST)
    assert last_manifest(home)["edition"] == first
    cut(home / "editions" / first / MANIFEST)
    assert last_manifest(home) == {}


def test_a_team_file_is_checked_when_it_is_opened(home: Path) -> None:
    opened = open_edition(home)
    change(folder_of(home) / TEAM)
    assert open_edition(home).id == opened.id
    with pytest.raises(EditionError, match=r"component-TSA\.duckdb was changed"):
        opened.team("TSA")
    with pytest.raises(CxError, match="has no file of its own for CBP"):
        opened.team("CBP")


def test_a_renamed_or_planted_file_is_noticed(home: Path) -> None:
    first, second = edition_ids(home)
    (home / "editions" / first).rename(home / "editions" / f"{first[:-12]}000000000000")
    with pytest.raises(EditionError, match=f"is that of edition '{first}'"):
        open_edition(home, f"{first[:-12]}000000000000")
    shutil.copy(folder_of(home) / TEAM, folder_of(home) / "component-CBP.duckdb")
    (folder_of(home) / "notes.txt").write_text("mine")
    found = {verdict.name: verdict for verdict in verify_edition(home, second)}
    assert "remove it" in found["component-CBP.duckdb"].problem
    assert (found["notes.txt"].problem, bool(found["notes.txt"].note)) == ("", True)


def test_editions_of_before_are_readable_with_a_note(tmp_path: Path) -> None:
    edition_id = make_edition(tmp_path, is_sealed=False)
    assert open_edition(tmp_path).id == edition_id
    (first, *_) = verify_edition(tmp_path, edition_id)
    assert not first.problem and "before manifests were sealed" in first.note
    change(folder_of(tmp_path) / PUBLIC)
    with pytest.raises(EditionError, match="was changed after publishing"):
        open_edition(tmp_path)


def test_a_newer_database_is_said(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = folder_of(home) / PUBLIC

    def refuse(*_: Any, **__: Any) -> None:
        raise duckdb.IOException(f'IO Error: Trying to read "{path}" with version number 99')

    monkeypatch.setattr("metrics.edition.edition.duckdb.connect", refuse)
    with pytest.raises(EditionError, match="this version of DuckDB") as refused:
        open_edition(home)
    assert "update the dashboard" in refused.value.remedy
    assert str(home) not in str(refused.value) and "public.duckdb" in refused.value.reason


def test_another_data_set_is_named_in_the_remedy(home: Path) -> None:
    other = home / "datasets" / "demo"
    make_edition(other, 1)
    make_edition(other, 2)
    cut(folder_of(other) / PUBLIC)
    with pytest.raises(EditionError, match="python -m metrics --data demo editions use"):
        open_edition(other)
    assert health()[0] == 200


def test_leftovers_of_dead_processes_go_and_living_ones_stay(home: Path) -> None:
    editions = home / "editions"
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    gone = editions / f".building-20240101T000000000000Z-{dead.pid}"
    gone.mkdir()
    (gone / MANIFEST).write_text("{}")
    (editions / f".current-{dead.pid}").write_text("x")
    (editions / ".building-mine").mkdir()
    reused = editions / f".building-old-{os.getppid()}"
    reused.mkdir()
    os.utime(reused, (time.time() - 100_000,) * 2)
    fresh = editions / f".building-new-{os.getppid()}"
    fresh.mkdir()
    before = edition_ids(home)
    with building_folder(editions, "now") as living:
        os.utime(living, (time.time() - 100_000,) * 2)
        elsewhere = editions / f".building-held-{dead.pid}"  # of a process that is not seen here
        elsewhere.mkdir()
        with leftovers.held(elsewhere):
            remove_leftovers(home)
            assert living.exists() and elsewhere.exists() and fresh.exists()
    assert not gone.exists() and not reused.exists() and not list(editions.glob(".current-*"))
    assert (editions / ".building-mine").exists()
    assert edition_ids(home) == before


def test_without_locks_a_day_must_pass(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_locks(*_: Any) -> None:
        raise OSError(errno.EBADF, "no locks")

    monkeypatch.setattr(fcntl, "flock", no_locks)
    left = home / "editions" / ".building-now-999999999"
    left.mkdir()
    remove_leftovers(home)
    assert left.exists()
    os.utime(left, (time.time() - 100_000,) * 2)
    remove_leftovers(home)
    assert not left.exists()


def test_a_broken_edition_leaves_no_page_blank(
    federal_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CX_HOME", str(tmp_path))
    shutil.copytree(federal_home / "editions", tmp_path / "editions")
    app = open_page("component.py")
    assert not app.error
    folder = folder_of(tmp_path)
    whole = (folder / PUBLIC).read_bytes()
    change(folder / PUBLIC)
    for page in ("department.py", "data.py", "metrics.py"):
        app = open_page(page)
        (title,), (error,) = app.main.title, app.main.error
        assert title.value == "The figures cannot be shown"
        assert "was changed after publishing" in error.value and "What to do: " in error.value
        assert not app.exception
    (folder / PUBLIC).write_bytes(whole)
    assert not open_page("department.py").error
    (tmp_path / "editions" / "current").write_text("**x** [a](http://x)")
    (error,) = open_page("department.py").main.error
    assert r"\*\*x\*\* \[a\](http" in error.value
    # Another data set is broken, this one is sound.
    point_to(tmp_path, folder.name)
    make_edition(tmp_path / "datasets" / "demo")
    cut(folder_of(tmp_path / "datasets" / "demo") / PUBLIC)
    app = open_page("department.py")
    assert not app.error and "demo (cannot be shown)" in app.selectbox(key="_choice_data").options
    app = open_page("department.py", data="demo")
    assert "is cut" in app.main.error[0].value
    assert not app.exception
