"""The mapping file: a small YAML file that says what the columns of any table hold."""

from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    PrivateAttr,
    ValidationError,
    field_validator,
    model_validator,
)

from metrics.base.duck import first_value
from metrics.base.errors import CxError
from metrics.intake.sources.plan import HOME_ZONE, Exclusion, Plan, Text
from metrics.intake.sources.survey import DRIVERS, FLAGS, Codes, Survey
from metrics.intake.sources.texts import fold

NOTHING = "-"
"""What a text stands for that is no answer, or no group."""

Lines = dict[tuple[str, ...], int]
"""Line of each key of a mapping file, by the keys that lead to it."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Item(_Strict):
    """An item that may be written short, as the text of its first field."""

    @model_validator(mode="before")
    @classmethod
    def _long(cls, value: Any) -> Any:
        return value if isinstance(value, dict) else {next(iter(cls.model_fields)): value}


def _folded(values: dict[str, str] | None) -> dict[str, str] | None:
    """Fold the texts that have values as those of the file are."""
    folded: dict[str, str] = {}
    for text, value in (values or {}).items():
        if folded.setdefault(fold(text), value) != value:
            raise ValueError(f"{fold(text)!r} has two values")
    return folded if values is not None else None


class Column(_Item):
    """A column, and what its texts stand for."""

    column: str
    values: dict[str, str] | None = None

    _values = field_validator("values")(_folded)


class Moment(_Item):
    """A column of dates or times, their strptime format and their time zone."""

    column: str
    format: str | None = None
    timezone: str = HOME_ZONE

    @field_validator("timezone")
    @classmethod
    def _known(cls, name: str) -> str:
        try:
            return ZoneInfo(name).key
        except (KeyError, OSError, ValueError) as error:
            raise ValueError(f"there is no time zone {name!r}; write it like UTC") from error


class Answer(_Item):
    """The question that a column answers: its number, or a driver flag such as
    positive_ease; `values` where the file has other texts than the instrument."""

    question: str
    values: dict[str, str] | None = None

    _values = field_validator("values")(_folded)


class Mapping(_Strict):
    """A mapping file; every key may be left out."""

    survey: str | None = None
    response_id: str | None = None
    quarter: str | None = None
    submitted_at: Moment | None = None
    channel: Column | None = None
    answers: dict[str, Answer] = {}
    comment: str | None = None
    weight: str | None = None
    segments: dict[str, Column] = {}
    exclude: dict[str, list[str]] = {}

    _path: str = PrivateAttr("")
    _lines: Lines = PrivateAttr(default_factory=dict)

    def at(self, *keys: str) -> str:
        """Return file, line and key of a place in the mapping, for an error."""
        return f"{self._path}:{_line(self._lines, keys)}: {'.'.join(keys)}"


_ITEMS: dict[str, type[BaseModel]] = {
    "submitted_at": Moment,
    "channel": Column,
    "answers": Answer,
    "segments": Column,
}


def read_mapping(path: Path | None) -> Mapping:
    """Read a mapping file; without one, an empty mapping. Every value is the text that
    stands there: `yes` is no truth, `1` no number.

    Raises CxError with file, line and remedy.
    """
    if path is None:
        return Mapping()
    lines: Lines = {}
    try:
        node = yaml.compose(path.read_text(encoding="utf-8-sig"), Loader=yaml.SafeLoader)
        found = _texts(node, lines, ())
    except OSError as error:
        raise CxError(f"{path}: cannot be read ({error.strerror}); check the name") from error
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        problem = getattr(error, "problem", None) or "the file is no YAML in UTF-8"
        raise CxError(f"{path}:{line}: {problem}; write it as `key: value` lines") from error
    if not isinstance(found, dict):
        raise CxError(f"{path}:1: the mapping is empty; see docs/data.md for its keys")
    try:
        mapping = Mapping.model_validate(found)
    except ValidationError as error:
        problems = [_problem(path, lines, item) for item in error.errors()]
        raise CxError("\n".join(dict.fromkeys(problems))) from error
    mapping._path, mapping._lines = str(path), lines
    return mapping


def _texts(node: yaml.Node | None, lines: Lines, at: tuple[str, ...]) -> Any:
    """Return what a YAML node holds, as texts, lists and dictionaries, and note lines."""
    if isinstance(node, yaml.MappingNode):
        found: dict[str, Any] = {}
        for key_node, value in node.value:
            key = str(key_node.value)
            if not isinstance(key_node, yaml.ScalarNode) or key in found:
                problem = f"key {key!r} is there twice" if key in found else "a key is no text"
                raise yaml.MarkedYAMLError(problem=problem, problem_mark=key_node.start_mark)
            lines[(*at, key)] = key_node.start_mark.line + 1
            found[key] = _texts(value, lines, (*at, key))
        return found
    if isinstance(node, yaml.SequenceNode):
        return [_texts(item, lines, at) for item in node.value]
    if node is None or node.tag == "tag:yaml.org,2002:null":
        return None
    return str(node.value)


def _line(lines: Lines, keys: tuple[str, ...]) -> int:
    """Return the line of the innermost of these keys that is in the file."""
    while keys and keys not in lines:
        keys = keys[:-1]
    return lines.get(keys, 1)


def _problem(path: Path, lines: Lines, item: Any) -> str:
    keys = tuple(str(key) for key in item["loc"])
    where = f"{path}:{_line(lines, keys)}"
    if item["type"] == "extra_forbidden":
        model = _ITEMS[keys[0]] if len(keys) > 1 else Mapping
        allowed = ", ".join(sorted(model.model_fields, key=list(model.model_fields).index))
        return f"{where}: unknown key {keys[-1]!r}; the keys are {allowed}"
    shown = keys if keys in lines else keys[:-1]
    what = str(item["msg"]).removeprefix("Value error, ")
    return f"{where}: key {'.'.join(shown)!r} is wrong ({what}); see docs/data.md"


def mapped_plan(
    connection: duckdb.DuckDBPyConnection, survey: Survey, mapping: Mapping, where: str
) -> Plan:
    """Return the plan of a mapping for a survey; `where` names the file it is for.

    Raises CxError where the mapping names a question, driver, channel or segment that
    does not exist.
    """
    answers: dict[str, tuple[str, Codes]] = {}
    for column, answer in mapping.answers.items():
        target, codes = _target(survey, answer, mapping.at("answers", column))
        if target in answers:
            raise CxError(
                f"{mapping.at('answers', column)}: column {answers[target][0]!r} answers the same "
                "question; keep one of the two"
            )
        answers[target] = (column, codes)
    if survey.channel is None and mapping.channel is None:
        raise CxError(
            f"{where}: survey {survey.survey} has no channel of its own; name the column that "
            "holds it under `channel` in a mapping file"
        )
    moment = mapping.submitted_at
    if moment and moment.format is not None:
        try:
            connection.execute("select try_strptime('', ?)", [moment.format])
        except duckdb.Error as error:
            raise CxError(
                f"{mapping.at('submitted_at', 'format')}: {moment.format!r} is no format of a "
                "time; write it like %m/%d/%Y %H:%M"
            ) from error
    plan = Plan(
        survey,
        answers=answers,
        response_id=mapping.response_id,
        quarter=mapping.quarter,
        submitted_at=moment.column if moment else None,
        time_format=moment.format if moment else None,
        channel=_channel(connection, mapping),
        comment=mapping.comment,
        weight=mapping.weight,
        segments=_segments(connection, mapping),
        exclusions=tuple(
            Exclusion(
                column,
                tuple(fold(text) for text in texts),
                f"Left out: the mapping excludes this value of {column}.",
            )
            for column, texts in mapping.exclude.items()
        ),
    )
    return replace(plan, time_zone=moment.timezone) if moment else plan


def _channel(connection: duckdb.DuckDBPyConnection, mapping: Mapping) -> Text | None:
    item = mapping.channel
    if item is None or item.values is None:
        return Text(item.column) if item else None
    values = {text: "unmapped" if v == NOTHING else v for text, v in item.values.items()}
    for value in values.values():
        if not first_value(connection, "select 1 from channel where channel = ?", [value]):
            raise CxError(
                f"{mapping.at('channel', 'values')}: there is no channel {value!r} in "
                "data/reference/channel.csv; name one of them"
            )
    return Text(item.column, values)


def _segments(connection: duckdb.DuckDBPyConnection, mapping: Mapping) -> dict[str, Text]:
    segments = {}
    for segment, item in mapping.segments.items():
        if not first_value(connection, "select 1 from segment where segment = ?", [segment]):
            raise CxError(
                f"{mapping.at('segments', segment)}: there is no segment {segment!r} in "
                "data/reference/segment.csv; add it"
            )
        for value in (item.values or {}).values():
            if value != NOTHING and not first_value(
                connection,
                "select 1 from segment_value where segment = ? and segment_value = ?",
                [segment, value],
            ):
                raise CxError(
                    f"{mapping.at('segments', segment)}: there is no group {value!r} in "
                    f"data/reference/segment_value.csv; add the line {segment},{value},NAME,NUMBER"
                )
        segments[segment] = Text(item.column, item.values)
    return segments


def _target(survey: Survey, answer: Answer, where: str) -> tuple[str, Codes]:
    """Return the target column of an answer, and its codes."""
    if answer.question in FLAGS:
        target, codes = answer.question, survey.standard_codes(answer.question)
    else:
        found = [
            question
            for question in survey.questions
            if str(question.number) == answer.question and question.asked_of == "everyone"
        ]
        if not found or found[0].measure is None:
            asked = ", ".join(
                f"{question.number} ({question.measure})"
                for question in survey.questions
                if question.asked_of == "everyone" and question.measure
            )
            raise CxError(
                f"{where}: instrument {survey.instrument} has no question {answer.question!r}; "
                f"it asks {asked}, and drivers are named like positive_{DRIVERS[1]}"
            )
        target, codes = found[0].measure, dict(found[0].codes)
    if answer.values is None:
        return target, codes
    for text, code in answer.values.items():
        if code != NOTHING and fold(code) not in codes:
            raise CxError(
                f"{where}: {text!r} is mapped to {code!r}, which is no code of question "
                f"{answer.question}; its codes are {', '.join(codes)}, or {NOTHING} for no answer"
            )
    return target, {
        text: None if code == NOTHING else codes[fold(code)] for text, code in answer.values.items()
    }
