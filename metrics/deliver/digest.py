"""The digest: what changed between two editions, as e-mail files for each audience.

Only published rows are told. A figure that the current edition suppresses or no longer
has is not repeated from the edition before.
"""

from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

import pandas as pd

from metrics.base.errors import UsageError
from metrics.base.numbers import amount_text, is_missing, listed, value_text
from metrics.base.periods import period_label
from metrics.deliver.document import (
    Block,
    Document,
    Heading,
    Items,
    Paragraph,
    Table,
    as_html,
    as_text,
    limited,
)
from metrics.deliver.files import marked_name
from metrics.edition.diff import diff_editions, difference_notes
from metrics.edition.edition import KEY, MADE_UP, NOT_OFFICIAL, Edition, open_edition
from metrics.edition.manifest import edition_ids
from metrics.tell import sentences
from metrics.tell.vocabulary import MEASURES, REPORT_STATUS, STATUS

ALL = "all"
"""The audience that reads about the whole Department: its leadership."""
N_LINES = 25
"""Lines of one kind that an e-mail holds; how many more there are is said."""
BECAUSE = {
    "definition": "Defined otherwise",
    "suppression": "Suppression began or ended",
    "data": "Other data",
    "comparison": "The verdict alone",
}
"""Why a published row differs, in words."""


def earlier(after: Edition, since: str) -> Edition:
    """Open the edition to compare with. Raises UsageError that lists what there is."""
    known = edition_ids(after.home)
    if since not in known:
        raise UsageError(f"there is no edition {since!r}; there are: {', '.join(known)}")
    return open_edition(after.home, since)


def audiences(after: Edition, component: str | None = None) -> list[str]:
    """Return who gets a digest: 'all' for leadership, and each Component, or the one that
    is named. Raises UsageError that lists what there is."""
    known = [ALL, *after.table("component").sort_values("sort_order")["component"]]
    if component is None:
        return known
    if component not in known:
        raise UsageError(
            f"there is no Component {component!r} in this edition; there are: {', '.join(known)}"
        )
    return [component]


def write_digests(
    before: Edition, after: Edition, readers: list[str], folder: Path
) -> dict[str, list[Path]]:
    """Write the digest of each audience as .eml, .html and .txt into a folder, which is
    made; return the files by audience. Where nothing changed there are none."""
    frame = diff_editions(before, after)
    folder.mkdir(parents=True, exist_ok=True)
    return {
        reader: _write(document, after, folder, f"digest_{reader}_{before.id}_{after.id}")
        if (document := make_digest(before, after, reader, frame))
        else []
        for reader in readers
    }


def _write(document: Document, after: Edition, folder: Path, name: str) -> list[Path]:
    text, html = as_text(document), as_html(document)
    contents = {
        "eml": _message(document, text, html),
        "html": html.encode(),
        "txt": text.encode(),
    }
    written = []
    for suffix, content in contents.items():
        path = folder / marked_name(after, f"{name}.{suffix}")
        path.write_bytes(content)
        written.append(path)
    return written


def _message(document: Document, text: str, html: str) -> bytes:
    """An e-mail that nobody sent yet and that is addressed to nobody: any mailer opens it
    as a draft."""
    # Folded, a long subject would begin with a space in some programs.
    message = EmailMessage(policy=SMTP.clone(max_line_length=998))
    message["Subject"] = ": ".join([*document.marks, document.title])
    message["Date"] = document.made_at
    message["X-Unsent"] = "1"
    message.set_content(text, cte="quoted-printable")
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    # One of chance would make every run another file. Encoded texts hold no "=_".
    message.set_boundary("=_digest_=")
    return message.as_bytes()


def make_digest(
    before: Edition, after: Edition, reader: str, frame: pd.DataFrame
) -> Document | None:
    """Return what changed for an audience, or None where nothing did. `frame` is what
    diff_editions returns."""
    mine = frame if reader == ALL else frame[frame["component"] == reader]
    reports = _reports(before, after, reader)
    if mine.empty and not reports:
        return None
    whose = "the Department and its Components" if reader == ALL else reader
    since = pd.Timestamp(before.manifest["published_at"])
    blocks: list[Block] = [
        Paragraph(_counts(mine, whose), is_lead=True),
        *_verdicts(after, reader, frame),
        *_figures(after, reader, mine),
    ]
    if reports:
        blocks += [Heading("State of reporting"), Items(limited(reports, N_LINES))]
    blocks += [
        Heading("Files, rules and definitions"),
        Items(tuple(difference_notes(before, after))),
    ]
    marks = tuple(dict.fromkeys([*after.notices, *before.notices]))
    footer = [
        f"Edition {after.id}, published on {after.manifest['published_at'][:10]}, beside edition "
        f"{before.id}, published on {before.manifest['published_at'][:10]}.",
        f"All differences are listed by `python -m metrics editions diff {before.id} {after.id}`.",
        NOT_OFFICIAL,
        *([MADE_UP] if after.is_demonstration else []),
    ]
    return Document(
        title=f"Customer experience of {'the Department' if reader == ALL else reader}: what "
        f"changed since the edition of {since:%b %-d, %Y}",
        marks=marks,
        blocks=tuple(blocks),
        footer=" ".join(footer),
        made_at=datetime.fromisoformat(after.manifest["published_at"]),
    )


def _counts(mine: pd.DataFrame, whose: str) -> str:
    if mine.empty:
        return f"No published figure of {whose} changed; the state of reporting did."
    found = mine["difference"].value_counts()
    parts = [
        f"{found[kind]:,} {verb}"
        for kind, verb in (("added", "new"), ("changed", "changed"), ("removed", "gone"))
        if kind in found
    ]
    return f"Of the published figures of {whose}: {listed(parts)}."


def _order(metrics: "pd.Series[str]") -> "pd.Series[int]":
    """The seven measures first, all else by its name."""
    places = {name: place for place, name in enumerate(MEASURES)}
    return metrics.map(lambda name: places.get(name, len(places)))


def _verdicts(after: Edition, reader: str, frame: pd.DataFrame) -> list[Block]:
    """Clear changes that the current edition calls and the one before did not. Of the
    measures only the finest are told, whose change no shift in mix can explain."""
    is_new = frame["change_call_after"].isin(["up", "down"])
    is_new &= frame["change_call_after"] != frame["change_call_before"]
    is_new &= frame["period_kind"].eq("quarter") & frame["breakdown"].isna()
    is_finest = frame["metric"].isin(MEASURES)
    is_finest &= frame["level"].eq("service") & frame["channel"].ne(ALL)
    family = frame["metric"].map(after.metrics["family"])
    level = "department" if reader == ALL else "component"
    is_other = family.ne("experience") & frame["level"].eq(level) & frame["channel"].eq(ALL)
    is_read = frame["component"].eq(reader) | (reader == ALL)
    chosen = frame.loc[is_new & (is_finest | is_other) & is_read, list(KEY)]
    heading = Heading("New clear changes")
    if chosen.empty:
        return [heading, Paragraph("No change is called up or down that was not before.")]
    rows = chosen.merge(
        after.rows(metric=sorted(chosen["metric"].unique()), period_kind="quarter"), on=list(KEY)
    )
    rows = rows.assign(order=_order(rows["metric"])).sort_values(
        ["period", "order", "metric", "component"], ascending=[False, True, True, True]
    )
    services = after.table("service").set_index("service")["name"]
    channels = after.table("channel").set_index("channel")["name"]
    lines = []
    for _, row in rows.iterrows():
        kind, better, unit = after.metrics.loc[row["metric"], ["kind", "better", "unit"]]
        channel = "" if row["channel"] == ALL else f" ({channels[row['channel']].lower()})"
        lines.append(
            f"{after.metrics.loc[row['metric'], 'title']}, "
            f"{sentences.place_text(row['component'], row['service'], services)}{channel}, "
            f"{period_label(row['period'])}: {sentences.verdict_text(row, kind, better)}, to "
            f"{amount_text(row['value'], kind, unit)}"
        )
    return [heading, Items(limited(lines, N_LINES))]


def _figures(after: Edition, reader: str, mine: pd.DataFrame) -> list[Block]:
    """Quarterly figures of the audience's own level before and now, the newest first."""
    level = "department" if reader == ALL else "component"
    family = mine["metric"].map(after.metrics["family"])
    is_shown = mine["level"].eq(level) & mine["channel"].eq(ALL) & mine["breakdown"].isna()
    is_shown &= mine["period_kind"].eq("quarter")
    is_shown &= mine["metric"].isin(MEASURES) | family.ne("experience")
    rows = mine[is_shown].assign(order=_order(mine["metric"]))
    rows = rows.sort_values(
        ["period", "order", "metric", "basis"], ascending=[False, True, True, True]
    )
    bases = rows.groupby("metric")["basis"].nunique()
    lines = []
    for row in rows.to_dict("records"):
        if row["metric"] not in after.metrics.index:
            continue  # it was retired, which the notes below tell
        kind, title = after.metrics.loc[row["metric"], ["kind", "title"]]
        was, now = (_cell(row, end, str(kind)) for end in ("before", "after"))
        if was != now:
            asked = f", {sentences.basis_text(row['basis'])}" if bases[row["metric"]] > 1 else ""
            period = period_label(row["period"])
            lines.append((f"{title}{asked}", period, was, now, BECAUSE[row["because"]]))
    if not lines:
        return []
    head = ("Figure", "Period", "Before", "Now", "Because of")
    blocks: list[Block] = [
        Heading("Figures that changed"),
        Table("Quarterly figures, all channels, the newest first", head, tuple(lines[:N_LINES])),
    ]
    if len(lines) > N_LINES:
        blocks.append(Paragraph(f"And {len(lines) - N_LINES:,} more."))
    return blocks


def _cell(row: dict[str, Any], end: str, kind: str) -> str:
    """A figure before or after. What is suppressed or gone now is not told from before."""
    if row["difference"] == "removed":
        return "No longer published" if end == "after" else "–"
    if row["status_after"] == "suppressed" and end == "before":
        return "–" if row["status_before"] != "suppressed" else STATUS["suppressed"]
    status, value = row[f"status_{end}"], row[f"value_{end}"]
    if is_missing(status):
        return "–"
    return STATUS[status] if is_missing(value) else value_text(value, kind)


def _reports(before: Edition, after: Edition, reader: str) -> list[str]:
    """Reports whose state is another one than before, the newest quarter first."""
    columns = ["component", "service", "quarter", "reporting_status"]
    old, new = (opened.table("reporting_board")[columns] for opened in (before, after))
    both = old.merge(new, on=columns[:3], how="right", suffixes=("_before", "_after"))
    both = both[both["reporting_status_before"] != both["reporting_status_after"]]
    if reader != ALL:
        both = both[both["component"] == reader]
    services = after.table("service").set_index("service")["name"]
    lines = []
    for row in both.sort_values(["quarter", "component"], ascending=[False, True]).itertuples():
        was = row.reporting_status_before
        from_before = "" if is_missing(was) else f", before {REPORT_STATUS[was].lower()}"
        lines.append(
            f"{row.component}, {services[row.service]}, {period_label(row.quarter)}: "
            f"{REPORT_STATUS[row.reporting_status_after].lower()}{from_before}"
        )
    return lines
