from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from metrics.base import numbers
from metrics.base.numbers import is_missing, listed, value_text, worded
from metrics.base.periods import period_label
from metrics.tell import burden
from metrics.tell.vocabulary import BURDEN_AMOUNTS, BURDEN_CAUSES
from ui import state, view
from ui.access import guard
from ui.figure import draw, show_figure, show_table
from ui.filters import choice, say_wrong_values
from ui.plain import as_text, table_as_text

guard(__file__)

FORMS_SHOWN = 15
SOON_DAYS = 180
METRICS = {"hours": "burden_hours", "responses": "burden_responses", "cost_usd": "burden_cost"}
NOUNS = {"hours": "hours", "responses": "responses", "cost_usd": "cost"}
LABELS = {
    "minutes": "Minutes per response, other than online",
    "minutes_online": "Minutes per response online",
    "online": "Share online, in percent",
    "questions_now": "Questions today",
    "questions": "Questions then",
    "times_now": "Times a year a person answers today",
    "times": "Times a year a person answers then",
}

edition, chosen = view.current()
st.title("Burden", anchor=False)
st.markdown(
    "Forms and other requests for information take people's time. Each needs the approval of the "
    "Office of Management and Budget (OMB) under the Paperwork Reduction Act, with an estimate of "
    "the responses, hours and cost a year. **Burden hours are a measure of what people spend, "
    "not of how well they are served.**"
)
if "burden_inventory" not in edition.table_names:
    st.info("This edition holds no figures on burden.")
    st.stop()
inventory = state.table(edition, "burden_inventory")
actions = state.table(edition, "burden_action")
components = state.table(edition, "component").sort_values("sort_order")
who = "the Department" if chosen.component == "all" else chosen.component
if chosen.component != "all":
    inventory = inventory[inventory["component"] == chosen.component]
    actions = actions[actions["component"] == chosen.component]
whole = inventory[~inventory["is_partial_inventory"]]
is_whole = len(whole) > 0
scope: dict[str, Any] = {
    "level": chosen.level if chosen.level != "service" else "component",
    "component": chosen.component,
    "channel": "all",
    "basis": "burden/inventory/approved",
}


def form_number(row: Any) -> str:
    """The number people know a form by: its own, or the OMB control number."""
    number = row.control_number if is_missing(row.form_numbers) else row.form_numbers
    return str(number).split(";")[0]


def form_name(row: Any) -> str:
    """Number and title of a form."""
    return f"{form_number(row)}: {row.title}"


def dated_name(row: Any) -> str:
    """Number, year of the request and title of a form."""
    return f"{form_number(row)}, {row.icr_reference[:4]}: {row.title}"


def amount(value: Any) -> str:
    """An amount for people, or a dash."""
    return value_text(value, "total")


def day(value: Any) -> str:
    """A day for people, or a dash."""
    return "–" if is_missing(value) else f"{pd.Timestamp(value):%b %-d, %Y}"


def current_forms() -> tuple[pd.DataFrame, str]:
    """The forms as they stand, and when: of a whole inventory the chosen quarter, of a
    partial one the most recent copied request of each control number."""
    if is_whole:
        quarters = sorted(whole["quarter"].unique(), reverse=True)
        quarter = choice(
            "Inventory at the end of",
            "inventory",
            quarters,
            quarters[0],
            lambda code: period_label(code, long=True),
        )
        return whole[whole["quarter"] == quarter], quarter
    latest = inventory.sort_values("icr_reference").groupby("control_number").last()
    return latest.reset_index(), ""


def show_warning_of_parts() -> None:
    """Say what a hand-copied inventory is good for."""
    n_forms = inventory["control_number"].nunique()
    st.warning(
        f"**Hand-copied, partial inventory.** {numbers.counted(len(inventory), 'request')} for "
        f"{numbers.counted(n_forms, 'form')} were copied from public pages dated "
        f"{inventory['icr_reference'].min()[:4]} to {inventory['icr_reference'].max()[:4]}. They "
        "show individual forms only. Do not add them up or present a total for a Component or the "
        "Department. What a page did not print is unknown, not zero."
    )


def show_hours(forms: pd.DataFrame, quarter: str) -> None:
    """Show where the hours are."""
    st.header("Where the hours are", anchor=False)
    kind = choice("Rank by", "amount", list(METRICS), "hours", lambda name: BURDEN_AMOUNTS[name])
    unit = BURDEN_AMOUNTS[kind]
    if is_whole:
        show_totals(forms, quarter)
        if chosen.component == "all":
            show_components(kind, unit, quarter)
    named = forms.assign(
        label=[(form_name if is_whole else dated_name)(row) for row in forms.itertuples()],
        value=forms[kind].astype(float),
        is_firm=forms["value_basis"].eq("approved"),
    ).sort_values("value", ascending=False)
    figures = named[named["value"] > 0].head(FORMS_SHOWN)
    if figures.empty:
        st.markdown(f"No form reports any: {unit.lower()}.")
        return
    first = figures.iloc[0]
    what = unit.lower().replace("cost in us", "US")
    answer = f"{first['label']}: {amount(first['value'])} {what}, the most of "
    answer += numbers.counted(len(named), "form" if is_whole else "copied form")
    note = f"The {len(figures)} forms with the most {what}."
    if not is_whole:
        note += (
            " The year is that of the request. Hollow marks: requested, but not yet decided when "
            "copied. Figures from different years cannot be added up."
        )
    table = pd.DataFrame(
        {
            "Form": named["label"],
            "OMB control number": named["control_number"],
            "Component": named["component"],
            "Responses a year": named["responses"].map(amount),
            "Hours a year": named["hours"].map(amount),
            "Cost a year, US$": named["cost_usd"].map(amount),
            "Basis": named["value_basis"].str.capitalize(),
            "Approved through": named["expires_on"].map(day),
            "Source": named["source_address"].fillna("–"),
            "Note": named["note"].fillna(""),
        }
    )
    show_figure(
        draw("amounts", edition.id, figures, unit=unit, title=answer),
        f"forms_{kind}",
        answer,
        note,
        table,
        f"burden_forms_{view.place(scope)}_{edition.id}",
    )


def total_of(metric: str, quarter: str) -> "pd.Series[Any] | None":
    """The published total of a metric in a quarter, if there is one."""
    rows = state.rows(edition, metric=metric, period=quarter, breakdown=None, **scope)
    return None if rows.empty else rows.iloc[0]


def show_totals(forms: pd.DataFrame, quarter: str) -> None:
    """Say what all forms together take."""
    parts, notes = [], []
    for kind, metric in METRICS.items():
        row = total_of(metric, quarter)
        if row is None or is_missing(row["value"]):
            notes.append(f"No total of the {NOUNS[kind]}.")
            if row is not None:
                notes.append(worded(row["reason"]))
            continue
        unit = "US dollars of cost" if kind == "cost_usd" else kind
        parts.append(f"**{amount(row['value'])} {unit}**")
        notes += [worded(row["reason"])] if row["status"] == "partial" else []
    per = total_of("hours_per_response", quarter)
    st.markdown(
        f"{numbers.counted(len(forms), 'active request')} of {who} "
        f"{'take' if len(forms) != 1 else 'takes'} "
        f"{listed(parts) or 'an unknown amount'} a year."
        + (
            f" That is {value_text(60 * per['value'], 'ratio')} minutes per response."
            if per is not None and not is_missing(per["value"])
            else ""
        )
    )
    for kind in METRICS:
        n_missing = int(forms[kind].isna().sum())
        if n_missing:
            notes.append(
                f"{numbers.counted(n_missing, 'request')} without a figure of the {NOUNS[kind]}; "
                "the total is too small by as much."
            )
    money = total_of("monetized_burden", quarter)
    if money is not None and not is_missing(money["value"]):
        notes.append(
            f"At the documented wage the hours are worth {amount(money['value'])} US dollars a "
            "year. This is not the same as cost and is not added to it."
        )
    else:
        notes.append("No wage is documented, so the hours are not valued in dollars.")
    st.caption(" ".join(notes))


def show_components(kind: str, unit: str, quarter: str) -> None:
    """Show what each Component asks for."""
    rows = state.rows(
        edition,
        metric=METRICS[kind],
        level="component",
        channel="all",
        basis=scope["basis"],
        period=quarter,
        breakdown=None,
    )
    rows = rows[rows["value"].notna()].sort_values("value", ascending=False)
    if rows.empty:
        return
    rows = rows.assign(label=rows["component"], is_firm=True)
    first = rows.iloc[0]
    answer = f"{first['component']} asks for the most: {amount(first['value'])} {unit.lower()}"
    show_figure(
        draw("amounts", edition.id, rows, unit=unit, title=answer),
        f"components_{kind}",
        answer,
        f"Active, approved requests at the end of {period_label(quarter)}.",
        pd.DataFrame({"Component": rows["component"], unit: rows["value"].map(amount)}),
        f"burden_components_DHS_{edition.id}",
    )


def cause_table(rows: pd.DataFrame, first: dict[str, Any]) -> pd.DataFrame:
    """Changes by cause as a table for people; a cause that is not printed is a dash."""
    columns = {name: rows[name].map(signed) for name in BURDEN_CAUSES}
    return pd.DataFrame(
        {
            **first,
            "Change": rows["change"].map(signed),
            **{BURDEN_CAUSES[name]: texts for name, texts in columns.items()},
        }
    )


def signed(value: Any) -> str:
    """A change for people, with its sign."""
    if is_missing(value):
        return "–"
    sign = "+" if value > 0 else "−" if value < 0 else ""
    return f"{sign}{amount(abs(value))}"


def by_cause(rows: pd.DataFrame) -> pd.DataFrame:
    """One row per label and cause, causes in the order of their names."""
    long = rows.melt(
        id_vars=["label"],
        value_vars=list(BURDEN_CAUSES),
        var_name="cause",
        value_name="value",
    )
    long["cause"] = long["cause"].map(BURDEN_CAUSES)
    order = {label: place for place, label in enumerate(rows["label"])}
    long["place"] = long["label"].map(order)
    return long.sort_values("place", kind="stable").drop(columns="place")


CAUSE_NOTE = (
    "Only the agency's own decision counts as a reduction. An adjustment is a corrected estimate "
    "or a change outside the agency's control, such as fewer applicants. Unexplained is what no "
    "printed cause accounts for."
)


def show_changes(quarter: str) -> None:
    """Show what changed and why."""
    st.header("What changed and why", anchor=False)
    if is_whole:
        show_changes_by_quarter(quarter)
    else:
        show_changes_by_request()


def show_changes_by_quarter(quarter: str) -> None:
    """Show the changes of the quarters that whole inventories cover."""
    rows = state.rows(edition, metric="burden_change", period_kind="quarter", **scope)
    rows = rows[rows["value"].notna()]
    if rows.empty:
        st.markdown("No approvals in the quarters that are covered.")
        return
    table = rows.assign(cause=rows["breakdown"].fillna("change")).pivot(
        index="period", columns="cause", values="value"
    )
    table = table.reindex(columns=["change", *BURDEN_CAUSES]).sort_index(ascending=False)
    table = table.assign(label=[period_label(period) for period in table.index])
    shown = table.reset_index()
    now = shown[shown["period"] == quarter]
    answer = f"What changed the hours of {who}, quarter by quarter"
    if len(now):
        row = now.iloc[0]
        answer = (
            f"{period_label(quarter)}: {signed(row['change'])} hours a year, of which "
            f"{signed(row['agency_discretion'])} by the agency's own decision"
        )
    show_figure(
        draw(
            "causes",
            edition.id,
            by_cause(shown),
            unit="Hours a year",
            title=answer,
            periods=sorted(shown["period"]),
            marks=state.marks(edition, "burden_change", scope),
        ),
        "changes",
        answer,
        CAUSE_NOTE,
        cause_table(shown, {"Quarter": shown["label"]}),
        f"burden_change_{view.place(scope)}_{edition.id}",
    )


def show_changes_by_request() -> None:
    """Show the changes of single copied requests."""
    own = actions[actions["measure"] == "hours"].copy()
    n_printed = int(own["is_cause_printed"].sum())
    n_unexplained = int(own["unexplained"].fillna(0).ne(0).sum())
    n_same = int(own["change"].eq(0).sum())
    answer = (
        f"{n_printed} of {numbers.counted(len(own), 'copied request')} "
        f"{'prints' if n_printed == 1 else 'print'} why the hours changed; the change of "
        f"{n_unexplained} is unexplained"
    )
    own["label"] = [dated_name(row) for row in own.itertuples()]
    own = own.assign(size=own["change"].abs().astype(float)).sort_values("size", ascending=False)
    figures = own[own["size"] > 0].drop_duplicates("label").head(FORMS_SHOWN)
    if figures.empty:
        st.markdown(f"{answer}. No hours changed.")
        return
    table = cause_table(
        own,
        {
            "Form": own["label"],
            "Request": own["icr_reference"],
            "Hours before": own["previous_amount"].map(amount),
            "Hours": own["current_amount"].map(amount),
        },
    ).assign(Source=own["source_address"])
    show_figure(
        draw("causes", edition.id, by_cause(figures), unit="Hours a year", title=answer),
        "changes",
        answer,
        f"The {len(figures)} largest changes of single requests, each against the approval before "
        f"it; {n_same} changed nothing. {CAUSE_NOTE}",
        table,
        f"burden_change_{view.place(scope)}_{edition.id}",
    )


def show_approvals(forms: pd.DataFrame, quarter: str) -> None:
    """Show which approvals expire soon, judged at the day of the inventory."""
    st.header("Approvals that expire soon", anchor=False)
    if not is_whole:
        st.markdown(
            "These pages do not show whether the approval was later renewed, so none is called "
            "expired. The table above shows the date each approval ran to."
        )
        return
    counts = {
        metric: total_of(metric, quarter)
        for metric in ("approvals_expired", "approvals_expiring", "approvals_undated")
    }
    told = {name: "–" if row is None else amount(row["value"]) for name, row in counts.items()}
    on = forms["snapshot_on"].max()
    st.markdown(
        f"On {day(on)}: **{told['approvals_expired']}** expired and still in use, "
        f"**{told['approvals_expiring']}** that expire within {SOON_DAYS} days, "
        f"{told['approvals_undated']} without a date."
    )
    left = (pd.to_datetime(forms["expires_on"]) - pd.to_datetime(forms["snapshot_on"])).dt.days
    soon = forms.assign(left=left)[left <= SOON_DAYS].sort_values("left")
    if soon.empty:
        return
    show_table(
        pd.DataFrame(
            {
                "Form": [form_name(row) for row in soon.itertuples()],
                "Component": soon["component"],
                "Approved through": soon["expires_on"].map(day),
                "State": [
                    f"Expired {-days} days before" if days < 0 else f"Expires in {days} days"
                    for days in soon["left"].astype(int)
                ],
                "Hours a year": soon["hours"].map(amount),
            }
        ),
        "approvals",
        f"Approvals that expire soon, on {day(on)}",
        list(counts),
    )


def show_access(quarter: str) -> None:
    """Show how many forms are online and what else was assessed."""
    st.header("Online, and what hours do not tell", anchor=False)
    sentences = {
        "digital_availability": ("of the forms that say so are available electronically", "forms"),
        "learning_cost_assessed": (
            "of the requests assess the effort of learning what to do",
            "requests",
        ),
        "psychological_cost_assessed": (
            "of the requests assess stress and other psychological cost",
            "requests",
        ),
    }
    for metric, (text, noun) in sentences.items():
        row = total_of(metric, quarter) if is_whole else None
        title = edition.metrics.loc[metric, "title"]
        if row is None or is_missing(row["value"]):
            st.markdown(f"- {as_text(title)}: Not reported. Not reported does not mean zero.")
        else:
            st.markdown(
                f"- {value_text(row['value'], 'share')} {text} "
                f"({amount(row['numerator'])} of {amount(row['denominator'])} {noun})."
            )


def show_goal() -> None:
    """Show the progress to the goal of the initiative, of the Department as a whole."""
    st.header("Progress to the Department's goal", anchor=False)
    goals = state.table(edition, "burden_goal")
    if goals.empty:
        st.markdown("No goal is documented.")
        return
    progress = burden.goal_progress(goals)
    rows = goals[goals["measure"] != "baseline"].assign(
        label=goals["measure"].map({"goal": "Goal", "reported": "Reported"}), is_firm=True
    )
    rows = rows.rename(columns={"hours": "value"})
    answer = "No reduction was reported"
    if progress["reported"] is not None:
        answer = f"{amount(progress['reported'])} hours a year less were reported: "
        answer += listed(
            [
                f"{value_text(progress[f'share_of_{name}'], 'share')} of the {name}"
                for name in ("goal", "baseline")
                if progress[f"share_of_{name}"] is not None
            ]
        )
    counted = state.rows(
        edition,
        metric="reduction_against_baseline",
        level="department",
        period_kind="quarter",
        basis="burden/counted/agency-discretion",
        channel="all",
    )
    counted = counted[counted["value"].notna()]
    if len(counted):
        last = counted.iloc[-1]
        when = period_label(last["period"])
        own = {"label": f"Counted to {when}", "value": last["numerator"], "is_firm": True}
        rows = pd.concat([rows, pd.DataFrame([own])])
        if progress["reported"] is None:
            answer = (
                f"{amount(last['numerator'])} hours a year less by agencies' own decision, "
                f"{value_text(last['value'], 'share')} of the baseline"
            )
    table = pd.DataFrame(
        {
            "Figure": goals["measure"].str.capitalize(),
            "Hours a year": goals["hours"].map(amount),
            "Stated on": goals["stated_on"].map(day),
            "Statement": goals["text"],
            "Source": goals["source"],
        }
    )
    base = (
        f" Baseline: {amount(progress['baseline'])} hours a year." if progress["baseline"] else ""
    )
    show_figure(
        draw(
            "amounts",
            edition.id,
            rows[["label", "value", "is_firm"]],
            unit="Hours a year less",
            title=answer,
        ),
        "goal",
        answer,
        f"For the Department as a whole.{base} The Department has not published how it calculated "
        "its net figure, so we do not recompute it. The counts here are changes that approvals in "
        "whole inventories made by the agency's own decision.",
        table,
        f"burden_goal_DHS_{edition.id}",
    )


def show_calculator(forms: pd.DataFrame, quarter: str) -> None:
    """Show what a simpler form would save; the address carries the scenario."""
    st.header("What if a form were simpler?", anchor=False)
    usable = forms[(forms["responses"] > 0) & (forms["hours"] > 0)].sort_values(
        "hours", ascending=False
    )
    if usable.empty:
        st.markdown("No form states both its responses and its hours.")
        return
    by_number = {row.control_number: row for row in usable.itertuples()}
    number = choice(
        "Form",
        "form",
        list(by_number),
        next(iter(by_number)),
        lambda code: form_name(by_number[code]),
    )
    say_wrong_values()
    row = by_number[number]
    year = burden.calendar_year(quarter) if quarter else pd.Timestamp(row.snapshot_on).year
    wage = burden.usd_per_hour(state.table(edition, "wage"), number, year)
    form = burden.FormBurden(float(row.responses), float(row.hours), wage)
    texts = {name: st.query_params[name] for name in burden.LIMITS if name in st.query_params}
    scenario, wrong = burden.read_scenario(texts, form)
    for name, text in wrong:
        low, high = burden.LIMITS[name]
        st.warning(
            f"The link asks for {LABELS[name].lower()} “{as_text(text[:40])}”, which is "
            f"not a number from {low:g} to {high:g}. Shown: as it is today."
        )
        st.query_params.pop(name, None)
    st.markdown(
        f"**{as_text(row.title)}** today: {amount(row.responses)} responses and "
        f"{amount(row.hours)} hours a year ({as_text(row.value_basis)}), "
        f"{value_text(form.minutes, 'ratio')} minutes each."
    )
    names = list(LABELS)
    for first in range(0, len(names), 2):
        # One row at a time, so that the order stays the same on a narrow screen.
        for name, column in zip(names[first : first + 2], st.columns(2), strict=False):
            with column:
                show_input(name, scenario, form)
    result = burden.outcome(form, scenario)
    more = "less" if result.hours_saved >= 0 else "more"
    st.subheader(f"{amount(abs(result.hours_saved))} hours a year {more} than today", anchor=False)
    money = "no wage is documented, so hours are not put into money"
    if result.usd is not None and result.usd_saved is not None:
        money = (
            f"{amount(abs(result.usd_saved))} US dollars a year "
            f"{'less' if result.usd_saved >= 0 else 'more'} at {value_text(wage, 'ratio')} "
            "US dollars an hour"
        )
    st.table(
        table_as_text(
            pd.DataFrame(
                {
                    "Amount": [
                        "Hours a year",
                        "Responses a year",
                        "Minutes per response",
                        "People affected",
                    ],
                    "Today": [
                        amount(form.hours),
                        amount(form.responses),
                        value_text(form.minutes, "ratio"),
                        amount(result.people),
                    ],
                    "Then": [
                        amount(result.hours),
                        amount(result.responses),
                        value_text(result.minutes, "ratio"),
                        amount(result.people),
                    ],
                }
            )
        ),
        hide_index=True,
        border="horizontal",
    )
    st.markdown(
        f"Value of the time: {money}. Apart from that, the form has a cost burden of "
        f"{amount(row.cost_usd)} US dollars a year (capital, start-up, operation and "
        "maintenance), which this calculator leaves as it is."
    )
    st.caption(
        "Every question is assumed to take the same time. People = responses / responses per "
        "person per year. No inventory records the number of questions or how often a person "
        "responds, so we assume 10 questions and one response a year. Change them above. "
        "This is arithmetic on the estimate that OMB approved, not a forecast."
    )
    kept = {"data": chosen.data} if chosen.data != "main" else {}
    kept |= {"component": chosen.component} if chosen.component != "all" else {}
    kept |= {"inventory": st.query_params["inventory"]} if "inventory" in st.query_params else {}
    link = urlencode({**kept, "form": number, **burden.link_texts(scenario, form)})
    st.markdown("Link to this scenario:")
    st.code(f"/burden?{link}", language=None, wrap_lines=True)


def show_input(name: str, scenario: burden.Scenario, form: burden.FormBurden) -> None:
    """Show the input of one part of the scenario; a change goes into the address."""
    low, high = burden.LIMITS[name]
    number = int if name in burden.WHOLE else float
    key = f"_scenario_{name}"
    st.session_state[key] = number(getattr(scenario, name))

    def write_address() -> None:
        changed = replace(scenario, **{name: st.session_state[key]})
        for other in burden.LIMITS:
            st.query_params.pop(other, None)
        st.query_params.update(burden.link_texts(changed, form))

    st.number_input(
        LABELS[name],
        min_value=number(low),
        max_value=number(high),
        step=number(1),
        key=key,
        on_change=write_address,
    )


def show_findings() -> None:
    """Show what does not fit in single requests."""
    findings = state.table(edition, "burden_finding")
    findings = findings[findings["icr_reference"].isin(inventory["icr_reference"])]
    if findings.empty:
        return
    latest = findings.sort_values("quarter").drop_duplicates(["icr_reference", "rule"], keep="last")
    with st.expander(f"What does not fit: {numbers.counted(len(latest), 'request')}"):
        for found in latest.itertuples():
            st.markdown(f"- {as_text(found.icr_reference)}: {as_text(found.reason)}")


if inventory.empty:
    st.info(f"No requests of {who} are loaded.")
else:
    if not is_whole:
        show_warning_of_parts()
    forms, quarter = current_forms()
    say_wrong_values()
    show_hours(forms, quarter)
    show_changes(quarter)
    show_approvals(forms, quarter)
    show_access(quarter)
show_goal()
if not inventory.empty:
    show_calculator(forms, quarter)
    show_findings()
