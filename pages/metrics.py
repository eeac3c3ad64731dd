import pandas as pd
import streamlit as st

from metrics.base.numbers import counted, has_words
from metrics.tell.vocabulary import MEASURES
from ui import state, view
from ui.access import guard
from ui.definition import show_definition, show_lineage
from ui.filters import choice, text_choice
from ui.plain import as_text, table_as_text

guard(__file__)

SEARCHED = ["metric", "title", "description", "question", "family", "source"]

edition, chosen = view.current()
catalog = edition.metrics

st.title("Metrics", anchor=False)
st.markdown(
    f"{len(catalog)} metrics, each defined once, in SQL. Choose one to see its "
    "definition, formula, source and SQL."
)
typed = text_choice("Search the metrics", "find", "such as: complaints, trust, OMB")
found = [code for code in catalog.index if has_words(catalog.loc[code, SEARCHED], typed)]
if typed and not found:
    st.warning(
        f"No metric has “{as_text(typed)}” in its name, text, question, family or source. "
        "All are shown."
    )
    found = list(catalog.index)
elif typed:
    st.markdown(f"{counted(len(found), 'metric')} of {len(catalog)} for “{as_text(typed)}”.")
if st.query_params.get("metric") in set(catalog.index) - set(found):
    del st.query_params["metric"]  # it exists, the search just leaves it out
order = [name for name in MEASURES if name in found]
order += [name for name in found if name not in MEASURES]
first = "trust" if "trust" in order else order[0]
name = choice("Metric", "metric", order, first, lambda code: catalog.loc[code, "title"])
metric = catalog.loc[name]

st.header(as_text(metric["title"]), anchor=False)
show_definition(edition, metric)

questions = state.table(edition, "instrument_question")
asked = questions[questions["measure"] == name.split("_")[0]]
if name in MEASURES and len(asked):
    st.header("How it was asked", anchor=False)
    instruments = state.table(edition, "instrument").set_index("instrument")
    st.table(
        table_as_text(
            pd.DataFrame(
                {
                    "Survey": instruments.loc[asked["instrument"], "title"].to_list(),
                    "Wording": asked["wording"].str.replace("-", " "),
                    "Question": asked["text"],
                }
            )
        ),
        hide_index=True,
        border="horizontal",
    )

show_lineage(edition, metric)

is_part = len(found) < len(catalog)
st.header("Metrics found" if is_part else "All metrics", anchor=False)
listed = catalog.loc[found]
st.table(
    table_as_text(
        pd.DataFrame(
            {
                "Metric": [
                    f"[{as_text(row.title)}]({view.metric_link(row.metric)})"
                    for row in listed.itertuples()
                ],
                "Family": listed["family"],
                "Kind": listed["kind"],
                "What it tells": [
                    text.rsplit(" One row per ", 1)[0] for text in listed["description"]
                ],
            }
        ),
        ["Metric"],
    ),
    hide_index=True,
    border="horizontal",
)
