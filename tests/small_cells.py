"""Made-up surveys of few people, loaded as a user loads them: files that nobody filled
in, of services and instruments of the tests' own."""

import random
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

from metrics.gate.publish import publish
from metrics.warehouse.store import open_warehouse
from tests.conftest import metrics_of
from tests.response_file import Row, load, own_reference, write_csv, write_mapping

DRIVERS = ("ease", "effectiveness", "employee")
PUBLISHED_METRICS = (
    *("trust", "trust_mean", "trust_distribution", "trust_neutral_share"),
    *("trust_unfavorable_share", "trust_item_response_rate", "trust_by_segment"),
    *("trust_by_driver", "ease", "ease_mean", "ease_distribution", "ease_neutral_share"),
    *("ease_unfavorable_share", "ease_item_response_rate", "ease_by_segment"),
    *("driver_positive_share", "driver_negative_share", "driver_balance"),
    *("driver_no_selection_share", "comment_rate", "sentiment_share", "theme_share"),
    *("theme_negative_share", "respondents"),
)
CHANNELS = ("email", "website", "in_person", "mobile", "phone")
SERVICES = (
    *(("TSA", f"made-up-tsa-{number}") for number in range(4)),
    *(("ICE", f"made-up-ice-{number}") for number in range(2)),
)
REMARKS = (
    *("", "", "", "Great and quick staff", "The staff was rude and the wait was far too long"),
    *("The website is confusing and kept crashing", "Easy to upload my documents, thank you"),
    *("The letter was unclear", "I paid the fee twice and nobody helped", "Friendly officer"),
)


def instrument(name: str) -> dict[str, list[Row]]:
    """Reference rows of an instrument with trust, ease and drivers of both branches."""
    question = {"instrument": name, "direction": "ascending", "pattern": "", "asked_of": "everyone"}
    agree = {"scale": "agree5", "value_map": "1=1;2=2;3=3;4=4;5=5"}
    mention = {"scale": "mention", "value_map": "0=0;1=1"}
    questions: list[Row] = [
        {**question, **agree, "question": "1", "measure": "trust", "wording": name + "-trust"},
        {**question, **agree, "question": "2", "measure": "ease", "wording": name + "-ease"},
    ]
    for number, (branch, driver) in enumerate(
        ((branch, driver) for branch in ("positive", "negative") for driver in DRIVERS), start=3
    ):
        questions.append(
            {
                **question,
                **mention,
                "question": str(number),
                "measure": driver,
                "wording": driver,
                "asked_of": branch,
            }
        )
    for row in questions:
        row["text"] = f"Made-up question {row['question']}."
    return {
        "instrument": [
            {
                "instrument": name,
                "title": "Made up",
                "family": name,
                "family_name": "Made up",
                "survey_type": "likert_scale",
                "question_version": "2024",
                "omb_control_number": "",
                "source": "tests",
            }
        ],
        "instrument_question": questions,
    }


def reference(folder: Path, services: Iterable[tuple[str, str]]) -> None:
    """Reference tables that ship, with services (Component, service) of the tests' own,
    each with one survey of the same name."""
    own_reference(
        folder,
        **instrument("made-up"),
        service=[
            {
                "service": service,
                "component": component,
                "name": service.replace("-", " ").capitalize(),
                "description": "A service that was made up.",
                "designated_from": "2021Q1",
                "is_customers_shared": "false",
                "source": "tests",
            }
            for component, service in services
        ],
        response_survey=[
            {
                "survey": service,
                "service": service,
                "instrument": "made-up",
                "transaction_point": "post_interaction",
                "title": service.replace("-", " ").capitalize(),
            }
            for _, service in services
        ],
    )


def mapping(path: Path, service: str) -> Path:
    """A mapping file for the files of `responses`."""
    flags = "\n".join(
        f"      {branch}_{driver}: {branch}_{driver}"
        for branch in ("positive", "negative")
        for driver in DRIVERS
    )
    return write_mapping(
        path,
        f"""
    survey: {service}
    response_id: id
    submitted_at: when
    channel: {{column: channel}}
    answers:
      trust: 1
      ease: 2
{flags}
    comment: comment
    segments:
      language: {{column: language}}
      age_band: {{column: age}}
    """,
    )


def response(draw: random.Random, number: int, channel: str, day: date) -> Row:
    """One person: some leave questions out, tick nothing, or tell no group."""
    trust = draw.choices(["1", "2", "3", "4", "5", ""], [8, 10, 15, 35, 27, 5])[0]
    row = {
        "id": f"r{number:05d}",
        "when": day.isoformat(),
        "channel": channel,
        "trust": trust,
        "ease": draw.choices(["1", "2", "3", "4", "5", ""], [5, 10, 12, 30, 35, 8])[0],
        "comment": draw.choice(REMARKS),
        "language": draw.choices(["english", "spanish", ""], [75, 20, 5])[0],
        "age": draw.choices(["25_44", "45_64", "65_and_over", ""], [40, 30, 20, 10])[0],
    }
    for branch in ("positive", "negative"):
        is_asked = trust != "" and (trust in "45") == (branch == "positive")
        for driver in DRIVERS:
            ticked = "1" if draw.random() < 0.35 else "0"
            row[f"{branch}_{driver}"] = ticked if is_asked else ""
    return row


def small_cells(
    folder: Path, home: Path, n: int = 3000, services: int = 6, channels: int = 5
) -> None:
    """Load `n` responses in cells of 1 to 15: service, channel and month."""
    draw = random.Random(11)
    chosen = SERVICES[:services]
    reference(home / "reference", chosen)
    rows: dict[str, list[Row]] = {service: [] for _, service in chosen}
    left = n
    for month in range(99):
        for _, service in chosen:
            for channel in CHANNELS[:channels]:
                day = date(2023 + (9 + month) // 12, (9 + month) % 12 + 1, 1)
                for _ in range(min(left, draw.randint(1, 15))):
                    when = day + timedelta(days=draw.randrange(28))
                    rows[service].append(response(draw, left, channel, when))
                    left -= 1
    load_responses(home, folder, rows)


def load_responses(home: Path, folder: Path, rows: dict[str, list[Row]]) -> None:
    """Write a file of each service and load it with its mapping."""
    with open_warehouse(home) as connection:
        for service, answers in rows.items():
            if answers:
                path = write_csv(folder / f"{service}.csv", answers)
                load(connection, "csv", path, mapping=mapping(folder / f"{service}.yaml", service))


def publish_people(home: Path, *metrics: str) -> Path:
    """Publish the metrics that count people, or those named; returns the edition."""
    with open_warehouse(home) as connection:
        catalog = metrics_of(*(metrics or PUBLISHED_METRICS))
        return home / "editions" / publish(connection, home, catalog=catalog)
