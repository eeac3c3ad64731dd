from datetime import datetime
from typing import Any

import pandas as pd
import streamlit as st

from metrics.base.numbers import (
    bands_of,
    change_text,
    counted,
    is_missing,
    value_text,
    worded,
)
from metrics.base.periods import period_label, periods_between
from metrics.base.settings import dataset_home
from metrics.desk import preview
from metrics.tell import sentences
from metrics.tell.tables import numbers_table
from metrics.tell.vocabulary import GAP, STATUS
from ui import state, view
from ui.access import guard
from ui.definition import show_definition, show_lineage
from ui.figure import draw, show_figure
from ui.filters import choice, say_wrong_values
from ui.parts import basis_names, part_names
from ui.plain import as_text, table_as_text

guard(__file__)

DEPARTMENT = "department"
KINDS = {"quarter": "Quarters", "month": "Months", "fiscal_year": "Fiscal years"}
DIFFERENCES = {"added": "New", "changed": "Changed", "removed": "Gone"}
MAX_LINES = 6
"""Bases that are shown side by side; of more, one is chosen."""
MAX_DOTS = 15
"""Figures that one chart draws, the largest; its table has all."""
LOOK_SECONDS = 1.0
"""How often an open page looks whether the file was saved or the preview went on."""

_, chosen = view.current()
home = dataset_home(chosen.data)
seen = preview.stamp(home)
made = preview.read_state(home)


@st.fragment(run_every=LOOK_SECONDS)
def follow() -> None:
    """Draw the page anew when there is something new to say."""
    if preview.stamp(home) != seen:
        st.rerun()


def show_nothing() -> None:
    """Say how a preview is made."""
    st.title("Preview", anchor=False)
    st.markdown(
        "Shows a metric as it will look, before it is published. There is no preview of this "
        "data set yet. Start one, and this page opens it:"
    )
    st.code("python -m metrics preview METRIC", language=None)


def clock(moment: str | None) -> str:
    """The time of day of a moment, with its date where that is not today."""
    date, time = str(moment)[:10], str(moment)[11:19]
    return time if date == f"{datetime.now():%Y-%m-%d}" else f"{time} on {date}"


def show_state(told: preview.State) -> None:
    """Say which version is shown, and what is wrong with the file."""
    version = f"the version saved at {clock(told.shown_saved_at)}"
    shown = f"Shown below is {version}." if told.edition else "There is nothing to show yet."
    if told.is_behind:
        st.warning(
            "**The file was saved since.** It is checked again while `python -m metrics preview "
            f"{told.metric}` runs. {shown}"
        )
    elif not told.is_shown:
        st.error(f"**The file has problems and cannot be run.** {shown}")
    elif told.problems:
        st.warning(
            f"**The file has {counted(len(told.problems), 'problem')}**, so it is not ready "
            f"for publishing. {shown}"
        )
    else:
        st.success(f"**The file has no problem.** {shown}")
    if told.problems:
        st.code("\n".join(told.problems), language=None, wrap_lines=True)
    for note in told.notes:
        st.markdown(as_text(note))


def show_progress(told: preview.State) -> None:
    """Say how final the figures are."""
    alone = (
        "Which figures are suppressed, and which changes are called up or down, also depends on "
        "the other metrics: below, this metric was computed alone."
    )
    if told.phase == preview.COMPARING:
        st.info(
            f"{alone} What publishing would change is being computed with all metrics, since "
            f"{clock(told.since)}."
        )
    elif told.edition and not told.is_whole:
        st.info(alone)


def places(rows: pd.DataFrame) -> dict[str, str]:
    """What the rows are of, code to words: the Department, Components, their services."""
    names = state.table(edition, "service").set_index("service")["name"]
    found = {DEPARTMENT: "the Department"} if rows["level"].eq(DEPARTMENT).any() else {}
    for code in sorted(rows.loc[rows["level"] != DEPARTMENT, "component"].unique()):
        of = rows[rows["component"] == code]
        if of["level"].eq("component").any():
            found[code] = code
        for service in sorted(of.loc[of["level"] == "service", "service"].unique()):
            found[f"{code}/{service}"] = f"{code}: {names.get(service, service)}"
    return found


def with_basis(rows: pd.DataFrame, column: str) -> pd.DataFrame:
    """Rows whose label names the basis too, where there are several."""
    if rows.loc[rows["value"].notna(), "basis"].nunique() < 2:
        return rows
    names = basis_names(edition, rows)
    return rows.assign(**{column: rows[column] + ", " + rows["basis"].map(names)})


def chosen_basis(rows: pd.DataFrame) -> str:
    """Show the choice of a basis, where there are several, and return it or 'all'."""
    bases = sorted(rows.loc[rows["value"].notna(), "basis"].unique())
    if len(bases) < 2:
        return "all"
    names = basis_names(edition, rows)
    options = [*(["all"] if len(bases) <= MAX_LINES else []), *bases]
    return choice(
        "Measured by",
        "basis",
        options,
        options[0],
        lambda basis: "Everything, side by side" if basis == "all" else names[basis],
    )


def show_figures() -> None:
    """Show the metric at the chosen level, channel and kind of period."""
    rows = state.rows(edition, metric=made_metric)
    st.header("As it will look", anchor=False)
    if rows.empty:
        st.markdown("No figure comes of it: everything that is loaded is of other agencies.")
        return
    names, channels = places(rows), state.table(edition, "channel").set_index("channel")["name"]
    first, second, third, fourth = st.columns(4)
    with first:
        place = choice(
            "Level",
            "place",
            list(names),
            next(iter(names)),
            lambda code: names[code][0].upper() + names[code][1:],
        )
    code, _, service = place.partition("/")
    scope = {
        "level": "service" if service else DEPARTMENT if code == DEPARTMENT else "component",
        "component": "all" if code == DEPARTMENT else code,
        "service": service or "all",
    }
    rows_here = rows[(rows[list(scope)] == pd.Series(scope)).all(axis=1)]
    in_order = sorted(rows_here["channel"].unique(), key=lambda name: (name != "all", name))
    with second:
        channel = choice(
            "Channel of the figures",
            "in",
            in_order,
            in_order[0],
            lambda code: "All channels" if code == "all" else channels.get(code, code),
        )
    rows_here = rows_here[rows_here["channel"] == channel]
    kinds = [kind for kind in KINDS if rows_here["period_kind"].eq(kind).any()]
    with third:
        kind = choice("By", "by", kinds, kinds[0], lambda kind: KINDS[kind])
    rows_here = rows_here[rows_here["period_kind"] == kind]
    periods = sorted(rows_here["period"].unique(), reverse=True)
    figures = rows_here.loc[rows_here["value"].notna(), "period"]
    with fourth:
        at = choice(
            "Period of the figures",
            "at",
            periods,
            periods[0] if figures.empty else str(figures.max()),
            period_label,
        )
    basis = chosen_basis(rows_here)
    say_wrong_values()
    if basis != "all":
        rows, rows_here = (part[part["basis"] == basis] for part in (rows, rows_here))
    here = {**scope, "channel": channel}
    where = names[place]
    if channel != "all":
        where += f", {channels.get(channel, channel).lower()}"
    totals = rows[rows["breakdown"].isna()]
    # That all answers are 100% of all answers tells nobody anything.
    says_nothing = metric["kind"] == "share" and totals["value"].dropna().eq(1).all()
    if not (metric["breakdown"] and says_nothing and rows["breakdown"].notna().any()):
        show_trend(rows_here[rows_here["breakdown"].isna()], where, kind, here)
        show_beside(totals[totals["period"] == at], scope, channel, at)
    show_parts(rows_here[rows_here["breakdown"].notna()], where, at, kind, here)
    show_gaps({**here, "period": at}, basis)


def show_beside(now: pd.DataFrame, scope: dict[str, str], channel: str, at: str) -> None:
    """Show the totals of a period by Component or service, and by channel."""
    channels = state.table(edition, "channel").set_index("channel")["name"]
    in_channel = now[now["channel"] == channel]
    if scope["level"] == DEPARTMENT:
        below = in_channel[in_channel["level"] == "component"]
        show_dots(below.assign(label=below["component"]), "Component", at)
    if scope["level"] == "component":
        is_own = in_channel["component"] == scope["component"]
        below = in_channel[in_channel["level"].eq("service") & is_own]
        labels = below["service"].map(state.table(edition, "service").set_index("service")["name"])
        show_dots(below.assign(label=labels.fillna(below["service"])), "Service", at)
    if channel == "all":
        beside = now[(now[list(scope)] == pd.Series(scope)).all(axis=1) & now["channel"].ne("all")]
        labels = beside["channel"].map(channels).fillna(beside["channel"])
        show_dots(beside.assign(label=labels), "Channel", at)


def axis(rows: pd.DataFrame, kind: str) -> list[str]:
    """Periods from the first to the last with a row, gaps included."""
    found = sorted(rows["period"].unique())
    return found if kind == "fiscal_year" else periods_between(found[0], found[-1])


def show_trend(rows: pd.DataFrame, where: str, kind: str, scope: dict[str, Any]) -> None:
    """Show the total over time."""
    figures = rows[rows["value"].notna()]
    if figures.empty:
        reasons = [worded(reason) for reason in rows["reason"].dropna().unique()]
        st.markdown(
            f"**{as_text(metric['title'])}** of {as_text(where)} has no figure. "
            f"{as_text(' '.join(reasons))}"
        )
        return
    lines = rows.assign(series=metric["title"])
    if rows["basis"].nunique() > 1:
        lines = rows.assign(series=rows["basis"].map(basis_names(edition, rows)))
    last = figures[figures["period"] == figures["period"].max()]
    answer = f"{metric['title']} of {where}"
    if len(last) == 1:
        value = value_text(last["value"].iloc[0], metric["kind"])
        answer += f": {value} in {period_label(last['period'].iloc[0])}"
    show_figure(
        draw(
            "trend",
            edition.id,
            lines,
            periods=axis(rows, kind),
            kind=metric["kind"],
            title=answer,
            unit=unit,
            marks=state.marks(edition, made_metric, scope),
            limits=state.rows(
                edition,
                "control_limit",
                metric=made_metric,
                period_kind=kind,
                breakdown=None,
                **scope,
            ),
        ),
        "trend",
        answer,
        f"Unit: {metric['unit']}. Hollow points are partial or rest on few answers; a line breaks "
        "where two periods cannot be compared.",
        numbers_table(lines, metric["kind"], {"period": "Period", "series": "Of"}),
        f"{made_metric}_trend_{edition.id}",
    )


def show_parts(rows: pd.DataFrame, where: str, at: str, kind: str, scope: dict[str, Any]) -> None:
    """Show the parts of the breakdown."""
    names = basis_names(edition, rows) if len(rows) else {}
    for basis, part in rows.groupby("basis"):
        of = f"{where}, {names[str(basis)]}" if len(names) > 1 else where
        if metric["breakdown"] in ("answer", "band") and part["value"].notna().any():
            show_spread(str(basis), part[part["value"].notna()], of, kind, scope)
            continue
        now = part[part["period"] == at]
        show_dots(
            now.assign(label=now["breakdown"].map(part_names(edition, made_metric, part))),
            worded(metric["breakdown"]).replace("_", " ").capitalize(),
            at,
            of,
        )


def show_spread(
    basis: str, rows: pd.DataFrame, where: str, kind: str, scope: dict[str, Any]
) -> None:
    """Show how answers or times spread, period by period."""
    is_answer = metric["breakdown"] == "answer"
    if not is_answer:
        bands = {band: place for place, band in enumerate(bands_of(basis))}
        rows = rows.assign(place=rows["breakdown"].map(bands)).sort_values(["period", "place"])
    rows = rows.assign(answer=rows["breakdown"].map(part_names(edition, made_metric, rows)))
    answer = f"{metric['title']} of {where}"
    numbers = rows.pivot_table(
        index="period", columns="answer", values="value", sort=False, aggfunc="first"
    ).map(lambda value: value_text(value, metric["kind"]))
    numbers.index = pd.Index([period_label(p) for p in numbers.index], name="Period")
    show_figure(
        draw(
            "distribution" if is_answer else "bands",
            edition.id,
            rows,
            periods=axis(rows, kind),
            title=answer,
            marks=state.marks(edition, made_metric, scope),
        ),
        f"spread_{basis}",
        answer,
        "",
        numbers.reset_index(),
        f"{made_metric}_spread_{edition.id}",
    )


def show_dots(rows: pd.DataFrame, heading: str, at: str, of: str = "") -> None:
    """Show figures of one period side by side, the largest first."""
    rows = with_basis(rows, "label").sort_values("value", ascending=False, na_position="last")
    if rows.empty:
        return
    figures = rows[rows["value"].notna()]
    numbers = numbers_table(rows, metric["kind"], {"label": heading}, benchmark=True)
    when = f"{period_label(at)}{f', {of}' if of else ''}"
    if figures.empty:
        st.subheader(f"By {heading.lower()} in {when}: no figure", anchor=False)
        st.table(table_as_text(numbers), hide_index=True, border="horizontal")
        return
    answer = f"By {heading.lower()} in {when}: {sentences.span_text(figures, metric['kind'])}"
    show_figure(
        draw(
            "dots", edition.id, figures.head(MAX_DOTS), kind=metric["kind"], title=answer, unit=unit
        ),
        f"dots_{heading}_{rows['basis'].iloc[0] if of else ''}",
        answer,
        f"The {MAX_DOTS} largest of {len(figures)}." if len(figures) > MAX_DOTS else "",
        numbers,
        f"{made_metric}_by_{heading.lower()}_{edition.id}",
    )


def show_gaps(equals: dict[str, Any], basis_shown: str) -> None:
    """Show how far groups lie from the others, one attribute at a time."""
    rows = state.rows(edition, "group_gap", metric=made_metric, **equals)
    if basis_shown != "all":
        rows = rows[rows["basis"] == basis_shown]
    for basis, part in rows[rows["gap"].notna()].groupby("basis"):
        part = part.assign(label=part["breakdown"].map(part_names(edition, made_metric, part)))
        answer = f"Each group beside the others, {basis.replace('/', ', ').replace('-', ' ')}"
        numbers = pd.DataFrame(
            {
                "Group": part["label"],
                "Difference": [change_text(gap, metric["kind"]) for gap in part["gap"]],
                "Verdict": [
                    GAP[call] if not is_missing(call) else worded(reason)
                    for call, reason in zip(part["gap_call"], part["reason"], strict=True)
                ],
            }
        )
        show_figure(
            draw("gaps", edition.id, part, title=answer),
            f"gaps_{basis}",
            answer,
            "",
            numbers,
            f"{made_metric}_gaps_{edition.id}",
        )


def show_changes(told: preview.State) -> None:
    """Show what publishing would change against the current edition."""
    st.header("What it would change", anchor=False)
    if told.failure:
        st.warning("**What publishing would change cannot be computed:**")
        st.code(told.failure, language=None, wrap_lines=True)
        return
    if not told.is_shown:
        st.markdown("It is computed when the file can be run.")
        return
    if told.changes is None:
        st.markdown(
            f"It is being computed with all metrics, since {clock(told.since)}."
            if told.phase == preview.COMPARING
            else "It was not computed: the preview was asked to be quick, or was ended."
        )
        return
    found = told.changes
    if found.note:
        st.markdown(as_text(found.note))
    if found.against is None:
        return
    if not found.counts:
        st.markdown(f"Nothing: every published figure stays as in edition {found.against}.")
        return
    counts = pd.DataFrame(found.counts)
    is_own = counts["metric"] == told.metric
    st.markdown(
        f"Against edition {found.against}: "
        f"**{counted(int(counts.loc[is_own, 'n'].sum()), 'row')}** of this metric and "
        f"**{counted(int(counts.loc[~is_own, 'n'].sum()), 'row')}** of other metrics."
    )
    st.table(
        table_as_text(
            pd.DataFrame(
                {
                    "Metric": counts["metric"].map(titles).fillna(counts["metric"]),
                    "Rows": [f"{n:,}" for n in counts["n"]],
                    "What happens": counts["difference"].map(DIFFERENCES),
                    "Because of": counts["because"],
                }
            )
        ),
        hide_index=True,
        border="horizontal",
    )
    for heading, rows, n in (
        ("Of this metric", found.own, int(counts.loc[is_own, "n"].sum())),
        ("Of other metrics", found.others, int(counts.loc[~is_own, "n"].sum())),
    ):
        if rows:
            first = f"first {len(rows)} of {n:,}" if n > len(rows) else f"{n}"
            with st.expander(f"{heading}: {first} rows"):
                st.table(
                    table_as_text(differences(pd.DataFrame(rows))),
                    hide_index=True,
                    border="horizontal",
                )


def differences(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows that differ as a table for people."""

    def told(row: "pd.Series[Any]", when: str) -> str:
        value, status = row[f"value_{when}"], row[f"status_{when}"]
        if not is_missing(value):
            return value_text(value, kinds.get(row["metric"], "total"))
        return "–" if is_missing(status) else STATUS[status]

    def place(row: "pd.Series[Any]") -> str:
        if row["level"] == DEPARTMENT:
            return "The Department"
        of = str(row["component"])
        return f"{of}: {row['service']}" if row["level"] == "service" else of

    each = [row for _, row in rows.iterrows()]
    table = pd.DataFrame(
        {
            "Metric": rows["metric"].map(titles).fillna(rows["metric"]),
            "Of": [place(row) for row in each],
            "Channel": rows["channel"].replace("all", "All"),
            "Period": rows["period"].map(period_label),
            "Part": [worded(code) or "All together" for code in rows["breakdown"]],
            "What happens": rows["difference"].map(DIFFERENCES),
            "Before": [told(row, "before") for row in each],
            "After": [told(row, "after") for row in each],
        }
    )
    if "change_call_before" in rows:
        for when in ("before", "after"):
            calls = rows[f"change_call_{when}"]
            table[f"Verdict {when}"] = [worded(call) or "–" for call in calls]
    return table if rows["breakdown"].notna().any() else table.drop(columns="Part")


def show_cells() -> None:
    """Show what the select gave."""
    cells = state.table(edition, "cell")
    n_cells = int(cells["n_cells"].iloc[0])
    st.header("What the select gives", anchor=False)
    st.markdown(
        f"{counted(n_cells, 'cell')}. **They are not suppressed: do not pass them on.** "
        "Names of numbers are those of the gate: a mean has its total as numerator and n as "
        "denominator."
    )
    shown = cells.drop(columns="n_cells").dropna(axis="columns", how="all")
    for column in shown.columns:
        texts = [
            f"{value:,.10g}" if isinstance(value, float) else worded(value)
            for value in shown[column]
        ]
        if column == "month":
            texts = ["" if pd.isna(value) else f"{value:%Y-%m}" for value in shown[column]]
        shown[column] = [text if text not in ("", "nan") else "–" for text in texts]
    label = f"The newest {len(shown)} of {n_cells:,}" if n_cells > len(shown) else "All"
    with st.expander(f"{label} cells"):
        st.table(table_as_text(shown), hide_index=True, border="horizontal")


def show_cost(told: preview.State) -> None:
    """Say what the select costs."""
    if told.seconds is not None:
        scanned = f" and scanned {told.n_scanned:,} rows" if told.n_scanned is not None else ""
        st.markdown(f"The select took {told.seconds:.2f} seconds{scanned}.")


follow()
shown_edition = None
if made is not None and made.edition is not None:
    shown_edition = state.private_edition(preview.preview_home(home), made.edition)
if made is None:
    show_nothing()
elif shown_edition is None:
    st.title(f"Preview of {made.metric}", anchor=False)
    show_state(made)
else:
    edition, made_metric = shown_edition, made.metric
    st.session_state["view"] = (edition, chosen)
    metric = edition.metrics.loc[made_metric]
    # A share says it by its percent signs.
    unit = None if metric["kind"] == "share" else str(metric["unit"])
    titles, kinds = edition.metrics["title"], edition.metrics["kind"]
    st.title(f"Preview: {as_text(metric['title'])}", anchor=False)
    view.show_banner(
        "Preview: not published",
        "Made from the file as it was saved. Published figures stay as they are.",
    )
    show_state(made)
    show_progress(made)
    show_figures()
    show_changes(made)
    st.header("What it means", anchor=False)
    show_definition(edition, metric)
    show_cells()
    show_cost(made)
    show_lineage(edition, metric)
