"""The catalog of metrics: reads the headers of sql/metrics into objects.

A metric file holds a YAML header in its first block comment and one select. The
file name is the metric's name, unless the key `for_each` makes several metrics of it (see
`metrics.define.template`). See docs/metrics.md for the keys.
"""

import difflib
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from metrics.base.errors import CxError
from metrics.base.reading import MAX_LENGTH, too_deep
from metrics.base.settings import SQL, shown_path
from metrics.base.sqlfiles import sql_problems, statements
from metrics.define import sandbox, template

Kind = Literal["share", "mean", "ratio", "total", "quantile"]
Family = Literal[
    "experience",
    "response",
    "feedback",
    "burden",
    "operations",
    "maturity",
]

DIMENSIONS = ("component", "service", "channel", "quarter", "month", "basis")
ADDITIVE: dict[str, tuple[str, ...]] = {
    "share": ("numerator", "denominator"),
    "ratio": ("numerator", "denominator"),
    "mean": ("total", "total_of_squares", "n"),
    "total": ("value",),
    "quantile": ("n",),
}
"""Additive columns that the select of each kind returns; a total may add n."""

BAND = r"[0-9]+(\.[0-9]+)?(-[0-9]+(\.[0-9]+)?|\+)"
"""How the breakdown of a quantile names a band: from-to, or from+ without upper bound."""

WEIGHTED: dict[str, tuple[str, str]] = {
    "share": ("n", "total_of_squared_weights"),
    "mean": ("total_of_weights", "total_of_squared_weights"),
}
"""Columns that the select returns besides, both or neither, where answers are weighted:
the numbers of ADDITIVE are then sums of weights, and n counts people."""

QUARTER = r"20[0-9]{2}Q[1-4]"
"""How a fiscal quarter is written."""

HASH_SCHEME = 3
"""Number of the rule by which `definition_hash` is made. Hashes of different schemes tell
nothing about each other; raise it when the rule changes."""

TO_FILL = "FILL_IN"
"""Word that `new` writes where a person has to, in metric files and fixtures."""

MAX_HEADER = 20_000
"""Characters of a header, some ten times what one needs."""
MAX_BYTES = MAX_HEADER + 4 * MAX_LENGTH
"""Size of a metric file; a longer one is not read."""

_HEADER = re.compile(r"\A\s*/\*\n?(?P<yaml>.*?)\*/(?P<sql>.*)\Z", re.DOTALL)


class Change(BaseModel):
    """What one version of a metric changed. With `since_quarter` (the key `from`) its
    definition holds from that fiscal quarter on, and the select tells the quarters apart;
    without it all periods are computed anew."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    since_quarter: str | None = Field(default=None, alias="from", pattern=f"^{QUARTER}$")
    change: str = Field(min_length=3)

    @model_validator(mode="before")
    @classmethod
    def _is_text_or_mapping(cls, value: Any) -> Any:
        return value if isinstance(value, dict | Change) else {"change": value}


@dataclass(frozen=True)
class Era:
    """Quarters for which one definition holds: from `since_quarter` (None: from the first)
    to the next era. `version` brought the definition, `change` says what it changed. Eras
    with the same `meaning` may be compared and added up."""

    since_quarter: str | None
    version: int
    meaning: int
    change: str


class Metric(BaseModel):
    """One metric: its header and its select.

    `minimum_n` counts people (or reports); 0 switches disclosure control off for
    metrics that count no people. With `compare_groups` the parts of the breakdown
    are groups of people, each person in one of them, and every group is compared
    with all others. With `own_total` the select gives the total rows of the breakdown,
    and where it gives none there is none: the gate adds no parts up.
    `group` says what picks the people that it counts: where and who they are (`place`), or
    an answer that they gave (`answer`), such as a theme they wrote of or a driver they
    ticked; the number of the latter is not protected, only what they say further. With
    `counts_mentions` the numerator is such a group: those who mentioned something unasked.
    With `counts_events` the numerator of a ratio counts independent events. With `signed`
    its numbers may be below 0, such as a change or a number of days early. `quantile`
    (0 to 1) is what a metric of kind quantile tells of its bands. `window` says over how many
    quarters a cell reaches, its own the last of them, or `all` up to it; such figures share
    what they count with those before. `comparable_with` names
    versions whose values may be compared with those of this one, and with each other,
    across the quarter from which a definition holds. `for_each` names the reference table of
    which each row makes a metric of the file. `was` lists the names that the metric had in
    earlier editions.

    Three keys follow from the family where they are left out. `counts_people` says which
    number counts the people who answered, whom disclosure control protects: `n`, or the
    `numerator` where the others were only asked. `interval` is `none` where the numbers are
    no sample. `rhythm` says how often there is a figure: each `month` that is known, each
    `quarter` and year alone, or whenever a `component` has assessed itself, of which the last
    quarter of a year with an assessment stands for the year.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    title: str = Field(min_length=3, max_length=60)
    description: str = Field(min_length=30)
    question: str | None
    kind: Kind
    unit: str = Field(min_length=2)
    better: Literal["higher", "lower", "neither"]
    family: Family
    basis: str = Field(min_length=10)
    over_time: Literal["sum", "last"]
    # It is the name of a column: what else it might be would run where the raw rows are.
    breakdown: str | None = Field(pattern=r"^[a-z][a-z0-9_]*$")
    compare_groups: bool = Field(default=False, strict=True)
    group: Literal["place", "answer"] = "place"
    counts_mentions: bool = Field(default=False, strict=True)
    own_total: bool = Field(default=False, strict=True)
    counts_events: bool = Field(default=False, strict=True)
    signed: bool = Field(default=False, strict=True)
    quantile: float | None = Field(default=None, gt=0, lt=1)
    window: str | None = Field(default=None, pattern=r"^([2-9]|[1-9][0-9]|all)$")
    counts_people: Literal["n", "numerator"]
    interval: Literal["sampling", "none"]
    rhythm: Literal["month", "quarter", "component"]
    minimum_n: int = Field(ge=0)
    source: str = Field(min_length=5)
    owner: str = Field(min_length=2)
    version: int = Field(ge=1)
    changelog: dict[int, Change]
    comparable_with: tuple[int, ...] = ()
    for_each: str | None = None
    was: tuple[str, ...] = ()
    sql: str
    path: Path

    @model_validator(mode="before")
    @classmethod
    def _has_keys_of_its_family(cls, keys: Any) -> Any:
        return _keys_of_family(keys) | keys if isinstance(keys, dict) else keys

    @field_validator("description")
    @classmethod
    def _ends_with_grain(cls, text: str) -> str:
        if "One row per " not in text.rsplit(". ", 1)[-1] or not text.endswith("."):
            raise ValueError("must end with a sentence 'One row per ...'")
        return text

    @field_validator("window", mode="before")
    @classmethod
    def _is_number_or_all(cls, value: Any) -> Any:
        return str(value) if isinstance(value, int) and not isinstance(value, bool) else value

    @field_validator("was", mode="before")
    @classmethod
    def _is_one_or_several(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @field_validator("compare_groups")
    @classmethod
    def _has_groups(cls, wanted: bool, keys: ValidationInfo) -> bool:
        if wanted and keys.data.get("breakdown", "") is None:
            raise ValueError("needs a breakdown, whose parts are the groups")
        if wanted and keys.data.get("kind", "share") not in ("share", "mean"):
            raise ValueError("needs kind share or mean")
        return wanted

    @field_validator("own_total")
    @classmethod
    def _has_parts(cls, wanted: bool, keys: ValidationInfo) -> bool:
        if wanted and keys.data.get("breakdown", "") is None:
            raise ValueError("needs a breakdown, whose total it is")
        return wanted

    @field_validator("counts_events")
    @classmethod
    def _is_a_rate(cls, wanted: bool, keys: ValidationInfo) -> bool:
        if wanted and keys.data.get("kind", "ratio") != "ratio":
            raise ValueError("needs kind ratio")
        return wanted

    @field_validator("signed")
    @classmethod
    def _has_numbers_below_0(cls, wanted: bool, keys: ValidationInfo) -> bool:
        if wanted and keys.data.get("kind", "total") not in ("mean", "ratio", "total"):
            raise ValueError("needs kind mean, ratio or total")
        return wanted

    @field_validator("quantile")
    @classmethod
    def _has_bands(cls, wanted: float | None, keys: ValidationInfo) -> float | None:
        if wanted is not None and keys.data.get("kind", "quantile") != "quantile":
            raise ValueError("needs kind quantile")
        return wanted

    @model_validator(mode="after")
    def _is_whole(self) -> "Metric":
        if self.kind == "quantile" and (self.quantile is None or self.breakdown is None):
            raise ValueError(
                "kind quantile needs the key quantile and a breakdown that names the bands"
            )
        return self

    @field_validator("changelog")
    @classmethod
    def _is_in_order(cls, changes: dict[int, Change]) -> dict[int, Change]:
        dated = [(v, c.since_quarter) for v, c in sorted(changes.items()) if c.since_quarter]
        if dated and dated[0][0] == min(changes):
            raise ValueError(
                f"version {dated[0][0]} is the first, which holds for every quarter before the "
                "next; take its `from` out"
            )
        for (earlier, start), (later, next_start) in pairwise(dated):
            if next_start <= start:
                raise ValueError(
                    f"version {later} holds from {next_start}, not after version {earlier}, which "
                    f"holds from {start}; a later version needs a later `from`"
                )
        return changes

    @field_validator("comparable_with")
    @classmethod
    def _are_earlier_versions(
        cls, versions: tuple[int, ...], keys: ValidationInfo
    ) -> tuple[int, ...]:
        if "version" not in keys.data or "changelog" not in keys.data:
            return versions  # wrong themselves
        for version in versions:
            if version >= keys.data["version"] or version not in keys.data["changelog"]:
                raise ValueError(
                    f"version {version} is no earlier version of the changelog; name those alone"
                )
        return versions

    @property
    def eras(self) -> list[Era]:
        """The stretches of quarters between which the definition changed, oldest first;
        one without a change that holds from a quarter on."""
        same = {self.version, *self.comparable_with}
        found: list[tuple[str | None, list[int]]] = [(None, [])]
        for version, change in sorted(self.changelog.items()):
            if change.since_quarter:
                found.append((change.since_quarter, [version]))
            elif len(found) == 1:  # computed anew before any quarter told definitions apart
                found[0][1].append(version)
        return [
            Era(
                since_quarter=start,
                version=versions[-1],
                meaning=self.version if same & set(versions) else versions[-1],
                change=self.changelog[versions[-1]].change,
            )
            for start, versions in found
        ]

    @property
    def definition_hash(self) -> str:
        """Hash of what the number means: the select, the question, and every header key
        that the gate computes or judges with; 12 hexadecimal digits.

        Left out are the keys in words (title, description, basis, source, owner), which may
        be put better, the changelog with `comparable_with`, which tell of definitions, and the
        name with `was` and `for_each`.
        """
        keys = (
            *("kind", "unit", "better", "family", "over_time", "breakdown", "minimum_n"),
            *("compare_groups", "own_total", "counts_events", "quantile"),
        )
        parts = [_normal_sql(self.sql), " ".join((self.question or "").split())]
        parts += [f"{key}={getattr(self, key)}" for key in keys]
        # Only where it is there, so that the hash of all others stays what it was.
        parts += [f"window={self.window}"] if self.window else []
        usual = _keys_of_family(self.model_dump(include={"family", "kind", "over_time"}))
        parts += [
            f"{key}={getattr(self, key)}" for key in usual if getattr(self, key) != usual[key]
        ]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]


def _keys_of_family(keys: dict[str, Any]) -> dict[str, str]:
    """What the keys mean that a header may leave out because its family says it."""
    is_response = keys.get("family") == "response" and keys.get("kind") in ("share", "ratio")
    is_maturity = keys.get("family") == "maturity"
    return {
        "counts_people": "numerator" if is_response else "n",
        "interval": "none" if is_maturity else "sampling",
        "rhythm": "component" if is_maturity and keys.get("over_time") == "last" else "month",
    }


@cache
def _normal_sql(sql: str) -> str:
    return statements(sql)[0].sql(dialect="duckdb", comments=False)


def select_line(path: Path) -> int:
    """Return the line of a metric file on which its select begins; 1 where the file is gone or
    has no header."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError:  # an edition may be older than the files
        return 1
    match = _HEADER.match(text)
    if match is None:
        return 1
    start = match.end("sql") - len(match["sql"].lstrip())
    return text.count("\n", 0, start) + 1


def _key_line(header: str, key: str) -> int:
    for number, line in enumerate(header.splitlines(), start=2):
        if re.match(rf"{re.escape(key)}\s*:", line):
            return number
    return 1


def _repeated_keys(header: str) -> list[tuple[int, str]]:
    seen: set[str] = set()
    repeated = []
    for number, line in enumerate(header.splitlines(), start=2):
        match = re.match(r"(\w+)\s*:", line)
        if match and match[1] in seen:
            repeated.append((number, match[1]))
        elif match:
            seen.add(match[1])
    return repeated


ACRONYM = r"\b[A-Z][A-Z&]+\b"
MAX_DESCRIPTION = 600
MAX_WORDS = 45


def _text_problems(where: str, header: str, keys: dict[str, object]) -> list[str]:
    """Return what keeps a description from being understood by somebody from outside."""
    text = keys.get("description")
    if not isinstance(text, str):
        return []
    at = f"{where}:{_key_line(header, 'description')}: key 'description'"
    problems = []
    if len(text) > MAX_DESCRIPTION:
        problems.append(
            f"{at} has {len(text)} characters; say it in {MAX_DESCRIPTION}, and put the rest into "
            "comments of the select"
        )
    for sentence in re.split(r"(?<=[.!?])\s+", text):
        n_words = len(sentence.split())
        if n_words > MAX_WORDS:
            problems.append(
                f"{at} has a sentence of {n_words} words, {' '.join(sentence.split()[:4])!r} ...; "
                "make two of it"
            )
    for acronym in dict.fromkeys(re.findall(ACRONYM, text)):
        if f"({acronym})" not in text:
            problems.append(
                f"{at} uses {acronym}, which not everybody knows; spell it out, such as "
                f"'Full Name ({acronym})'"
            )
    return problems


def read_metric(path: Path) -> Metric:
    """Read a metric file that is for itself alone.

    Raises CxError with every problem of the file, each as
    `file:line: what is wrong; how to fix it`.
    """
    found = read_metrics(path)
    if len(found) != 1:
        raise CxError(
            f"{shown_path(path)}:1: the file makes {len(found)} metrics; name one of "
            f"{', '.join(found)}"
        )
    return next(iter(found.values()))


def read_metrics(path: Path) -> dict[str, Metric]:
    """Read one metric file: the metrics that it makes, by name.

    Raises CxError with every problem of the file, each as
    `file:line: what is wrong; how to fix it`. A problem that only some members of a table
    have says which.
    """
    text = _text(path)
    found, problems = {}, {}
    members = template.members(path, text)
    if not members and template.table_of(text):
        return {}  # a table without a row yet
    each: list[template.Member | None] = [*members] or [None]
    for member in each:
        name = member.metric_name(path.stem) if member else path.stem
        one = template.rendered(text, member) if member else text
        metric, problems[name] = _read_one(path, name, one)
        if metric is not None:
            found[name] = metric
    if any(problems.values()):
        told = []
        for name, texts in problems.items():
            of_all = [one for one in texts if all(one in other for other in problems.values())]
            told += [one if one in of_all else f"{one} (metric {name})" for one in texts]
        raise CxError("\n".join(dict.fromkeys(told)))
    return found


def _text(path: Path) -> str:
    where = shown_path(path)
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise CxError(
                f"{where}:1: the file has {size:,} bytes; a header and a select fit into "
                f"{MAX_BYTES:,}, so take out what is no part of them"
            )
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CxError(f"{where}:1: cannot be read ({error}); save it as UTF-8") from error


def _read_one(path: Path, name: str, text: str) -> tuple[Metric | None, list[str]]:
    """Return the metric of this name, or None, and what is wrong in its text."""
    where = shown_path(path)
    problems = []
    if not re.fullmatch(r"[a-z][a-z0-9_]*", path.stem):
        problems.append(
            f"{where}:1: the file name is the metric's name and may hold only lower-case "
            "letters, digits and _; rename the file"
        )
    elif name in sandbox.taken_names():
        problems.append(
            f"{where}:1: {name} is the name of a table or macro already; rename the file"
        )
    match = _HEADER.match(text)
    if match is None:
        problems.append(
            f"{where}:1: the file does not start with a header; put the YAML keys between "
            "/* and */ before the select"
        )
        return None, problems
    header, sql = match["yaml"], match["sql"].strip()
    if len(header) > MAX_HEADER:
        return None, [
            f"{where}:2: the header has {len(header):,} characters; its keys fit into "
            f"{MAX_HEADER:,}, so take out what is no key (docs/metrics.md lists them)"
        ]
    problems += [
        f"{where}:{number}: the file is not filled yet; write what belongs where it says {TO_FILL}"
        for number, line in enumerate(text.splitlines(), start=1)
        if re.search(rf"\b{TO_FILL}\b", line, re.IGNORECASE)
    ]
    metric, of_header = _read_header(path, name, header, sql)
    return metric, problems + of_header + _select_problems(where, text, sql)


def _read_header(path: Path, name: str, header: str, sql: str) -> tuple[Metric | None, list[str]]:
    """Return the metric, or None, and what is wrong in its header."""
    where = shown_path(path)
    try:
        keys = yaml.load(header, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 2 if mark else 1
        problem = getattr(error, "problem", None) or "is no YAML"
        return None, [
            f"{where}:{line}: the header cannot be read ({problem}); write it as `key: value` "
            "lines, and a value that holds ': ' in quotes or after `>-`"
        ]
    if not isinstance(keys, dict):
        return None, [f"{where}:2: the header is empty; write it as `key: value` lines"]
    problems = [
        f"{where}:{line}: key {key!r} is there twice; remove one"
        for line, key in _repeated_keys(header)
    ]
    for key in sorted({"name", "sql", "path"} & keys.keys()):
        problems.append(f"{where}:{_key_line(header, key)}: unknown key {key!r}; remove it")
    metric = None
    try:
        metric = Metric.model_validate({**keys, "name": name, "sql": sql, "path": path})
    except ValidationError as error:
        problems += [_key_problem(where, header, item) for item in error.errors()]
    if metric is not None and metric.version not in metric.changelog:
        problems.append(
            f"{where}:{_key_line(header, 'changelog')}: the changelog has no line for version "
            f"{metric.version}; add `  {metric.version}: what changed`"
        )
    elif metric is not None and max(metric.changelog) > metric.version:
        problems.append(
            f"{where}:{_key_line(header, 'version')}: the changelog speaks of version "
            f"{max(metric.changelog)}, the key version says {metric.version}; raise version to "
            f"{max(metric.changelog)}"
        )
    return metric, problems + _text_problems(where, header, keys)


def _key_problem(where: str, header: str, item: Any) -> str:
    key = str(item["loc"][0]) if item["loc"] else "kind"
    line = _key_line(header, key)
    is_key = len(item["loc"]) == 1
    if item["type"] == "missing" and is_key:
        return f"{where}:1: key {key!r} is missing; add a line `{key}: ...`"
    if item["type"] == "extra_forbidden" and is_key:
        close = difflib.get_close_matches(key, Metric.model_fields, 1, 0.7)
        hint = f"write {close[0]!r}" if close else "remove it"
        return f"{where}:{line}: unknown key {key!r}; {hint}"
    message = item["msg"].removeprefix("Value error, ")
    return f"{where}:{line}: key {key!r} is wrong ({message}); see docs/metrics.md"


def _select_problems(where: str, text: str, sql: str) -> list[str]:
    """Return what keeps the SQL of a metric from being one select that only reads."""
    first = text[: text.rindex(sql)].count("\n") + 1 if sql else text.count("\n") + 1
    refused = sandbox.refusals(sql)
    if refused:
        return [f"{where}:{first + one.line - 1}: {one.message}" for one in refused]
    problems = sql_problems(where, text, sql)
    if not problems:
        try:
            _normal_sql(sql)
        except RecursionError:
            return [f"{where}:{first}: {too_deep()}"]
    return problems


def definition_problems(metric: Metric, published: dict[str, Any], edition: str) -> list[str]:
    """Return what is wrong with the version of a metric beside an edition, each as
    `file:line: what is wrong; how to fix it`.

    `published` is the metric's entry in the manifest of that edition: version,
    definition_hash, and scheme (the HASH_SCHEME of then). A hash of another scheme tells
    nothing, so the definition then counts as unchanged.
    """
    before = int(published["version"])
    is_same_scheme = published.get("scheme") == HASH_SCHEME
    is_changed = is_same_scheme and metric.definition_hash != published["definition_hash"]
    if metric.version < before:
        return [
            f"{_version_line(metric)}: version is {metric.version}, but edition {edition} has "
            f"version {before}; raise version above {before}, or first choose an older edition "
            "with `python -m metrics editions use`"
        ]
    if metric.version == before and is_changed:
        return [
            f"{_version_line(metric)}: the definition changed since edition {edition} (version "
            f"{before}); raise version to {before + 1} and add a changelog line"
        ]
    return []


def _version_line(metric: Metric) -> str:
    """File and line of the key version."""
    header = _HEADER.match(metric.path.read_text(encoding="utf-8-sig"))
    line = _key_line(header["yaml"], "version") if header else 1
    return f"{shown_path(metric.path)}:{line}"


def draft_line(path: Path) -> int | None:
    """Return the first line of a metric file that still holds the word that `new` writes where
    a person has to; None where the file is no draft."""
    try:
        if path.stat().st_size > MAX_BYTES:
            return None
        lines = path.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    except OSError:
        return None
    word = re.compile(rf"\b{TO_FILL}\b", re.IGNORECASE)
    return next((at for at, line in enumerate(lines, start=1) if word.search(line)), None)


def drafts(folder: Path = SQL / "metrics") -> dict[str, str]:
    """Return the drafts of a folder, which are not published and stop nothing, by name,
    each as `file:line: what it is; what to do`."""
    return {
        path.stem: f"{shown_path(path)}:{line}: a draft, not filled yet, so it is left out; write "
        f"what belongs where it says {TO_FILL}, and run `python -m metrics check {path.stem}`"
        for path in sorted(folder.glob("*.sql"))
        if (line := draft_line(path)) is not None
    }


def read_catalog(folder: Path = SQL / "metrics") -> dict[str, Metric]:
    """Read every metric file of a folder but drafts, by name.

    Raises CxError with the problems of all files at once.
    """
    metrics: dict[str, Metric] = {}
    problems = []
    for path in sorted(folder.glob("*.sql")):
        if draft_line(path) is not None:
            continue
        try:
            found = read_metrics(path)
        except CxError as error:
            problems.append(str(error))
            continue
        problems += [
            f"{shown_path(path)}:1: {name} is made by {shown_path(metrics[name].path)} too; rename "
            "the file, or take one of them out"
            for name in found.keys() & metrics.keys()
        ]
        metrics |= found
    problems += _name_problems(metrics)
    if problems:
        raise CxError("\n".join(problems))
    return dict(sorted(metrics.items()))


def _name_problems(metrics: dict[str, Metric]) -> list[str]:
    """Names of before that are names of now, or that two metrics had."""
    problems = []
    taken = dict.fromkeys(metrics, "the name of a metric")
    for name, metric in metrics.items():
        for old in metric.was:
            if old in taken:
                problems.append(
                    f"{shown_path(metric.path)}:1: was names {old!r}, which is {taken[old]}; "
                    "take it out"
                )
            taken[old] = f"what {name} was"
    return problems


def entry_of(metric: Metric, entries: Mapping[str, Any]) -> Any:
    """Return what a manifest says of a metric, by its name or one that it had; None where it
    says nothing."""
    names = (metric.name, *metric.was)
    return next((entries[name] for name in names if name in entries), None)


def renamed(metrics: Mapping[str, Metric]) -> dict[str, str]:
    """Return the name of now for each name that a metric had before."""
    return {old: name for name, metric in metrics.items() for old in metric.was}
