import pandas as pd
import streamlit as st

from metrics import words
from ui import state, view
from ui.access import guard
from ui.definition import show_definition
from ui.filters import choice

guard(__file__)

edition, chosen = view.current()
catalogue = edition.metrics

st.title("Metrics", anchor=False)
st.markdown(
    f"{len(catalogue)} metrics, each defined once in one SQL file. Choose one to see its "
    "definition, formula, source and SQL."
)
order = [*words.MEASURES, *(name for name in catalogue.index if name not in words.MEASURES)]
name = choice("Metric", "metric", order, "trust", lambda code: catalogue.loc[code, "title"])
metric = catalogue.loc[name]

st.header(metric["title"], anchor=False)
show_definition(metric)

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

st.header("All metrics", anchor=False)
st.table(
    pd.DataFrame(
        {
            "Metric": [
                f"[{row.title}]({view.metric_link(row.metric)})" for row in catalogue.itertuples()
            ],
            "Family": catalogue["family"],
            "Kind": catalogue["kind"],
            "What it tells": [
                text.rsplit(" One row per ", 1)[0] for text in catalogue["description"]
            ],
        }
    ),
    hide_index=True,
    border="horizontal",
)
