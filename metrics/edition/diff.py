"""What differs between two editions, and why."""

import json
from collections import Counter
from typing import Any

import pandas as pd
from pandas.api.types import is_numeric_dtype

from metrics.base.numbers import worded
from metrics.base.periods import last_quarter
from metrics.edition.edition import KEY, Edition

CAUSES = ("definition", "suppression", "data", "comparison")
"""Why a published row differs between two editions, in the order in which they are asked."""


_NUMBERS = ("value", "status", "reason", "numerator", "denominator")


_COMPARED_WITH = ("previous_value", "year_ago_value", "target", "benchmark")


_VERDICTS = ("change_call", "year_ago_change_call", "target_call", "benchmark_call")


def diff_editions(before: Edition, after: Edition) -> pd.DataFrame:
    """Compare two editions row by row.

    Returns one row per difference: the key, `difference` (added, removed, changed),
    `because` (one of CAUSES), value, status and verdict on the change before and after.
    The cause is `definition` where the metric was redefined for the period (data may have
    changed as well), `suppression` where a figure began or ceased to be suppressed,
    `comparison` where every number is the same and a verdict is not, because of other
    rules or of what else was tested; `data` is everything else, reference tables included.
    A metric that was renamed is compared under its name of now.
    """
    columns = [*KEY, *_NUMBERS, *_COMPARED_WITH, *_VERDICTS]
    left = before.query(f"select {', '.join(columns)} from published")
    right = after.query(f"select {', '.join(columns)} from published")
    now = names_of_now(before, after)
    for side in (left, right):
        side["metric"] = side["metric"].map(lambda name: now.get(name, name))
    frame = left.merge(
        right, on=list(KEY), how="outer", suffixes=("_before", "_after"), indicator=True
    )

    def is_same(names: tuple[str, ...]) -> "pd.Series[bool]":
        same = pd.Series(True, index=frame.index)
        for name in names:
            old, new = frame[f"{name}_before"], frame[f"{name}_after"]
            same &= (old == new) | (old.isna() & new.isna()) | _is_noise(old, new)
        return same

    has_same_numbers = is_same((*_NUMBERS, *_COMPARED_WITH))
    has_same_verdicts = is_same(_VERDICTS)
    in_both = frame["_merge"] == "both"
    frame["difference"] = (
        frame["_merge"]
        .map({"left_only": "removed", "right_only": "added", "both": "changed"})
        .astype(str)
    )
    suppressed = (frame["status_before"] == "suppressed") != (frame["status_after"] == "suppressed")
    starts = _redefined_from(before, after)
    is_redefined = [
        metric in starts and last_quarter(period) >= starts[metric]
        for metric, period in zip(frame["metric"], frame["period"], strict=True)
    ]
    frame["because"] = "data"
    frame.loc[in_both & has_same_numbers, "because"] = "comparison"
    frame.loc[in_both & suppressed, "because"] = "suppression"
    frame.loc[is_redefined, "because"] = "definition"
    frame = frame[~(in_both & has_same_numbers & has_same_verdicts)]
    shown = [*KEY, "difference", "because", "value_before", "value_after"]
    shown += ["status_before", "status_after", "change_call_before", "change_call_after"]
    return frame[shown].reset_index(drop=True)


def names_of_now(before: Edition, after: Edition) -> dict[str, str]:
    """Return the name of now for each name of a metric that the other of two editions says it
    had before."""
    return {
        str(old): name
        for edition in (before, after)
        for name, entry in edition.manifest["metrics"].items()
        for old in entry.get("was", [])
    }


def _entries(edition: Edition, now: dict[str, str]) -> dict[str, dict[str, Any]]:
    """What an edition says of its metrics, by their names of now, with the name it has there."""
    entries = edition.manifest["metrics"].items()
    return {now.get(name, name): {**entry, "name": name} for name, entry in entries}


def _is_noise(old: "pd.Series[Any]", new: "pd.Series[Any]") -> "pd.Series[bool]":
    """Whether numbers differ by less than a millionth of a millionth: earlier editions added
    amounts up in whatever order."""
    if not (is_numeric_dtype(old) and is_numeric_dtype(new)):
        return pd.Series(False, index=old.index)
    return (old - new).abs() <= 1e-12 * old.abs()


def _redefined_from(before: Edition, after: Edition) -> dict[str, str]:
    """First quarter from which each metric that was redefined between two editions means
    something else; '' where it does for all periods. A metric that only one edition has
    counts as redefined."""
    now = names_of_now(before, after)
    old, new = _entries(before, now), _entries(after, now)
    found = {}
    for name in old.keys() | new.keys():
        one, other = old.get(name), new.get(name)
        if one is None or other is None:
            found[name] = ""
        elif one["version"] != other["version"]:
            starts = after.starts(other["name"])
            raised = range(one["version"] + 1, other["version"] + 1)
            found[name] = min((starts.get(version, "") for version in raised), default="")
        elif one.get("scheme") == other.get("scheme") and (
            one["definition_hash"] != other["definition_hash"]
        ):
            found[name] = ""
    return found


def rename_notes(before: Edition, after: Edition) -> list[str]:
    """Say in sentences which metrics have another name in the later of two editions."""
    now = names_of_now(before, after)
    old, new = _entries(before, now), _entries(after, now)
    return [
        f"{old[name]['name']} is named {new[name]['name']}."
        for name in sorted(old.keys() & new.keys())
        if old[name]["name"] != new[name]["name"]
    ]


def difference_notes(before: Edition, after: Edition) -> list[str]:
    """Say in sentences what differs between two editions beside their rows: loaded files,
    rules of the gate, and the versions of metrics with their lines of the changelog."""
    notes = []
    files = [
        Counter(
            (str(item["file_name"]), str(item["sha256"])) for item in edition.manifest["inputs"]
        )
        for edition in (before, after)
    ]
    if files[0] == files[1]:
        # Loads of single responses are in no manifest.
        surveys = any(edition.manifest.get("surveys") for edition in (before, after))
        files_named = "files beside single responses" if surveys else "loaded files"
        notes.append(f"Both editions hold the same {files_named}.")
    else:
        n_gone, n_new = (files[0] - files[1]).total(), (files[1] - files[0]).total()
        notes.append(f"Loaded files: {n_new} new or changed, {n_gone} no longer held as they were.")
    rules = [edition.manifest.get("rules", {}) for edition in (before, after)]
    notes += [
        f"Rule {name}: {rules[0].get(name)} -> {rules[1].get(name)}."
        for name in sorted(rules[0].keys() | rules[1].keys())
        if rules[0].get(name) != rules[1].get(name)
    ]
    now = names_of_now(before, after)
    old, new = _entries(before, now), _entries(after, now)
    notes += rename_notes(before, after)
    for name in sorted(old.keys() & new.keys()):
        first, last = int(old[name]["version"]), int(new[name]["version"])
        if first == last:
            continue
        newer, entry = (after, new[name]) if last > first else (before, old[name])
        lines = json.loads(newer.metrics.loc[entry["name"], "changelog"])
        starts = newer.starts(entry["name"])
        for version in range(min(first, last) + 1, max(first, last) + 1):
            since = f" (from {worded(starts[version])})" if version in starts else ""
            verb = "Version" if last > first else "Without version"
            notes.append(f"{name}: {verb} {version}{since}: {lines.get(str(version), '')}")
    return notes
