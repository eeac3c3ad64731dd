import json

import pandas as pd
import streamlit as st

from metrics import lineage, placement, words
from ui import state, view
from ui.access import guard
from ui.figure import draw, show_figure
from ui.filters import choice, text_choice

guard(__file__)

FORMULAS = {
    "share": "numerator ÷ denominator, both added up over all cells of one basis",
    "ratio": "numerator ÷ denominator, both added up over all cells of one basis",
    "mean": "total ÷ n, both added up over all cells of one basis, rounded half up",
    "total": "value, added up over all cells of one basis",
    "quantile": "interpolated within the band of time in which it lies, after the counts of all "
    "cells of one basis are added up band by band",
}
SEARCHED = ["metric", "title", "description", "question", "family", "source"]
BETTER = {"higher": "Higher is better", "lower": "Lower is better", "neither": "Neither is better"}

edition, chosen = view.current()
catalogue = edition.metrics

st.title("Metrics", anchor=False)
st.markdown(
    f"{len(catalogue)} metrics, each defined once in one SQL file. Choose one to see its "
    "definition, formula, source and SQL."
)
typed = text_choice("Search the metrics", "find", "such as: complaints, trust, OMB")
found = [code for code in catalogue.index if words.has_words(catalogue.loc[code, SEARCHED], typed)]
if typed and not found:
    st.warning(
        f"No metric has “{typed}” in its name, text, question, family or source. All are shown."
    )
    found = list(catalogue.index)
elif typed:
    st.markdown(f"{words.counted(len(found), 'metric')} of {len(catalogue)} for “{typed}”.")
if st.query_params.get("metric") in set(catalogue.index) - set(found):
    del st.query_params["metric"]  # it exists, the search just leaves it out
order = [name for name in words.MEASURES if name in found]
order += [name for name in found if name not in words.MEASURES]
first = "trust" if "trust" in order else order[0]
name = choice("Metric", "metric", order, first, lambda code: catalogue.loc[code, "title"])
metric = catalogue.loc[name]
# Editions of before this was kept do not say since when.
since = pd.Timestamp(metric["since"]) if words.text(metric.get("since")) else None

st.header(metric["title"], anchor=False)
st.markdown(metric["description"])
if not pd.isna(metric["question"]):
    st.markdown(f"> {metric['question']}")
st.table(
    pd.DataFrame(
        {
            "": [
                "Name",
                "Formula",
                "Unit",
                "Direction",
                "Family",
                "What may be added up",
                "Over time",
                "Broken down by",
                "Smallest count shown",
                "Source",
                "Owner",
                "Version",
                "File",
                "Where used",
            ],
            "Value": [
                f"`{name}`",
                FORMULAS[metric["kind"]],
                metric["unit"],
                BETTER[metric["better"]],
                metric["family"],
                metric["basis"],
                "Quarters add up to the year"
                if metric["over_time"] == "sum"
                else "The last quarter stands for the year",
                words.text(metric["breakdown"]) or "Nothing",
                f"{metric['minimum_n']} people" if metric["minimum_n"] else "No limit: no people",
                metric["source"],
                metric["owner"],
                f"{metric['version']} (definition {metric['definition_hash']}"
                + (f", published since {since:%b %-d, %Y})" if since else ")"),
                f"`{metric['file']}`",
                words.listed(placement.pages_of(name)),
            ],
        }
    ),
    hide_index=True,
    hide_header=True,
    border="horizontal",
)
st.markdown("**Versions**")
starts = edition.starts(name)
for version, change in sorted(json.loads(metric["changelog"]).items(), reverse=True):
    held = f" (from {words.text(starts[int(version)])})" if int(version) in starts else ""
    st.markdown(f"- {version}{held}: {change}")
st.markdown("**SQL**")
st.code(metric["sql"], language="sql")

questions = state.table(edition, "instrument_question")
asked = questions[questions["measure"] == name.split("_")[0]]
if name in words.MEASURES and len(asked):
    st.header("How it was asked", anchor=False)
    instruments = state.table(edition, "instrument").set_index("instrument")
    st.table(
        pd.DataFrame(
            {
                "Survey": instruments.loc[asked["instrument"], "title"].to_list(),
                "Wording": asked["wording"].str.replace("-", " "),
                "Question": asked["text"].str.replace(r"([\[\]])", r"\\\1", regex=True),
            }
        ),
        hide_index=True,
        border="horizontal",
    )

if "lineage" in edition.table_names:  # editions of before it was made stay readable
    edges = lineage.edges_of(state.table(edition, "lineage"), name)
    tree = lineage.tree_of(edges, name)
    made = lineage.sources_of(edges, name)
    st.header("Where it comes from", anchor=False)
    title = (
        f"{metric['title']} is made from "
        f"{words.counted(len(made.raw), 'table')} filled by loads, "
        f"{words.counted(len(made.reference), 'reference table')} and "
        f"{words.counted(edges['load_id'].nunique(), 'loaded file')}"
    )
    show_figure(
        draw("lineage", edition.id, tree, title=title),
        "lineage",
        title,
        "Read from the SQL and the loads of this edition. `python -m metrics show "
        f"{name} --explain` goes further: the cells and loads behind one number.",
        words.lineage_table(edges),
        f"cx_lineage_{name}",
    )

is_part = len(found) < len(catalogue)
st.header("Metrics found" if is_part else "All metrics", anchor=False)
listed = catalogue.loc[found]
st.table(
    pd.DataFrame(
        {
            "Metric": [
                f"[{row.title}]({view.metric_link(row.metric)})" for row in listed.itertuples()
            ],
            "Family": listed["family"],
            "Kind": listed["kind"],
            "What it tells": [text.rsplit(" One row per ", 1)[0] for text in listed["description"]],
        }
    ),
    hide_index=True,
    border="horizontal",
)
