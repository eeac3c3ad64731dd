"""The header of a metric file: each way it can be wrong gives file, line and remedy."""

from pathlib import Path

import pytest
import yaml

from metrics.base.errors import CxError
from metrics.define.catalog import Metric, read_catalog, read_metric
from metrics.tell.sentences import without_grain

HEADER = {
    "title": "Calls answered",
    "description": "Share of calls that were answered. One row per Component and quarter.",
    "question": None,
    "kind": "share",
    "unit": "share of calls",
    "better": "higher",
    "family": "operations",
    "basis": "One basis, calls.",
    "over_time": "sum",
    "breakdown": None,
    "minimum_n": 11,
    "source": "Telephone log",
    "owner": "Contact center",
    "version": 1,
    "changelog": {1: "First version."},
}
OPTIONAL = {
    "compare_groups": False,
    "group": "place",
    "counts_mentions": False,
    "own_total": False,
    "counts_events": False,
    "signed": False,
    "quantile": None,
    "comparable_with": (),
    "window": None,
    "counts_people": "n",
    "interval": "sampling",
    "rhythm": "month",
    "for_each": None,
    "was": (),
}
SELECT = "select\n    1 as numerator,\n    2 as denominator\n"
LINE = {key: number for number, key in enumerate(HEADER, start=2)}


def write(
    folder: Path,
    header: dict[str, object] | str = HEADER,
    select: str = SELECT,
    name: str = "calls",
) -> Path:
    """Write a metric file whose header has one key a line, in the order of HEADER."""
    if isinstance(header, dict):
        header = yaml.safe_dump(header, sort_keys=False, width=1000)
    path = folder / f"{name}.sql"
    path.write_text(f"/*\n{header}*/\n{select}", encoding="utf-8")
    return path


def problems(path: Path) -> list[str]:
    with pytest.raises(CxError) as caught:
        read_metric(path)
    return str(caught.value).splitlines()


def test_a_good_file_is_read_whole(tmp_path: Path) -> None:
    metric = read_metric(write(tmp_path))
    assert metric.name == "calls"
    assert metric.sql == SELECT.strip()
    texts = {version: change.change for version, change in metric.changelog.items()}
    assert {key: getattr(metric, key) for key in HEADER} | {"changelog": texts} == HEADER
    assert {key: getattr(metric, key) for key in OPTIONAL} == OPTIONAL
    assert without_grain(metric.description) == "Share of calls that were answered."


def test_the_keys_here_are_all_keys_there_are() -> None:
    assert {*HEADER, *OPTIONAL} == set(Metric.model_fields) - {"name", "sql", "path"}


@pytest.mark.parametrize("key", HEADER)
def test_a_missing_key_is_named(tmp_path: Path, key: str) -> None:
    path = write(tmp_path, {name: value for name, value in HEADER.items() if name != key})
    assert problems(path) == [f"{path}:1: key {key!r} is missing; add a line `{key}: ...`"]


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("title", "No", "at least 3 characters"),
        ("title", "T" * 61, "at most 60 characters"),
        ("title", 911, "valid string"),
        ("description", "One row per call.", "at least 30 characters"),
        ("description", "Share of calls that were answered, of all calls.", "One row per ..."),
        ("description", "One row per call. Share of calls that were answered.", "One row per ..."),
        ("description", "Share of calls that were answered. One row per call", "One row per ..."),
        ("question", 7, "valid string"),
        ("kind", "percentage", "'share', 'mean', 'ratio', 'total' or 'quantile'"),
        ("unit", "", "at least 2 characters"),
        ("better", "up", "'higher', 'lower' or 'neither'"),
        ("family", "calls", "'experience'"),
        ("basis", "calls", "at least 10 characters"),
        ("over_time", "average", "'sum' or 'last'"),
        ("breakdown", 3, "valid string"),
        ("minimum_n", -1, "greater than or equal to 0"),
        ("minimum_n", "eleven", "valid integer"),
        ("source", "me", "at least 5 characters"),
        ("owner", None, "valid string"),
        ("version", 0, "greater than or equal to 1"),
        ("version", "one", "valid integer"),
        ("changelog", "First version.", "valid dictionary"),
    ],
)
def test_a_wrong_value_names_line_key_and_rule(
    tmp_path: Path, key: str, value: object, reason: str
) -> None:
    path = write(tmp_path, {**HEADER, key: value})
    (problem,) = problems(path)
    assert problem.startswith(f"{path}:{LINE[key]}: key {key!r} is wrong (")
    assert reason in problem
    assert problem.endswith("); see docs/metrics.md")


@pytest.mark.parametrize("kind", ["share", "mean"])
def test_groups_of_a_breakdown_can_be_compared(tmp_path: Path, kind: str) -> None:
    header = {**HEADER, "kind": kind, "breakdown": "language", "compare_groups": True}
    assert read_metric(write(tmp_path, header)).compare_groups is True


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"compare_groups": True}, "needs a breakdown, whose parts are the groups"),
        ({"compare_groups": True, "breakdown": "part", "kind": "total"}, "kind share or mean"),
        ({"compare_groups": True, "breakdown": "part", "kind": "ratio"}, "kind share or mean"),
        ({"compare_groups": "always", "breakdown": "part"}, "valid boolean"),
        ({"compare_groups": None, "breakdown": "part"}, "valid boolean"),
    ],
)
def test_groups_that_cannot_be_compared_are_refused(
    tmp_path: Path, changes: dict[str, object], reason: str
) -> None:
    path = write(tmp_path, {**HEADER, **changes})
    (problem,) = problems(path)
    assert problem.startswith(f"{path}:{len(HEADER) + 3}: key 'compare_groups' is wrong (")
    assert reason in problem
    assert problem.endswith("); see docs/metrics.md")


@pytest.mark.parametrize("key", ["titel", "name", "sql", "path"])
def test_an_unknown_key_is_named_with_its_line(tmp_path: Path, key: str) -> None:
    path = write(tmp_path, {**HEADER, key: "x"})
    (problem,) = problems(path)
    assert problem.startswith(f"{path}:{len(HEADER) + 3}: unknown key {key!r}; ")
    assert problem.endswith("; write 'title'" if key == "titel" else "; remove it")


def test_a_key_that_is_there_twice_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, yaml.safe_dump(HEADER, sort_keys=False, width=1000) + "unit: calls\n")
    assert problems(path) == [f"{path}:{len(HEADER) + 3}: key 'unit' is there twice; remove one"]


def test_the_changelog_must_speak_of_the_version(tmp_path: Path) -> None:
    path = write(tmp_path, {**HEADER, "version": 2})
    assert problems(path) == [
        f"{path}:{LINE['changelog']}: the changelog has no line for version 2; "
        "add `  2: what changed`"
    ]


def test_all_problems_of_a_file_come_at_once(tmp_path: Path) -> None:
    header = {**HEADER, "kind": "percentage", "better": "up", "titel": "x"}
    del header["unit"]
    path = write(tmp_path, header, "select 1; select 2\n")
    found = problems(path)
    assert len(found) == 5
    for part in ("key 'unit' is missing", "'kind' is wrong", "'better' is wrong", "'titel'"):
        assert sum(part in problem for problem in found) == 1
    assert "exactly one select" in found[-1]


@pytest.mark.parametrize(
    ("select", "line", "reason"),
    [
        ("", 0, "there is no select after the comment; add one"),
        ("select 1; select 2\n", 0, "there must be exactly one select; remove the rest"),
        ("drop table published\n", 0, "there must be exactly one select; remove the rest"),
        ("select\n    1 as numerator\nfrom (\n", 2, "the SQL cannot be parsed ("),
        ("select\n    'abc as basis\n", 1, "the SQL cannot be parsed ("),
    ],
)
def test_the_sql_must_be_one_select(tmp_path: Path, select: str, line: int, reason: str) -> None:
    path = write(tmp_path, select=select)
    (problem,) = problems(path)
    at, _, what = problem.removeprefix(f"{path}:").partition(": ")
    first = len(HEADER) + 4  # two comment marks, one line more for the changelog
    assert int(at) == first + line
    assert what.startswith(reason)


def test_a_header_that_is_no_yaml_names_the_line(tmp_path: Path) -> None:
    path = write(tmp_path, "title: Calls\ndescription: one: two\n")
    (problem,) = problems(path)
    assert problem.startswith(f"{path}:3: the header cannot be read (")
    assert "write it as `key: value` lines" in problem


def test_an_empty_header_and_no_header(tmp_path: Path) -> None:
    path = write(tmp_path, "\n")
    assert problems(path) == [f"{path}:2: the header is empty; write it as `key: value` lines"]
    path.write_text("select 1\n", encoding="utf-8")
    assert problems(path) == [
        f"{path}:1: the file does not start with a header; put the YAML keys between /* and */ "
        "before the select"
    ]


def test_the_file_name_must_be_a_plain_name(tmp_path: Path) -> None:
    (problem,) = problems(write(tmp_path, name="Calls-2"))
    assert problem.startswith(f"{tmp_path / 'Calls-2.sql'}:1: the file name is the metric's name")
    assert problem.endswith("rename the file")


def test_encodings(tmp_path: Path) -> None:
    path = write(tmp_path)
    good = path.read_bytes()
    path.write_bytes(b"\xef\xbb\xbf" + good.replace(b"\n", b"\r\n"))
    assert read_metric(path).title == "Calls answered"
    path.write_bytes(good.replace(b"Calls", "Câlls".encode("latin-1")))
    (problem,) = problems(path)
    assert problem.startswith(f"{path}:1: cannot be read (") and "save it as UTF-8" in problem


def test_a_folder_gives_the_problems_of_all_its_files(tmp_path: Path) -> None:
    write(tmp_path, name="good")
    write(tmp_path, {**HEADER, "kind": "x"}, name="first")
    write(tmp_path, {**HEADER, "better": "x"}, name="second")
    with pytest.raises(CxError) as caught:
        read_catalog(tmp_path)
    assert [line.split(":")[0] for line in str(caught.value).splitlines()] == [
        str(tmp_path / "first.sql"),
        str(tmp_path / "second.sql"),
    ]


def test_the_definition_hash_follows_meaning_not_layout(tmp_path: Path) -> None:
    first = read_metric(write(tmp_path)).definition_hash
    same = read_metric(write(tmp_path, select="-- a note\nselect 1 as numerator, 2 as denominator"))
    assert same.definition_hash == first
    other_sql = read_metric(write(tmp_path, select=SELECT.replace("2 as", "3 as")))
    other_key = read_metric(write(tmp_path, {**HEADER, "minimum_n": 12}))
    assert len({first, other_sql.definition_hash, other_key.definition_hash}) == 3


def test_the_metrics_that_ship_are_all_read() -> None:
    catalog = read_catalog()
    assert {"trust", "trust_mean", "response_rate", "reporting_status"} <= catalog.keys()
    assert {metric.kind for metric in catalog.values()} >= {"share", "mean", "total"}
