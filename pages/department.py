from typing import Any

import pandas as pd
import streamlit as st

from metrics.base.numbers import (
    change_text,
    counted,
    interval_text,
    listed,
    value_text,
    worded,
)
from metrics.base.periods import period_label
from metrics.tell import sentences
from metrics.tell.tables import numbers_table
from metrics.tell.vocabulary import (
    CALL,
    CALL_MEANING,
    GAP,
    MEASURES,
    NOT_STATED,
    REPORT_STATUS,
    STATUS,
)
from ui import state, view
from ui.access import guard
from ui.attention import show_attention
from ui.figure import definitions, draw, show_figure, show_table
from ui.more import show_more
from ui.parts import basis_names
from ui.plain import as_text
from ui.why import context_lines

guard(__file__)

edition, chosen = view.current()
where: dict[str, Any] = {"channel": chosen.channel, "period": chosen.period, "breakdown": None}
when = period_label(chosen.period)
titles = edition.metrics["title"]

present = [name for name in MEASURES if name in titles]
measures = state.rows(edition, metric=present, **where)
components = state.table(edition, "component").sort_values("sort_order")
services = state.table(edition, "service").set_index("service")
channels = state.table(edition, "channel").set_index("channel")["name"]
board = state.table(edition, "reporting_board")
due = board[board["quarter"] == chosen.period]

st.title("Customer experience at the Department of Homeland Security", anchor=False)

finest = state.rows(edition, metric=present, level="service", period=chosen.period, breakdown=None)
finest = sentences.finest_changes(finest, finest["component"], channels)
if chosen.channel != "all":
    finest = finest[finest["channel"] == chosen.channel]
trust_changes = finest[finest["metric"] == "trust"]
other_changes = finest[finest["metric"] != "trust"]
headline = sentences.department_headline(trust_changes, other_changes, due, "Trust")
st.markdown(f"**{when}.** {as_text(headline)}")

st.header("Where things stand", anchor=False)
department = measures[measures["level"] == "department"]
cards = [
    *(department[department["metric"] == name] for name in ("trust", "satisfaction")),
    state.rows(edition, metric="response_rate", level="department", **where),
    state.rows(edition, metric="reporting_rate", level="department", **{**where, "channel": "all"}),
]
for column, rows in zip(st.columns(4), cards, strict=True):
    with column, st.container(border=True, height="stretch"):
        if rows.empty:
            st.markdown("No figure for this choice.")
            continue
        row = rows.sort_values("n", ascending=False, na_position="last").iloc[0]
        kind = edition.metrics.loc[row["metric"], "kind"]
        st.metric(
            as_text(titles[row["metric"]]),
            value_text(row["value"], kind),
            help=definitions(edition, [row["metric"]]),
        )
        details = []
        if edition.metrics.loc[row["metric"], "minimum_n"] and not pd.isna(row["n"]):
            details.append(f"95% interval {interval_text(row['low'], row['high'], kind)}")
            unit = "people offered" if row["metric"] == "response_rate" else "answers"
            details.append(f"{sentences.people_text(row)} {unit}")
        elif not pd.isna(row["denominator"]):
            details.append(f"{row['numerator']} of {row['denominator']} reports")
        if not pd.isna(row["change_call"]):
            why = worded(row["change_reason"])
            details.append(sentences.call_text(row, kind) + (f": {why}" if why else ""))
            if mixed := sentences.mix_text(row, kind):
                details.append(mixed)
        if len(rows) > 1:
            details.append(
                f"The most asked of {len(rows)} wordings: {sentences.basis_text(row['basis'])}"
            )
        if row["status"] != "ok":
            details.append(f"{STATUS[row['status']]}. {worded(row['reason'])}")
        st.caption("  \n".join(as_text(detail) for detail in details))
st.caption(
    "People choose to respond, so every figure is shown with its response rate. Intervals do not "
    "account for people who did not respond."
)

splits = state.rows(
    edition,
    "change_split",
    metric=["trust", "satisfaction"],
    level="department",
    channel="all",
    compared_with="period",
    period=chosen.period,
)
if chosen.channel == "all" and not splits.empty:
    st.header("Why the Department's figures changed", anchor=False)
    told = []
    for name in ("trust", "satisfaction"):
        part = splits[splits["metric"] == name]
        asked = basis_names(edition, part)
        for _, row in part.iterrows():
            question = f" Asked: {asked[row['basis']]}." if len(asked) > 1 else ""
            told.append(f"{sentences.split_sentence(row, titles[name], 'share')}{question}")
    whole = {"level": "department", "component": "all", "service": "all", "channel": "all"}
    told += context_lines("trust", {**whole, "period": chosen.period}, with_ticked=False)
    st.markdown("\n".join(f"- {as_text(line)}" for line in told))

aims = state.table(edition, "target")["metric"].unique()
aimed = state.rows(edition, metric=list(aims), **where)
show_attention(finest, aimed[aimed["target_call"].notna()], due)

st.header("What really changed", anchor=False)
up_or_down = finest[finest["change_call"].isin(["up", "down"])]
if finest.empty:
    st.markdown(f"Nothing in {when} can be compared with the period before.")
else:
    tested = finest[finest["change_call"] != "not comparable"]
    rest = sentences.rest_text(tested["change_call"])
    st.markdown(
        f"Of {counted(len(tested), 'comparison')} of one service, channel and measure with "
        f"the period before, {len(up_or_down) or 'none'} changed clearly{rest and '; '}{rest}."
    )
if not up_or_down.empty:
    table = pd.DataFrame(
        {
            "Component": up_or_down["component"],
            "Channel": channels[up_or_down["channel"]].to_list(),
            "Measure": titles[up_or_down["metric"]].to_list(),
            "Change": [sentences.call_text(row, "share") for _, row in up_or_down.iterrows()],
            "Now": [value_text(value, "share") for value in up_or_down["value"]],
            "Service": services.loc[up_or_down["service"], "name"].to_list(),
            "Answers": [f"{int(n):,}" for n in up_or_down["n"]],
        }
    )
    what = f"What really changed in {when}"
    show_table(table, "changes", what, present)

st.header("Every Component and measure", anchor=False)
st.caption(
    f"Share of good answers (4 and 5 of 5) in {when}"
    f"{'' if chosen.channel == 'all' else ', ' + as_text(channels[chosen.channel].lower())}. "
    f"{CALL_MEANING} Each figure leads to its measure on the page of the Component."
)
grid = measures[measures["level"] == "component"]
marks = {call: f" {text[0]}" for call, text in CALL.items()}
lines = []
designated = components[components["component"].isin(board["component"])]
for code in designated["component"]:
    line = {"Component": f"[{as_text(code)}]({view.address('component', component=code)})"}
    for name in present:
        cell = grid[(grid["component"] == code) & (grid["metric"] == name)]
        texts = [
            f"[{value_text(row['value'], 'share')}"
            f"{marks.get(str(row['change_call']), '')}]"
            f"({view.address('component', component=code, measure=name)})"
            if not pd.isna(row["value"])
            else STATUS[row["status"]]
            for _, row in cell.iterrows()
        ]
        line[titles[name]] = "  \n".join(texts) if texts else "Not in this channel"
    lines.append(line)
what = f"Every Component and measure in {when}"
grid_table = pd.DataFrame(lines)
show_table(grid_table, "grid", what, present, markdown=list(grid_table.columns))
view.show_component_links(designated["component"].tolist())
undesignated = components.loc[~components["component"].isin(board["component"]), "component"]
if len(undesignated):
    st.markdown(
        f"{as_text(listed(undesignated.tolist()))} "
        f"{'has' if len(undesignated) == 1 else 'have'} no service designated for quarterly "
        "reporting, so no report is due."
    )

st.header("Beside the rest of the government", anchor=False)
beside = grid[(grid["metric"] == "trust") & grid["benchmark"].notna()]
if beside.empty:
    st.markdown(f"No Component has a trust figure for {when} to set beside the government's.")
else:
    beside = beside.assign(label=beside["component"])
    parts = [
        f"{listed(beside.loc[beside['benchmark_call'] == call, 'component'].tolist())} {call}"
        for call in ("above", "below")
        if (beside["benchmark_call"] == call).any()
    ]
    answer = f"Trust: {', '.join(parts) or 'no Component clearly above or below'} the government"
    told = [sentences.benchmark_text(row, row["label"]) for _, row in beside.iterrows()]
    show_figure(
        draw(
            "dots",
            edition.id,
            beside,
            kind="share",
            title=answer,
        ),
        "benchmark",
        answer,
        f"Tick: all federal services outside the Component that asked in the same words, {when}. "
        f"{' '.join(text for text in told if text)}",
        numbers_table(beside, "share", {"component": "Component"}, benchmark=True),
        f"trust_government_{view.place({'channel': chosen.channel})}_{chosen.period}_{edition.id}",
    )

# Across Components a group differs by what it uses as well; the fair pair is inside one.
apart = state.rows(
    edition,
    "group_gap",
    metric=[f"{name}_by_segment" for name in present],
    level="component",
    period=chosen.period,
)
apart = apart[apart["gap_call"].isin(["above", "below"]) & apart["breakdown"].ne(NOT_STATED)]
if not apart.empty:
    st.header("Groups of customers that stand apart", anchor=False)
    segments = state.table(edition, "segment").set_index("segment")["name"]
    values = state.table(edition, "segment_value").set_index(["segment", "segment_value"])["name"]
    n_apart = len(apart)
    apart = apart.reindex(apart["gap"].abs().sort_values(ascending=False).index).head(10)
    st.caption(
        f"Within one Component, against the other groups of the same question; "
        f"{counted(n_apart, 'clear gap')}, the widest first. Open a Component to see all."
    )
    attributes = apart["basis"].map(sentences.attribute_of)
    show_table(
        pd.DataFrame(
            {
                "Component": apart["component"],
                "Measure": apart["metric"].str.removesuffix("_by_segment").map(titles),
                "Group": [
                    f"{segments[attribute]}: {values[attribute, value]}"
                    for attribute, value in zip(attributes, apart["breakdown"], strict=True)
                ],
                "Share": [value_text(value, "share") for value in apart["value"]],
                "The others": [value_text(value, "share") for value in apart["rest_value"]],
                "Difference": [
                    f"{GAP[call][0]} {change_text(gap, 'share')}"
                    for call, gap in zip(apart["gap_call"], apart["gap"], strict=True)
                ],
            }
        ),
        "groups",
        f"Groups of customers that stand apart in {when}",
        apart["metric"].unique(),
    )

st.header("Who has reported", anchor=False)
if due.empty:
    year = board[board["quarter"].str[:4] == chosen.period[2:]]
    counts = year.groupby(["component", "reporting_status"]).size().unstack(fill_value=0)
    counts.columns = [REPORT_STATUS[name] for name in counts.columns]
    st.caption(f"Quarterly reports of {chosen.period} by status.")
    table = counts.reset_index(names="Component")
    show_table(table, "reports", f"Quarterly reports of {chosen.period}", ["reporting_rate"])
else:
    # Editions of before the column was made have no due_in_days.
    due_in_days = due.get("due_in_days", pd.Series(pd.NA, index=due.index))
    show_table(
        pd.DataFrame(
            {
                "Component": due["component"],
                "Report": due["reporting_status"].map(REPORT_STATUS),
                "Why": due["reason"],
                "Service": services.loc[due["service"], "name"].to_list(),
                "Due": [
                    due_on.strftime("%b %-d, %Y")
                    + ("" if pd.isna(days) else f" (in {int(days)} days)")
                    for due_on, days in zip(due["due_on"], due_in_days, strict=True)
                ],
            }
        ),
        "reports",
        f"Who has reported in {when}",
        ["reporting_rate"],
    )

show_more(
    "Department",
    {"level": "department", "component": "all", "service": "all", "channel": chosen.channel},
)
