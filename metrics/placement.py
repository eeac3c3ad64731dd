"""Where a metric is shown: the pages that look its published rows up."""

from metrics.catalog import Metric
from metrics.words import MEASURES

FAMILY_PAGES = {
    "feedback": "Feedback",
    "burden": "Burden",
    "operations": "Time and volume",
    "maturity": "Maturity",
}
"""The page of each family of metrics that has one of its own."""


def pages_of(metric: Metric) -> list[str]:
    """Return the titles of the pages that show a metric, in the order of the pages."""
    pages = ["Department", "Component"] if metric.name in MEASURES else []
    if metric.breakdown is None:
        pages.append("Compare")
    if metric.family in FAMILY_PAGES:
        pages.append(FAMILY_PAGES[metric.family])
    return [*pages, "Metrics", "Data"]
