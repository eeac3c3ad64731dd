from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from metrics.base.numbers import counted, interval_text, listed, value_text, worded
from metrics.base.periods import last_quarter, period_label, periods_between
from metrics.tell import sentences
from metrics.tell.tables import numbers_table
from metrics.tell.vocabulary import STATUS
from ui import state, view
from ui.access import guard
from ui.comments import show_comments, show_themes
from ui.figure import draw, show_figure, show_table
from ui.filters import choice
from ui.plain import as_text

guard(__file__)

TOP_CATEGORIES = 12
TOP_PLACES = 15
NO_PLACE = "not_stated"
"""Place of complaints that name none."""
EVERYTHING = "all"

edition, chosen = view.current()
components = state.table(edition, "component").sort_values("sort_order")
component_names = components.set_index("component")["name"]
every_rate = state.rows(
    edition,
    metric=["complaints", "complaint_rate", "page_helpful_share"],
    level="component",
    channel="all",
    breakdown=None,
)
has_feedback = [code for code in components["component"] if code in set(every_rate["component"])]
component = chosen.component
if component == "all" and len(has_feedback) == 1:
    component = has_feedback[0]
scope: dict[str, Any] = {
    "level": "service" if chosen.service != "all" else "component",
    "component": component,
    "service": chosen.service,
}


def category_names() -> dict[str, str]:
    """Return the names of complaint categories and reasons, code to words."""
    table = state.table(edition, "category")
    names = table["name"].where(table["is_about_service"], table["name"] + " (no service)")
    return dict(zip(table["category"], names, strict=True))


def choose_period(periods: dict[str, list[str]], whole: dict[str, list[str]]) -> tuple[str, str]:
    """Show the choice of quarter or month; return the kind of period and the period. The
    default is the last one of which every month is known."""
    left, right = st.columns(2)
    with left:
        kind = choice(
            "Quarters or months",
            "by",
            [kind for kind in ("quarter", "month") if periods[kind]],
            "quarter",
            lambda code: {"quarter": "Fiscal quarters", "month": "Months"}[code],
        )
    newest_first = periods[kind][::-1]
    default = (whole[kind] or periods[kind])[-1]
    label = "Quarter" if kind == "quarter" else "Month"
    with right:
        period = choice(
            label,
            kind,
            newest_first,
            default,
            lambda code: period_label(code, long=True),
        )
    return kind, period


def show_components() -> None:
    """Show all Components that have feedback, to choose from."""
    st.markdown(
        "Choose a Component in the filters to see what people complain about, what is rising, "
        "and where. Components count different things as customers, so their rates are not "
        "compared with each other."
    )
    kind, period = choose_period(*periods_of(every_rate))
    now = every_rate[(every_rate["period"] == period) & (every_rate["period_kind"] == kind)]
    table = pd.DataFrame({"Component": components["component"], "Name": components["name"]})
    counts, rates = (
        now[now["metric"] == name].set_index("component")
        for name in ("complaints", "complaint_rate")
    )
    table["Complaints"] = [
        value_text(counts["value"].get(code), "total") for code in table["Component"]
    ]
    table["Per 100,000 customers"] = [
        value_text(rates["value"].get(code), "ratio") for code in table["Component"]
    ]
    table["Since the period before"] = [
        sentences.rate_change_text(rates.loc[code]) if code in rates.index else "–"
        for code in table["Component"]
    ]
    st.header(f"Complaints in {period_label(period)}", anchor=False)
    what = f"Complaints by Component in {period_label(period)}"
    show_table(table, "components", what, ["complaints", "complaint_rate"])


def show_writing() -> None:
    """Show what people write, to their team the comments themselves."""
    st.header("What people write", anchor=False)
    st.markdown(
        "Comments on surveys. This section follows the filters Service, Channel and Period."
    )
    mine = replace(chosen, component=component)
    show_themes(edition, mine)
    show_comments(edition, mine)


def periods_of(rows: pd.DataFrame) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Return the periods of rows by kind, and those that are whole."""
    kinds = ("quarter", "month")
    every = {kind: sorted(set(rows.loc[rows["period_kind"] == kind, "period"])) for kind in kinds}
    is_whole = rows["status"] == "ok"
    whole = {
        kind: sorted(set(rows.loc[is_whole & (rows["period_kind"] == kind), "period"]))
        for kind in kinds
    }
    return every, whole


def show_feedback() -> None:
    """Show everything of the chosen Component."""
    what = component
    if chosen.service != "all":
        services = state.table(edition, "service").set_index("service")["name"]
        what = services[chosen.service]
    totals = state.rows(edition, metric="complaints", channel="all", breakdown=None, **scope)
    votes = state.rows(edition, metric="page_helpful_share", channel="all", breakdown=None, **scope)
    if totals.empty and votes.empty:
        known = listed(has_feedback) or "no Component"
        st.info(
            f"**No counts.** There are no counts of complaints or of votes on pages for "
            f"{as_text(what)}. "
            f"They are there for {as_text(known)}"
            + (
                f"; those of {component} are not known by service."
                if chosen.service != "all" and component in has_feedback
                else "."
            )
        )
        return
    every, whole = periods_of(totals if len(totals) else votes)
    kind, period = choose_period(every, whole)
    if len(every["month"]):
        first, last = (period_label(every["month"][at]) for at in (0, -1))
        st.caption(f"Counts from {first} to {last}.")
    if len(totals):
        show_summary(what, period)
        show_categories(what, period)
        show_rising(kind, period)
        show_trend(what, kind, period)
        show_places(kind, period)
        show_parts(period)
    show_pages(period)
    show_notes()


def show_summary(what: str, period: str) -> None:
    """Say how many complaints there were, per how many customers."""
    now = {**scope, "channel": "all", "period": period, "breakdown": None}
    count = state.rows(edition, metric="complaints", **now)
    rate = state.rows(edition, metric="complaint_rate", **now)
    when = period_label(period)
    if count.empty:
        st.markdown(
            f"There are no counts of complaints of {as_text(what)} in {when}; that is not zero."
        )
        return
    sentence = f"**{as_text(what)}: {int(count['value'].iloc[0]):,} complaints in {when}**"
    if rate.empty:
        st.markdown(f"{sentence}. How many customers there were is not known, so there is no rate.")
    else:
        row = rate.iloc[0]
        customers = round(float(row["denominator"]) * 100_000)
        st.markdown(
            f"{sentence}, or **{value_text(row['value'], 'ratio')} per 100,000** of "
            f"{customers:,} customers served (95% interval "
            f"{interval_text(row['low'], row['high'], 'ratio')}). "
            f"{as_text(sentences.rate_changes_text(row))}"
        )
    if worded(count["reason"].iloc[0]):
        st.markdown(f"○ Incomplete. {as_text(worded(count['reason'].iloc[0]))}")


def show_categories(what: str, period: str) -> None:
    """Show what people complain about, the most frequent first."""
    when = period_label(period)
    now = {**scope, "channel": "all", "period": period}
    found = state.rows(edition, metric="complaints", **now)
    every = found.loc[found["breakdown"].isna(), "value"].dropna()
    counts = found[found["breakdown"].notna()].set_index("breakdown")["value"]
    rates = state.rows(edition, metric="complaint_rate", **now)
    rates = rates[rates["breakdown"].notna() & rates["breakdown"].isin(counts.index)]
    names = category_names()
    if counts.empty:
        return
    st.header(f"What people complain about in {when}", anchor=False)
    is_rate = not rates.empty
    rows = rates if is_rate else state.rows(edition, metric="complaints", **now)
    rows = rows[rows["breakdown"].notna()]
    rows = rows.assign(label=rows["breakdown"].map(names).fillna(rows["breakdown"]))
    rows = rows.sort_values(["value", "label"], ascending=[False, True])
    kind = "ratio" if is_rate else "total"
    first = rows.iloc[0]
    answer = f"{first['label']} comes first: {value_text(counts[first['breakdown']], 'total')}"
    # What is published says how many there are; categories do not add up to it where one is hidden.
    answer += f" of {value_text(every.iloc[0], 'total')}" if len(every) else ""
    answer += " complaints"
    table = pd.DataFrame(
        {
            "About": rows["label"],
            "Complaints": [value_text(counts.get(c), "total") for c in rows["breakdown"]],
        }
    )
    if is_rate:
        table["Per 100,000 customers"] = [value_text(v, "ratio") for v in rows["value"]]
        table["95% interval"] = [
            interval_text(low, high, "ratio")
            for low, high in zip(rows["low"], rows["high"], strict=True)
        ]
        for heading, is_year in (("Since the period before", False), ("In a year", True)):
            table[heading] = [
                sentences.rate_change_text(row, year=is_year) or "–" for _, row in rows.iterrows()
            ]
    shown = min(TOP_CATEGORIES, len(rows))
    unit = "per 100,000 customers, with 95% intervals" if is_rate else "as counts"
    show_figure(
        draw("dots", edition.id, rows.head(TOP_CATEGORIES), kind=kind, title=answer),
        "categories",
        answer,
        f"Complaints of {what} {unit}. The chart has the {shown} largest of {len(rows)} "
        "categories, the table all. “No service” marks messages that are no complaint about a "
        "service, such as somebody else's matter or spam; the reports count them, so they count "
        "here.",
        table,
        f"complaints_{view.place(scope)}_{period}_{edition.id}",
    )


def show_rising(kind: str, period: str) -> None:
    """Say which categories rose clearly, and which fell."""
    rates = state.rows(edition, metric="complaint_rate", channel="all", period=period, **scope)
    rates = rates[rates["breakdown"].notna()]
    if rates.empty:
        return
    st.header(f"What is rising in {period_label(period)}", anchor=False)
    before = f"the {kind} before"
    names = category_names()
    rates = rates.assign(label=rates["breakdown"].map(names).fillna(rates["breakdown"]))
    calls = {before: "change_call", f"the same {kind} a year before": "year_ago_change_call"}
    if rates[list(calls.values())].isna().all(axis=None):
        st.markdown("There is no earlier figure to compare with.")
        return
    is_up = rates[list(calls.values())].eq("up")
    risen = rates[is_up.any(axis=1)].sort_values("value", ascending=False)
    twice = risen.loc[is_up.all(axis=1), "label"].tolist()
    if twice:
        st.markdown(f"**Up both since {before} and in a year: {as_text(listed(twice))}.**")
    for row in risen.to_dict("records"):
        st.markdown(f"- {sentences.rising_text(pd.Series(row), as_text(row['label']), kind)}")
    if risen.empty:
        st.markdown("No category rose clearly.")
    for since, column in calls.items():
        fell = rates[rates[column] == "down"].sort_values("value", ascending=False)["label"]
        if len(fell):
            st.markdown(f"Fell clearly since {since}: {as_text(listed(fell.tolist()))}.")
    st.caption(
        "Clearly means: per 100,000 customers, by at least 10%, and more than chance explains "
        "where all categories are tested at once. Travel is seasonal; comparing with the same "
        "period last year removes that effect."
    )


def show_trend(what: str, kind: str, period: str) -> None:
    """Show one category, or all complaints, over time."""
    names = category_names()
    rates = state.rows(edition, metric="complaint_rate", channel="all", period_kind=kind, **scope)
    counts = state.rows(edition, metric="complaints", channel="all", period_kind=kind, **scope)
    st.header("Over time", anchor=False)
    largest = counts[counts["breakdown"].notna()].groupby("breakdown")["value"].sum()
    codes = largest.sort_values(ascending=False).index.tolist()
    about = choice(
        "Complaints about",
        "about",
        [EVERYTHING, *codes],
        EVERYTHING,
        lambda code: "Everything" if code == EVERYTHING else names.get(code, code),
    )
    is_rate = not rates.empty
    rows = rates if is_rate else counts
    rows = rows[rows["breakdown"].isna() if about == EVERYTHING else rows["breakdown"].eq(about)]
    if rows.empty:
        st.markdown("There is no figure.")
        return
    subject = (
        "Complaints" if about == EVERYTHING else f"Complaints about “{names.get(about, about)}”"
    )
    periods = periods_between(rows["period"].min(), rows["period"].max())
    absent = [period for period in periods if period not in set(rows["period"])]
    lines = rows.assign(series=subject)
    if kind == "quarter" and absent:
        gap = pd.DataFrame({"period": absent, "status": "not_reported", "series": subject})
        lines = pd.concat([lines, gap]).sort_values("period", ignore_index=True)
    shown = rows[rows["period"] == period]
    last = (shown if len(shown) else rows.sort_values("period")).iloc[-1]
    value_kind = "ratio" if is_rate else "total"
    unit = " per 100,000 customers" if is_rate else ""
    answer = (
        f"{subject} of {what}: {value_text(last['value'], value_kind)}{unit} in "
        f"{period_label(last['period'])}"
    )
    note = "Hollow points are incomplete. A line breaks where a period is missing."
    marks = state.marks(edition, rows["metric"].iloc[0], scope)
    if is_rate and len(counts):
        first = counts["period"].min()
        if first < rows["period"].min():
            note += (
                f" Counts go back to {period_label(first)}; the customers are known from "
                f"{period_label(rows['period'].min())} on."
            )
    show_figure(
        draw(
            "trend",
            edition.id,
            lines,
            periods=periods,
            kind=value_kind,
            title=answer,
            marks=marks if about == EVERYTHING else marks.without_levels,
            limits=state.rows(
                edition,
                "control_limit",
                metric="complaint_rate",
                channel="all",
                period_kind=kind,
                breakdown=None if about == EVERYTHING else about,
                **scope,
            )
            if is_rate
            else None,
        ),
        "complaints_trend",
        answer,
        note,
        complaint_table(lines, counts, about),
        f"complaints_over_time_{view.place(scope)}_{edition.id}",
    )
    for month in restated().itertuples():
        st.markdown(
            f"- {period_label(f'{month.starts_on:%Y-%m}')} was restated on "
            f"{month.restated_on:%b %-d, %Y}: {month.n_latest:,} instead of {month.n_first:,} in "
            f"{counted(month.n_rows, 'row')}."
        )


def complaint_table(lines: pd.DataFrame, counts: pd.DataFrame, about: str) -> pd.DataFrame:
    """Return a series as a table for people, with the counts behind the rates."""
    same = counts["breakdown"].isna() if about == EVERYTHING else counts["breakdown"].eq(about)
    n = counts[same].set_index("period")["value"]
    return pd.DataFrame(
        {
            "Period": [period_label(period) for period in lines["period"]],
            "Complaints": [value_text(n.get(period), "total") for period in lines["period"]],
            "Per 100,000 customers": [
                value_text(row.value, "ratio") if row.metric == "complaint_rate" else "–"
                for row in lines.itertuples()
            ],
            "95% interval": [
                interval_text(row.low, row.high, "ratio") for row in lines.itertuples()
            ],
            "Status": [
                f"{STATUS[row.status]}: {worded(row.reason)}"
                if worded(row.reason)
                else STATUS[row.status]
                for row in lines.itertuples()
            ],
            "Since the period before": [
                sentences.rate_change_text(row) or "–" for _, row in lines.iterrows()
            ],
        }
    )


def restated() -> pd.DataFrame:
    """Return the periods whose complaints a later file stated anew."""
    table = state.table(edition, "restated_activity")
    is_mine = table["component"].eq(component) & table["activity"].eq("complaint")
    return table[is_mine & table["n_first"].ne(table["n_latest"])]


def show_places(kind: str, period: str) -> None:
    """Show the places that complaints name most often; they are told by quarter."""
    period = period if kind == "quarter" else last_quarter(period)
    rows = state.rows(edition, metric="complaints_by_place", channel="all", period=period, **scope)
    every = state.rows(
        edition, metric="complaints", channel="all", period=period, breakdown=None, **scope
    )
    named = rows[rows["breakdown"].notna() & rows["breakdown"].ne(NO_PLACE)]
    if named.empty:
        return
    st.header(f"By place in {period_label(period)}", anchor=False)
    named = named.assign(label=named["breakdown"])
    named = named.sort_values(["value", "label"], ascending=[False, True])
    first = named.iloc[0]
    answer = f"{first['label']} is named most often: {value_text(first['value'], 'total')} of "
    answer += f"{value_text(every['value'].iloc[0], 'total')} complaints"
    is_whole = named["status"].eq("ok")
    table = pd.DataFrame(
        {
            "Place": named["label"],
            "Complaints": [value_text(value, "total") for value in named["value"]],
            f"The {kind} before": [
                value_text(value, "total") for value in named["previous_value"].where(is_whole)
            ],
            f"The {kind} a year before": [
                value_text(value, "total") for value in named["year_ago_value"].where(is_whole)
            ],
        }
    )
    show_figure(
        draw("dots", edition.id, named.head(TOP_PLACES), kind="total", title=answer),
        "places",
        answer,
        f"The {min(TOP_PLACES, len(named))} places named most often; the table has all "
        f"{len(named)}. How many customers each place had is not known, so these are counts: a "
        "large place has many because it is large. Changes of counts are not tested.",
        table,
        f"complaints_by_place_{view.place(scope)}_{period}_{edition.id}",
    )


def show_parts(period: str) -> None:
    """Show complaints by service and by channel, where the data have them."""
    now: dict[str, Any] = {"component": component, "period": period, "breakdown": None}
    metrics = ["complaints", "complaint_rate"]
    by_service = state.rows(edition, metric=metrics, level="service", channel="all", **now)
    if chosen.service != "all":
        by_service = by_service[by_service["service"] == chosen.service]
    by_channel = state.rows(edition, metric="complaints", period=period, breakdown=None, **scope)
    by_channel = by_channel[by_channel["channel"] != "all"]
    if by_service.empty and by_channel.empty:
        return
    st.header("By service and channel", anchor=False)
    if len(by_service):
        names = state.table(edition, "service").set_index("service")["name"]
        counts, rates = (
            by_service[by_service["metric"] == name].set_index("service") for name in metrics
        )
        codes = counts.sort_values("value", ascending=False).index
        show_table(
            pd.DataFrame(
                {
                    "Service": [names[code] for code in codes],
                    "Complaints": [
                        value_text(counts.loc[code, "value"], "total") for code in codes
                    ],
                    "Per 100,000 customers": [
                        value_text(rates["value"].get(code), "ratio") for code in codes
                    ],
                    "95% interval": [
                        interval_text(rates["low"].get(code), rates["high"].get(code), "ratio")
                        for code in codes
                    ],
                    "Since the period before": [
                        sentences.rate_change_text(rates.loc[code]) if code in rates.index else "–"
                        for code in codes
                    ],
                }
            ),
            "services",
            f"Complaints by service in {period_label(period)}",
            metrics,
        )
    if len(by_channel):
        channels = state.table(edition, "channel").set_index("channel")["name"]
        by_channel = by_channel.sort_values("value", ascending=False)
        show_table(
            pd.DataFrame(
                {
                    "Channel": by_channel["channel"].map(channels),
                    "Complaints": [value_text(v, "total") for v in by_channel["value"]],
                }
            ),
            "channels",
            f"Complaints by channel in {period_label(period)}",
            ["complaints"],
        )


def show_pages(period: str) -> None:
    """Show which web pages people found helpful, and why others did not help."""
    now = {**scope, "channel": "all", "period": period}
    rows = state.rows(edition, metric="page_helpful_share", **now)
    pages = rows[rows["breakdown"].notna()]
    st.header(f"Was this page helpful? {period_label(period)}", anchor=False)
    if pages.empty:
        st.markdown("There are no votes on web pages.")
        return
    pages = pages.assign(label=pages["breakdown"]).sort_values("value", ascending=False)
    figures = pages[pages["value"].notna()]
    if figures.empty:
        st.markdown(f"**{STATUS[pages['status'].iloc[0]]}.** {as_text(pages['reason'].iloc[0])}")
        return
    answer = f"Helpful votes by page: {sentences.span_text(figures, 'share')}"
    show_figure(
        draw("dots", edition.id, figures, kind="share", title=answer),
        "pages",
        answer,
        "Share of people who voted yes, with 95% intervals. Whoever votes chooses to.",
        numbers_table(pages, "share", {"label": "Page"}),
        f"pages_{view.place(scope)}_{period}_{edition.id}",
    )
    reasons = state.rows(edition, metric="page_reason_share", **now)
    reasons = reasons[reasons["breakdown"].notna()]
    names = category_names()
    reasons = reasons.assign(label=reasons["breakdown"].map(names)).sort_values(
        "value", ascending=False
    )
    figures = reasons[reasons["value"].notna()]
    if figures.empty:
        return
    first = figures.iloc[0]
    answer = (
        f"Why pages did not help: “{first['label']}” is chosen most often "
        f"({value_text(first['value'], 'share')})"
    )
    show_figure(
        draw("dots", edition.id, figures, kind="share", title=answer),
        "page_reasons",
        answer,
        "Of all reasons chosen by people who had voted no, on all pages together.",
        numbers_table(reasons, "share", {"label": "Reason"}),
        f"page_reasons_{view.place(scope)}_{period}_{edition.id}",
    )


def show_notes() -> None:
    """Say where the counts come from, and which labels are not known."""
    st.header("Good to know", anchor=False)
    for name in ("complaints", "complaint_rate"):
        st.markdown(
            f"- {as_text(edition.metrics.loc[name, 'title'])}: "
            f"{as_text(edition.metrics.loc[name, 'source'])}."
        )
    labels = state.table(edition, "unmapped_label")
    for row in labels[labels["component"] == component].itertuples():
        st.markdown(
            f"- The label “{as_text(row.label)}” ({counted(row.n_rows, 'row')}) is not "
            "known and counts as “Label not known”."
        )


st.title("Feedback", anchor=False)
st.markdown("What people complain about, what is rising, where, and whether web pages helped.")
if not has_feedback:
    st.info("**No counts.** This data set has no counts of complaints or of votes on pages.")
elif component == "all":
    show_components()
else:
    if chosen.component == "all":
        st.markdown(
            f"Only {component} ({as_text(component_names[component])}) has counts in this data set."
        )
    show_feedback()
if component != "all":
    show_writing()
