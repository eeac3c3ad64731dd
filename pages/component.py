from typing import Any

import pandas as pd
import streamlit as st

from metrics.base import planner
from metrics.base.numbers import change_text, is_missing, listed, value_text, worded
from metrics.base.periods import period_label
from metrics.deliver import briefing
from metrics.deliver.document import as_html, as_pdf
from metrics.tell import sentences
from metrics.tell.placement import VOLUMES
from metrics.tell.tables import numbers_table
from metrics.tell.vocabulary import DRIVERS, GAP, MEASURES, NOT_STATED, REPORT_STATUS, STATUS
from ui import state, view
from ui.access import guard
from ui.figure import draw, show_figure, show_table
from ui.filters import choice, number_choice
from ui.more import show_more
from ui.parts import basis_names, told_apart
from ui.plain import as_text, table_as_text
from ui.times import next_steps, places_text
from ui.why import show_why

guard(__file__)

PLANNER = ("expect", "margin", "change")
"""Numbers of the planner in the address."""

edition, chosen = view.current()
components = state.table(edition, "component").sort_values("sort_order")
services = state.table(edition, "service")
channels = state.table(edition, "channel").set_index("channel")["name"]
board = state.table(edition, "reporting_board")
titles, kinds = edition.metrics["title"], edition.metrics["kind"]
quarters = edition.periods("quarter")
when = period_label(chosen.period)
in_channel = "" if chosen.channel == "all" else f", {as_text(channels[chosen.channel].lower())}"
scope: dict[str, Any] = {
    "level": chosen.level,
    "component": chosen.component,
    "service": chosen.service,
}
now: dict[str, Any] = {**scope, "channel": chosen.channel, "period": chosen.period}


def show_choice() -> None:
    """Show all Components to choose from."""
    st.title("Components", anchor=False)
    st.markdown("Choose a Component here or in the filters.")
    view.show_component_links(components["component"].tolist())
    latest = board[board["quarter"] == board["quarter"].max()].groupby("component")
    reported = latest["reporting_status"].first().map(REPORT_STATUS)
    st.table(
        table_as_text(
            pd.DataFrame(
                {
                    "Component": components["component"],
                    "Name": components["name"],
                    "Latest quarterly report": [
                        reported.get(code, "Not designated") for code in components["component"]
                    ],
                }
            )
        ),
        hide_index=True,
        border="horizontal",
    )


def show_component() -> None:
    """Show the chosen Component."""
    me = components.set_index("component").loc[chosen.component]
    own_services = services[services["component"] == chosen.component].set_index("service")
    own_board = board[board["component"] == chosen.component]
    st.title(as_text(me["name"]), anchor=False)
    customers = me["customers"][0].lower() + me["customers"][1:]
    st.markdown(as_text(f"{me['description']} Its customers: {customers}."))
    if own_board.empty:
        st.info(
            f"**Not designated.** {as_text(me['name'])} has no service designated for "
            "quarterly reporting under OMB Circular A-11 Section 280, so no survey figures are "
            "due and none are shown."
        )
        show_more("Component", {**scope, "channel": chosen.channel})
        return
    what = chosen.component
    if chosen.service != "all":
        service = own_services.loc[chosen.service]
        what = service["name"]
        st.markdown(f"Service shown: **{as_text(what)}**. {as_text(service['description'])}")
    due = own_board[own_board["quarter"] == chosen.period]
    for report in due[~due["reporting_status"].isin(["complete", "late", "not_due"])].itertuples():
        st.warning(
            f"**{when}: {REPORT_STATUS[report.reporting_status].lower()}.** "
            f"{as_text(own_services.loc[report.service, 'name'])}: {as_text(report.reason)}"
        )
    show_briefing()
    show_measures()
    show_next_steps()
    st.header("Over the quarters", anchor=False)
    measure = choice(
        "Measure",
        "measure",
        [name for name in MEASURES if name in titles],
        "trust",
        lambda name: titles[name],
    )
    show_trend(measure, what)
    show_why(measure, now)
    if chosen.service == "all" and len(own_services) > 1:
        show_services(measure, own_services["name"])
    show_answers(measure)
    show_drivers()
    if chosen.service == "all":
        show_groups(measure)
    show_volumes()
    show_more("Component", {**scope, "channel": chosen.channel})
    show_notes()


def show_briefing() -> None:
    """Show the buttons that write a briefing of the quarter; it is made when one is pressed."""
    if chosen.period not in quarters:
        st.caption("Choose a quarter to take its briefing with you.")
        return
    about = briefing.Subject(edition, chosen.component, chosen.period, chosen.service)
    kinds_of_file = {
        "html": ("text/html", lambda: as_html(briefing.make_briefing(about)).encode()),
        "pdf": ("application/pdf", lambda: as_pdf(briefing.make_briefing(about))),
    }
    with st.container(horizontal=True, gap="small", key="briefing"):
        for suffix, (mime, make) in kinds_of_file.items():
            st.download_button(
                f"Briefing of {when} as {suffix.upper()}",
                make,
                file_name=briefing.file_name(about, suffix),
                mime=mime,
                key=f"briefing_{suffix}",
                on_click="ignore",
            )


def show_measures() -> None:
    """Show all measures of the chosen period side by side."""
    st.header(f"All measures in {when}{in_channel}", anchor=False)
    columns = ["basis", "value", "n", "denominator", "reason", "is_rounded"]
    answered = state.rows(edition, metric="respondents", breakdown=None, **now).reindex(
        columns=columns
    )
    rate = state.rows(edition, metric="response_rate", breakdown=None, **now).reindex(
        columns=columns
    )
    # Families of surveys are asked apart, and each has its own rate.
    families = basis_names(edition, pd.concat([answered, rate]))
    for basis, name in families.items():
        said = [
            f"{sentences.people_text(row).capitalize()} people answered."
            for _, row in answered[
                answered["basis"].eq(basis) & answered["value"].notna()
            ].iterrows()
        ]
        for row in rate[rate["basis"] == basis].itertuples():
            said.append(
                f"No response rate: {worded(row.reason)}"
                if is_missing(row.value)
                else f"The response rate is {value_text(row.value, 'share')} of "
                f"{int(row.denominator):,} customers who were offered the survey."
            )
        if said:
            st.markdown(as_text(f"{f'{name}: ' if len(families) > 1 else ''}{' '.join(said)}"))
    measures = state.rows(edition, metric=list(MEASURES), breakdown=None, **now)
    figures = measures[measures["value"].notna()]
    if measures.empty:
        st.markdown(f"There are no answers{in_channel} in {when}.")
        return
    if figures.empty:
        first = measures.iloc[0]
        st.markdown(f"**{STATUS[first['status']]}.** {as_text(worded(first['reason']))}")
        return
    order = {name: index for index, name in enumerate(MEASURES)}
    figures = figures.assign(
        label=told_apart(edition, figures["metric"].map(titles), figures),
        order=figures["metric"].map(order),
    ).sort_values(["order", "basis"])
    best, worst = figures.loc[figures["value"].idxmax()], figures.loc[figures["value"].idxmin()]
    answer = f"{best['label']}: {value_text(best['value'], 'share')}"
    if figures["metric"].nunique() == 1 < len(figures):
        answer = sentences.span_text(figures, "share")
        answer = f"{answer[0].upper()}{answer[1:]}"
    elif len(figures) > 1:
        answer = (
            f"{best['label']} is rated best ({value_text(best['value'], 'share')}), "
            f"{worst['label'].lower()} worst ({value_text(worst['value'], 'share')})"
        )
    show_figure(
        draw(
            "dots",
            edition.id,
            figures,
            kind="share",
            title=answer,
        ),
        "measures",
        answer,
        "Share of favorable answers (4 and 5 on a scale from 1 to 5, a thumb up, or yes), with "
        "95% intervals. Tick: the rest of the government, where other services asked in the "
        "same words.",
        numbers_table(figures, "share", {"label": "Measure"}, benchmark=True),
        f"measures_{view.place(now)}_{chosen.period}_{edition.id}",
    )


def show_next_steps() -> None:
    """Show how long people wait for the next step, beside what they said of the service."""
    st.header("Time to next step", anchor=False)
    steps = state.table(edition, "time_step")["step"].tolist()
    view_scope = {**scope, "channel": chosen.channel}
    kind = "fiscal_year" if chosen.period.startswith("FY") else "quarter"
    table = next_steps(edition, steps, kind, chosen.period, view_scope)
    note = ""
    if table.empty:
        table = next_steps(edition, steps, kind, None, view_scope)
        note = f"There is none for {when}; the latest is shown. "
    if table.empty:
        st.markdown(f"No waits, answer or processing times are loaded for this view{in_channel}.")
        return
    show_table(
        table.drop(columns="basis"),
        "steps",
        "Time to next step",
        [f"{step}_{name}" for step in steps for name in ("median", "90th", "within_standard")],
    )
    places = [
        places_text(edition, step, chosen.component, chosen.service, chosen.channel)
        for step in steps
    ]
    st.caption(
        f"{note}Counted by the services themselves, not asked in a survey. "
        + as_text(" ".join(dict.fromkeys(place for place in places if place)))
    )
    view.show_time_link()


def show_trend(measure: str, what: str) -> None:
    """Show one measure over the quarters, by channel where there are several."""
    history = state.rows(edition, metric=measure, period_kind="quarter", breakdown=None, **scope)
    has_figure = history["value"].notna()
    if chosen.channel != "all":
        lines = history[history["channel"].isin([chosen.channel]) | ~has_figure]
    else:
        single = history[has_figure & history["channel"].ne("all")]
        is_split = single.groupby(["period", "basis"]).size().gt(1).any()
        lines = history if is_split else history[history["channel"] == "all"]
    series = lines["channel"].map(channels).fillna("All channels")
    # Lines of different questions are not to be compared, so each says its question.
    asked = basis_names(edition, lines[lines["value"].notna()])
    if len(asked) > 1:
        series = (series + ", " + lines["basis"].map(asked)).fillna(series)
    lines = lines.assign(series=series)
    drawn = lines[lines["value"].notna()]
    if drawn.empty:
        reasons = [worded(reason) for reason in history["reason"].dropna().unique()]
        st.markdown(
            f"**{as_text(titles[measure])}** has no figure in any quarter. "
            f"{as_text(' '.join(reasons))}"
        )
        return
    latest = drawn[drawn["period"] == chosen.period]
    calls = [
        f"{row['series'].lower()} {sentences.call_text(row, 'share')}"
        for _, row in latest.iterrows()
        if row["change_call"] in ("up", "down")
    ]
    answer = f"{titles[measure]} of {what}"
    if calls:
        answer += f": {listed(calls)} in {when}"
    elif len(latest):
        answer += f": {value_text(latest['value'].iloc[0], 'share')} in {when}"
    show_figure(
        draw(
            "trend",
            edition.id,
            lines,
            periods=quarters,
            kind="share",
            title=answer,
            marks=state.marks(edition, measure, {**scope, "channel": chosen.channel}),
            limits=state.rows(
                edition,
                "control_limit",
                metric=measure,
                period_kind="quarter",
                breakdown=None,
                **scope,
            ),
        ),
        "trend",
        answer,
        f"Asked as {'; '.join(dict.fromkeys(sentences.basis_text(b) for b in drawn['basis']))}. "
        "Hollow points are partial or rest on few answers; a line breaks where two quarters "
        "cannot be compared.",
        numbers_table(lines, "share", {"period": "Quarter", "series": "Series"}),
        f"{measure}_{view.place(now)}_{edition.id}",
    )
    for reason in latest["change_reason"].dropna().unique():
        st.markdown(f"○ {as_text(worded(reason))}")
    for _, row in latest.iterrows():
        if mixed := sentences.mix_text(row, "share"):
            st.markdown(as_text(f"{row['series']}: {mixed}" if len(latest) > 1 else mixed))
    show_needed(measure, latest)
    show_planner(measure, latest)


def show_needed(measure: str, latest: pd.DataFrame) -> None:
    """Say what it would take to settle the changes of a period that are not clear."""
    plans = state.rows(
        edition,
        "answers_needed",
        metric=measure,
        breakdown=None,
        **{name: value for name, value in now.items() if name != "channel"},
    )
    if "n_planned" not in plans:  # an edition of before
        return
    plans = plans.merge(latest[["channel", "basis", "series"]])
    told = []
    for _, row in plans.iterrows():
        whose = f"{row['series']}: the" if len(latest) > 1 else "? The"
        needed = sentences.needed_text(row, "share")
        told.append(
            as_text(f"{whose} answers cannot tell a change since the quarter before. {needed}")
        )
    if len(told) < 2:
        st.markdown("".join(told))
        return
    lines = "\n".join(f"- {line}" for line in told)
    if len(told) <= 3:
        st.markdown(lines)
        return
    with st.expander(f"{len(told)} changes cannot be told: how many answers would settle them"):
        st.markdown(lines)


def show_planner(measure: str, latest: pd.DataFrame) -> None:
    """Show how many answers a margin takes, and how many a change; the address carries both."""
    is_asked = any(name in st.query_params for name in PLANNER)
    with st.expander("How sure do we want to be? Plan the number of answers", expanded=is_asked):
        first, second, third = st.columns(3)
        usual = 100 * latest["value"].iloc[0] if len(latest) else 50
        with first:
            expected = number_choice(
                "Expected share, in percent", "expect", round(usual), 0, 100, 1
            )
        with second:
            margin = number_choice("Margin to either side, in points", "margin", 3, 0.1, 50, 0.5)
        with third:
            change = number_choice("Change to be told, in points", "change", 5, 0.1, 50, 0.5)
        st.markdown(
            f"- {planner.margin_text(expected, margin)}\n"
            f"- {planner.change_plan_text(expected, change)}"
        )
        st.caption(
            "With this many answers, a real change of this size is detected 8 times out of 10 when "
            "it is tested alone. This dashboard compares many figures at once, so it asks for "
            "somewhat more before it says up or down. More answers reduce chance error. They do "
            "not fix the fact that people choose to respond."
        )


def show_services(measure: str, names: "pd.Series[str]") -> None:
    """Show one measure for each service of the Component in the chosen period."""
    rows = state.rows(
        edition,
        metric=measure,
        level="service",
        component=chosen.component,
        channel=chosen.channel,
        period=chosen.period,
        breakdown=None,
    )
    labels = told_apart(edition, rows["service"].map(names), rows)
    rows = rows.assign(label=labels).sort_values("value", ascending=False)
    figures = rows[rows["value"].notna()]
    if figures.empty:
        return
    answer = f"{titles[measure]} by service: {sentences.span_text(figures, 'share')}"
    show_figure(
        draw(
            "dots",
            edition.id,
            figures,
            kind="share",
            title=answer,
        ),
        "services",
        answer,
        f"{when}{in_channel}, with 95% intervals. Services differ in what they do.",
        numbers_table(rows, "share", {"label": "Service"}, benchmark=True),
        f"{measure}_services_{view.place(now)}_{chosen.period}_{edition.id}",
    )


def show_answers(measure: str) -> None:
    """Show how the answers to one measure spread, quarter by quarter."""
    spread = state.rows(
        edition,
        metric=f"{measure}_distribution",
        period_kind="quarter",
        channel=chosen.channel,
        **scope,
    )
    spread = spread[spread["value"].notna() & spread["breakdown"].notna()]
    newest_first = spread.groupby("basis")["period"].max().sort_values(ascending=False)
    for basis, period in newest_first.items():
        part = spread[spread["basis"] == basis]
        last = part[part["period"] == period].set_index("breakdown")["value"]
        codes = list(sentences.answer_names(str(basis)))
        answer = (
            f"{titles[measure]}: {value_text(last.get(codes[-1]), 'share')} gave the best "
            f"answer and {value_text(last.get(codes[0]), 'share')} the worst in "
            f"{period_label(period)}"
        )
        table = part.pivot(index="period", columns="breakdown", values="value").map(
            lambda value: value_text(value, "share")
        )
        table.index = pd.Index([period_label(p) for p in table.index], name="Quarter")
        table = table.rename(columns=sentences.answer_names(str(basis)))
        show_figure(
            draw(
                "distribution",
                edition.id,
                part,
                periods=quarters,
                title=answer,
                marks=state.marks(edition, f"{measure}_distribution", scope),
            ),
            f"distribution_{basis}",
            answer,
            f"All answers, asked as {sentences.basis_text(str(basis))}.",
            table.reset_index(),
            f"{measure}_distribution_{view.place(now)}_{edition.id}",
        )


def show_drivers() -> None:
    """Show what drives trust, and which drivers customers ticked."""
    gaps = state.rows(edition, "group_gap", metric="trust_by_driver", breakdown="yes", **now)
    gaps = gaps[gaps["gap"].notna()].sort_values("gap", ascending=False)
    ticked = state.rows(edition, metric=["driver_positive_share", "driver_negative_share"], **now)
    asked = state.rows(edition, metric="driver_yes_share", **now)
    ticked, asked = (rows[rows["breakdown"].notna()] for rows in (ticked, asked))
    if gaps.empty and not ticked["value"].notna().any() and not asked["value"].notna().any():
        return
    st.header(f"What drives trust in {when}{in_channel}", anchor=False)
    for basis, part in gaps.groupby(gaps["basis"].str.rsplit("/", n=1).str[0], sort=False):
        part = part.assign(
            label=[sentences.driver_text(sentences.attribute_of(b)) for b in part["basis"]]
        )
        clear = part[part["gap_call"].isin(["above", "below"])]
        answer = (
            sentences.driver_sentence(clear.loc[clear["gap"].abs().idxmax()]).split(" (95%")[0]
            if len(clear)
            else "No driver goes clearly with trust"
        )
        show_figure(
            draw("gaps", edition.id, part, title=answer),
            f"drivers_{basis}",
            answer,
            "Favorable trust answers of customers who named or rated the driver, minus those of "
            "the others who were asked about it. It shows what goes together, not what causes "
            f"what. Trust asked as {sentences.basis_text(str(basis))}.",
            gaps_table(part, "Driver"),
            f"drivers_of_trust_{view.place(now)}_{chosen.period}_{edition.id}",
        )
    for metric, what in (
        ("driver_positive_share", "went well"),
        ("driver_negative_share", "did not go well"),
    ):
        rows = ticked[ticked["metric"].eq(metric)]
        show_ticked(rows, metric, f"named most often as something that {what}")
    show_ticked(asked, "driver_yes_share", "has the most yes answers")


def show_ticked(rows: pd.DataFrame, metric: str, is_first: str) -> None:
    """Show the shares of one driver metric, the largest first."""
    for basis, part in rows.groupby("basis" if metric != "driver_yes_share" else "metric"):
        part = part.assign(label=part["breakdown"].map(DRIVERS)).sort_values(
            "value", ascending=False, na_position="last"
        )
        figures = part[part["value"].notna()]
        if figures.empty:
            continue
        first = figures.iloc[0]
        answer = f"{first['label']} {is_first} ({value_text(first['value'], 'share')})"
        description = sentences.without_grain(edition.metrics.loc[metric, "description"])
        show_figure(
            draw("dots", edition.id, figures, kind="share", title=answer),
            f"{metric}_{basis}",
            answer,
            description,
            numbers_table(part, "share", {"label": "Driver"}),
            f"{metric}_{view.place(now)}_{chosen.period}_{edition.id}",
        )


def show_groups(measure: str) -> None:
    """Show one measure by group of customers, one attribute at a time."""
    rows = state.rows(
        edition,
        "group_gap",
        metric=f"{measure}_by_segment",
        level="component",
        component=chosen.component,
        period=chosen.period,
    )
    rows = rows[rows["breakdown"].ne(NOT_STATED)]
    found = set(rows["basis"].map(sentences.attribute_of))
    segments = state.table(edition, "segment").sort_values("sort_order").set_index("segment")
    codes = [code for code in segments.index if code in found]
    if not codes:
        return
    st.header(f"Groups of customers in {when}", anchor=False)
    segment = choice("Group by", "group", codes, codes[0], lambda code: segments.loc[code, "name"])
    values = state.table(edition, "segment_value")
    names = values[values["segment"] == segment].set_index("segment_value")["name"]
    rows = rows[rows["basis"].map(sentences.attribute_of) == segment]
    for basis, part in rows.groupby("basis"):
        part = part.assign(label=part["breakdown"].map(names)).sort_values("gap", ascending=False)
        clear = part[part["gap_call"].isin(["above", "below"])]
        parts = [
            f"{row['label']} {change_text(row['gap'], 'share')} {row['gap_call']} the others"
            for _, row in clear.iterrows()
        ]
        answer = f"{titles[measure]}: {listed(parts) or 'no group clearly apart'}"
        if part["gap"].notna().any():
            show_figure(
                draw("gaps", edition.id, part, title=answer),
                f"groups_{basis}",
                answer,
                f"{segments.loc[segment, 'description']} "
                f"Asked as {sentences.basis_text(str(basis))}.",
                gaps_table(part, segments.loc[segment, "name"]),
                f"{measure}_by_{segment}_{chosen.component}_{chosen.period}_{edition.id}",
            )
        else:
            st.markdown(
                f"**{as_text(titles[measure])}.** {as_text(worded(part['reason'].iloc[0]))}"
            )


def gaps_table(rows: pd.DataFrame, heading: str) -> pd.DataFrame:
    """Return gaps as a table for people."""
    return pd.DataFrame(
        {
            heading: rows["label"],
            "Share": [value_text(value, "share") for value in rows["value"]],
            "The others": [value_text(value, "share") for value in rows["rest_value"]],
            "Difference": [change_text(gap, "share") for gap in rows["gap"]],
            "Verdict": [
                GAP[call] if not is_missing(call) else worded(reason)
                for call, reason in zip(rows["gap_call"], rows["reason"], strict=True)
            ],
            "Answers": ["–" if pd.isna(n) else f"{int(n):,}" for n in rows["n"]],
        }
    )


def show_volumes() -> None:
    """Show response rate and volumes."""
    st.header("Who was asked, who answered", anchor=False)
    volumes = state.rows(
        edition,
        metric=list(VOLUMES),
        period_kind="quarter",
        channel=chosen.channel,
        breakdown=None,
        **scope,
    )
    rates = volumes[volumes["metric"].eq("response_rate") & volumes["value"].notna()]
    if not rates.empty:
        instruments = state.table(edition, "instrument")
        families = dict(zip(instruments["family"], instruments["family_name"], strict=True))
        rates = rates.assign(series=rates["basis"].map(families)).sort_values("period")
        last = rates.iloc[-1]
        answer = (
            f"{value_text(last['value'], 'share')} of customers who were offered a survey "
            f"answered in {period_label(last['period'])}"
        )
        show_figure(
            draw(
                "trend",
                edition.id,
                rates,
                periods=quarters,
                kind="share",
                title=answer,
                marks=state.marks(edition, "response_rate", {**scope, "channel": chosen.channel}),
                limits=state.rows(
                    edition,
                    "control_limit",
                    metric="response_rate",
                    period_kind="quarter",
                    channel=chosen.channel,
                    breakdown=None,
                    **scope,
                ),
            ),
            "response",
            answer,
            "People choose to answer: with a low rate the figures may not speak for all customers.",
            numbers_table(rates, "share", {"period": "Quarter", "series": "Survey family"}),
            f"response_rate_{view.place(now)}_{edition.id}",
        )
    texts = volumes.assign(
        text=[
            value_text(row.value, kinds[row.metric])
            if not is_missing(row.value)
            else STATUS[row.status]
            for row in volumes[["value", "status", "metric"]].itertuples()
        ]
    )
    table = texts.groupby(["period", "metric"])["text"].agg(" / ".join).unstack("metric")
    table = table.reindex(columns=list(VOLUMES)).sort_index(ascending=False).fillna("–")
    table.index = pd.Index([period_label(period) for period in table.index], name="Quarter")
    table.columns = pd.Index([titles[name] for name in table.columns])
    show_table(table.reset_index(), "volumes", "Who was asked, who answered", VOLUMES)


def show_notes() -> None:
    """Show what a reader must know of the series and its reports."""
    st.header("Good to know", anchor=False)
    findings = state.table(edition, "finding").sort_values("quarter")
    mine = findings[findings["component"] == chosen.component]
    if chosen.service != "all":
        mine = mine[mine["service"] == chosen.service]
    for (effect, reason), group in mine.groupby(["effect", "reason"], sort=False):
        named = listed([period_label(quarter) for quarter in group["quarter"].unique()])
        st.markdown(
            f"- {'Left out' if effect == 'quarantined' else 'Note'}, {named}: {as_text(reason)}"
        )


if chosen.component == "all":
    show_choice()
else:
    show_component()
