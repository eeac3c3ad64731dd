"""The section "More measures": every metric that a page does not draw by hand.

What belongs there metrics/tell/placement.py says; this module draws it from published rows
alone, so that a new file in sql/metrics/ is seen without a page being edited.
"""

from typing import Any

import pandas as pd
import streamlit as st

from metrics.base.numbers import (
    amount_text,
    counted,
    interval_text,
    is_missing,
    value_text,
    worded,
)
from metrics.base.periods import period_label, periods_between
from metrics.edition.edition import Edition
from metrics.tell import placement, sentences
from metrics.tell.tables import numbers_table
from metrics.tell.vocabulary import CALL, FAMILY, STATUS
from ui import state, view
from ui.figure import draw, show_figure, show_table
from ui.filters import Filters, choice, say_wrong_values
from ui.parts import basis_names, has_total, is_ordered, part_choice, part_names
from ui.plain import as_text

NOTHING = "none"
MAX_PARTS = 6
"""Parts that a line of the table lists; of more it tells the span."""
MAX_DOTS = 15
"""Parts that a chart draws, the largest; its table has all."""


def period_kind(chosen: Filters) -> str:
    """Return the kind of the chosen period."""
    return "fiscal_year" if chosen.period.startswith("FY") else "quarter"


def shown_period(edition: Edition, metric: str, rows: pd.DataFrame, chosen: Filters) -> str:
    """Return the period to show of a metric: the one chosen. The choice holds quarters of
    surveys; of other figures it is the latest with a figure where the one chosen has none."""
    figures = rows[rows["period_kind"].eq(period_kind(chosen)) & rows["value"].notna()]
    is_there = rows["period"].eq(chosen.period).any()
    if edition.metrics.loc[metric, "is_survey"] or is_there or figures.empty:
        return chosen.period
    return str(figures["period"].max())


def periods_of(edition: Edition, metric: str, rows: pd.DataFrame) -> list[str]:
    """Return the quarters of the axis of a trend: all of the surveys, or from the first to
    the last with a row of the metric."""
    if edition.metrics.loc[metric, "is_survey"]:
        return edition.periods("quarter")
    return periods_between(rows["period"].min(), rows["period"].max())


def with_basis(edition: Edition, rows: pd.DataFrame, column: str) -> pd.DataFrame:
    """Return rows whose label in `column` names the question too, where there are several."""
    if rows.loc[rows["value"].notna(), "basis"].nunique() < 2:
        return rows
    names = basis_names(edition, rows)
    return rows.assign(**{column: rows[column] + ", " + rows["basis"].map(names)})


def show_more(page: str, scope: dict[str, Any]) -> None:
    """Show the section on a page (by its title) for a scope: level, component, service and
    channel. Nothing is shown where there is no figure."""
    edition, chosen = view.current()
    wanted = placement.more_metrics(page, edition.metrics)
    rows = _rows(edition, wanted, scope, chosen)
    if rows.empty:
        return
    st.header("More measures", anchor=False)
    when = period_label(chosen.period)
    older = rows["period"].ne(chosen.period).any()
    st.caption(
        f"Everything else that is published for this view, in {when}"
        + (
            " or, where figures have quarters of their own, in the latest one, which is named. "
            if older
            else ". "
        )
        + "The name of a measure leads to its definition. "
        "Counted: the answers, people or cases behind the figure."
    )
    present = wanted[wanted.index.isin(rows["metric"])]
    families = [
        (family, name, present[present["family"] == family]) for family, name in FAMILY.items()
    ]
    for _, name, own in families:
        if not own["is_folded"].all():
            st.subheader(name, anchor=False)
            _show_table(edition, rows, own[~own["is_folded"]], name)
    for family, name, own in families:
        if own["is_folded"].any():
            folded = own[own["is_folded"]]
            title = f"{name}: {counted(len(folded), 'more measure')}"
            # Open or not is in the address; what is closed costs nothing.
            with st.expander(title, key=f"more_{family}", bind="query-params") as opened:
                if opened.open:
                    _show_table(edition, rows, folded, title)
    titles = edition.metrics["title"]
    metric = choice(
        "Look closer at",
        "more",
        [NOTHING, *present.index],
        NOTHING,
        lambda code: "Nothing chosen" if code == NOTHING else titles[code],
    )
    if metric != NOTHING:
        _show_closer(edition, metric, rows[rows["metric"] == metric], scope)
    say_wrong_values()


def _rows(
    edition: Edition, wanted: pd.DataFrame, scope: dict[str, Any], chosen: Filters
) -> pd.DataFrame:
    """Published rows of the section, one period of each metric. What is not asked or not
    due is left out; of folded metrics, whatever is neither a figure nor suppressed."""
    names = list(wanted.index)
    rows = state.rows(edition, metric=names, period=chosen.period, **scope)
    rows = rows[~rows["status"].isin(["not_asked", "not_designated"])]
    is_news = rows["value"].notna() | rows["status"].eq("suppressed")
    is_news |= ~rows["metric"].map(wanted["is_folded"]).astype(bool)
    rows = rows[is_news.groupby(rows["metric"]).transform("any")]
    late = [name for name in names if not wanted.loc[name, "is_survey"]]
    late = sorted(set(late) - set(rows["metric"]))
    newest = state.newest(edition, late, period_kind(chosen), **scope) if late else {}
    older = [
        state.rows(
            edition,
            metric=[name for name, last in newest.items() if last == period],
            period=period,
            **scope,
        )
        for period in sorted(set(newest.values()))
    ]
    return pd.concat([rows, *older], ignore_index=True) if older else rows


def _show_table(edition: Edition, rows: pd.DataFrame, metrics: pd.DataFrame, title: str) -> None:
    _, chosen = view.current()
    own = rows[rows["metric"].isin(metrics.index)]
    table, links = _table(edition, edition.id, own, list(metrics.index), chosen.period)
    show_table(
        table,
        f"more_{title}",
        title,
        list(metrics.index[metrics.index.isin(own["metric"])]),
        links=links,
    )


@st.cache_data(max_entries=128, show_spinner=False)
def _table(
    _edition: Edition, edition_id: str, rows: pd.DataFrame, names: list[str], period: str
) -> tuple[pd.DataFrame, list[str]]:
    """The table for people: a line for each metric and question, and where its name leads."""
    del edition_id  # the key of the cache
    lines, links = [], []
    for name in names:
        own = rows[rows["metric"] == name]
        bases = basis_names(_edition, own)
        for basis, part in own.groupby("basis"):
            line = _line(_edition, name, part)
            if own["basis"].nunique() > 1:
                line["Measure"] += f", {bases[str(basis)]}"
            lines.append(line)
            links.append(view.metric_link(name))
    table = pd.DataFrame(lines)
    if table["Period"].eq(period_label(period)).all():
        table = table.drop(columns="Period")
    return table, links


def _line(edition: Edition, name: str, rows: pd.DataFrame) -> dict[str, str]:
    """One line: the total with what the gate says of it, or the parts."""
    metric = edition.metrics.loc[name]
    kind, unit, better = metric["kind"], metric["unit"], metric["better"]
    total = rows[rows["breakdown"].isna()]
    head = total.iloc[0] if len(total) else rows.iloc[0]
    parts = rows[rows["breakdown"].notna()]
    is_whole = has_total(rows, kind)
    values, verdicts = [], []
    if is_whole and not (is_missing(head["value"]) and len(parts)):
        values.append(amount_text(head["value"], kind, unit))
        verdicts.append(sentences.verdict_text(head, kind, better))
    if len(parts) > len(values):  # one part alone is its total
        names = part_names(edition, name, parts)
        values.append(_parts_text(parts, names, kind, "" if values else unit))
        if not verdicts:
            verdicts.append(_parts_verdict(parts, names, kind, better))
    n: Any = head["n"] if kind != "ratio" else None
    reason = worded(head["reason"])
    status = STATUS[head["status"]]
    return {
        "Measure": str(metric["title"]),
        "Period": period_label(head["period"]),
        "Value": ". ".join(values),
        "95% interval": interval_text(head["low"], head["high"], kind) if is_whole else "–",
        "Since the period before": verdicts[0],
        "Counted": "–" if is_missing(n) else f"{int(n):,}",
        "Status": f"{status}: {reason}" if reason else status,
    }


def _parts_text(parts: pd.DataFrame, names: dict[str, str], kind: str, unit: str) -> str:
    """The value of each part, or of many parts their span."""
    figures = parts[parts["value"].notna()].assign(label=parts["breakdown"].map(names))
    if figures.empty:
        return f"{counted(len(parts), 'part')}, none with a figure"
    suffix = "" if kind == "share" or not unit else f" ({unit})"
    if len(parts) > MAX_PARTS:
        return f"{len(parts)} parts, {sentences.span_text(figures, kind)}{suffix}"
    texts = parts.set_index("breakdown")
    said = [
        f"{label} {value_text(texts.loc[code, 'value'], kind)}"
        if not is_missing(texts.loc[code, "value"])
        else f"{label} {STATUS[texts.loc[code, 'status']].lower()}"
        for code, label in names.items()
    ]
    return "; ".join(said) + suffix


def _parts_verdict(parts: pd.DataFrame, names: dict[str, str], kind: str, better: str) -> str:
    """What the gate says of the parts: those that changed clearly, else that none did."""
    changed = parts[parts["change_call"].isin(["up", "down"])]
    if len(changed):
        said = [
            f"{names[row['breakdown']]}: {sentences.verdict_text(row, kind, better)}"
            for _, row in changed.head(MAX_PARTS).iterrows()
        ]
        rest = len(changed) - len(said)
        return "; ".join(said) + (f"; and {counted(rest, 'other part')}" if rest else "")
    for call in ("same", "cannot tell", "not comparable"):
        if parts["change_call"].eq(call).any():
            return CALL[call]
    return "–"


def _show_closer(edition: Edition, metric: str, rows: pd.DataFrame, scope: dict[str, Any]) -> None:
    """Show one metric in charts: its parts, and Components side by side for the Department,
    the quarters for one Component or service."""
    about = edition.metrics.loc[metric]
    st.caption(as_text(sentences.without_grain(about["description"])))
    kind = about["kind"]
    names = part_names(edition, metric, rows)
    if len(names) > 1:
        show_parts(edition, metric, rows, names, scope)
    part = part_choice(f"Part of {about['title'].lower()}", names, has_total(rows, kind))
    who = names.get(part or "", "")
    title = f"{about['title']}, {who.lower()}" if who else about["title"]
    if scope["level"] == "department":
        _show_by_component(edition, metric, part, title, rows["period"].iloc[0], scope)
    else:
        _show_over_time(edition, metric, part, title, scope)


def _unit(edition: Edition, metric: str) -> str | None:
    """Name of the axis; a share says it by its percent signs."""
    about = edition.metrics.loc[metric]
    return None if about["kind"] == "share" else str(about["unit"])


def show_parts(
    edition: Edition,
    metric: str,
    rows: pd.DataFrame,
    names: dict[str, str],
    scope: dict[str, Any],
) -> None:
    """Show the parts of a metric as dots, those with an order of their own in it."""
    about = edition.metrics.loc[metric]
    kind = about["kind"]
    parts = rows[rows["breakdown"].notna()]
    parts = parts.assign(label=parts["breakdown"].map(names))
    order = {code: place for place, code in enumerate(names)}
    if is_ordered(names):
        parts = parts.sort_values("breakdown", key=lambda codes: codes.map(order))
    else:
        parts = parts.sort_values("value", ascending=False, na_position="last")
    parts = with_basis(edition, parts, "label")
    figures = parts[parts["value"].notna()]
    if figures.empty:
        return
    drawn = figures
    if len(figures) > MAX_DOTS and not is_ordered(names):
        drawn = figures.head(MAX_DOTS)
    period = parts["period"].iloc[0]
    answer = f"{about['title']}: {sentences.span_text(figures, kind)}"
    note = f"By {str(about['breakdown']).replace('_', ' ')}, {period_label(period)}."
    if len(drawn) < len(figures):
        note += f" Drawn are the {MAX_DOTS} largest of {len(figures)}; the table has all."
    show_figure(
        draw("dots", edition.id, drawn, kind=kind, title=answer, unit=_unit(edition, metric)),
        "more_parts",
        answer,
        note,
        numbers_table(parts, kind, {"label": "Part"}),
        f"{metric}_parts_{view.place(scope)}_{period}_{edition.id}",
    )


def _show_by_component(
    edition: Edition,
    metric: str,
    part: str | None,
    title: str,
    period: str,
    scope: dict[str, Any],
) -> None:
    kind = edition.metrics.loc[metric, "kind"]
    rows = state.rows(
        edition,
        metric=metric,
        level="component",
        channel=scope["channel"],
        period=period,
        breakdown=part,
    )
    rows = rows[~rows["status"].isin(["not_asked", "not_designated"])]
    rows = with_basis(edition, rows.assign(label=rows["component"]), "label")
    rows = rows.sort_values("value", ascending=False, na_position="last")
    figures = rows[rows["value"].notna()]
    if figures.empty:
        st.markdown(f"**{as_text(title)}** has no figure by Component in {period_label(period)}.")
        return
    answer = f"{title} by Component: {sentences.span_text(figures, kind)}"
    show_figure(
        draw("dots", edition.id, figures, kind=kind, title=answer, unit=_unit(edition, metric)),
        "more",
        answer,
        f"{period_label(period)}. Services differ in what they do: compare with care.",
        numbers_table(rows, kind, {"label": "Component"}),
        f"{metric}_by_component_{view.place(scope)}_{period}_{edition.id}",
    )


def _show_over_time(
    edition: Edition, metric: str, part: str | None, title: str, scope: dict[str, Any]
) -> None:
    kind = edition.metrics.loc[metric, "kind"]
    rows = state.rows(edition, metric=metric, period_kind="quarter", breakdown=part, **scope)
    figures = rows[rows["value"].notna()]
    if figures.empty:
        st.markdown(f"**{as_text(title)}** has no figure in any quarter.")
        return
    rows = rows.assign(series=title)
    if figures["basis"].nunique() > 1:
        rows = rows.assign(series=rows["basis"].map(basis_names(edition, figures)).fillna(title))
    last = figures[figures["period"] == figures["period"].max()]
    value = amount_text(last["value"].iloc[0], kind, str(edition.metrics.loc[metric, "unit"]))
    marks = state.marks(edition, metric, scope)
    answer = f"{title} by quarter"
    if len(last) == 1:
        answer = f"{title}: {value} in {period_label(last['period'].iloc[0])}"
    show_figure(
        draw(
            "trend",
            edition.id,
            rows,
            periods=periods_of(edition, metric, rows),
            kind=kind,
            title=answer,
            unit=_unit(edition, metric),
            marks=marks if part is None else marks.without_levels,
            limits=state.rows(
                edition,
                "control_limit",
                metric=metric,
                period_kind="quarter",
                breakdown=part,
                **scope,
            ),
        ),
        "more",
        answer,
        "Hollow points are partial or rest on few answers; a line breaks where two quarters cannot "
        "be compared.",
        numbers_table(
            rows.sort_values("period", ascending=False),
            kind,
            {"period": "Quarter", "series": "Series"},
        ),
        f"{metric}_{view.place(scope)}_{edition.id}",
    )
