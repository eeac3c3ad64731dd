"""Input formats, one module each: the only code that knows a vendor's file.

To add a format: write a module with a class like the ones here and add an
instance to SOURCES. A source maps a file to the staging tables that
`metrics.load` commits; checks and casts are set-based SQL.
"""

from metrics.sources.a11_quarterly import A11Quarterly
from metrics.sources.base import LoadOptions, Source
from metrics.sources.burden_requests import BurdenRequests
from metrics.sources.cbp_waits import CbpWaits
from metrics.sources.counts import Counts
from metrics.sources.maturity import Maturity
from metrics.sources.published_figures import PublishedFigures
from metrics.sources.qualtrics import Qualtrics
from metrics.sources.reginfo import Reginfo
from metrics.sources.survey_volumes import SurveyVolumes
from metrics.sources.table import Database, MappedFile
from metrics.sources.time_bands import TimeBands
from metrics.sources.touchpoints_cx import TouchpointsCx
from metrics.sources.touchpoints_form import TouchpointsForm
from metrics.sources.tsa_complaints import TsaComplaints
from metrics.sources.tsa_throughput import TsaThroughput

SOURCES: dict[str, Source] = {
    source.name: source
    for source in (
        A11Quarterly(),
        PublishedFigures(),
        TouchpointsCx(),
        TouchpointsForm(),
        Qualtrics(),
        SurveyVolumes(),
        CbpWaits(),
        TimeBands(),
        Counts(),
        TsaComplaints(),
        TsaThroughput(),
        Maturity(),
        Reginfo(),
        BurdenRequests(),
        MappedFile(),
        Database(),
    )
}

__all__ = ["SOURCES", "LoadOptions", "Source"]
