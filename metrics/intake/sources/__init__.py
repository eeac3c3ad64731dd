"""Input formats, one module each: the only code that knows a vendor's file.

To add a format: write a module with a class like the ones here and add an
instance to SOURCES. A source maps a file to the staging tables that
`metrics.intake.load` commits; checks and casts are set-based SQL.
"""

from metrics.intake.sources.a11_quarterly import A11Quarterly
from metrics.intake.sources.base import LoadOptions, Source
from metrics.intake.sources.burden_requests import BurdenRequests
from metrics.intake.sources.cbp_waits import CbpWaits
from metrics.intake.sources.counts import Counts
from metrics.intake.sources.maturity import Maturity
from metrics.intake.sources.published_figures import PublishedFigures
from metrics.intake.sources.qualtrics import Qualtrics
from metrics.intake.sources.reginfo import Reginfo
from metrics.intake.sources.survey_volumes import SurveyVolumes
from metrics.intake.sources.table import Database, MappedFile
from metrics.intake.sources.time_bands import TimeBands
from metrics.intake.sources.touchpoints_cx import TouchpointsCx
from metrics.intake.sources.touchpoints_form import TouchpointsForm
from metrics.intake.sources.tsa_complaints import TsaComplaints
from metrics.intake.sources.tsa_throughput import TsaThroughput

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
