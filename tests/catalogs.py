"""Parts of the catalog: publishing them takes a second or two, publishing all many more."""

from metrics.catalog import Metric, read_catalog


def metrics_of(*wanted: str) -> dict[str, Metric]:
    """Return the metrics of these names and of these families."""
    catalog = read_catalog()
    found = {
        name: metric
        for name, metric in catalog.items()
        if name in wanted or metric.family in wanted
    }
    unknown = set(wanted) - set(found) - {metric.family for metric in found.values()}
    assert not unknown, unknown
    return found
