"""The mapping file: a small YAML file that says what the columns of any table hold."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from metrics.errors import CxError
from metrics.sources.responses import (
    DRIVERS,
    FLAGS,
    Codes,
    Exclusion,
    Plan,
    Survey,
    Text,
)
from metrics.warehouse import first_value


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _texts(value: Any) -> Any:
    """YAML reads 1 and true as a number and a truth; a file holds only texts."""
    if isinstance(value, dict):
        return {str(key).lower(): str(text) for key, text in value.items()}
    return value


class Column(_Strict):
    """A column, and what its texts stand for (lower-case text to standard value)."""

    column: str
    values: dict[str, str] | None = None

    _values = field_validator("values", mode="before")(_texts)


class Moment(_Strict):
    """A column of dates or times, their strptime format and their time zone."""

    column: str
    format: str | None = None
    timezone: str = "America/New_York"


class Answer(_Strict):
    """The question that a column answers: its number, or a driver flag such as
    positive_ease; `values` where the file has other texts than the instrument."""

    question: int | str
    values: dict[str, str] | None = None

    _values = field_validator("values", mode="before")(_texts)


class Mapping(_Strict):
    """A mapping file; every key may be left out."""

    survey: str | None = None
    response_id: str | None = None
    quarter: str | None = None
    submitted_at: str | Moment | None = None
    channel: str | Column | None = None
    answers: dict[str, int | str | Answer] = {}
    comment: str | None = None
    weight: str | None = None
    segments: dict[str, str | Column] = {}
    exclude: dict[str, list[str | int | float | bool]] = {}


def read_mapping(path: Path | None) -> Mapping:
    """Read a mapping file; without one, an empty mapping.

    Raises CxError with file, line and remedy.
    """
    if path is None:
        return Mapping()
    try:
        text = path.read_text(encoding="utf-8-sig")
        found = yaml.safe_load(text)
    except OSError as error:
        raise CxError(f"{path}: cannot be read ({error.strerror}); check the name") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        problem = getattr(error, "problem", None) or "is no YAML in UTF-8"
        raise CxError(f"{path}:{line}: {problem}; write it as `key: value` lines") from error
    if not isinstance(found, dict):
        raise CxError(f"{path}:1: the mapping is empty; see docs/data.md for its keys")
    try:
        return Mapping.model_validate(found)
    except ValidationError as error:
        problems = [_problem(path, text, item) for item in error.errors()]
        raise CxError("\n".join(dict.fromkeys(problems))) from error


def _problem(path: Path, text: str, item: Any) -> str:
    keys = [str(key) for key in item["loc"]]
    line = next(
        (
            number
            for number, row in enumerate(text.splitlines(), start=1)
            if any(re.match(rf"\s*['\"]?{re.escape(key)}['\"]?\s*:", row) for key in keys[:2][::-1])
        ),
        1,
    )
    if item["type"] == "extra_forbidden":
        allowed = ", ".join(Mapping.model_fields)
        return f"{path}:{line}: unknown key {keys[-1]!r}; the keys are {allowed}"
    return f"{path}:{line}: key {keys[0]!r} is wrong ({item['msg']}); see docs/data.md"


def mapped_plan(
    connection: duckdb.DuckDBPyConnection, survey: Survey, mapping: Mapping, where: str
) -> Plan:
    """Return the plan of a mapping for a survey. Raises CxError where the mapping names
    a question, driver or segment that does not exist."""
    answers: dict[str, tuple[str, Codes]] = {}
    for column, answer in mapping.answers.items():
        item = answer if isinstance(answer, Answer) else Answer(question=answer)
        target, codes = _target(survey, item, where)
        answers[target] = (column, codes)
    segments = {}
    for segment, group in mapping.segments.items():
        if not first_value(connection, "select 1 from segment where segment = ?", [segment]):
            raise CxError(
                f"{where}: there is no segment {segment!r} in data/reference/segment.csv; add it"
            )
        segments[segment] = _text(group)
        for value in (segments[segment].values or {}).values():
            if value != "-" and not first_value(
                connection,
                "select 1 from segment_value where segment = ? and segment_value = ?",
                [segment, value],
            ):
                raise CxError(
                    f"{where}: segment {segment} has no group {value!r} in "
                    "data/reference/segment_value.csv; add it"
                )
    if survey.channel is None and mapping.channel is None:
        raise CxError(
            f"{where}: survey {survey.survey} has no channel of its own; name the column that "
            "holds it under `channel`"
        )
    moment = mapping.submitted_at
    if isinstance(moment, str):
        moment = Moment(column=moment)
    plan = Plan(
        survey,
        answers=answers,
        response_id=mapping.response_id,
        quarter=mapping.quarter,
        submitted_at=moment.column if moment else None,
        time_format=moment.format if moment else None,
        channel=_text(mapping.channel) if mapping.channel else None,
        comment=mapping.comment,
        weight=mapping.weight,
        segments=segments,
        exclusions=tuple(
            Exclusion(
                column,
                tuple(str(text).lower() for text in texts),
                f"Left out: the mapping excludes this value of {column}.",
            )
            for column, texts in mapping.exclude.items()
        ),
    )
    return replace(plan, time_zone=moment.timezone) if moment else plan


def _text(item: str | Column) -> Text:
    return Text(item) if isinstance(item, str) else Text(item.column, item.values)


def _target(survey: Survey, answer: Answer, where: str) -> tuple[str, Codes]:
    """Return the target column of an answer, and its codes."""
    if answer.question in FLAGS:
        target, codes = str(answer.question), dict(survey.standard_codes(str(answer.question)))
    else:
        found = [
            question
            for question in survey.questions
            if str(question.number) == str(answer.question) and question.asked_of == "everyone"
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
        if code != "-" and code not in codes:
            raise CxError(
                f"{where}: {text!r} is mapped to {code!r}, which is no code of question "
                f"{answer.question}; its codes are {', '.join(codes)}, or - for no answer"
            )
    return target, {
        text: None if code == "-" else codes[code] for text, code in answer.values.items()
    }
