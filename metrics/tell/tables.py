"""Published rows as a table for people: the one under a chart and the one in a briefing."""

import pandas as pd

from metrics.base.numbers import interval_text, is_missing, value_text, worded
from metrics.base.periods import period_label
from metrics.tell.marks import HEADINGS
from metrics.tell.sentences import basis_text, call_text
from metrics.tell.vocabulary import STATUS, TARGET


def numbers_table(
    rows: pd.DataFrame,
    kind: str,
    first: dict[str, str],
    *,
    value: str = "Value",
    benchmark: bool = False,
    target: bool = True,
    outside: bool = True,
    year: bool = False,
    reasons: bool = True,
) -> pd.DataFrame:
    """Return published rows of one kind of metric as a table for people.

    `first` maps columns of `rows` to their headings. Value (headed `value`), 95 % interval,
    answers (not those of a ratio, whose denominator may be customers in 100,000s), status and
    change follow, with `year` that against the year before, too. The rest of the
    government, target and outside benchmark have a column where they are asked for and there is
    one.
    With `reasons` status and change say why; without, whoever shows the table does so.
    """
    table = pd.DataFrame(
        {
            heading: [
                period_label(value) if column == "period" else value for value in rows[column]
            ]
            for column, heading in first.items()
        }
    )
    table[value] = [value_text(value, kind) for value in rows["value"]]
    if kind != "total":
        table["95% interval"] = [
            interval_text(low, high, kind)
            for low, high in zip(rows["low"], rows["high"], strict=True)
        ]
    if kind not in ("total", "ratio"):
        table["Answers"] = ["–" if pd.isna(n) else f"{int(n):,}" for n in rows["n"]]
    table["Status"] = [
        f"{STATUS[status]}: {worded(reason)}" if reasons and worded(reason) else STATUS[status]
        for status, reason in zip(rows["status"], rows["reason"], strict=True)
    ]
    if benchmark and rows["benchmark"].notna().any():
        table["Rest of the government"] = [value_text(value, kind) for value in rows["benchmark"]]
    if target and "target" in rows and rows["target"].notna().any():
        table[HEADINGS["target"]] = [
            f"{value_text(target, kind)}, {TARGET[call]}" if isinstance(call, str) else "–"
            for target, call in zip(rows["target"], rows["target_call"], strict=True)
        ]
    if outside and "external_benchmark" in rows and rows["external_benchmark"].notna().any():
        table[HEADINGS["benchmark"]] = [
            "–" if is_missing(value) else f"{value_text(value, kind)} ({label})"
            for value, label in zip(
                rows["external_benchmark"], rows["external_benchmark_label"], strict=True
            )
        ]
    table["Since the period before"] = _changes(rows, kind, False, reasons)
    if year:
        table["Since the year before"] = _changes(rows, kind, True, reasons)
    if reasons and rows["basis"].nunique() > 1:
        table["Question"] = [basis_text(basis) for basis in rows["basis"]]
    return table


def _changes(rows: pd.DataFrame, kind: str, year: bool, reasons: bool) -> list[str]:
    call, why = (f"{'year_ago_' if year else ''}change_{name}" for name in ("call", "reason"))
    return [
        "–"
        if is_missing(row[call])
        else " ".join(
            part
            for part in (call_text(row, kind, year), worded(row[why]) if reasons else "")
            if part
        )
        for _, row in rows.iterrows()
    ]
