import pandas as pd
import streamlit as st

from metrics.base.errors import EditionError
from metrics.base.numbers import counted, listed
from metrics.base.periods import period_label
from metrics.deliver.files import csv_file, marked_name
from metrics.edition.manifest import edition_ids, read_manifest
from ui import state, view
from ui.access import guard
from ui.plain import as_text, table_as_text

guard(__file__)

edition, chosen = view.current()
manifest = edition.manifest
findings = state.table(edition, "finding")
counts = state.table(edition, "finding_count")
loads = state.table(edition, "data_load")
rejected = state.table(edition, "rejected_row")
channels = state.table(edition, "channel").set_index("channel")["name"]

st.title("Data", anchor=False)
st.markdown(
    f"Where the figures come from, what was refused or left out, and everything to take away. "
    f"This is **{as_text(manifest['title'])}**, edition `{edition.id}`."
)

st.header("Loads", anchor=False)
# Editions of before loads of single responses were left out name their files too.
named = loads[loads["file_name"].notna()]
if not named.empty:
    st.table(
        table_as_text(
            pd.DataFrame(
                {
                    "File": named["file_name"],
                    "Format": named["format"],
                    "As of": named["as_of"].dt.strftime("%b\N{NO-BREAK SPACE}%-d, %Y"),
                    "Rows": named["n_rows"].map("{:,.0f}".format),
                    "Accepted": named["n_accepted"].map("{:,.0f}".format),
                    "Duplicate": named["n_duplicate"].map("{:,.0f}".format),
                    "Rejected": named["n_rejected"].map("{:,.0f}".format),
                    "SHA-256": named["sha256"].str[:12] + "…",
                }
            )
        ),
        hide_index=True,
        border="horizontal",
    )
if len(named) < len(loads):
    surveys = loads.loc[loads["file_name"].isna(), "survey"].drop_duplicates()
    st.markdown(
        f"Single responses of {counted(len(surveys), 'survey')} are loaded: "
        f"{as_text(listed(list(surveys)))}. How many, when and from which "
        "files is not published, because two editions would tell by it who answered in between."
    )
if rejected.empty:
    st.markdown("No row of these files was rejected.")
else:
    st.markdown(f"{counted(len(rejected), 'reason')} for rejecting rows:")
    st.table(
        table_as_text(
            pd.DataFrame(
                {
                    "Load": rejected["load_id"],
                    "Line": ["–" if pd.isna(n) else f"{int(n):,}" for n in rejected["line_number"]],
                    "Column": rejected["column_name"],
                    "Reason": rejected["reason"],
                    # Editions of before the column was made have one row per line.
                    "Rows": rejected.get("n_rows", pd.Series(1, index=rejected.index)),
                }
            )
        ),
        hide_index=True,
        border="horizontal",
    )

st.header("Left out, and warnings", anchor=False)
st.markdown(
    "Every report is checked by rules. A figure that fails is left out of every metric; a warning "
    "stays beside the figure."
)
labels = {"quarantined": "Left out", "warning": "Warning"}
st.table(
    table_as_text(
        pd.DataFrame(
            {
                "Rule": counts["rule"].str.replace("_", " "),
                "Effect": counts["effect"].map(labels),
                "Reports of the Department": counts["n_reports_dhs"],
                "Reports of other agencies": counts["n_reports_elsewhere"],
            }
        )
    ),
    hide_index=True,
    border="horizontal",
)
st.subheader("In the reports of the Department", anchor=False)
keys = ["component", "channel", "effect", "reason"]
grouped = (
    findings.sort_values("quarter")
    .groupby(keys)["quarter"]
    .agg(lambda quarters: listed([period_label(q) for q in quarters.unique()]))
    .reset_index()
)
st.table(
    table_as_text(
        pd.DataFrame(
            {
                "Component": grouped["component"],
                "Channel": grouped["channel"].map(channels),
                "Effect": grouped["effect"].map(labels),
                "Reason": grouped["reason"],
                "Quarters": grouped["quarter"],
            }
        )
    ),
    hide_index=True,
    border="horizontal",
)

st.header("Download the data", anchor=False)
st.markdown(
    "All published rows, with intervals, comparisons and the reason where there is no number. "
    "Downloads never include suppressed figures. `python -m metrics export package FOLDER` writes "
    "the whole edition as open data: all tables, with a data dictionary and license."
)
left, right = st.columns(2)
with left:
    st.download_button(
        "Download all published rows (CSV)",
        lambda: csv_file(edition, state.rows(edition)),
        file_name=marked_name(edition, f"cx_published_{edition.id}.csv"),
        mime="text/csv",
        on_click="ignore",
    )
with right:
    st.download_button(
        "Download the government-wide benchmark (CSV)",
        lambda: csv_file(edition, state.rows(edition, "benchmark")),
        file_name=marked_name(edition, f"cx_benchmark_{edition.id}.csv"),
        mime="text/csv",
        on_click="ignore",
    )

st.header("Editions", anchor=False)
st.markdown("Editions never change. `python -m metrics editions use ID` shows an older one.")
lines = []
for edition_id in reversed(edition_ids(edition.home)):
    try:
        item = read_manifest(edition.home, edition_id)
    except EditionError:
        unread = dict.fromkeys(("Published", "Data through", "Rows", "Checks passed"), "–")
        lines.append({"Edition": f"{edition_id} (cannot be read)", **unread})
        continue
    lines.append(
        {
            "Edition": edition_id + (" (shown)" if edition_id == edition.id else ""),
            "Published": item["published_at"].replace("T", " ")[:16] + " UTC",
            "Data through": period_label(item["data_through"]),
            "Rows": f"{item['n_published']:,}",
            "Checks passed": str(sum(not check["n_rows"] for check in item["checks"])),
        }
    )
st.table(table_as_text(pd.DataFrame(lines)), hide_index=True, border="horizontal")
