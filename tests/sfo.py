"""The passenger survey of San Francisco airport, 2014 to 2018, as a survey of its own.

Real answers of real people with survey weights: the ease of passing through security,
asked on 1 to 5, where 0 is blank and 6 means that it does not apply. The files are kept
beside the checkout. Tests load them through one mapping for each year, because column
names drift.
"""

from pathlib import Path

import duckdb
import pandas as pd
import pytest

from metrics.base.settings import ROOT
from metrics.intake.load import LoadResult
from tests.response_file import load, own_reference, write_mapping

FOLDER = ROOT.parent / "shared" / "data" / "sfo"
YEARS = range(2014, 2019)
SURVEY, SERVICE, INSTRUMENT = "sfo-passengers", "airport-screening", "sfo-passenger-survey"

EASE, OVERALL, WEIGHT = "Q14PASSTHRU", "Q7ALL", "WEIGHT"
RESPONSE_ID = {2016: "*RESPNUM"}
"""The identifier is RESPNUM in the other years."""

VALUE_MAP = "0=-;1=1;2=2;3=3;4=4;5=5;6=-;blank=-"


def sfo_file(year: int) -> Path:
    """The file of a year; skips the test where it is not there."""
    path = FOLDER / f"{year}_SFO_Customer_Survey.csv"
    if not path.exists():
        pytest.skip(f"needs the survey file ../{path.relative_to(ROOT.parent)}")
    return path


def sfo_quarter(year: int) -> str:
    """The fiscal quarter to which a year's survey is counted."""
    return f"{year}Q3"


def sfo_reference(folder: Path) -> Path:
    """Reference tables that know the airport's survey beside those that ship."""
    service = {"service": SERVICE, "component": "TSA", "name": "Passing airport screening"}
    service |= {"description": "Checks of air travelers and their bags before the flight."}
    service |= {"is_customers_shared": "false", "source": "San Francisco airport"}
    instrument = {"instrument": INSTRUMENT, "title": "Airport passenger survey"}
    instrument |= {"family": "sfo", "family_name": "Airport survey", "question_version": "2014"}
    instrument |= {"survey_type": "likert_scale", "source": "City of San Francisco open data"}
    survey = {"survey": SURVEY, "service": SERVICE, "channel": "in_person"}
    survey |= {"instrument": INSTRUMENT, "transaction_point": "post_interaction"}
    survey |= {"title": "Passenger survey at San Francisco airport"}
    questions = [
        {"question": "1", "measure": "satisfaction", "wording": "airport-overall"}
        | {"text": "How would you rate the airport as a whole?"},
        {"question": "4", "measure": "ease", "wording": "ease-of-security"}
        | {"text": "How easy was it to pass through security and screening?"},
    ]
    shared = {"instrument": INSTRUMENT, "scale": "rating5", "direction": "ascending"}
    shared |= {"value_map": VALUE_MAP, "asked_of": "everyone"}
    return own_reference(
        folder,
        service=[service],
        instrument=[instrument],
        response_survey=[survey],
        instrument_question=[shared | question for question in questions],
    )


def sfo_mapping(folder: Path, year: int) -> Path:
    """What the columns of a year's file hold."""
    return write_mapping(
        folder / f"sfo_{year}.yaml",
        f"""
        survey: {SURVEY}
        quarter: {sfo_quarter(year)}
        response_id: "{RESPONSE_ID.get(year, "RESPNUM")}"
        answers:
          {OVERALL}: 1
          {EASE}: 4
        weight: {WEIGHT}
        """,
    )


def load_sfo(
    connection: duckdb.DuckDBPyConnection, folder: Path, year: int, **options: bool
) -> LoadResult:
    """Load a year's file into a warehouse with `sfo_reference`."""
    mapping = sfo_mapping(folder, year)
    (result,) = load(connection, "csv", sfo_file(year), mapping=mapping, **options)
    return result


def sfo_frame(year: int) -> pd.DataFrame:
    """The file of a year as pandas reads it: answers without 0, 6 and blanks, weights."""
    frame = pd.read_csv(sfo_file(year), dtype=str, keep_default_na=False)
    frame.columns = frame.columns.str.strip()
    codes = {str(code): code for code in range(1, 6)}
    return pd.DataFrame(
        {
            "response_id": frame[RESPONSE_ID.get(year, "RESPNUM")],
            "ease": frame[EASE].map(codes),
            "satisfaction": frame[OVERALL].map(codes),
            "weight": frame[WEIGHT].astype(float),
        }
    )
