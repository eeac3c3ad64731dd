"""Numbers and findings in words: the one place that formats what people read."""

from typing import Any

import pandas as pd

from metrics.base.numbers import (
    MISSING,
    about_text,
    change_text,
    counted,
    interval_text,
    is_missing,
    listed,
    rounded_text,
    value_text,
    worded,
)
from metrics.base.periods import period_label, period_noun
from metrics.tell.vocabulary import CALL, COMPARED, DRIVERS, NO_BASIS, STATUS, STEP

_SCALES = {
    "agree5": "agreement from 1 to 5",
    "rating5": "rating from 1 to 5",
    "thumbs": "thumb up or down",
    "yes_no": "yes or no",
}
_TWO_ANSWERS = {
    "thumbs": {"0": "thumb down", "1": "thumb up"},
    "yes_no": {"0": "no", "1": "yes"},
}
_FIVE_ANSWERS = {"1": "1 worst", "2": "2", "3": "3 neutral", "4": "4", "5": "5 best"}


def without_grain(description: str) -> str:
    """Return a description without its closing 'One row per ...' sentence."""
    return description.rsplit(" One row per ", 1)[0]


def judged_change(row: "pd.Series[Any]", year: bool = False) -> Any:
    """Return the change that the verdict of a published row is about: that at a fixed mix of
    services and channels, where the edition tells one."""
    prefix = "year_ago_" if year else ""
    name = f"{prefix}like_change"
    is_told = name in row and not is_missing(row[name])
    return row[name] if is_told else row[f"{prefix}change"]


def call_text(row: "pd.Series[Any]", kind: str, year: bool = False) -> str:
    """Return a verdict in words: '▲ up 4.3 points'; where the mix of services and channels
    makes a difference, '▲ up 2.1 points at a fixed mix'; '? cannot tell under 6.7 points',
    because only larger changes would most likely have shown."""
    prefix = "year_ago_" if year else ""
    call = row[f"{prefix}change_call"]
    if is_missing(call):
        return ""
    if call in ("up", "down"):
        judged = judged_change(row, year)
        if judged == 0 or is_missing(judged) or (judged > 0) != (call == "up"):
            # The change at a fixed mix is not told, as a part is hidden, or it rounds to nothing:
            # the plain difference may go the other way.
            return f"{CALL[call]} at a fixed mix"
        said = f"{CALL[call]} {change_text(judged, kind)}"
        raw = row[f"{prefix}change"]
        is_other = is_missing(raw) or raw * judged < 0
        is_other = is_other or change_text(raw, kind) != change_text(judged, kind)
        return f"{said} at a fixed mix" if is_other else said
    least = row.get(f"{prefix}detectable_change")
    if call == "cannot tell" and not is_missing(least) and kind in ("share", "mean"):
        return f"{CALL[call]} under {change_text(least, kind)}"
    return CALL[str(call)]


def mix_text(row: "pd.Series[Any]", kind: str, year: bool = False) -> str:
    """Return in a sentence that a change in the mix hides or makes what a figure shows: 'The
    figure rose 3.1 points; at a fixed mix of services, channels and quarters it fell 0.9
    points.'
    Nothing where both say the same."""
    raw = row["year_ago_change" if year else "change"]
    judged = judged_change(row, year)
    if is_missing(raw) or is_missing(judged):
        return ""
    if raw * judged >= 0 and change_text(raw, kind) == change_text(judged, kind):
        return ""
    first, second = ("rose" if one > 0 else "fell" if one < 0 else "moved" for one in (raw, judged))
    return (
        f"The figure {first} {change_text(raw, kind)}; at a fixed mix of services, channels and "
        f"quarters it {second} {change_text(judged, kind)}."
    )


def benchmark_text(row: "pd.Series[Any]", whose: str) -> str:
    """Return that a benchmark rests on one service, so that nothing is called above or below
    it; nothing where it does not. `whose` is what stands beside it."""
    largest = row.get("benchmark_largest")
    if is_missing(largest) or largest <= 0.5:
        return ""
    n = int(row["benchmark_services"])
    if n == 1:
        return f"{whose}: one service alone, so no call is made."
    return (
        f"{whose}: {n} services, of which one gave more than half of the answers, so no call is "
        "made."
    )


def rest_text(calls: "pd.Series[Any]") -> str:
    """Return how many verdicts are not up or down, and what they are: '12 stayed the same, of
    40 the figures cannot tell'. Empty where there are none."""
    n_same = int(calls.eq("same").sum())
    n_open = int(calls.isin(COMPARED).sum() - calls.isin(["up", "down", "same"]).sum())
    said = [f"{n_same} stayed the same"] if n_same else []
    said += [f"of {n_open} the figures cannot tell"] if n_open else []
    return listed(said)


def split_sentence(row: "pd.Series[Any]", title: str, kind: str) -> str:
    """Return how a change splits, from a row of change_split: 'Trust rose 1.4 points
    since FY2022 Q4: 2.1 points up within services and channels, 0.7 points down because
    the shares of the answers shifted.'"""
    if not abs(row["change"]) > 0:
        verb = "did not change"
    else:
        verb = f"{'rose' if row['change'] > 0 else 'fell'} {change_text(row['change'], kind)}"
    parts = [
        f"{change_text(row[name], kind)} {'up' if row[name] >= 0 else 'down'} {why}"
        for name, why in (
            ("within", "within services and channels"),
            ("mix", "because the shares of the answers shifted"),
        )
    ]
    return f"{title} {verb} since {period_label(row['before_period'])}: {', '.join(parts)}."


def moved_text(rows: pd.DataFrame, year: bool = False) -> str:
    """Return which of labeled shares moved clearly: 'Ease ▲ up 4.3 points and Employee
    helpfulness ▼ down 2.0 points moved clearly at the same time.' `rows` are published rows
    with a column label; empty where none can be compared."""
    prefix = "year_ago_" if year else ""
    calls = rows[f"{prefix}change_call"]
    moved = rows[calls.isin(["up", "down"])]
    if len(moved):
        judged = [abs(judged_change(row, year)) for _, row in moved.iterrows()]
        size = pd.Series(judged, index=moved.index).sort_values(ascending=False)
        said = [
            f"{row['label']} {call_text(row, 'share', year)}"
            for _, row in moved.loc[size.index].iterrows()
        ]
        return f"{listed(said)} moved clearly at the same time."
    if calls.isin(COMPARED).any():
        return "No driver that can be compared changed clearly at the same time."
    return ""


PRIVACY = (
    "Figures made of single responses are not shown below 11 people and are rounded above: people "
    "to tens, shares of fewer than 1,000 to whole percent."
)
"""What readers of public figures must know of how they are told."""


def people_text(row: "pd.Series[Any]") -> str:
    """Return the number of people behind a published row: '4,973', or 'about 1,230' where a
    public edition rounds it."""
    is_rounded = "is_rounded" in row and not is_missing(row["is_rounded"]) and row["is_rounded"]
    return f"{'about ' if is_rounded else ''}{int(row['n']):,}"


def needed_text(row: "pd.Series[Any]", kind: str) -> str:
    """Return what it would take to settle a change that the answers cannot tell, from a row
    of the table answers_needed."""
    noun = period_noun(row["period"])
    size = change_text(row["planned_change"], kind)
    there = f"there were {int(row['n']):,}, and {int(row['previous_n']):,} in the {noun} before"
    if is_missing(row["n_planned"]):
        return (
            f"No number of answers would settle a change of {size}: the series itself varies by "
            f"more from one {noun} to the next."
        )
    wanted = int(row["n_planned"])
    needed = f"{about_text(wanted)} answers a {noun}"
    if min(row["n"], row["previous_n"]) >= wanted:
        return (
            f"Detecting a change of {size} by itself takes {needed}, and {there}; what changed is "
            "smaller, or one of so many comparisons that it may be chance."
        )
    return f"Detecting a change of {size} takes {needed}; {there}."


def rate_change_text(row: "pd.Series[Any]", year: bool = False) -> str:
    """Return a verdict on a rate of events in words: '▲ up 0.30 (23%)'."""
    prefix = "year_ago_" if year else ""
    said = call_text(row, "ratio", year)
    before = row["year_ago_value" if year else "previous_value"]
    change = judged_change(row, year)
    is_told = not is_missing(change) and change_text(change, "ratio") in said
    is_clear = row[f"{prefix}change_call"] in ("up", "down")
    if is_clear and is_told and not is_missing(before) and before > 0:
        said += f" ({rounded_text(abs(100 * change / before), 0)}%)"
    return said


def verdict_text(row: "pd.Series[Any]", kind: str, better: str) -> str:
    """Return what the gate says of the change since the period before, and whether it is
    for the better: '▲ up 4.3 points, for the better'. With `better` neither, no change is
    called good or bad. Of a reason its first word stands for it, such as scope. '–' where
    the gate says nothing."""
    if is_missing(row["change_call"]):
        return MISSING
    said = rate_change_text(row) if kind == "ratio" else call_text(row, kind)
    if row["change_call"] in ("up", "down") and better != "neither":
        is_better = (row["change_call"] == "up") == (better == "higher")
        said += ", for the better" if is_better else ", for the worse"
    short, colon, _ = worded(row["change_reason"]).partition(":")
    reason = short.lower() if colon else short
    return f"{said}: {reason}" if reason else said


def rate_changes_text(row: "pd.Series[Any]", kind: str = "period") -> str:
    """Return both verdicts on a rate of events as sentences, or nothing."""
    said = [
        f"{verdict} {since}"
        for since, verdict in (
            (f"since the {kind} before", rate_change_text(row)),
            ("in a year", rate_change_text(row, year=True)),
        )
        if verdict
    ]
    return f"{'; '.join(said)}." if said else ""


def rising_text(row: "pd.Series[Any]", label: str, kind: str) -> str:
    """Return which way a category that rose went: its rate per 100,000 customers with
    interval, and the changes since the period before and in a year."""
    return (
        f"**{label}**: {value_text(row['value'], 'ratio')} per 100,000 customers (95% interval "
        f"{interval_text(row['low'], row['high'], 'ratio')}). {rate_changes_text(row, kind)}"
    )


def wording_text(basis: str) -> str:
    """Return the wording of a basis alone: 'increased confidence'."""
    parts = basis.split("/")
    return parts[2 if len(parts) > 2 else -1].replace("-", " ")


def attribute_of(basis: str) -> str:
    """Return the attribute that a basis breaks down by, its fourth part, or nothing."""
    parts = basis.split("/")
    return parts[3] if len(parts) == 4 else ""


def basis_labels(bases: list[str], families: dict[str, str]) -> dict[str, str]:
    """Return labels that tell the bases of one metric apart: wording and attribute; where
    that is not enough the scale too, and then the survey family. `families` are their
    names by code."""

    def label(basis: str, depth: int) -> str:
        family, _, rest = basis.partition("/")
        if not rest:
            return families.get(basis, basis.replace("-", " "))
        attribute = attribute_of(basis).replace("-", " ").replace("_", " ")
        scale = rest.split("/")[0]
        told = [wording_text(basis), attribute]
        told += [_SCALES.get(scale, "")] if depth > 0 else []
        told += [families.get(family, family.replace("-", " "))] if depth > 1 else []
        return ", ".join(part for part in told if part)

    labels = {basis: label(basis, 0) for basis in bases}
    for depth in (1, 2):
        said = list(labels.values())
        labels = {
            basis: label(basis, depth) if said.count(name) > 1 else name
            for basis, name in labels.items()
        }
    # What all of them say tells none apart.
    parts = {basis: name.split(", ") for basis, name in labels.items()}
    while len(parts) > 1 and len({one[0] for one in parts.values()}) == 1:
        parts = {basis: one[1:] for basis, one in parts.items()}
        if not all(parts.values()):
            return labels
        labels = {basis: ", ".join(one) for basis, one in parts.items()}
    return labels


def told_apart(
    labels: "pd.Series[str]", bases: "pd.Series[str]", families: dict[str, str]
) -> "pd.Series[str]":
    """Return the labels of rows, with the question behind each label that several have.
    `families` are the names of survey families by code."""
    told = labels.copy()
    for label, part in bases[bases != NO_BASIS].groupby(labels):
        names = basis_labels(sorted(part.unique()), families)
        if len(names) > 1:
            told.loc[part.index] = f"{label}, " + part.map(names)
    return told


def answer_names(basis: str) -> dict[str, str]:
    """Return the answers of the scale of a basis, worst first, code to words."""
    parts = basis.split("/")
    scale = parts[1] if len(parts) > 1 else ""
    return dict(_TWO_ANSWERS.get(scale, _FIVE_ANSWERS))


def driver_text(attribute: str) -> str:
    """Return a driver in words: 'ticked-ease' is 'Ease, ticked by the customer'."""
    kind, _, driver = attribute.partition("-")
    name = DRIVERS.get(driver, driver)
    return f"{name}, {'ticked' if kind == 'ticked' else 'rated well'}"


def driver_sentence(row: "pd.Series[Any]") -> str:
    """Return what the strongest driver of trust is, from a row of the gaps of
    trust_by_driver: basis, gap, gap_low, gap_high (shares, 0 to 1)."""
    kind, _, driver = attribute_of(row["basis"]).partition("-")
    name = DRIVERS.get(driver, driver).lower()
    who = f"ticked “{name}”" if kind == "ticked" else f"rated “{name}” well"
    more = "more" if row["gap"] > 0 else "less"
    ends = sorted(abs(100 * row[name]) for name in ("gap_low", "gap_high"))
    return (
        f"Customers who {who} gave a favorable trust answer "
        f"{change_text(row['gap'], 'share')} {more} often than the others who were asked about it "
        f"(95% interval {rounded_text(ends[0], 1)} to {rounded_text(ends[1], 1)})."
    )


def basis_text(basis: str) -> str:
    """Return a basis in words: the wording and scale of the question."""
    parts = basis.split("/")[:3]
    if len(parts) != 3:
        return basis.replace("-", " ")
    return f"“{wording_text(basis)}”, {_SCALES.get(parts[1], parts[1])}"


def span_text(figures: pd.DataFrame, kind: str) -> str:
    """Return the span of labeled figures: 'from 59.0% (FEMA) to 81.3% (USCIS)', or the
    one figure alone. `figures` has the columns label and value, at least one row, and no
    missing value."""
    ordered = figures.sort_values("value")
    ends = [
        f"{value_text(row['value'], kind)} ({row['label']})"
        for _, row in ordered.iloc[[0, -1]].iterrows()
    ]
    return ends[0] if len(figures) == 1 else f"from {ends[0]} to {ends[1]}"


def place_text(component: str, service: str, services: "pd.Series[str]") -> str:
    """Return whose a published row is: 'the Department', 'TSA', or 'TSA, Security checkpoint'.
    `services` are names by code."""
    if component == "all":
        return "the Department"
    return component if service == "all" else f"{component}, {services[service]}"


def department_headline(
    changes: pd.DataFrame, others: pd.DataFrame, board: pd.DataFrame, measure_title: str
) -> str:
    """Return the sentences that open the Department page.

    `changes` holds one row per comparison of one measure (component, change_call), `others`
    those of the other measures, `board` one row per report that was due in the period.
    """
    sentences = []
    due = board[board["reporting_status"] != "not_due"]
    complete = due["reporting_status"].isin(["complete", "late"])
    if len(due):
        sentences.append(
            f"{int(complete.sum())} of {counted(len(due), 'designated service')} reported usable "
            "figures."
        )
    calls = changes["change_call"].dropna()
    for call, verb in (("down", "fell"), ("up", "rose")):
        who = changes.loc[changes["change_call"] == call, "label"].tolist()
        if who:
            sentences.append(f"{measure_title} {verb} for {listed(who)}.")
    if len(calls) and not calls.isin(["up", "down"]).any():
        sentences.append(f"{measure_title} changed clearly nowhere.")
    if not len(calls):
        sentences.append(f"{measure_title} cannot be compared with the period before.")
    other = others["change_call"].dropna()
    n_up, n_down = int(other.eq("up").sum()), int(other.eq("down").sum())
    moved = [
        counted(n, f"clear {noun}") for noun, n in (("increase", n_up), ("decline", n_down)) if n
    ]
    if moved:
        sentences.append(f"Other measures: {listed(moved)}.")
    elif len(other):
        sentences.append("Nothing else changed clearly.")
    return " ".join(sentences)


def component_headline(rows: pd.DataFrame, changes: pd.DataFrame, whose: str) -> str:
    """Return the sentences that open what is told of one place in one quarter.

    `rows` are published rows of trust, one per wording; `changes` holds one row per
    comparison of a service, channel and measure (change_call). `whose` is as place_text
    says it.
    """
    figures = rows[rows["value"].notna()].sort_values("n", ascending=False)
    if figures.empty:
        first = rows.iloc[0] if len(rows) else None
        status = STATUS[first["status"]].lower() if first is not None else "no answers"
        reason = worded(first["reason"]) if first is not None else ""
        told = f"There is no figure of trust in {whose}: {status}. {reason}".strip()
    else:
        row = figures.iloc[0]
        told = (
            f"{value_text(row['value'], 'share')} of {people_text(row)} answers about trust in "
            f"{whose} were favorable (95% interval "
            f"{interval_text(row['low'], row['high'], 'share')})"
        )
        if not is_missing(row["change_call"]):
            told += f"{_since_before(row)}"
        told += "."
    compared = changes[changes["change_call"].isin(COMPARED)]
    if compared.empty:
        return f"{told} No service, channel and measure can be compared with the quarter before."
    up, down = (compared["change_call"].eq(call).sum() or "none" for call in ("up", "down"))
    return (
        f"{told} Of {counted(len(compared), 'comparison')} of one service, channel and measure "
        f"with the quarter before, {up} went clearly up and {down} clearly down."
    )


def _since_before(row: "pd.Series[Any]") -> str:
    """What the verdict on a share says, as the end of a sentence."""
    call = row["change_call"]
    if call == "same":
        return ", the same as in the quarter before"
    if call == "not comparable":
        return ", not comparable with the quarter before"
    if call == "cannot tell":
        least = row.get("detectable_change")
        shown = (
            "" if is_missing(least) else f" (less than {change_text(least, 'share')} may not show)"
        )
        return f"; whether that changed since the quarter before, the answers cannot tell{shown}"
    return f", {call_text(row, 'share')[2:]} since the quarter before"


def finest_changes(
    rows: pd.DataFrame, places: "pd.Series[str]", channels: "pd.Series[str]"
) -> pd.DataFrame:
    """Return the rows with a verdict of one service and channel each, whose change no shift
    in mix can explain, labeled with place and channel, the largest change first.

    `rows` are published rows of services, `places` their names, row by row, and `channels`
    the names of channels by code.
    """
    rows = rows.assign(label=places)
    rows = rows[(rows["channel"] != "all") & rows["change_call"].notna()]
    named = rows["label"] + " (" + rows["channel"].map(channels).str.lower() + ")"
    judged = [judged_change(row) for _, row in rows.iterrows()]
    size = pd.Series(judged, index=rows.index, dtype="float64").abs()
    return rows.assign(label=named).loc[size.sort_values(ascending=False).index]


def level_text(level: Any, names: dict[int, str]) -> str:
    """Return a level of maturity in words; `names` are those of the model, by number."""
    if is_missing(level):
        return "Not known"
    return names[int(level)] if level else f"Not yet {names[min(names)]}"


def level_steps(level: Any, names: dict[int, str]) -> str:
    """Return a level of maturity as steps reached of all steps, such as '●●○', or '?'."""
    if is_missing(level):
        return "?"
    return "●" * int(level) + "○" * (len(names) - int(level))


def level_change(row: "pd.Series[Any]") -> str:
    """Return how a level changed since the baseline, from a row of maturity_profile."""
    if row["assessed_on"] == row["baseline_on"]:
        return "This is the baseline"
    change = row["change_since_baseline"]
    if is_missing(change):
        return "○ not comparable, a level is not known"
    if not change:
        return "● same level"
    mark, more = ("▲", "higher") if change > 0 else ("▼", "lower")
    return f"{mark} {counted(int(abs(change)), 'level')} {more}"


def levels_sentence(profile: pd.DataFrame, names: dict[int, str]) -> str:
    """Return which functions stand where, the highest level first. `profile` holds the
    columns label and level, one row per function."""
    parts = [
        f"{level_text(level, names)}: {listed(group['label'].tolist())}"
        for level, group in profile.groupby("level", sort=True)
    ][::-1]
    unknown = profile.loc[profile["level"].isna(), "label"].tolist()
    if unknown:
        parts.append(f"Not known: {listed(unknown)}")
    return "; ".join(parts)


def lineage_table(edges: pd.DataFrame) -> pd.DataFrame:
    """Return the edges of a lineage as a table for people."""
    return pd.DataFrame(
        {
            "From": edges["from_name"],
            "From what": edges["from_kind"].map(STEP),
            "To": edges["to_name"],
            "To what": edges["to_kind"].map(STEP),
            "Format": [worded(name) or "–" for name in edges["format"]],
            "Load": ["–" if is_missing(load) else str(load) for load in edges["load_id"]],
        }
    )
