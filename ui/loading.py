"""Loading and publishing from the dashboard: the command line does it in a child process.

The dashboard itself never opens the warehouse and never reads what is in an uploaded file.
It keeps the files in a private folder, starts `python -m metrics` and reads its report.
"""

import csv
import io
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unicodedata
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Protocol

from pydantic import BaseModel, ValidationError
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx

from metrics.base.settings import MAIN_DATASET, ROOT, cx_home
from metrics.edition import leftovers
from ui.plain import kept_apart

FILE_TYPES = ("csv", "parquet", "xml", "yaml", "yml")
QUARTERS_OFFERED = 24
REASONS_SHOWN = 50

_PREFIX = "cx-load-"
_FILES = "files"
_FIGURES = "survey_report.csv"
"""The file by which the figures that ship are known; they are loaded as a folder."""
_TAIL_BYTES = 64 * 1024
_LONGEST_VALUE = 16_000_000
_ERROR_LINE = re.compile(r"(?:python -m metrics[\w ]*: )?error: (.+)")


@dataclass(frozen=True)
class Format:
    """An input format, what it is called, and what the user says besides the files: True
    must be said, None may be, False is not asked."""

    name: str
    title: str
    survey: bool | None = False
    quarter: bool | None = False
    mapping: bool | None = False


FORMATS = {
    item.name: item
    for item in (
        Format("auto", "Recognize the format", survey=None, quarter=None, mapping=None),
        Format("a11-quarterly", "Quarterly A-11 Section 280 reports of GSA and OMB"),
        Format("touchpoints-cx", "Touchpoints: CX responses", survey=True, quarter=True),
        Format("touchpoints-form", "Touchpoints: one form", survey=True, mapping=None),
        Format("qualtrics", "Qualtrics: exported responses", survey=True, mapping=None),
        Format("csv", "Other CSV or Parquet with a mapping", None, quarter=None, mapping=True),
        Format("survey-volumes", "Survey volumes: customers and offers"),
        Format("counts", "Counts: complaints, customers, contacts, forms"),
        Format("tsa-complaints", "TSA complaint reports"),
        Format("tsa-throughput", "TSA passengers by day"),
        Format("cbp-waits", "CBP airport wait times by hour"),
        Format("time-bands", "Waits and other times in bands"),
        Format("maturity", "CX maturity: the answers of an assessment"),
        Format("reginfo", "Inventory of information collections of reginfo.gov"),
        Format("burden-requests", "Paperwork burden, one row per request"),
        Format("published-figures", "Figures as this project keeps them"),
    )
}
"""The formats that come as files, as `python -m metrics load FORMAT` names them."""


class Reason(BaseModel):
    """Why rows were rejected."""

    column: str | None
    reason: str
    n_rows: int
    first_line: int | None


class FileReport(BaseModel):
    """What became of the rows of one file."""

    file: str
    format: str
    survey: str | None = None
    as_of: str | None = None
    n_rows: int
    n_accepted: int
    n_duplicate: int
    n_rejected: int
    n_restated: int = 0
    reasons: list[Reason] = []
    notes: list[str] = []
    n_reasons: int = 0
    """Reasons in all; a row may have several, and `reasons` may be only the first."""

    def unlisted(self, listed: int) -> int:
        """Return how many reasons are left after the first ones of `reasons`."""
        return self.n_reasons - sum(reason.n_rows for reason in self.reasons[:listed])


class Report(BaseModel):
    """The report of `python -m metrics load --report`."""

    is_dry_run: bool
    error: str | None
    files: list[FileReport]

    def total(self, count: str) -> int:
        """Return one of the counts, such as n_accepted, over all files."""
        return sum(getattr(file, count) for file in self.files)


class Upload(Protocol):
    """An uploaded file as Streamlit hands it over."""

    name: str
    file_id: str

    def getbuffer(self) -> memoryview:
        """Return its bytes."""


class PrivateFolder:
    """A folder that only the user of this process may open. It goes with this object at
    the latest, when the session ends."""

    def __init__(self) -> None:
        sweep()
        prefix = f"{_PREFIX}{os.getpid()}-"
        self.path = Path(tempfile.mkdtemp(prefix=prefix)).resolve()
        self.lock = leftovers.hold(self.path)
        self.remove = weakref.finalize(self, _remove, self.path, self.lock)
        _folders.add(self)

    def keep(self, uploads: Sequence[Upload]) -> list[Path]:
        """Write uploaded files down and let go of the server's copies in memory."""
        kept: list[Path] = []
        for upload in uploads:
            name = safe_name(upload.name, [path.name for path in kept])
            kept.append(self.write(name, upload.getbuffer()))
        _forget(uploads)
        return kept

    def write(self, name: str, data: bytes | memoryview) -> Path:
        """Write one file down and return its path."""
        files = self.path / _FILES
        files.mkdir(mode=0o700, exist_ok=True)
        with (files / name).open("wb") as file:
            file.write(data)
        return files / name


_folders: "weakref.WeakSet[PrivateFolder]" = weakref.WeakSet()


def remove_folders() -> None:
    """Remove the folders of all sessions, when the server ends."""
    for folder in list(_folders):
        folder.remove()


def _remove(path: Path, lock: int) -> None:
    shutil.rmtree(path, ignore_errors=True)
    os.close(lock)


def sweep() -> None:
    """Remove the folders of a server that was killed before it could do so itself; never
    one of a living server, or that a command still reads."""
    for path in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        made_by = re.match(rf"{_PREFIX}(\d+)-", path.name)
        try:
            is_own = path.lstat().st_uid == os.getuid()
        except OSError:
            continue
        if is_own and leftovers.is_left(path, int(made_by[1]) if made_by else None):
            leftovers.remove(path)


def _forget(uploads: Sequence[Upload]) -> None:
    """Drop Streamlit's copies, which would else stay in memory as long as the session."""
    context = get_script_run_ctx()
    if context is None or not isinstance(context.uploaded_file_mgr, MemoryUploadedFileManager):
        return
    for upload in uploads:
        context.uploaded_file_mgr.remove_file(context.session_id, upload.file_id)


def safe_name(name: str, taken: Sequence[str] = ()) -> str:
    """Return a file name without folders, control characters and signs that a shell, a
    pattern or an option would take for something else; numbered where it is taken."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    plain_name = re.sub(r"[^\w. ()-]", "_", last).lstrip("-. ").rstrip(". ") or "file"
    stem, dot, suffix = plain_name.rpartition(".")
    stem, suffix = (stem[:100], dot + suffix[:10]) if stem else (suffix[:100], "")
    number, found = 1, stem + suffix
    while found in taken:
        number += 1
        found = f"{stem} ({number}){suffix}"
    return found


@dataclass(frozen=True)
class Choice:
    """What the user asked to load, and into which data set."""

    format: str
    survey: str | None = None
    quarter: str | None = None
    dataset: str = MAIN_DATASET
    is_replacing: bool = False

    def problem(self, files: Sequence[Path | str]) -> str | None:
        """Say what is missing before the command line can be asked, or None."""
        wanted = FORMATS[self.format]
        tables, mappings = split(files)
        if not files:
            return "Choose at least one file."
        if _is_figures(files) and self.format in ("auto", "published-figures"):
            return None
        if self.format == "published-figures":
            return (
                "This format is three files: survey_report.csv, survey_report_answer.csv and "
                "source.yaml. Choose them together."
            )
        if not tables:
            return "Choose a file with data beside the mapping: CSV or Parquet."
        if len(mappings) > 1:
            return "Choose one mapping (a YAML file) at a time."
        if mappings and wanted.mapping is False:
            return (
                "This format needs no mapping. Leave the YAML file out, or choose "
                f"“{FORMATS['csv'].title}”."
            )
        if wanted.mapping and not mappings:
            return "This format needs a mapping: add the YAML file that says which column is what."
        if wanted.survey and not (self.survey or mappings):  # a mapping can name it
            return "Choose the survey that the responses are from."
        if wanted.quarter and not self.quarter:
            return "Choose the quarter that the responses are from."
        return None

    def arguments(self, files: Sequence[Path]) -> list[str]:
        """Return the arguments of the command line; paths are absolute, so that no file
        name can be taken for an option."""
        wanted = FORMATS[self.format]
        tables, mappings = split(files)
        if self.format in ("auto", "published-figures") and _is_figures(files):
            tables, mappings = [files[0].parent], []
        options = []
        if mappings:
            options.append(f"--mapping={mappings[0]}")
        if self.survey and wanted.survey is not False:
            options.append(f"--survey={self.survey}")
        if self.quarter and wanted.quarter is not False:
            options.append(f"--quarter={self.quarter}")
        if self.is_replacing:
            options.append("--replace")
        return [f"--data={self.dataset}", "load", self.format, *map(str, tables), *options]


def split(files: Sequence[Path | str]) -> tuple[list[Path], list[Path]]:
    """Split files into those with data and mappings."""
    paths = [Path(file) for file in files]
    mappings = [path for path in paths if path.suffix.lower() in (".yaml", ".yml")]
    return [path for path in paths if path not in mappings], mappings


def _is_figures(files: Sequence[Path | str]) -> bool:
    names = {Path(file).name for file in files}
    return _FIGURES in names and names <= {_FIGURES, "survey_report_answer.csv", "source.yaml"}


class Job:
    """One run of the command line. It is not tied to a rerun of the page: a click while it
    runs must not cut a load short, so its output goes to a file that any rerun reads."""

    def __init__(self, folder: PrivateFolder, name: str, arguments: Sequence[str]) -> None:
        self._folder = folder
        self._output = folder.path / f"{name}.txt"
        self._report = folder.path / f"{name}.json"
        self.rejects = folder.path / f"{name}.csv"
        self.started = time.monotonic()
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "metrics", *arguments],
                cwd=ROOT,
                env={**os.environ, "CX_HOME": str(cx_home()), "PYTHONUNBUFFERED": "1"},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                # The command holds the folder too, should it outlive the server.
                pass_fds=[folder.lock],
            )

    @classmethod
    def load(
        cls, folder: PrivateFolder, choice: Choice, files: Sequence[Path], dry_run: bool
    ) -> "Job":
        """Start to check files, or to load them."""
        name = "check" if dry_run else "load"
        extra = ["--dry-run"] if dry_run else []
        reports = [
            f"--report={folder.path / f'{name}.json'}",
            f"--rejects={folder.path / f'{name}.csv'}",
        ]
        return cls(folder, name, [*choice.arguments(files), *extra, *reports])

    @classmethod
    def publish(cls, dataset: str, title: str) -> "Job":
        """Start to publish the warehouse of a data set under its title."""
        arguments = [f"--data={dataset}", "publish", f"--title={title}"]
        return cls(PrivateFolder(), "publish", arguments)

    @property
    def exit_code(self) -> int | None:
        """Exit code of the command, or None while it runs."""
        return self._process.poll()

    @property
    def seconds(self) -> int:
        """Whole seconds since the start."""
        return int(time.monotonic() - self.started)

    def stop(self) -> None:
        """Ask the command to end as Ctrl+C does: it keeps nothing of what it began."""
        if self.exit_code is None:
            self._process.send_signal(signal.SIGINT)

    def wait(self, timeout: float) -> int:
        """Wait for the end and return the exit code."""
        return self._process.wait(timeout)

    def lines(self, last: int = 40) -> list[str]:
        """Return the last lines that the command printed."""
        try:
            with self._output.open("rb") as file:
                file.seek(max(0, file.seek(0, io.SEEK_END) - _TAIL_BYTES))
                text = file.read().decode(errors="replace")
        except OSError:
            return []
        return [self._without_folder(line) for line in text.splitlines() if line.strip()][-last:]

    def report(self) -> Report | None:
        """Return the report of a load, or None where the command wrote none."""
        try:
            report = Report.model_validate_json(self._report.read_bytes())
        except (OSError, ValidationError):
            return None
        for file in report.files:
            name = Path(file.file).name
            file.file = name if name != _FILES else _FIGURES
        return report

    def failure(self) -> str | None:
        """Say why the command did not do what it was asked, or None where it did. Rejected
        rows are no failure."""
        report = self.report()
        if report is not None:
            return None if report.error is None else self._without_folder(report.error)
        if self.exit_code == 0:
            return None
        errors = [found[1] for line in self.lines() if (found := _ERROR_LINE.match(line))]
        if errors:
            return errors[-1]
        return f"The command broke off with code {self.exit_code}. See below what it printed last."

    def _without_folder(self, text: str) -> str:
        """Take the private folder out of a text: people know their files by name."""
        return text.replace(f"{self._folder.path}/{_FILES}/", "").replace(
            f"{self._folder.path}/", ""
        )

    def rejected_rows(self) -> bytes:
        """Return the rejected rows as a CSV file that a spreadsheet can open safely."""
        return defused(self.rejects, self._without_folder)


@dataclass
class Flow:
    """Where a session is on its way from files to a new edition."""

    step: int = 1
    choice: Choice = field(default_factory=lambda: Choice("auto"))
    folder: PrivateFolder | None = None
    files: list[Path] = field(default_factory=list)
    check: Job | None = None
    load: Job | None = None
    publication: Job | None = None
    n_loaded: int | None = None

    @property
    def running(self) -> Job | None:
        """The command of this step, while it runs."""
        job = {2: self.check, 3: self.load, 4: self.publication}.get(self.step)
        return job if job is not None and job.exit_code is None else None

    def keep(self, uploads: Sequence[Upload]) -> None:
        """Replace the files by others."""
        self.drop_files()
        self.folder = PrivateFolder()
        self.files = self.folder.keep(uploads)

    def take(self, name: str, data: bytes, choice: Choice) -> None:
        """Begin anew with a file that a page made, and check it."""
        if self.running is not None:
            return  # a double click
        self.restart()
        self.folder = PrivateFolder()
        self.files = [self.folder.write(name, data)]
        self.begin_check(choice)

    def drop_files(self) -> None:
        """Delete the files and what was said of them."""
        if self.folder is not None:
            self.folder.remove()
        self.folder, self.files, self.check, self.load = None, [], None, None

    def begin_check(self, choice: Choice) -> None:
        """Start to check the files."""
        assert self.folder is not None
        if self.running is not None:
            return  # a double click
        self.step, self.choice = 2, choice
        self.check = Job.load(self.folder, choice, self.files, dry_run=True)

    def begin_load(self) -> None:
        """Start to load the files that were checked."""
        assert self.folder is not None
        if self.running is not None:
            return  # a double click
        self.load = Job.load(self.folder, self.choice, self.files, dry_run=False)

    def end_load(self, report: Report | None) -> None:
        """Go on to publishing; the files have done their work."""
        self.drop_files()
        self.step = 4
        self.n_loaded = report.total("n_accepted") if report is not None else None

    def begin_publish(self, title: str) -> None:
        """Start to publish under a title."""
        if self.running is not None:
            return  # a double click
        self.publication = Job.publish(self.choice.dataset, title)

    def go(self, step: int) -> None:
        """Go to a step."""
        self.step = step

    def restart(self) -> None:
        """Go back to the start without files."""
        self.drop_files()
        self.step, self.choice, self.publication, self.n_loaded = 1, Choice("auto"), None, None


def defused(path: Path, change: Callable[[str], str] = str) -> bytes:
    """Return a CSV file, each value changed, with an apostrophe before those that a
    spreadsheet would run as a formula, and with a byte-order mark, without which Excel
    misreads letters."""
    csv.field_size_limit(_LONGEST_VALUE)
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        for row in csv.reader(file):
            writer.writerow([_without_formula(change(value)) for value in row])
    return out.getvalue().encode("utf-8-sig")


def _without_formula(value: str) -> str:
    return f"'{value}" if value.startswith(("=", "+", "-", "@", "\t", "\r")) else value


def plain(text: object) -> str:
    """Return what a file holds so that Markdown shows it as it is: a value must not become
    a link, a picture or a heading. It is cut after 600 signs."""
    flat = " ".join(str(text).split())
    short = flat if len(flat) <= 600 else f"{flat[:600]}…"
    return re.sub(r"([\\`*_{}\[\]()<>#+\-.!|~$:&])", r"\\\1", kept_apart(short))


def recent_quarters(today: date, count: int = QUARTERS_OFFERED) -> list[str]:
    """Return the federal fiscal quarters up to that of a day, newest first."""
    quarter = (today.year * 12 + today.month - 1 + 3) // 3
    return [f"{index // 4}Q{index % 4 + 1}" for index in range(quarter, quarter - count, -1)]
