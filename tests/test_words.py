"""Words for readers, case by case."""

import pandas as pd
import pytest

from metrics.base.periods import earlier_period
from metrics.tell import sentences
from metrics.tell.vocabulary import NO_BASIS


@pytest.mark.parametrize(
    ("period", "before", "year_before"),
    [
        ("2023Q1", "2022Q4", "2022Q1"),
        ("2023Q3", "2023Q2", "2022Q3"),
        ("2023-01", "2022-12", "2022-01"),
        ("2023-10", "2023-09", "2022-10"),
        ("FY2023", "FY2022", "FY2022"),
    ],
)
def test_an_earlier_period(period: str, before: str, year_before: str) -> None:
    assert earlier_period(period) == before
    assert earlier_period(period, year=True) == year_before


def changed(label: str, change: float | None, call: str | None) -> dict[str, object]:
    return {"label": label, "change": change, "change_call": call}


def test_what_moved_is_told_the_largest_first() -> None:
    rows = pd.DataFrame(
        [
            changed("Ease", 0.031, "up"),
            changed("Clarity", 0.20, "cannot tell"),
            changed("Time", -0.052, "down"),
            changed("Other", None, None),
        ]
    )
    assert sentences.moved_text(rows) == (
        "Time ▼ down 5.2 points and Ease ▲ up 3.1 points moved clearly at the same time."
    )
    still = rows[rows["change_call"] == "cannot tell"]
    assert sentences.moved_text(still) == (
        "No driver that can be compared changed clearly at the same time."
    )
    assert sentences.moved_text(rows.iloc[[3]]) == ""


@pytest.mark.parametrize(
    ("call", "change", "like", "said"),
    [
        ("up", 0.031, 0.031, "▲ up 3.1 points"),
        ("down", 0.031, -0.021, "▼ down 2.1 points at a fixed mix"),
        # A part is hidden, so the change at a fixed mix is not told; the plain one went up.
        ("down", 0.031, None, "▼ down at a fixed mix"),
        ("up", 0.0, 0.0, "▲ up at a fixed mix"),
    ],
)
def test_a_verdict_never_stands_beside_a_number_of_the_other_sign(
    call: str, change: float, like: float | None, said: str
) -> None:
    row = pd.Series({"change_call": call, "change": change, "like_change": like}, dtype=object)
    assert sentences.call_text(row, "share") == said


def test_labels_that_stand_for_several_questions_say_which() -> None:
    bases = [
        "a/agree5/trust-to-deliver",
        "b/thumbs/trust-to-deliver",
        "a/agree5/increased-confidence",
        NO_BASIS,
    ]
    rows = pd.DataFrame({"label": ["All", "All", "E-mail", "E-mail"], "basis": bases})
    told = sentences.told_apart(rows["label"], rows["basis"], {}).tolist()
    # The wording is the same, so the scale alone tells them apart.
    assert told == ["All, agreement from 1 to 5", "All, thumb up or down", "E-mail", "E-mail"]


def test_the_finest_changes_are_of_one_channel_the_largest_first() -> None:
    rows = pd.DataFrame(
        {
            "channel": ["all", "email", "phone", "phone"],
            "change": [0.5, -0.01, 0.2, None],
            "change_call": ["up", "cannot tell", "up", None],
        }
    )
    places = pd.Series(["TSA", "TSA", "FEMA", "CBP"])
    channels = pd.Series({"email": "E-mail", "phone": "Phone"})
    found = sentences.finest_changes(rows, places, channels)
    assert found["label"].tolist() == ["FEMA (phone)", "TSA (e-mail)"]
