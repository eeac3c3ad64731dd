"""Which pages show a metric: the one place that says so.

Pages draw the metrics that ship by hand, in sentences and charts made for them. Every
other metric has its place by rule: the sections "More measures" of Department and
Component take in whatever the catalog holds and nobody draws, so that a new file in
sql/metrics/ needs no page to be edited.
"""

from functools import cache

import pandas as pd

from metrics.tell.vocabulary import FAMILY, MEASURES

STEPS = ("wait", "answer", "processing")
"""Steps whose times the pages put into sentences."""

_TIMES = ("{step}_median", "{step}_90th", "{step}_within_standard")

VOLUMES = (
    "customer_volume",
    "survey_offers",
    "respondents",
    "response_rate",
    "survey_reach",
    "feedback_coverage",
)
"""Metrics of the table on who was asked and who answered."""

BY_HAND: dict[str, tuple[str, ...]] = {
    "Department": (
        "{measure}",
        "{measure}_by_segment",
        "response_rate",
        "reporting_rate",
        "approvals_expired",
        "approvals_expiring",
    ),
    "Component": (
        "{measure}",
        "{measure}_distribution",
        "{measure}_by_segment",
        "trust_by_driver",
        "driver_positive_share",
        "driver_negative_share",
        "driver_yes_share",
        *VOLUMES,
        *_TIMES,
    ),
    "Feedback": (
        "complaints",
        "complaint_rate",
        "complaints_by_place",
        "page_helpful_share",
        "page_reason_share",
        "theme_share",
        "theme_negative_share",
        "sentiment_share",
    ),
    "Burden": (
        "burden_hours",
        "burden_responses",
        "burden_cost",
        "burden_change",
        "hours_per_response",
        "monetized_burden",
        "approvals_expired",
        "approvals_expiring",
        "approvals_undated",
        "digital_availability",
        "learning_cost_assessed",
        "psychological_cost_assessed",
        "reduction_against_baseline",
    ),
    "Time and volume": (
        *_TIMES,
        "{step}_distribution",
        "wait_over_hour_share",
        "wait_over_hour_by_hour",
        "waits_counted",
        "customers_served",
        "abandonment_rate",
        "answered_share",
        "first_contact_resolution",
        "form_completion_rate",
    ),
    "Maturity": (
        "maturity_function_score",
        "acquisitions_with_cx",
        "research_sessions",
        "usability_tests",
        "staff_trained",
        "cx_budget_line",
    ),
}
"""What each page draws by hand. A test opens every page and compares what it looks up."""

TOPICS = ("Feedback", "Burden", "Time and volume", "Maturity")
"""Pages about one subject. They explain their metrics (a partial inventory, waits counted at
one airport), so the sections "More measures" do not repeat those without the words."""

GENERIC = ("Department", "Component")
"""Pages with a section "More measures"."""

EVERY_METRIC = ("Compare", "Metrics", "Data")
"""Pages that take every metric there is."""

FOLDED = (
    "{measure}_distribution",
    "{measure}_mean",
    "{measure}_neutral_share",
    "{measure}_unfavorable_share",
    "{measure}_item_response_rate",
    "{measure}_weighted",
    "{measure}_weighted_mean",
    "driver_balance",
    "driver_no_selection_share",
    "driver_offered",
    "duplicate_rows",
    "invalid_rows",
    "reporting_status",
    "submission_timeliness_days",
    "trust_question_variants",
)
"""Other cuts of what pages draw, and counts about the data themselves: there for whoever
looks for them, folded so that nothing new is lost among them."""


def _names(patterns: tuple[str, ...]) -> frozenset[str]:
    return frozenset(
        pattern.format(measure=measure, step=step)
        for pattern in patterns
        for measure in MEASURES
        for step in STEPS
    )


@cache
def by_hand(page: str) -> frozenset[str]:
    """Return the names of the metrics that a page, by its title, draws by hand."""
    return _names(BY_HAND.get(page, ()))


def pages_of(name: str) -> list[str]:
    """Return the titles of the pages that show a metric, in the order of the navigation."""
    topics = [page for page in TOPICS if name in by_hand(page)]
    general = [page for page in GENERIC if not topics or name in by_hand(page)]
    return [*general, EVERY_METRIC[0], *topics, *EVERY_METRIC[1:]]


def with_pages(edges: pd.DataFrame) -> pd.DataFrame:
    """Return the edges of an edition's lineage and, after them, one from each metric to
    each page that shows it. Where metrics are shown is known here and not in the edition:
    a page that is renamed changes no edition. Edges to pages of earlier editions are left
    out."""
    kept = edges[edges["to_kind"] != "page"]
    shown = pd.DataFrame(
        [
            ("metric", name, "page", page)
            for name in sorted(set(kept.loc[kept["to_kind"] == "metric", "to_name"]))
            for page in pages_of(name)
        ],
        columns=["from_kind", "from_name", "to_kind", "to_name"],
    )
    # With the columns that an edge to a page leaves empty, in their types.
    return pd.concat([kept, shown.reindex(columns=kept.columns).astype(kept.dtypes)])


def more_metrics(page: str, catalog: pd.DataFrame) -> pd.DataFrame:
    """Return the metrics of the section "More measures" of a page: rows of the catalog
    (indexed by metric, with `family`), families in their order, and `is_folded`, which
    says that the metric is another cut of what a page draws."""
    elsewhere = frozenset().union(*(by_hand(other) for other in GENERIC))
    folded = _names(FOLDED) | elsewhere
    found = catalog[
        [page in pages_of(name) and name not in by_hand(page) for name in catalog.index]
    ]
    family, measure = (
        {code: place for place, code in enumerate(codes)} for codes in (FAMILY, MEASURES)
    )
    return (
        found.assign(
            is_folded=[name in folded for name in found.index],
            family_place=found["family"].map(family),
            measure_place=[measure.get(name.split("_")[0], -1) for name in found.index],
        )
        .sort_values(["family_place", "measure_place", "title"], kind="stable")
        .drop(columns=["family_place", "measure_place"])
    )
