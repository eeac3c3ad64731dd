"""Sentiment of a comment: whether its words sound negative, neutral or positive."""

from functools import cache
from importlib.metadata import version
from typing import Any

LIMIT = 0.05
"""Scores from here on are positive, and from minus this on negative, as the makers of
the library advise."""


@cache
def method() -> str:
    """Name the method with everything that decides what it says."""
    return f"vaderSentiment {version('vaderSentiment')}, limit {LIMIT}"


@cache
def _analyser() -> Any:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    return SentimentIntensityAnalyzer()


def judge(text: str) -> tuple[str, float]:
    """Return the sentiment of an English text and its score, from -1 to 1."""
    score = float(_analyser().polarity_scores(text)["compound"])
    if score >= LIMIT:
        return "positive", score
    return ("negative" if score <= -LIMIT else "neutral"), score
