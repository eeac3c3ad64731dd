"""Suggested themes: what a team's comments have in common, beside the reviewed table.

Terms that many comments share (TF-IDF) are grouped by non-negative matrix
factorisation. A suggestion is a reason to look, and perhaps to add a phrase to
data/reference/theme_phrase.csv; it is never published.
"""

import re
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

TOPICS = 8
TERMS = 6
EXAMPLES = 3
MOST_TEXTS = 20_000
"""Comments that are looked at: beyond that, every so many-th."""

LEAST_WEIGHT = 0.05
"""Weight from which a comment belongs to a suggestion; its strongest counts."""


@dataclass(frozen=True)
class Suggestion:
    """A suggested theme: its terms, the strongest first, how many comments it has, and
    the ones that show it best."""

    number: int
    terms: list[str]
    n_comments: int
    examples: list[str]


def method(least_comments: int) -> str:
    """Name the method with everything that decides what it suggests."""
    return (
        f"scikit-learn {version('scikit-learn')}, TF-IDF of 1 and 2 words, "
        f"NMF with {TOPICS} topics, terms in at least {least_comments} comments"
    )


def words_only(text: str) -> str:
    """Return a comment without its marks, so that no mark becomes a term."""
    return re.sub(r"\[[a-z -]+\]", " ", text)


def fit(texts: list[str], least_comments: int) -> tuple[Any, Any] | None:
    """Return the fitted TF-IDF and NMF, or None where too little is said."""
    from sklearn.decomposition import NMF
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(
        preprocessor=lambda text: words_only(text).lower(),
        stop_words="english",
        token_pattern=r"(?u)\b[^\W\d_]{3,}\b",
        ngram_range=(1, 2),
        min_df=least_comments,
        max_df=0.5,
        max_features=2000,
        sublinear_tf=True,
    )
    try:
        weights = vectorizer.fit_transform(texts)
    except ValueError:  # no term is frequent enough
        return None
    topics = min(TOPICS, *weights.shape)
    if topics < 2:
        return None
    model = NMF(n_components=topics, init="nndsvda", max_iter=400, tol=1e-3, random_state=0)
    model.fit(weights)
    return vectorizer, model


def suggest(texts: list[str], least_comments: int) -> list[Suggestion]:
    """Return the suggested themes of redacted comments, the most frequent first.

    Equal comments in any order give equal suggestions. Terms stand in at least
    `least_comments` comments, and so do themes.
    """
    ordered = sorted(texts)
    ordered = ordered[:: -(-len(ordered) // MOST_TEXTS) or 1]
    fitted = fit(ordered, least_comments) if len(ordered) >= least_comments else None
    if fitted is None:
        return []
    vectorizer, model = fitted
    weights = model.transform(vectorizer.transform(ordered))
    names = vectorizer.get_feature_names_out()
    strongest, share = weights.argmax(axis=1), weights.max(axis=1)
    found = []
    for topic, loads in enumerate(model.components_):
        own = [i for i in range(len(ordered)) if strongest[i] == topic and share[i] >= LEAST_WEIGHT]
        if len(own) < least_comments:
            continue
        terms = [str(names[i]) for i in (-loads).argsort(kind="stable")[:TERMS] if loads[i] > 0]
        best = sorted(own, key=lambda i: (-round(float(weights[i, topic]), 6), ordered[i]))
        examples = list(dict.fromkeys(ordered[i] for i in best))[:EXAMPLES]
        found.append((len(own), terms, examples))
    found.sort(key=lambda one: (-one[0], one[1]))
    return [
        Suggestion(number, terms, count, examples)
        for number, (count, terms, examples) in enumerate(found, start=1)
    ]
