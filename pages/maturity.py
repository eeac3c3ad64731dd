import pandas as pd
import streamlit as st

from metrics.base.numbers import is_missing, listed, value_text
from metrics.base.periods import period_label
from metrics.tell import sentences
from metrics.tell.vocabulary import METHOD, STATUS
from ui import assessment, state, view
from ui.access import LOAD_PAGE, guard, may_open
from ui.figure import draw, show_figure, show_table
from ui.filters import choice
from ui.plain import as_text, table_as_text

guard(__file__)

WHOLE = "all"
ACTIVITIES = (
    "acquisitions_with_cx",
    "research_sessions",
    "usability_tests",
    "staff_trained",
    "cx_budget_line",
)
"""Metrics of what Components did, in the order of the table."""

PILOT = (
    "On March 26, 2024, the Department tried its maturity model in a workshop with 23 participants "
    "from 7 Components. Its findings (dhs.gov/cx) say in words where they stood in each core "
    "function, what they hoped for and how to get there. No published level of a Component is "
    "known to this project, so none is shown here."
)

edition, chosen = view.current()
st.title("CX maturity", anchor=False)
st.markdown(
    "How far has each Component come in the way it works for customers? A model lists practices "
    "for each core function. **A level is reached when every practice of it, and of all levels "
    "below, is done** where it applies."
)
if "maturity_profile" not in edition.table_names:
    st.info("This edition was published before assessments could be recorded. Publish a new one.")
    st.stop()

components = state.table(edition, "component").sort_values("sort_order")["component"].tolist()
models = state.table(edition, "maturity_model").sort_values(
    ["is_default", "model"], ascending=[False, True]
)
every_level = state.table(edition, "maturity_level").sort_values("level")
every_function = state.table(edition, "maturity_function").sort_values("sort_order")
every_practice = state.table(edition, "maturity_practice")
model_names = dict(
    zip(models["model"], models["name"] + " (" + models["version"] + ")", strict=True)
)
model = choice(
    "Model",
    "model",
    models["model"].tolist(),
    models["model"].iloc[0],
    lambda code: model_names[code],
)
own_levels = every_level[every_level["model"] == model]
levels = {
    int(n): str(name) for n, name in zip(own_levels["level"], own_levels["name"], strict=True)
}
functions = every_function[every_function["model"] == model].set_index("function")["name"]
profile = state.table(edition, "maturity_profile")
profile = profile[profile["model"] == model]
profile = profile.assign(
    unit=profile["unit"].fillna(WHOLE), label=profile["function"].map(functions)
)
profile["order"] = profile["function"].map({code: at for at, code in enumerate(functions.index)})
profile = profile.sort_values(["component", "unit", "assessed_on", "order"])
whole = profile[profile["is_latest"] & profile["unit"].eq(WHOLE)]


def day(value: object) -> str:
    """Return a day in words."""
    return f"{pd.Timestamp(str(value)):%b %-d, %Y}"


def show_department() -> None:
    """Show where the Components stand, each by its latest assessment."""
    st.header("The Components side by side", anchor=False)
    lowest = whole.groupby("component")["level"].agg(lambda found: found.min(skipna=False))
    reached = int((lowest >= min(levels)).sum())
    missing = [code for code in components if code not in set(whole["component"])]
    answer = (
        f"{len(lowest)} of {len(components)} Components have an assessment; "
        f"{reached} reach at least {levels[min(levels)]} in every core function"
    )
    cells = pd.DataFrame(
        [
            {
                "row": row.component,
                "column": row.label,
                "text": sentences.level_steps(row.level, levels),
                "words": sentences.level_text(row.level, levels),
                "shade": None if is_missing(row.level) else row.level / len(levels),
            }
            for row in whole.itertuples()
        ]
    )
    table = whole.assign(text=[sentences.level_text(level, levels) for level in whole["level"]])
    table = table.pivot(index="component", columns="label", values="text")[list(functions)]
    dates = whole.groupby("component").agg({"assessed_on": "first", "is_old": "first"})
    table.insert(0, "Assessed on", [age(row) for _, row in dates.loc[table.index].iterrows()])
    table.index.name = "Component"
    legend = ", ".join(
        f"{sentences.level_steps(level, levels)} {sentences.level_text(level, levels)}"
        for level in [0, *levels]
    )
    show_figure(
        draw("grid", edition.id, cells, title=answer),
        "overview",
        answer,
        f"The latest assessment of each Component as a whole. {legend}, ? not known because "
        "practices are unanswered. Components were assessed on different days, and by "
        "themselves: read across a row rather than down a column.",
        table.reset_index(),
        f"maturity_DHS_{model}_{edition.id}",
    )
    if missing:
        st.markdown(f"No assessment by this model: {listed(missing)}.")
    old = sorted(dates.index[dates["is_old"]])
    if old:
        st.markdown(
            f"Older than a year: {listed(old)}. A level says how it was on that day, not how "
            "it is now."
        )


def age(row: "pd.Series[object]") -> str:
    """Return the day of an assessment, and whether it is old."""
    return f"{day(row['assessed_on'])}{' (over a year old)' if row['is_old'] else ''}"


def show_component(component: str) -> None:
    """Show the profile of a Component, or of one of its units."""
    st.header(component, anchor=False)
    mine = profile[profile["component"] == component]
    if mine.empty:
        st.info(f"{component} has no assessment by this model. No level is shown without one.")
        return
    units = sorted(mine["unit"].unique(), key=lambda name: (name != WHOLE, name))
    unit = units[0]
    if len(units) > 1:
        unit = choice(
            "Assessed",
            "unit",
            units,
            units[0],
            lambda name: "The Component as a whole" if name == WHOLE else name,
        )
    mine = mine[mine["unit"] == unit]
    what = component if unit == WHOLE else f"{component}, {unit}"
    latest = mine[mine["is_latest"]]
    on = latest.iloc[0]
    st.markdown(
        f"{METHOD[on['method']]} of {age(on)}. {as_text(total_text(component, unit, latest))}"
    )
    show_profile(what, latest)
    show_change(latest, mine)
    show_next(component, unit)


def total_text(component: str, unit: str, latest: pd.DataFrame) -> str:
    """Return the share of practices done, or why there is none."""
    unanswered = latest.loc[latest["n_unanswered"] > 0, "label"].tolist()
    if unanswered:
        return (
            f"No total, because practices are unanswered in {listed(unanswered)}: a total is "
            "given only where every core function is answered."
        )
    rows = state.rows(
        edition,
        metric="maturity_function_score",
        level="component",
        component=component,
        channel="all",
        period=latest["quarter"].iloc[0],
        breakdown=None,
    )
    rows = rows[rows["basis"].str.endswith(f"/{model}")]
    if unit != WHOLE or rows.empty:
        return "Figures of units are not added to those of the Component."
    return (
        f"Of all practices that apply, {value_text(rows['value'].iloc[0], 'share')} are done "
        f"({int(rows['numerator'].iloc[0])} of {int(rows['denominator'].iloc[0])})."
    )


def show_profile(what: str, latest: pd.DataFrame) -> None:
    """Show how far each core function has come, level by level."""
    counts = state.table(edition, "maturity_level_count")
    counts = latest.merge(
        counts.assign(unit=counts["unit"].fillna(WHOLE)),
        on=["component", "unit", "model", "assessed_on", "function"],
        suffixes=("_all", ""),
    ).sort_values(["order", "level"])
    cells = []
    for function, group in counts.groupby("label", sort=False):
        reached = sentences.level_text(group["level_all"].iloc[0], levels)
        by_level = {int(row["level"]): row for _, row in group.iterrows()}
        cells += [
            level_cell(str(function), number, by_level) | {"result": reached} for number in levels
        ]
    answer = f"{what}. {sentences.levels_sentence(latest, levels)}"
    table = pd.DataFrame(cells).pivot(index="row", columns="column", values="words")
    table = table.loc[latest["label"].tolist(), list(levels.values())]
    table["Level reached"] = [sentences.level_text(level, levels) for level in latest["level"]]
    table.index.name = "Core function"
    show_figure(
        draw("grid", edition.id, pd.DataFrame(cells), title=answer),
        "profile",
        answer,
        "Practices done of those that apply, at each level. ✓ all done; ? some unanswered, so the "
        "level is not known; – none applies.",
        table.reset_index(),
        f"maturity_{chosen.component}_{model}_{edition.id}",
    )


def level_cell(
    function: str, number: int, by_level: dict[int, "pd.Series[object]"]
) -> dict[str, object]:
    """Return the cell of one core function and level."""
    found = by_level.get(number)
    cell: dict[str, object] = {"row": function, "column": levels[number], "shade": 0.0}
    if found is None or not found["n_applicable"]:
        return cell | {"text": "–", "words": "no practice applies", "shade": None}
    done, wanted, unanswered = (
        int(str(found[name])) for name in ("n_done", "n_applicable", "n_unanswered")
    )
    said = f"{done} of {wanted}"
    if unanswered:
        return cell | {"text": f"{said} ?", "words": f"{said} done, {unanswered} unanswered"}
    if done == wanted:
        return cell | {"text": f"✓ {said}", "words": f"all {said} done", "shade": 1.0}
    return cell | {"text": said, "words": f"{said} done", "shade": 0.5 if done else 0.0}


def show_change(latest: pd.DataFrame, mine: pd.DataFrame) -> None:
    """Show what changed since the first assessment by the same model."""
    st.header("Change since the baseline", anchor=False)
    first, last = day(latest["baseline_on"].iloc[0]), day(latest["assessed_on"].iloc[0])
    if first == last:
        st.markdown("This is the first assessment by this model: the baseline of later ones.")
        return
    st.markdown(
        f"From {first} to {last}, by the same model. Another model or version is never compared."
    )
    dates = mine["assessed_on"].drop_duplicates().tolist()
    table = pd.DataFrame({"Core function": latest["label"].tolist()})
    for moment in dates:
        then = mine[mine["assessed_on"] == moment].set_index("label")["level"]
        method = mine.loc[mine["assessed_on"] == moment, "method"].iloc[0]
        table[f"{day(moment)} ({METHOD[method].lower()})"] = [
            sentences.level_text(then.get(label), levels) for label in latest["label"]
        ]
    table["Change since the baseline"] = [
        sentences.level_change(row) for _, row in latest.iterrows()
    ]
    show_table(table, "change", "Change since the baseline", ["maturity_function_score"])


def show_next(component: str, unit: str) -> None:
    """Show which practices are missing at the next level."""
    st.header("What to do next", anchor=False)
    rows = state.table(edition, "maturity_next")
    rows = rows[
        rows["model"].eq(model)
        & rows["component"].eq(component)
        & rows["unit"].fillna(WHOLE).eq(unit)
    ].sort_values("sort_order")
    if rows.empty:
        st.markdown("All applicable practices are in place. Reassess in a year.")
        return
    st.markdown("The first practices missing in each core function. With them done, it is at the "
                "level named.")  # fmt: skip
    for function, label in functions.items():
        group = rows[rows["function"] == function]
        if group.empty:
            continue
        st.markdown(
            f"**{as_text(label)}**, for {as_text(levels[int(group['level'].iloc[0])])}:\n"
            + "\n".join(
                f"- {as_text(row.text)}"
                f"{' (not answered yet)' if row.status == 'unanswered' else ''}"
                for row in group.itertuples()
            )
        )


def show_activities() -> None:
    """Show what was done for customers, year by year, where it is reported."""
    names = [name for name in ACTIVITIES if name in edition.metrics.index]
    rows = state.rows(
        edition,
        metric=names,
        level="department" if chosen.component == "all" else "component",
        component=chosen.component,
        channel="all",
        period_kind="fiscal_year",
        breakdown=None,
    )
    st.header("What was done", anchor=False)
    if rows.empty:
        st.markdown(
            "Acquisitions with customer-experience terms, research, tests, training and budget "
            "appear here once their counts are loaded."
        )
        return
    kinds, titles = edition.metrics["kind"], edition.metrics["title"]
    texts = [
        value_text(row.value, kinds[row.metric])
        + (f" ({STATUS[row.status].lower()})" if row.status != "ok" else "")
        for row in rows.itertuples()
    ]
    table = rows.assign(text=texts).pivot(index="metric", columns="period", values="text")
    table = table.reindex([name for name in names if name in table.index]).fillna("–")
    table.index = pd.Index([titles[name] for name in table.index], name="Fiscal year")
    table.columns = pd.Index([period_label(period) for period in table.columns])
    show_table(table.reset_index(), "activities", "What was done", names)


def show_models() -> None:
    """Show the models side by side."""
    st.header("The models", anchor=False)
    st.markdown(
        "Each version is a model of its own. Levels of different models have different meanings, "
        "so they stand side by side and are never compared or added up."
    )
    rows = []
    for row in models.itertuples():
        own = every_level[every_level["model"] == row.model]["name"]
        asked = every_practice[every_practice["model"] == row.model]
        rows.append(
            {
                "Model": model_names[row.model],
                "Levels, lowest first": ", ".join(own),
                "Core functions": int(every_function["model"].eq(row.model).sum()),
                "Practices": len(asked) or "None, so it cannot be assessed",
            }
        )
    st.table(table_as_text(pd.DataFrame(rows).astype(str)), hide_index=True, border="horizontal")
    for row in models.itertuples():
        st.markdown(
            f"- **{as_text(model_names[row.model])}**: {as_text(row.note)} "
            f"Source: {as_text(row.source)}."
        )
    st.subheader("The pilot of 2024", anchor=False)
    st.markdown(PILOT)


def show_record() -> None:
    """Offer the form, or the file to fill in."""
    st.header("Record an assessment", anchor=False)
    asked = every_practice[every_practice["model"] == model]
    if asked.empty:
        st.markdown("This model has no practices, so there is nothing to answer.")
        return
    named = asked.merge(
        every_function[every_function["model"] == model],
        on="function",
        suffixes=("", "_of_function"),
    )
    named = named.sort_values(["sort_order_of_function", "sort_order"])
    named = named.assign(function=named["name"], level=named["level"].map(levels))
    st.markdown(
        f"By the model {as_text(model_names[model])}: mark each practice as done, not done or not "
        "applicable, in a workshop or by yourselves. Levels, their number of practices and what is "
        "missing are published. Links to evidence and the number of participants are kept in the "
        "team's own file; names of participants are never recorded."
    )
    mine = "" if chosen.component == "all" else chosen.component
    st.download_button(
        "Download a blank form (CSV)",
        assessment.blank_file(named, model, mine),
        file_name=f"maturity_{model}_blank.csv",
        mime="text/csv",
        key="maturity_blank",
        on_click="ignore",
    )
    if edition.is_demonstration:
        st.info("These figures are made up, and nothing is recorded among them.")
    elif not may_open(LOAD_PAGE):
        st.markdown(
            "Give the filled-in file to whoever runs the dashboard: "
            "`python -m metrics load maturity FILE`, then `python -m metrics publish`."
        )
    elif assessment.is_open():
        assessment.show_form(named, model, components, mine or components[0], chosen.data)


if profile.empty:
    st.info(
        "**No assessment is recorded.** No level is published for any Component by this model, and "
        "none is guessed. Record an assessment below, and the profile, the change since the first "
        "one and the next steps appear here."
    )
elif chosen.component == "all":
    show_department()
    st.markdown("Choose a Component in the filters for its profile and what to do next.")
else:
    show_component(chosen.component)
show_activities()
show_models()
show_record()
