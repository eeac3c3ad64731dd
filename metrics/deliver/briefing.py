"""The briefing: what an edition says of one place in one quarter, as a document that may
be passed on. Reads published rows only, and comments where it is told to."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any

import pandas as pd

from metrics.base.errors import CxError, UsageError
from metrics.base.numbers import (
    amount_text,
    change_text,
    counted,
    interval_text,
    is_missing,
    listed,
    value_text,
    worded,
)
from metrics.base.periods import period_label
from metrics.deliver.document import (
    Block,
    Document,
    Heading,
    Items,
    Paragraph,
    Picture,
    Quotes,
    Table,
    as_html,
    as_pdf,
    limited,
    picture,
)
from metrics.deliver.files import marked_name
from metrics.edition.edition import MADE_UP, NOT_OFFICIAL, Edition
from metrics.tell import charts, sentences, vocabulary
from metrics.tell.marks import Event, marks_for
from metrics.tell.tables import numbers_table
from metrics.tell.vocabulary import CALL, REPORT_STATUS, STATUS, TARGET

ALL = "all"
N_QUARTERS = 8
"""Quarters of the chart over time: two years, whose table fits beside the rest on paper."""
N_FIGURES = 14
"""Figures of the quarter that fit; where there are more, one question for each measure."""
N_CHANGES, N_REASONS, N_EVENTS, N_REPORTS, N_COMMENTS = 12, 6, 8, 10, 5
"""How many lines of each kind fit a briefing; how many more there are is said."""
MEASURES = list(vocabulary.MEASURES)
_MARKS = {call: said.split(" ")[0] for call, said in CALL.items()}
LINE_HEIGHT = 32
"""Pixels of a line of the chart of all measures: closer than on a page, to fit paper."""


@dataclass(frozen=True)
class Subject:
    """What a briefing is about: a Component or 'all', one of its services or 'all', and a
    fiscal quarter such as 2023Q1."""

    edition: Edition
    component: str
    quarter: str
    service: str = ALL

    @property
    def scope(self) -> dict[str, str]:
        """Columns that choose its published rows, but for channel and period."""
        level = "department" if self.component == ALL else "component"
        if self.service != ALL:
            level = "service"
        return {"level": level, "component": self.component, "service": self.service}

    @property
    def when(self) -> str:
        """Its quarter in words."""
        return period_label(self.quarter)

    @cached_property
    def services(self) -> "pd.Series[str]":
        """Names of all services, by code."""
        return self.edition.table("service").set_index("service")["name"]

    @cached_property
    def channels(self) -> "pd.Series[str]":
        """Names of all channels, by code."""
        return self.edition.table("channel").set_index("channel")["name"]

    @property
    def titles(self) -> "pd.Series[str]":
        """Titles of all metrics, by name."""
        return self.edition.metrics["title"]

    @property
    def place(self) -> str:
        """Whose it is, in words."""
        return sentences.place_text(self.component, self.service, self.services)

    @property
    def families(self) -> dict[str, str]:
        """Names of survey families, by code."""
        instruments = self.edition.table("instrument")
        return dict(zip(instruments["family"], instruments["family_name"], strict=True))

    def basis_names(self, rows: pd.DataFrame) -> dict[str, str]:
        """Words that tell the bases of published rows apart, by basis."""
        return sentences.basis_labels(sorted(rows["basis"].unique()), self.families)

    def labels(self, rows: pd.DataFrame) -> "pd.Series[str]":
        """Titles of the metrics of published rows, with the question where one metric has
        several."""
        return sentences.told_apart(rows["metric"].map(self.titles), rows["basis"], self.families)

    def rows(self, **equals: Any) -> pd.DataFrame:
        """Published total rows of its place, of all channels unless `equals` says
        otherwise."""
        return self.edition.rows(**{**self.scope, "channel": ALL, "breakdown": None, **equals})

    def own(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Rows of a table of the edition that concern its place."""
        if self.component != ALL:
            frame = frame[frame["component"] == self.component]
        return frame if self.service == ALL else frame[frame["service"] == self.service]


def subject(opened: Edition, component: str, quarter: str, service: str = ALL) -> Subject:
    """Return what a briefing is about. Raises UsageError that lists what there is, and
    CxError where a measure was left out of the edition."""
    if absent := [name for name in MEASURES if name not in opened.metrics.index]:
        raise CxError(
            f"edition {opened.id} has no {', '.join(absent)}; choose another edition, or publish "
            "those metrics"
        )
    table = opened.table("component").sort_values("sort_order")
    _known("Component", component, [ALL, *table["component"]])
    services = opened.table("service")
    own = services.loc[services["component"] == component, "service"]
    _known(f"service of {component}", service, [ALL, *own])
    _known("quarter", quarter, opened.periods("quarter"))
    return Subject(opened, component, quarter, service)


def _known(what: str, value: str, known: list[str]) -> None:
    if value not in known:
        there_are = ", ".join(known) or "none"
        raise UsageError(f"there is no {what} {value!r} in this edition; there are: {there_are}")


def file_name(about: Subject, suffix: str) -> str:
    """Return the name of a briefing's file, such as briefing_TSA_2023Q1_<edition>.pdf."""
    place = about.component if about.service == ALL else about.service
    name = f"briefing_{place}_{about.quarter}_{about.edition.id}.{suffix}"
    return marked_name(about.edition, name)


def write_briefing(about: Subject, folder: Path, with_comments: bool = False) -> list[Path]:
    """Write a briefing as HTML and as PDF into a folder, which is made; return the files.

    Raises CxError where comments are asked for and the edition has none of a team's own.
    """
    document = make_briefing(about, with_comments)
    folder.mkdir(parents=True, exist_ok=True)
    html = folder / file_name(about, "html")
    html.write_text(as_html(document), encoding="utf-8")
    pdf = folder / file_name(about, "pdf")
    pdf.write_bytes(as_pdf(document))
    return [html, pdf]


def make_briefing(about: Subject, with_comments: bool = False) -> Document:
    """Return a briefing as a document. With `with_comments` it holds comments, which are
    the team's own: whoever asks for them must have asked whether they may leave."""
    opened = about.edition
    changes = _changes(about)
    blocks = [
        Paragraph(_headline(about, changes), is_lead=True),
        *_answered(about),
        *_figures(about),
        *_over_time(about),
        *_side_by_side(about),
        *_what_changed(about, changes),
        *_targets(about),
        *_reporting(about),
        *(_comments(about) if with_comments else []),
        *_method(about),
    ]
    manifest = opened.manifest
    footer = [
        f"Edition {opened.id}, published on {manifest['published_at'][:10]}.",
        f"Data through {period_label(manifest['data_through'], long=True)}.",
        f"State of reporting as of {manifest['as_of']}.",
        NOT_OFFICIAL,
        *([MADE_UP] if opened.is_demonstration else []),
    ]
    return Document(
        title=f"Customer experience of {about.place}, {period_label(about.quarter, long=True)}",
        marks=tuple(opened.notices),
        blocks=tuple(blocks),
        footer=" ".join(footer),
        made_at=datetime.fromisoformat(manifest["published_at"]),
    )


def _changes(about: Subject) -> pd.DataFrame:
    """The finest rows with a verdict, the largest change first."""
    rows = about.own(
        about.edition.rows(metric=MEASURES, level="service", period=about.quarter, breakdown=None)
    )
    is_whole = about.component == ALL
    places = rows["component"] if is_whole else rows["service"].map(about.services)
    return sentences.finest_changes(rows, places, about.channels)


def _headline(about: Subject, changes: pd.DataFrame) -> str:
    if about.component == ALL:
        board = about.edition.table("reporting_board")
        is_trust = changes["metric"] == "trust"
        trust, others = changes[is_trust], changes[~is_trust]
        due = board[board["quarter"] == about.quarter]
        return f"{about.when}: {sentences.department_headline(trust, others, due, 'Trust')}"
    rows = about.rows(metric="trust", period=about.quarter)
    return f"{about.when}: {sentences.component_headline(rows, changes, about.place)}"


def _answered(about: Subject) -> list[Block]:
    """How many answered, of how many who were asked; of each family of surveys by itself."""
    rows = about.rows(metric=["respondents", "response_rate"], period=about.quarter)
    if rows["value"].isna().all():
        return []  # why there is no figure is told with the measures
    rows = rows.sort_values("metric")
    names = about.basis_names(rows)
    told: dict[str, list[str]] = {}
    for row in rows.itertuples():
        if is_missing(row.value):
            said = f"{about.titles[row.metric]}: {_why(row.status, row.reason)}"
        elif row.metric == "respondents":
            said = f"{int(row.value):,} people answered."
        else:
            said = (
                f"The response rate is {value_text(row.value, 'share')} of "
                f"{int(row.denominator):,} customers who were offered the survey."
            )
        told.setdefault(row.basis, []).append(said)
    lines = [f"{names[basis]}: {' '.join(said)}" for basis, said in told.items()]
    if len(lines) > 1:
        return [Items(tuple(lines))]
    return [Paragraph(" ".join(*told.values()))] if told else []


def _why(status: str, reason: Any) -> str:
    """Why there is no figure, in words."""
    name, said = STATUS[status].lower(), worded(reason)
    return f"{name}. {said}" if said else f"{name}."


def _figures(about: Subject) -> list[Block]:
    """All measures of the quarter, as dots and as a table."""
    rows = about.rows(metric=MEASURES, period=about.quarter)
    heading = Heading(f"All measures in {about.when}")
    if rows["value"].isna().all():
        why = {_why(row.status, row.reason): None for row in rows.itertuples()}
        told = " ".join(why) or "Nothing was due or reported."
        return [heading, Paragraph(f"No measure has a figure: {told}")]
    rows = rows.assign(
        order=rows["metric"].map(MEASURES.index), label=about.labels(rows)
    ).sort_values(["order", "basis"])
    n_more = 0
    if len(rows) > N_FIGURES:
        most_asked = rows.sort_values("n", ascending=False, na_position="last")
        kept = most_asked.drop_duplicates("metric").index
        n_more, rows = len(rows) - len(kept), rows[rows.index.isin(kept)]
    shown = rows[rows["value"].notna()]
    answer = f"Share of favorable answers: {sentences.span_text(shown, 'share')}"
    figure = charts.dots(shown, "share", answer)
    figure.spec["height"] = LINE_HEIGHT * len(shown) + 40
    blocks: list[Block] = [heading, _picture(about, figure, answer)]
    lines = list(figure.lines)
    if shown["benchmark"].notna().any():
        lines.append(
            "Upright tick: the rest of the government, where others asked in the same words."
        )
    if n_more:
        lines.append(
            f"Of each measure the question that most people answered; the dashboard shows {n_more} "
            "figures of other questions."
        )
    if lines:
        blocks.append(Items(tuple(lines)))
    table = _table(rows, {"label": "Measure"}, f"All measures of {about.place}, {about.when}")
    return [*blocks, table, *_notes(rows)]


def _over_time(about: Subject) -> list[Block]:
    """Trust over the quarters up to that of the briefing."""
    periods = [p for p in about.edition.periods("quarter") if p <= about.quarter][-N_QUARTERS:]
    rows = about.rows(metric="trust", period=periods)
    shown = rows[rows["value"].notna()]
    heading = Heading("Trust over time")
    if shown.empty:
        return [heading, Paragraph(f"Trust has no figure in any quarter up to {about.when}.")]
    names = about.basis_names(rows[rows["basis"].isin(shown["basis"])])
    several = len(names) > 1
    rows = rows.assign(series=rows["basis"].map(names) if several else f"Trust, {about.place}")
    marks = marks_for(about.edition, "trust", {**about.scope, "channel": ALL})
    now = shown[shown["period"] == about.quarter].sort_values("n", ascending=False)
    figure_now = value_text(now["value"].iloc[0], "share") if len(now) else "no figure"
    answer = f"Trust in {about.place}: {figure_now} in {about.when}"
    figure = charts.trend(rows, periods, "share", answer, marks=marks)
    caption = f"Trust in {about.place} by quarter"
    notes = [
        "A line breaks where two quarters cannot be compared; hollow points are partial or rest "
        "on few answers."
    ]
    return [
        heading,
        _picture(about, figure, answer),
        Items((*notes, *figure.lines)),
        _wide_table(rows, caption) if several else _table(rows, {"period": "Quarter"}, caption),
        *_notes(rows),
    ]


def _picture(about: Subject, figure: charts.Figure, caption: str) -> Picture:
    if about.edition.notices:
        figure = charts.with_mark(figure, ", ".join(about.edition.notices))
    return picture(figure, caption)


def _table(rows: pd.DataFrame, first: dict[str, str], caption: str) -> Table:
    """Published shares as the table that stands under a chart, too; reasons, which repeat,
    are told below it. The chart over time lists its targets."""
    table = numbers_table(
        rows,
        "share",
        first,
        value="Favorable",
        benchmark=True,
        target="label" in first,
        outside=False,
        year=True,
        reasons=False,
    )
    lines = (tuple(map(str, line)) for line in table.itertuples(index=False))
    return Table(caption, tuple(table.columns), tuple(lines))


def _wide_table(rows: pd.DataFrame, caption: str) -> Table:
    """Shares of several questions by quarter, one column each."""
    wide = rows.assign(cell=[_cell(row) for _, row in rows.iterrows()])
    wide = wide[wide["series"].notna()].pivot(index="period", columns="series", values="cell")
    lines = [(period_label(period), *cells.fillna("–")) for period, cells in wide.iterrows()]
    return Table(
        f"{caption}: share, 95% interval, answers, and the change since the quarter before "
        "(▲ up, ▼ down, ≈ same, ? cannot tell, ○ not comparable)",
        ("Quarter", *wide.columns),
        tuple(lines),
    )


def _cell(row: "pd.Series[Any]") -> str:
    if is_missing(row["value"]):
        return STATUS[row["status"]]
    told = f"{value_text(row['value'], 'share')} {_MARKS.get(str(row['change_call']), '')}"
    span = interval_text(row["low"], row["high"], "share")
    return f"{told.strip()} ({span}), {int(row['n']):,}"


def _target_text(row: "pd.Series[Any]", kind: str = "share") -> str:
    if is_missing(row["target"]):
        return "–"
    return f"{value_text(row['target'], kind)}, {TARGET[row['target_call']]}"


def _notes(rows: pd.DataFrame) -> list[Block]:
    """Why figures are missing, partial, few or not comparable, each reason once."""
    told = [
        f"{STATUS[status]}: {worded(reason)}"
        for status, reason in zip(rows["status"], rows["reason"], strict=True)
        if worded(reason)
    ]
    told += [
        f"Not comparable with the quarter before: {worded(reason)}"
        for reason in rows["change_reason"].dropna()
    ]
    return [Items(limited(list(dict.fromkeys(told)), N_REASONS))] if told else []


def _side_by_side(about: Subject) -> list[Block]:
    """All Components and measures, in the briefing of the Department."""
    if about.component != ALL:
        return []
    rows = about.edition.rows(
        metric=MEASURES, level="component", channel=ALL, period=about.quarter, breakdown=None
    )
    if rows.empty:
        return []
    cells = rows.assign(
        cell=[
            f"{value_text(row.value, 'share')} {_MARKS.get(str(row.change_call), '')}".strip()
            if not is_missing(row.value)
            else STATUS[row.status]
            for row in rows.itertuples()
        ]
    )
    wide = cells.groupby(["component", "metric"])["cell"].agg(" / ".join).unstack("metric")
    wide = wide.reindex(columns=MEASURES).fillna("Not asked")
    order = about.edition.table("component").sort_values("sort_order")["component"]
    lines = [(code, *wide.loc[code]) for code in order if code in wide.index]
    return [
        Heading("Every Component and measure"),
        Table(
            f"Share of favorable answers in {about.when}. ▲ and ▼ are clear changes since the "
            "quarter before, ≈ is shown to be the same, ? cannot be told, ○ cannot be compared",
            ("Component", *about.titles[MEASURES]),
            tuple(lines),
        ),
    ]


def _what_changed(about: Subject, changes: pd.DataFrame) -> list[Block]:
    """Clear changes, and what cannot be compared with its reasons."""
    clear = changes[changes["change_call"].isin(["up", "down"])]
    lines = [
        f"{about.titles[row['metric']]}, {row['label']}: {sentences.call_text(row, 'share')}, to "
        f"{value_text(row['value'], 'share')} of {int(row['n']):,} answers"
        for _, row in clear.iterrows()
    ]
    tested = changes[changes["change_call"] != "not comparable"]
    rest = sentences.rest_text(tested["change_call"])
    intro = (
        f"Of {counted(len(tested), 'comparison')} of one service, channel and measure with "
        f"the quarter before, {len(clear) or 'none'} show a clear change"
        f"{rest and '; '}{rest}."
        if len(tested)
        else f"Nothing in {about.when} can be compared with the quarter before."
    )
    blocks: list[Block] = [Heading("What changed"), Paragraph(intro)]
    if lines:
        blocks.append(Items(limited(lines, N_CHANGES)))
    apart = changes[changes["change_call"] == "not comparable"]
    if len(apart):
        reasons = []
        for reason, part in apart.groupby(apart["change_reason"].map(worded), sort=False):
            named = part.groupby("label", sort=False)["metric"].agg(list)
            whose = [
                f"{label}: {listed([about.titles[name].lower() for name in names])}"
                for label, names in named.items()
            ]
            reasons.append(f"{reason or 'No reason is known.'} ({'; '.join(whose)})")
        blocks += [
            Paragraph("Not comparable with the quarter before:"),
            Items(limited(reasons, N_REASONS)),
        ]
    return blocks


def _targets(about: Subject) -> list[Block]:
    """Targets of the quarter, and events that a reader of the measures must know."""
    opened = about.edition
    names = list(opened.table("target")["metric"].unique())
    aimed = opened.rows(metric=names, channel=ALL, period=about.quarter, breakdown=None)
    aimed = about.own(aimed[aimed["target_call"].notna()]) if len(aimed) else aimed
    lines: dict[str, list[str]] = {"missed": [], "unclear": [], "met": []}
    for _, part in aimed.groupby(["component", "service"], sort=False):
        for label, (_, row) in zip(about.labels(part), part.iterrows(), strict=True):
            kind, unit = opened.metrics.loc[row["metric"], ["kind", "unit"]]
            whose = sentences.place_text(row["component"], row["service"], about.services)
            lines[row["target_call"]].append(
                f"{label}, {whose}: {amount_text(row['value'], kind, unit)}, target "
                f"{_target_text(row, kind)}"
            )
    events = [
        f"{one.happened_on:%b %-d, %Y}: {one.text} Source: {one.source}" for one in _events(about)
    ]
    blocks: list[Block] = []
    if len(aimed):
        blocks += [Heading("Targets"), Items(limited(list(chain(*lines.values())), N_CHANGES))]
    if events:
        blocks += [Heading("Good to know"), Items(limited(events, N_EVENTS))]
    return blocks


def _events(about: Subject) -> list[Event]:
    """Events of the measures up to the quarter that the chart of trust does not list, the
    newest first."""
    scope = {**about.scope, "channel": ALL}
    told = marks_for(about.edition, "trust", scope).events
    found = marks_for(about.edition, MEASURES, scope).events
    return [
        one for one in reversed(found) if one not in told and one.period("2021Q1") <= about.quarter
    ]


def _reporting(about: Subject) -> list[Block]:
    """Who reported for the quarter, and what was left out of the reports."""
    board = about.edition.table("reporting_board")
    due = about.own(board[board["quarter"] == about.quarter])
    blocks: list[Block] = [Heading("State of reporting")]
    if due.empty:
        blocks.append(
            Paragraph(
                "No service is designated for quarterly reporting under OMB Circular A-11 Section "
                f"280, so no report is due for {about.when}."
            )
        )
    else:
        complete = due["reporting_status"].isin(["complete", "late"])
        if len(due) > N_REPORTS:
            blocks.append(Paragraph(f"{complete.sum()} of {len(due)} reports are complete."))
            due = due[due["reporting_status"] != "complete"]
        lines = [
            (
                f"{row.component}, {about.services[row.service]}",
                REPORT_STATUS[row.reporting_status],
                worded(row.reason) or "–",
                pd.Timestamp(row.due_on).strftime("%b %-d, %Y"),
            )
            for row in due.itertuples()
        ]
        if lines:
            head = ("Service", "Report", "Why", "Due")
            blocks.append(Table(f"Reports for {about.when}", head, tuple(lines)))
    findings = about.edition.table("finding")
    mine = about.own(findings[findings["quarter"] == about.quarter])
    lines_found = [
        f"{'Left out' if row.effect == 'quarantined' else 'Note'}: {worded(row.reason)}"
        for row in mine.itertuples()
    ]
    if lines_found:
        blocks.append(Items(limited(list(dict.fromkeys(lines_found)), N_REASONS)))
    return blocks


def _comments(about: Subject) -> list[Block]:
    """A few comments of the quarter, drawn by a hash of their words: the same at every run,
    and chosen by nobody."""
    if about.component == ALL:
        raise UsageError("comments are a Component's own; name one with --component")
    comments = about.edition.team(about.component).table("comment")
    minimum = about.edition.manifest["rules"]["minimum_comments"]
    heading = Heading("In customers' own words")
    if len(comments):
        comments = about.own(comments.assign(component=about.component))
        comments = comments[comments["quarter"] == about.quarter]
    if comments.empty:
        return [heading, Paragraph(f"There are no comments of {about.when} that may be shown.")]
    order = [hashlib.sha256(said.encode()).hexdigest() for said in comments["comment"]]
    drawn = comments.assign(order=order).sort_values("order").drop_duplicates("order")
    drawn = drawn.head(N_COMMENTS)
    quotes = tuple(
        (row.comment, f"{about.services[row.service]}, {about.channels[row.channel].lower()}")
        for row in drawn.itertuples()
    )
    return [
        heading,
        Paragraph(
            f"{counted(len(drawn), 'comment').capitalize()} of {len(comments):,}, drawn by "
            "chance: they show how people write, not how many think so. Only from services and "
            f"channels with at least {minimum} comments in the quarter. Marks such as [phone] "
            "stand where personal data were found and removed. Read them before you pass them on."
        ),
        Quotes(quotes),
    ]


def _method(about: Subject) -> list[Block]:
    rules = about.edition.manifest.get("rules", {})
    points = change_text(rules.get("minimum_effect_share", 0.02), "share")
    return [
        Heading("How to read this"),
        Items(
            (
                "Favorable answers are 4 and 5 on a scale from 1 to 5, a thumb up, or yes.",
                "A 95% interval (Wilson's) says how far chance alone may have moved a share. It "
                "does not account for people who did not respond: customers choose to respond.",
                "“Up” and “down” are said of changes at a fixed mix of services and channels that "
                "are more than chance, more than the series does anyway, and large enough to "
                f"matter (of a share {points}, of a rare one less). “Same”: shown to be less. "
                "“Cannot tell”: neither. “Not comparable”: the two do not measure the same thing.",
                f"{sentences.PRIVACY} What would give such a figure away is suppressed, too. What "
                "is suppressed or not reported is never shown as 0.",
            )
        ),
    ]
