"""What a reader of the Department page should look at first."""

import pandas as pd
import streamlit as st

from metrics.base.numbers import change_text, counted, listed, value_text
from metrics.base.periods import period_label
from metrics.tell import sentences
from metrics.tell.vocabulary import COMPARED, REPORT_STATUS, TARGET
from ui import state, view
from ui.plain import as_text

APPROVALS = {
    "approvals_expired": (
        "approval of a form has expired while the form is in use",
        "approvals of forms have expired while the forms are in use",
    ),
    "approvals_expiring": (
        "approval of a form expires within 180 days",
        "approvals of forms expire within 180 days",
    ),
}
"""Metrics, and what one and many of them are."""
SHOWN = 6
"""Lines of one kind before the rest is counted."""


def show_attention(finest: pd.DataFrame, aimed: pd.DataFrame, due: pd.DataFrame) -> None:
    """List clear falls, missed targets, reports that are not there and approvals that end.

    `finest` are the comparisons of one service, channel and measure (with `label`), `aimed`
    the figures that have a target, `due` the reports that were due in the period.
    """
    _, chosen = view.current()
    lines = [*_falls(finest), *_missed(aimed), *_missing(due), *_approvals()]
    st.header("What needs attention", anchor=False)
    when = period_label(chosen.period)
    if lines:
        st.markdown("\n".join(f"- {line}" for line in lines))
    else:
        st.markdown(f"Nothing needs attention in {when}: {listed(_judged(finest, aimed, due))}.")
    if len(aimed):
        calls = aimed["target_call"].value_counts()
        st.caption(
            f"Of {counted(len(aimed), 'figure')} with a target, {calls.get('missed', 0)} "
            f"clearly missed it, {calls.get('met', 0)} clearly met it, and "
            f"{calls.get('unclear', 0)} are too close to call."
        )


def _judged(finest: pd.DataFrame, aimed: pd.DataFrame, due: pd.DataFrame) -> list[str]:
    """Say what was looked at, and no more: what is not known is no good news."""
    is_compared = finest["change_call"].isin(COMPARED).any()
    judged = ["no clear decline" if is_compared else "no figure that can be compared"]
    if len(aimed):
        judged.append("no target clearly missed")
    if len(due) and not due["reporting_status"].eq("not_due").any():
        judged.append("no report missing")
    return judged


def _shortened(lines: list[str], rest: str) -> list[str]:
    if len(lines) <= SHOWN:
        return lines
    return [*lines[:SHOWN], f"{len(lines) - SHOWN} more {rest}."]


def _falls(finest: pd.DataFrame) -> list[str]:
    """The measures are shares of good answers: down is worse."""
    edition, _ = view.current()
    # The largest comes first already.
    falls = finest[finest["change_call"] == "down"]
    lines = []
    for row in falls.itertuples():
        address = view.address(
            "component",
            component=row.component,
            service=row.service,
            channel=row.channel,
            measure=row.metric,
        )
        title = edition.metrics.loc[row.metric, "title"]
        fell = sentences.judged_change(pd.Series(row._asdict()))
        lines.append(
            f"▼ **{as_text(title)}, {as_text(row.label)}**, fell "
            f"{change_text(fell, 'share')} to "
            f"[{value_text(row.value, 'share')}]({address})."
        )
    return _shortened(lines, "clear falls stand below")


def _missed(aimed: pd.DataFrame) -> list[str]:
    edition, _ = view.current()
    services = state.table(edition, "service").set_index("service")["name"]
    is_double = aimed.duplicated(["metric", "component", "service"], keep=False)
    lines = []
    for row in aimed[aimed["target_call"] == "missed"].itertuples():
        about = edition.metrics.loc[row.metric]
        whose = sentences.place_text(row.component, row.service, services)
        asked = f" ({sentences.basis_text(row.basis)})" if is_double[row.Index] else ""
        lines.append(
            f"{TARGET['missed']}: **{as_text(about['title'])}, {as_text(whose)}** is "
            f"{value_text(row.value, about['kind'])}{as_text(asked)}, target "
            f"{value_text(row.target, about['kind'])}."
        )
    return _shortened(lines, "figures miss their target")


def _missing(due: pd.DataFrame) -> list[str]:
    is_missing = due["reporting_status"].isin(["not_reported", "partial"])
    return [
        f"**{as_text(row.component)}**: {REPORT_STATUS[row.reporting_status].lower()}. "
        f"{as_text(row.reason)}"
        for row in due[is_missing].itertuples()
    ]


def _approvals() -> list[str]:
    edition, _ = view.current()
    where = {"level": "department", "channel": "all", "basis": "burden/inventory/approved"}
    newest = state.newest(edition, list(APPROVALS), "quarter", **where)
    lines = []
    for metric, (one, many) in APPROVALS.items():
        if metric not in newest:
            continue
        rows = state.rows(edition, metric=metric, period=newest[metric], breakdown=None, **where)
        n = int(rows.iloc[0]["value"])
        if n:
            lines.append(
                f"**{n:,}** {one if n == 1 else many} "
                f"([Burden]({view.address('burden')}), {period_label(newest[metric])})."
            )
    return lines
