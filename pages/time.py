from typing import Any

import pandas as pd
import streamlit as st

from metrics.base.numbers import (
    band_text,
    bands_of,
    is_missing,
    listed,
    standard_text,
    time_text,
    value_text,
    worded,
)
from metrics.base.periods import period_label
from metrics.tell import sentences
from metrics.tell.tables import numbers_table
from metrics.tell.vocabulary import STATUS
from ui import state, view
from ui.access import guard
from ui.figure import draw, show_figure, show_table
from ui.filters import choice
from ui.plain import as_text
from ui.times import is_open, next_steps, places_text

guard(__file__)

LATEST = "latest"
MAX_BARS = 12
"""Periods of which the spread over bands is drawn, up to the one chosen."""
COUNTS = {
    "customers_served": ("Customers served", "were served"),
    "waits_counted": ("Waits counted", "were counted by how long they waited"),
}
RATES = {
    "abandonment_rate": ("Contact center", "of contacts were abandoned"),
    "answered_share": ("Contact center", "of contacts were answered"),
    "first_contact_resolution": (
        "Contact center",
        "of answered contacts with known outcome were resolved at the first contact",
    ),
    "form_completion_rate": ("Online forms", "of online forms started were completed"),
}

edition, chosen = view.current()
components = state.table(edition, "component").sort_values("sort_order")
services = state.table(edition, "service").set_index("service")["name"]
channels = state.table(edition, "channel").set_index("channel")["name"]
steps = state.table(edition, "time_step").set_index("step")
titles = edition.metrics["title"]
scope: dict[str, Any] = {
    "level": chosen.level,
    "component": chosen.component,
    "service": chosen.service,
    "channel": chosen.channel,
}
who = "the Department" if chosen.component == "all" else chosen.component
if chosen.service != "all":
    who = services[chosen.service]
if chosen.channel != "all":
    who += f", {channels[chosen.channel].lower()}"


def in_scope(metric: str | list[str], **equals: Any) -> pd.DataFrame:
    """Published rows of this view, of months or quarters."""
    return state.rows(edition, metric=metric, period_kind=kind, **scope, **equals)


def show_nothing(what: str, rows: pd.DataFrame) -> None:
    """Say that there is no figure of what was asked, and where there is one."""
    periods = sorted(rows.loc[rows["value"].notna(), "period"].unique())
    if periods:
        st.markdown(
            f"No figure on {as_text(what)} for {as_text(who)} in {period_label(at)}. "
            f"Figures run from {period_label(periods[0])} to {period_label(periods[-1])}."
        )
    else:
        st.markdown(f"No figures on {as_text(what)} for {as_text(who)}.")


def shown_period(rows: pd.DataFrame) -> str | None:
    """The chosen period, or the last with a figure; None where there is no figure."""
    periods = rows.loc[rows["value"].notna(), "period"]
    if at == LATEST:
        return None if periods.empty else str(periods.max())
    return at if at in set(periods) else None


def until(rows: pd.DataFrame) -> list[str]:
    """Periods from the first to the last with a row, gaps included."""
    found = sorted(rows["period"].unique())
    every = edition.periods(kind, family="operations")
    return [period for period in every if found[0] <= period <= found[-1]]


def change_sentence(row: "pd.Series[Any]", unit: str) -> str:
    """How a time changed since the period before and the year before."""
    parts = []
    for prefix, since in (("", "in the period before"), ("year_ago_", "a year before")):
        change = row[f"{prefix}change"]
        if is_missing(change):
            continue
        size = time_text(abs(change), unit)
        is_same = size.startswith("0.0 ")
        than = "as" if is_same else "than"
        what = "as long" if is_same else f"{size} {'longer' if change > 0 else 'shorter'}"
        parts.append(f"{what} {than} {since}")
    return listed(parts)


def show_times() -> None:
    """Show the quantiles and the spread of the chosen step, one set of bands at a time."""
    unit = steps.loc[step, "unit"]
    name = steps.loc[step, "name"]
    st.header(as_text(name), anchor=False)
    where = places_text(edition, step, chosen.component, chosen.service, chosen.channel)
    st.markdown(as_text(f"{steps.loc[step, 'description']} {where}"))
    medians = in_scope(f"{step}_median", breakdown=None)
    if shown_period(medians) is None:
        show_nothing(name.lower(), medians)
        return
    others = in_scope([f"{step}_90th", f"{step}_distribution"])
    newest = medians.groupby("basis")["period"].max().sort_values(ascending=False)
    for basis in newest.index:
        own = medians[medians["basis"] == basis]
        when = shown_period(own)
        if when is None:
            continue
        show_quantiles(own, others[others["basis"] == basis], when, unit)
        show_bands(others[others["basis"] == basis], when, unit)
    within = in_scope(f"{step}_within_standard", breakdown=None)
    for basis, part in within.groupby("basis"):
        limit = standard_text(str(basis), unit)
        show_rate(part, f"were within the standard of {limit}", f"within_{limit}")
    if within.empty:
        st.markdown(f"{as_text(who)} has no documented standard for this step.")
    if step == "wait":
        hour = in_scope("wait_over_hour_share", breakdown=None)
        if hour["value"].notna().any():
            show_rate(hour, "waited for more than an hour", "over_hour")
        show_hours()


def show_quantiles(medians: pd.DataFrame, others: pd.DataFrame, when: str, unit: str) -> None:
    """Show median and 90th percentile over time."""
    late = others[others["metric"] == f"{step}_90th"]
    rows = pd.concat([medians.assign(series="Median"), late.assign(series="90th percentile")])
    now = rows[rows["period"] == when].set_index("series")
    half, most = (
        time_text(
            now.loc[series, "value"],
            unit,
            is_open(now.loc[series]),
        )
        for series in ("Median", "90th percentile")
    )
    verb = {"wait": "waited", "answer": "were answered", "processing": "were served"}[step]
    up_to = "" if "more than" in half else "within " if step != "wait" else "up to "
    most_to = "" if "more than" in most else "within " if step != "wait" else "up to "
    label = period_label(when)
    after = "" if step == "wait" else "after "
    rest = f"nine of ten {most_to}{most}" if most_to else f"one in ten {after}{most}"
    answer = f"Half {verb} {up_to}{half}, {rest} in {label}"
    n = int(now.loc["Median", "n"])
    note = f"{n:,} people in {label}."
    if changed := change_sentence(now.loc["Median"], unit):
        note += f" The median is {changed}."
    if reason := worded(now.loc["Median", "reason"]):
        note += f" {reason}"
    basis = str(medians["basis"].iloc[0])
    show_figure(
        draw(
            "trend",
            edition.id,
            rows,
            periods=until(rows),
            kind="quantile",
            title=answer,
            marks=state.marks(edition, [f"{step}_median", f"{step}_90th"], scope),
        ),
        f"quantiles_{basis}",
        answer,
        f"{note} The chart is in {unit}; times inside a band are taken to spread evenly.",
        times_table(rows, unit),
        f"{step}_{view.place(scope)}_{kind}_{edition.id}",
    )


def times_table(rows: pd.DataFrame, unit: str) -> pd.DataFrame:
    """Median, 90th percentile and volume as a table for people, newest first."""
    wide = rows.pivot(index="period", columns="series", values="value")
    first = rows.drop_duplicates("period").set_index("period")
    wide = wide.sort_index(ascending=False)
    return pd.DataFrame(
        {
            "Period": [period_label(period) for period in wide.index],
            "Median": [time_text(value, unit) for value in wide["Median"]],
            "90th percentile": [time_text(value, unit) for value in wide["90th percentile"]],
            "People": [
                "–" if pd.isna(first.loc[period, "n"]) else f"{int(first.loc[period, 'n']):,}"
                for period in wide.index
            ],
            "Status": [
                " ".join(
                    dict.fromkeys(
                        worded(reason) or STATUS[status]
                        for status, reason in rows.loc[
                            rows["period"] == period, ["status", "reason"]
                        ].itertuples(index=False)
                    )
                )
                for period in wide.index
            ],
        }
    )


def show_bands(rows: pd.DataFrame, when: str, unit: str) -> None:
    """Show how the people spread over the bands of time."""
    spread = rows[rows["metric"].eq(f"{step}_distribution") & rows["breakdown"].notna()]
    spread = spread[spread["value"].notna() & (spread["period"] <= when)]
    if spread.empty:
        return
    bands = bands_of(str(spread["basis"].iloc[0]))
    order = {band: index for index, band in enumerate(bands)}
    names = {band: band_text(band, unit) for band in bands}
    recent = sorted(spread["period"].unique())[-MAX_BARS:]
    spread = spread[spread["period"].isin(recent)]
    spread = spread.assign(
        answer=spread["breakdown"].map(names), order=spread["breakdown"].map(order)
    ).sort_values(["period", "order"])
    now = spread[spread["period"] == when]
    largest = now.loc[now["value"].idxmax()]
    answer = (
        f"{value_text(largest['value'], 'share')} took {largest['answer']} in {period_label(when)}"
    )
    table = spread.pivot(index="period", columns="answer", values="value")[list(names.values())]
    table = table.sort_index(ascending=False).map(lambda value: value_text(value, "share"))
    table.index = pd.Index([period_label(period) for period in table.index], name="Period")
    show_figure(
        draw(
            "bands",
            edition.id,
            spread,
            periods=recent,
            title=answer,
            marks=state.marks(edition, f"{step}_distribution", scope),
        ),
        f"bands_{spread['basis'].iloc[0]}",
        answer,
        f"Share of people in each band of time, the last {len(recent)} periods.",
        table.reset_index(),
        f"{step}_bands_{view.place(scope)}_{kind}_{edition.id}",
    )


def show_hours() -> None:
    """Show at which hours of the day people wait longest."""
    hours = in_scope("wait_over_hour_by_hour")
    hours = hours[hours["breakdown"].notna()]
    when = shown_period(hours)
    if when is None:
        st.markdown(
            f"Waits by hour of the day are shown where a source counts hour by hour; of "
            f"{as_text(who)} "
            "there are none."
        )
        return
    now = hours[hours["period"] == when].sort_values("breakdown")
    now = now.assign(label=[f"{int(hour)}:00 to {int(hour) + 1}:00" for hour in now["breakdown"]])
    figures = now[now["value"].notna()]
    worst = figures.loc[figures["value"].idxmax()]
    answer = (
        f"Most waits of more than an hour come from {worst['label']} "
        f"({value_text(worst['value'], 'share')})"
    )
    show_figure(
        draw("dots", edition.id, figures, kind="share", title=answer),
        "hours",
        answer,
        f"Share of people who waited for more than 60 minutes, by the hour at which they were "
        f"counted, in {period_label(when)}, with 95% intervals.",
        numbers_table(now, "share", {"label": "Hour"}),
        f"hours_{view.place(scope)}_{kind}_{edition.id}",
    )


def show_rate(rows: pd.DataFrame, what: str, key: str) -> None:
    """Show one share over time."""
    metric = rows["metric"].iloc[0]
    when = shown_period(rows)
    if when is None:
        show_nothing(titles[metric].lower(), rows)
        return
    now = rows[rows["period"] == when].iloc[0]
    answer = f"{value_text(now['value'], 'share')} {what} in {period_label(when)}"
    if now["change_call"] in ("up", "down"):
        answer += f", {sentences.call_text(now, 'share')}"
    series = rows.assign(series=titles[metric])
    show_figure(
        draw(
            "trend",
            edition.id,
            series,
            periods=until(rows),
            kind="share",
            title=answer,
            marks=state.marks(edition, metric, scope),
            limits=state.rows(
                edition, "control_limit", metric=metric, period_kind=kind, breakdown=None, **scope
            ),
        ),
        key,
        answer,
        sentences.without_grain(edition.metrics.loc[metric, "description"]),
        numbers_table(rows.sort_values("period", ascending=False), "share", {"period": "Period"}),
        f"{key}_{view.place(scope)}_{kind}_{edition.id}",
    )


def show_counts() -> None:
    """Show how many were served, and of how many the wait was counted."""
    st.header("How many were served", anchor=False)
    for metric, (title, what) in COUNTS.items():
        rows = in_scope(metric, breakdown=None)
        when = shown_period(rows)
        if when is None:
            show_nothing(titles[metric].lower(), rows)
            continue
        now = rows[rows["period"] == when].iloc[0]
        answer = f"{value_text(now['value'], 'total')} people {what} in {period_label(when)}"
        if not is_missing(now["year_ago_change"]):
            side = "more" if now["year_ago_change"] >= 0 else "fewer"
            more = value_text(abs(now["year_ago_change"]), "total")
            answer += f", {more} {side} than a year before"
        table = numbers_table(
            rows.sort_values("period", ascending=False), "total", {"period": "Period"}
        )
        show_figure(
            draw(
                "trend",
                edition.id,
                rows.assign(series=title),
                periods=until(rows),
                kind="total",
                title=answer,
                marks=state.marks(edition, metric, scope),
            ),
            metric,
            answer,
            sentences.without_grain(edition.metrics.loc[metric, "description"]),
            table.drop(columns="Since the period before"),
            f"{metric}_{view.place(scope)}_{kind}_{edition.id}",
        )


def show_rates() -> None:
    """Show contact center and online forms."""
    found = in_scope(list(RATES), breakdown=None)
    for heading in dict.fromkeys(heading for heading, _ in RATES.values()):
        st.header(heading, anchor=False)
        own = [metric for metric, (where, _) in RATES.items() if where == heading]
        if found[found["metric"].isin(own)].empty:
            st.markdown(f"No figures on {heading.lower()} for {as_text(who)}.")
            continue
        for metric in own:
            rows = found[found["metric"] == metric]
            if not rows.empty:
                show_rate(rows, RATES[metric][1], metric)


def show_overview() -> None:
    """Show each Component side by side, with words where it has no figure."""
    st.header(f"{as_text(steps.loc[step, 'name'])} by Component", anchor=False)
    period = None if at == LATEST else at
    tables, none = [], []
    for code in components["component"]:
        own = {"level": "component", "component": code, "service": "all", "channel": "all"}
        table = next_steps(edition, [step], kind, period, own)
        if table.empty:
            none.append(code)
            continue
        table.insert(0, "Component", code)
        tables.append(table.drop(columns=["Step", "basis"]))
    if tables:
        show_table(
            pd.concat(tables),
            "overview",
            f"{steps.loc[step, 'name']} by Component",
            [f"{step}_{name}" for name in ("median", "90th", "within_standard")],
        )
        st.caption(
            "Services differ in what they do, and each counts in bands of its own: a Component "
            "with several sets of bands has a line for each. Choose a Component to see how times "
            "changed, and where they were counted."
        )
    if none:
        st.markdown(f"No figures: {listed(none)}.")


st.title("Time and volume", anchor=False)
st.markdown(
    "How long people wait until the next step, how many are served, and how contact centers and "
    "online forms do. Counted by the services themselves, not asked in a survey."
)
left, middle, right = st.columns(3)
with middle:
    kind = choice(
        "By",
        "by_period",
        ["quarter", "month"],
        "quarter",
        lambda name: {"quarter": "Quarters", "month": "Months"}[name],
    )
have = {
    code
    for code in steps.index
    if in_scope(f"{code}_median", breakdown=None)["value"].notna().any()
}
with left:
    step = choice(
        "Step",
        "step",
        list(steps.index),
        next((code for code in steps.index if code in have), steps.index[0]),
        lambda code: steps.loc[code, "name"],
    )
with right:
    at = choice(
        "Period of the times",
        f"at_{kind}",
        [LATEST, *reversed(edition.periods(kind, family="operations"))],
        LATEST,
        lambda code: "The latest" if code == LATEST else period_label(code, long=True),
    )
if chosen.component == "all":
    show_overview()
else:
    show_times()
show_counts()
show_rates()
