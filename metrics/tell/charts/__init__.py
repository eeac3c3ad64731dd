"""Charts: each function turns published rows into a finished figure with its text alternative."""

from metrics.tell.charts.amounts import amounts, causes
from metrics.tell.charts.dots import dots, gaps
from metrics.tell.charts.figure import FONT, Exhibit, Figure, with_mark
from metrics.tell.charts.grid import grid
from metrics.tell.charts.lineage import lineage
from metrics.tell.charts.stacked import bands, distribution
from metrics.tell.charts.trend import trend, warm_up

__all__ = [
    "FONT",
    "Exhibit",
    "Figure",
    "amounts",
    "bands",
    "causes",
    "distribution",
    "dots",
    "gaps",
    "grid",
    "lineage",
    "trend",
    "warm_up",
    "with_mark",
]
