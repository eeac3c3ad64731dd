"""Themes: the reviewed table by the project's own SQL, suggestions, sentiment."""

import csv
import re
from pathlib import Path

import pytest

from metrics.base.settings import REFERENCE
from metrics.gate import themes
from metrics.intake.text import sentiment
from tests.text_evaluation import (
    NHS,
    NHS_THEMES,
    labeled_comments,
    phrase_themes,
    scores,
    suggested_themes,
)


def rows(name: str) -> list[dict[str, str]]:
    with (REFERENCE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("WAITED 2 hours!", {"waiting"}),
        ("The web-site crashed, and then my password.", {"website"}),
        ("The officer was rude", {"staff"}),
        ("Thank you for nothing", {"unclassified"}),
        ("I paid attention.", {"unclassified"}),
        ("They charged the fee twice", {"fees"}),
        ("xyzzy", {"unclassified"}),
        ("Officers' attitude. Long line.", {"staff", "waiting"}),
        ("status of my case? No update", {"status"}),
        ("ungreat", {"unclassified"}),
    ],
)
def test_phrases_find_themes(text: str, expected: set[str]) -> None:
    assert phrase_themes([text]) == [expected]


def test_the_table_of_phrases_is_well_kept() -> None:
    known = {row["theme"] for row in rows("theme")} - {"unclassified"}
    phrases = rows("theme_phrase")
    assert {row["theme"] for row in phrases} == known
    for row in phrases:
        assert re.fullmatch(r"[a-z0-9]+( [a-z0-9]+)*\*?", row["phrase"]), row
    including = [row["phrase"] for row in phrases if row["effect"] == "includes"]
    assert all(len(phrase.rstrip("*")) >= 3 for phrase in including)


def test_every_phrase_that_includes_finds_its_theme() -> None:
    phrases = [row for row in rows("theme_phrase") if row["effect"] == "includes"]
    excluded = {r["phrase"].rstrip("*") for r in rows("theme_phrase") if r["effect"] == "excludes"}
    found = phrase_themes([f"So, {row['phrase'].rstrip('*')}." for row in phrases])
    missing = [
        row
        for row, own in zip(phrases, found, strict=True)
        if row["theme"] not in own and row["phrase"] not in excluded
    ]
    assert missing == []


def test_suggestions_are_the_same_in_any_order_and_above_the_threshold() -> None:
    texts = [f"the kiosk rejected passport {n % 7}" for n in range(22)]
    texts += [f"agent explained nothing clearly {n % 4}" for n in range(15)]
    texts += [f"parking garage was full again {n % 5}" for n in range(20)]
    texts += ["one lonely unicorn comment"] * 3
    found = themes.suggest(texts, 11)
    assert found == themes.suggest(list(reversed(texts)), 11)
    assert {"kiosk", "parking"} <= {term for one in found for term in one.terms}
    assert all(one.n_comments >= 11 for one in found)
    assert not any("unicorn" in term for one in found for term in one.terms)
    for one in found:
        assert all(any(example == text for text in texts) for example in one.examples)


def test_marks_never_become_terms() -> None:
    texts = [f"call [phone] about the kiosk {n % 3}" for n in range(20)]
    texts += [f"[e-mail] lost the parking ticket {n % 3}" for n in range(20)]
    terms = {term for one in themes.suggest(texts, 11) for term in one.terms}
    assert "kiosk" in terms and not {"phone", "mail"} & terms


@pytest.mark.parametrize("texts", [[], ["one"], ["the and of"] * 50, ["same words"] * 50])
def test_too_little_to_suggest_from_suggests_nothing_or_little(texts: list[str]) -> None:
    assert len(themes.suggest(texts, 11)) <= 1


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Excellent, thank you, very helpful!", "positive"),
        ("Terrible. Rude and horrible service.", "negative"),
        ("I came on Monday.", "neutral"),
        ("", "neutral"),
        ("[phone]", "neutral"),
    ],
)
def test_sentiment(text: str, label: str) -> None:
    said, score = sentiment.judge(text)
    assert said == label and -1 <= score <= 1


@pytest.mark.skipif(not Path(NHS).exists(), reason="needs the labeled comments, see docs")
def test_themes_beat_the_majority_on_labeled_comments() -> None:
    labeled = labeled_comments()
    train, test = labeled[::2], labeled[1::2]
    table = phrase_themes([text for text, _, _ in test])
    topics, names = suggested_themes(train, [text for text, _, _ in test])
    majority = max(NHS_THEMES, key=lambda theme: sum(theme in own for _, own, _ in train))
    f1 = {"table": 0.0, "suggestions": 0.0, "majority": 0.0}
    for theme in NHS_THEMES:
        truth = [theme in own for _, own, _ in test]
        f1["table"] += scores(truth, [theme in own for own in table])[2]
        f1["suggestions"] += scores(truth, [names.get(topic) == theme for topic in topics])[2]
        f1["majority"] += scores(truth, [theme == majority] * len(test))[2]
    assert f1["table"] > f1["suggestions"] > f1["majority"]
    assert f1["table"] / len(NHS_THEMES) > 0.5
