"""What a survey asked: its questions, scales and value maps, from the reference tables."""

from collections.abc import Iterable
from dataclasses import dataclass

import duckdb

from metrics.base.duck import first_row
from metrics.base.errors import CxError
from metrics.intake.sources.texts import (
    fold,
)

Codes = dict[str, int | None]
"""Raw text, folded, to standard code; None where the text is no answer."""

MEASURES = (
    "trust",
    "satisfaction",
    "effectiveness",
    "ease",
    "efficiency",
    "transparency",
    "humanity",
    "employee",
)


DRIVERS = (
    "effectiveness",
    "ease",
    "efficiency",
    "transparency",
    "humanity",
    "employee",
    "other",
)


FLAGS = tuple(f"{branch}_{driver}" for branch in ("positive", "negative") for driver in DRIVERS)


ANSWERS = (*MEASURES, *FLAGS)


ASKED = ("everyone", "positive", "negative")


SCALES: dict[str, Iterable[int]] = {
    "thumbs": (0, 1),
    "yes_no": (0, 1),
    "mention": (0, 1),
    "agree5": range(1, 6),
    "rating5": range(1, 6),
}
"""Standard codes of each scale."""


FIVE_POINT = ("agree5", "rating5")


@dataclass(frozen=True)
class Question:
    """A question of an instrument: number, measure (None where it is no standard
    measure), verbatim text, scale, and raw to standard codes."""

    number: int
    measure: str | None
    text: str
    scale: str
    codes: Codes
    asked_of: str


@dataclass(frozen=True)
class Survey:
    """A survey with its service and instrument, as the reference tables declare them.

    `has_twin` is true where another instrument asks the same trust question on another
    scale, so that a code alone does not tell the scale.
    """

    survey: str
    channel: str | None
    instrument: str
    family: str
    has_twin: bool
    questions: tuple[Question, ...]

    def scale_of(self, measure: str) -> str | None:
        """Return the scale on which everyone is asked about a measure."""
        for question in self.questions:
            if question.measure == measure and question.asked_of == "everyone":
                return question.scale
        return None

    def standard_codes(self, target: str) -> Codes:
        """Return the standard codes of a measure or driver flag, as texts."""
        if target in FLAGS:
            return {"0": 0, "1": 1}
        return {str(code): code for code in SCALES[self.scale_of(target) or "agree5"]}


def find_survey(connection: duckdb.DuckDBPyConnection, survey: str | None, what: str) -> Survey:
    """Return the survey of an id. Raises CxError where none is named or known, or
    where its instrument is not; `what` names the file."""
    known = [
        row[0]
        for row in connection.execute("select survey from response_survey order by all").fetchall()
    ]
    if survey is None:
        raise CxError(
            f"{what}: which survey do the responses answer? The codes alone do not tell: 1 is a "
            "thumb up in one survey and strong disagreement in another. Name it with --survey, "
            f"one of {', '.join(known)}"
        )
    row = first_row(
        connection,
        """
        with trust as (
            select instrument, scale, text
            from instrument_question
            where measure = 'trust' and asked_of = 'everyone'
        )
        select response_survey.channel, response_survey.instrument, instrument.family,
            exists (
                select 1
                from trust inner join trust as twin
                    on trust.text = twin.text and trust.scale <> twin.scale
                where trust.instrument = response_survey.instrument
            )
        from response_survey
        left join instrument on response_survey.instrument = instrument.instrument
        where response_survey.survey = ?
        """,
        [survey],
    )
    if row is None:
        raise CxError(
            f"{what}: there is no survey {survey!r} in data/reference/response_survey.csv; add a "
            f"line, or name one of {', '.join(known)}"
        )
    questions = connection.execute(
        "select question, measure, text, scale, value_map, asked_of, wording "
        "from instrument_question where instrument = ? order by question, wording",
        [row[1]],
    ).fetchall()
    if row[2] is None or not questions:
        raise CxError(
            f"{what}: instrument {row[1]!r} of survey {survey!r} has no entry in "
            f"data/reference/instrument{'_question' if row[2] else ''}.csv; add its lines"
        )
    channel, instrument, family, has_twin = row
    asked = tuple(_question(instrument, *question) for question in questions)
    return Survey(survey, channel, instrument, family, has_twin, asked)


def _question(
    instrument: str,
    number: int,
    measure: str | None,
    text: str,
    scale: str,
    value_map: str,
    asked_of: str,
    wording: str,
) -> Question:
    """Return a question of the reference table. Raises CxError where its entry is wrong,
    which would else leave its answers out without a word."""
    where = f"data/reference/instrument_question.csv: question {number} of {instrument!r}"
    if asked_of not in ASKED:
        raise CxError(f"{where}: asked_of is {asked_of!r}; it must be {', '.join(ASKED)}")
    if scale not in SCALES:
        raise CxError(f"{where}: the scale is {scale!r}; it must be one of {', '.join(SCALES)}")
    if scale == "mention":
        measure = measure or wording  # The driver "something else" is no measure.
    known = MEASURES if asked_of == "everyone" else DRIVERS
    if measure is not None and measure not in known:
        raise CxError(f"{where}: the measure is {measure!r}; it must be one of {', '.join(known)}")
    return Question(number, measure, text, scale, read_value_map(value_map, scale, where), asked_of)


def read_value_map(text: str, scale: str, where: str) -> Codes:
    """Read a value map such as '1=5;2=4;6=-', where - is no answer. Raises CxError, which
    begins with `where`, if it is none."""
    standard: Codes = {str(code): code for code in SCALES[scale]} | {"-": None}
    codes: Codes = {}
    for part in text.split(";"):
        raw, _, code = part.partition("=")
        if not raw or code.strip() not in standard:
            raise CxError(
                f"{where}: value map {text!r} cannot be read; write raw=standard such as "
                f"1=1;2=2;6=-, the standard codes of {scale} being {', '.join(standard)}"
            )
        codes[fold(raw)] = standard[code.strip()]
    return codes
