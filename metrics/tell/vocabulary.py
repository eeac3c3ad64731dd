"""The words for what the data hold as codes: measures, families, statuses, calls."""

import csv

from metrics.base.settings import REFERENCE

NO_BASIS = "none"
"""Basis of a row of which no report says how was asked."""


def _measures() -> tuple[str, ...]:
    with (REFERENCE / "measure.csv").open(encoding="utf-8-sig", newline="") as file:
        return tuple(row["measure"] for row in csv.DictReader(file))


MEASURES = _measures()
"""The measures, in the order of data/reference/measure.csv, which is that of the pages. An edition
that was published before a measure was added lacks its metrics."""


FAMILY = {
    "experience": "What customers answered",
    "response": "Who was asked, who answered",
    "feedback": "Comments and complaints",
    "burden": "Paperwork burden",
    "operations": "Time, volume and other counts of services",
    "maturity": "Work for customers",
}
"""Families of metrics in words, in the order pages list them."""


STATUS = {
    "ok": "Reported",
    "few": "Few answers",
    "suppressed": "Suppressed",
    "partial": "Partial",
    "not_reported": "Not reported",
    "not_designated": "Not designated",
    "not_asked": "Not asked",
}
"""Status of a published row in words."""


STATUS_MEANING = {
    "ok": "The figure is complete.",
    "few": "So few answers that the figure is uncertain: fewer than 30, or a wide interval.",
    "suppressed": "Fewer people than may be shown, or a number that would let a reader work such "
    "a count out by subtraction. There is no figure.",
    "partial": "The figure leaves out services or quarters that should be in it; the reason names "
    "them.",
    "not_reported": "A report was due, but there is no usable figure; the reason says why.",
    "not_designated": "No service is designated for quarterly reporting, so nothing is due.",
    "not_asked": "The survey had no such question.",
}
"""What each status means, in a sentence that stands alone in a file."""


REPORT_STATUS = {
    "complete": "Complete",
    "late": "Complete, late",
    "partial": "Partial",
    "not_reported": "Not reported",
    "not_due": "Not due yet",
}
"""Status of a quarterly report in words."""


CALL = {
    "up": "▲ up",
    "down": "▼ down",
    "same": "≈ same",
    "cannot tell": "? cannot tell",
    "not comparable": "○ not comparable",
    # Of editions that were published before the two were told apart.
    "no clear change": "● no clear change",
}
"""Verdict on a change, with a mark that does not depend on color."""


CALL_MEANING = (
    "▲ up and ▼ down are clear changes since the period before, ≈ is shown to be the same, "
    "? is what the figures cannot tell, ○ cannot be compared."
)
"""What the marks of verdicts mean."""


COMPARED = ("up", "down", "same", "cannot tell", "no clear change")
"""Verdicts on two figures that can be compared."""


HISTORY = {
    "own": "what the series varied by before",
    "alike": "what series of the same measure varied by before",
    "sampling": "sampling alone, for want of a history",
}
"""What a verdict takes for ordinary variation, in words."""


TARGET = {
    "met": "✓ met",
    "missed": "✗ missed",
    "unclear": "● neither clearly met nor missed",
}
"""Verdict on a value beside its target, with a mark that does not depend on color."""


DRIVERS = {
    "effectiveness": "Need addressed",
    "ease": "Ease",
    "efficiency": "Time it took",
    "transparency": "Clarity",
    "humanity": "Fairness and respect",
    "employee": "Helpful employees",
    "other": "Something else",
}
"""Drivers of trust in words."""


GAP = {
    "above": "▲ above the others",
    "below": "▼ below the others",
    "no clear difference": "● no clear difference",
}
"""Verdict on the gap between a group and everybody else."""


PRACTICE = {
    "done": "Done",
    "not_done": "Not done",
    "not_applicable": "Not applicable",
    "unanswered": "Not answered",
}
"""Answer to a practice of a maturity model in words."""


METHOD = {"workshop": "Workshop", "self": "Self-assessment"}
"""How an assessment of maturity was made, in words."""


BURDEN_CAUSES = {
    "new_statute": "New statute",
    "agency_discretion": "Agency's decision",
    "adjustment": "Adjustment",
    "violation": "Violation of the Act",
    "unexplained": "Unexplained",
}
"""Why the burden of a form changed, in words."""


BURDEN_AMOUNTS = {
    "hours": "Hours a year",
    "responses": "Responses a year",
    "cost_usd": "Cost in US dollars a year",
}
"""What a form takes a year, in words."""


NOT_STATED = "not_stated"
"""Group of those who did not state an attribute."""


STEP = {
    "metric": "Metric",
    "page": "Page",
    "aggregate": "Aggregate",
    "raw": "Table filled by loads",
    "reference": "Reference table",
    "file": "File",
}
"""What stands at either end of an edge of the lineage, in words."""
