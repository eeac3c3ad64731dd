"""Input formats, one module each: the only code that knows a vendor's file.

To add a format: write a module with a class like the ones here and add an
instance to SOURCES. A source maps a file to the staging tables that
`metrics.load` commits; checks and casts are set-based SQL.
"""

from metrics.sources.a11_quarterly import A11Quarterly
from metrics.sources.base import Source
from metrics.sources.published_figures import PublishedFigures

SOURCES: dict[str, Source] = {
    source.name: source for source in (A11Quarterly(), PublishedFigures())
}

__all__ = ["SOURCES", "Source"]
