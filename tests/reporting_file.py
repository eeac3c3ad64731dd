"""A small quarterly reporting file in the format of the real one, made by hand for tests."""

import csv
import io
from pathlib import Path


def _names(text: str) -> list[str]:
    return text.split()


SURVEY_KEYS = _names("""
organization_id organization_name organization_abbreviation service_provider_id
service_provider_name collection_id collection_name collection_year collection_quarter
service_provided transaction_point channel volume_of_customers
volume_of_customers_provided_survey_opportunity volume_of_respondents omb_control_number
federal_register_url
""")
PARTS = ("text", "1", "2", "3", "4", "5", "point_scale")
QUESTION_KEYS = [f"q{question}_{part}" for question in range(1, 12) for part in PARTS]
RECORD_KEYS = _names(
    "created_at updated_at operational_metrics service_id service_name service_slug"
)
HEADER = [
    "id",
    "type",
    *(f"attributes_{key}" for key in [*SURVEY_KEYS, *QUESTION_KEYS, *RECORD_KEYS]),
    "service_desc",
    "service_provider_desc",
]
"""The 104 columns of the real file, in its order."""

TSA_QUESTIONS = [
    "I am satisfied with my experience with the TSA Contact Center",
    "This interaction increased my confidence in TSA",
    "The response provided resolution to my inquiry",
    "It was easy to contact the TSA Contact Center",
    "The agent responded to my inquiry quickly",
    "I easily understood the response I received",
    "The Contact Center was professional, courteous, and friendly",
]

Report = dict[str, str]


def report(survey_id: int | str, **changes: str) -> Report:
    """A good report of the TSA Contact Center; `changes` name columns without the
    prefix attributes_. A text in it has quoted line breaks, commas and quotes."""
    row = dict.fromkeys(HEADER, "")
    good = {
        "organization_id": "5",
        "organization_name": "Department of Homeland Security",
        "organization_abbreviation": "DHS",
        "service_provider_id": "27",
        "service_provider_name": "Transportation Security Administration",
        "collection_year": "2021",
        "collection_quarter": "2",
        "service_provided": "TSA Contact Center (TCC) - Email",
        "transaction_point": 'After an answer,\n"usually" the same day\n\nor later',
        "channel": "email",
        "volume_of_customers": "12000.0",
        "volume_of_customers_provided_survey_opportunity": "8000.0",
        "volume_of_respondents": "1200",
        "omb_control_number": "1652-0058",
        "created_at": "2021-05-13T23:05:19.000Z",
        "updated_at": "2021-08-04T19:52:29.000Z",
        "service_id": "44",
        "service_name": "Contacting the TSA contact center",
    }
    for number, text in enumerate(TSA_QUESTIONS, start=1):
        counts = [10 * number, 20, 30, 40, 1000]
        good[f"q{number}_text"] = text
        good |= {f"q{number}_{code}": str(n) for code, n in enumerate(counts, start=1)}
    row |= {f"attributes_{key}": value for key, value in (good | changes).items()}
    row |= {"id": str(survey_id), "type": "omb_cx_reporting_collections"}
    assert list(row) == HEADER, "a change names no column of the file"
    return row


def text_of(rows: list[Report], header: list[str] | None = None, line_end: str = "\n") -> str:
    """The file as text; `header` gives its columns another order, or fewer."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, header or HEADER, extrasaction="ignore", lineterminator=line_end)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def write(path: Path, rows: list[Report]) -> Path:
    """Write the file as UTF-8 and return its path."""
    path.write_bytes(text_of(rows).encode())
    return path
