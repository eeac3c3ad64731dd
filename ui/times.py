"""Times to the next step as tables for people, looked up for one view."""

from typing import Any

import pandas as pd

from metrics.base.numbers import listed, standard_text, time_text, value_text, worded
from metrics.base.periods import period_label
from metrics.edition.edition import Edition
from ui import state

QUANTILES = {"median": "Median", "90th": "90th percentile"}


def is_open(row: "pd.Series[Any]") -> bool:
    """Whether a time is only known to be longer than the value, because it lies in the
    band without upper bound."""
    return "upper bound" in worded(row["reason"])


def next_steps(
    opened: Edition, steps: list[str], kind: str, period: str | None, scope: dict[str, Any]
) -> pd.DataFrame:
    """Return a line for each step and set of bands: median, 90th percentile, share within
    the standard and people, in one period of a kind, or without one in the latest with
    a figure. `scope` are level, component, service and channel."""
    about = state.table(opened, "time_step").set_index("step")
    lines = []
    for step in steps:
        name, unit = about.loc[step, "name"], about.loc[step, "unit"]
        rows = state.rows(
            opened,
            metric=[f"{step}_median", f"{step}_90th", f"{step}_within_standard"],
            period_kind=kind,
            breakdown=None,
            **scope,
        )
        rows = rows[rows["value"].notna()]
        medians = rows[rows["metric"] == f"{step}_median"]
        if medians.empty:
            continue
        when = period if period in set(medians["period"]) else None
        if period is None:
            when = medians["period"].max()
        now = rows[rows["period"] == when].set_index("metric")
        within = now[now.index == f"{step}_within_standard"]
        standards = [
            f"{value_text(row.value, 'share')} within {standard_text(row.basis, unit)}"
            for row in within.itertuples()
        ]
        for basis, part in now[now["basis"].isin(medians["basis"])].groupby("basis"):
            times = {
                heading: time_text(
                    part.loc[f"{step}_{quantile}", "value"],
                    unit,
                    is_open(part.loc[f"{step}_{quantile}"]),
                )
                for quantile, heading in QUANTILES.items()
            }
            lines.append(
                {
                    "Step": name,
                    "Period": period_label(str(when)),
                    **times,
                    "Within the standard": "; ".join(standards) or "No standard documented",
                    "People": f"{int(part.loc[f'{step}_median', 'n']):,}",
                    "basis": basis,
                }
            )
    return pd.DataFrame(lines)


def places_text(opened: Edition, step: str, component: str, service: str, channel: str) -> str:
    """Return where the times of a view were counted, as a sentence, or nothing where the
    source names no place."""
    places = state.table(opened, "time_places")
    places = places[places["step"].eq(step) & places["place"].notna()]
    for name, value in (("component", component), ("service", service), ("channel", channel)):
        if value != "all":
            places = places[places[name] == value]
    names = sorted(places["place"].unique())
    if not names:
        return ""
    only = " only" if len(names) < 4 else ""
    return f"Counted at {listed(names)}{only}."
