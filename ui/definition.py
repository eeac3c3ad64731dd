"""What a metric means: the header of its file, as readers see it."""

import json
from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from metrics.base.numbers import counted, listed, worded
from metrics.edition.edition import Edition
from metrics.edition.lineage import edges_of, sources_of, tree_of
from metrics.tell import placement, sentences
from ui import state
from ui.figure import draw, show_figure
from ui.plain import as_text

FORMULAS = {
    "share": "numerator ÷ denominator, both added up over all cells of one basis",
    "ratio": "numerator ÷ denominator, both added up over all cells of one basis",
    "mean": "total ÷ n, both added up over all cells of one basis, rounded half up",
    "total": "value, added up over all cells of one basis",
    "quantile": "interpolated within the band of time in which it lies, after the counts of all "
    "cells of one basis are added up band by band",
}
BETTER = {"higher": "Higher is better", "lower": "Lower is better", "neither": "Neither is better"}


def show_definition(edition: Edition, metric: "pd.Series[Any]") -> None:
    """Show a row of the catalog: description, header, versions and SQL."""
    # Editions of before this was kept do not say since when.
    since = pd.Timestamp(metric["since"]) if worded(metric.get("since")) else None
    st.markdown(as_text(metric["description"]))
    if not pd.isna(metric["question"]):
        st.markdown(f"> {as_text(metric['question'])}")
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
                    f"`{metric['metric']}`",
                    FORMULAS[metric["kind"]],
                    as_text(metric["unit"]),
                    BETTER[metric["better"]],
                    as_text(metric["family"]),
                    as_text(metric["basis"]),
                    "Quarters add up to the year"
                    if metric["over_time"] == "sum"
                    else "The last quarter stands for the year",
                    as_text(worded(metric["breakdown"])) or "Nothing",
                    f"{metric['minimum_n']} people"
                    if metric["minimum_n"]
                    else "No limit: no people",
                    as_text(metric["source"]),
                    as_text(metric["owner"]),
                    f"{metric['version']} (definition {metric['definition_hash']}"
                    + (f", published since {since:%b %-d, %Y})" if since else ")"),
                    f"`{metric['file']}`",
                    listed(placement.pages_of(metric["metric"])),
                ],
            }
        ),
        hide_index=True,
        hide_header=True,
        border="horizontal",
    )
    st.markdown("**Versions**")
    starts = edition.starts(metric["metric"])
    for version, change in sorted(json.loads(metric["changelog"]).items(), reverse=True):
        held = f" (from {worded(starts[int(version)])})" if int(version) in starts else ""
        st.markdown(f"- {version}{held}: {as_text(change)}")
    st.markdown("**SQL**")
    st.code(metric["sql"], language="sql")


def show_lineage(edition: Edition, metric: "pd.Series[Any]") -> None:
    """Show which files and tables a metric comes from."""
    if "lineage" not in edition.table_names:
        return  # an edition of before it was made
    name = metric["metric"]
    edges = edges_of(placement.with_pages(state.table(edition, "lineage")), name)
    tree = tree_of(edges, name)
    made = sources_of(edges, name)
    st.header("Where it comes from", anchor=False)
    title = (
        f"{metric['title']} is made from "
        f"{counted(len(made.raw), 'table')} filled by loads, "
        f"{counted(len(made.reference), 'reference table')} and "
        f"{counted(edges['load_id'].nunique(), 'loaded file')}"
    )
    show_figure(
        replace(draw("lineage", edition.id, tree, title=title), metrics=(name,)),
        "lineage",
        title,
        "Read from the SQL and the loads of this edition. “python -m metrics show "
        f"{name} --explain” goes further: the cells and loads behind one number.",
        sentences.lineage_table(edges),
        f"lineage_{name}_{edition.id}",
    )
