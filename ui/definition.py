"""What a metric means: the header of its file, as readers see it."""

import json
from typing import Any

import pandas as pd
import streamlit as st

from metrics import words

FORMULAS = {
    "share": "numerator ÷ denominator, both added up over all cells of one basis",
    "ratio": "numerator ÷ denominator, both added up over all cells of one basis",
    "mean": "total ÷ n, both added up over all cells of one basis, rounded half up",
    "total": "value, added up over all cells of one basis",
    "quantile": "interpolated within the band of time in which it lies, after the counts of all "
    "cells of one basis are added up band by band",
}
BETTER = {"higher": "Higher is better", "lower": "Lower is better", "neither": "Neither is better"}


def show_definition(metric: "pd.Series[Any]") -> None:
    """Show a row of the catalogue: description, header, versions and SQL."""
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
                    f"`{metric['metric']}`",
                    FORMULAS[metric["kind"]],
                    metric["unit"],
                    BETTER[metric["better"]],
                    metric["family"],
                    metric["basis"],
                    "Quarters add up to the year"
                    if metric["over_time"] == "sum"
                    else "The last quarter stands for the year",
                    words.text(metric["breakdown"]) or "Nothing",
                    f"{metric['minimum_n']} people"
                    if metric["minimum_n"]
                    else "No limit: no people",
                    metric["source"],
                    metric["owner"],
                    f"{metric['version']} (definition {metric['definition_hash']})",
                    f"`{metric['file']}`",
                    words.listed(
                        [
                            *(
                                ["Department", "Component"]
                                if metric["metric"] in words.MEASURES
                                else []
                            ),
                            *(["Compare"] if pd.isna(metric["breakdown"]) else ["Component"]),
                            "Data",
                        ]
                    ),
                ],
            }
        ),
        hide_index=True,
        hide_header=True,
        border="horizontal",
    )
    st.markdown("**Versions**")
    for version, change in sorted(json.loads(metric["changelog"]).items(), reverse=True):
        st.markdown(f"- {version}: {change}")
    st.markdown("**SQL**")
    st.code(metric["sql"], language="sql")
