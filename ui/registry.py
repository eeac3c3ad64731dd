"""The registry of pages.

To add a page: write a thin script in pages/ whose first statement after the imports is
`guard(__file__)`, add a line to EVERY_PAGE, name the filters it uses, and describe it in
docs/reading.md. A page looks rows up and draws them; it holds no SQL and no statistics.
"""

from dataclasses import dataclass
from pathlib import Path

from metrics.base.settings import ROOT
from ui.access import may_open

FOLDER = ROOT / "pages"


@dataclass(frozen=True)
class PageEntry:
    """One page: its script, its name, its address and the shared filters it uses."""

    script: str
    title: str
    address: str
    uses: frozenset[str]

    @property
    def path(self) -> Path:
        """Absolute path of the script: Streamlit must not look for pages itself."""
        return FOLDER / self.script


EVERY_PAGE = (
    PageEntry(
        "department.py",
        "Department",
        "",
        frozenset({"channel", "period"}),
    ),
    PageEntry(
        "component.py",
        "Component",
        "component",
        frozenset({"component", "service", "channel", "period"}),
    ),
    PageEntry(
        "compare.py",
        "Compare",
        "compare",
        frozenset({"component", "channel", "period"}),
    ),
    PageEntry(
        "feedback.py",
        "Feedback",
        "feedback",
        frozenset({"component", "service", "channel", "period"}),
    ),
    PageEntry("burden.py", "Burden", "burden", frozenset({"component"})),
    PageEntry(
        "time.py",
        "Time and volume",
        "time",
        frozenset({"component", "service", "channel"}),
    ),
    PageEntry("maturity.py", "Maturity", "maturity", frozenset({"component"})),
    PageEntry("metrics.py", "Metrics", "metrics", frozenset()),
    PageEntry("data.py", "Data", "data", frozenset()),
    PageEntry("load.py", "Load data", "load", frozenset()),
    PageEntry("preview.py", "Preview", "preview", frozenset()),
)

PAGES = tuple(entry for entry in EVERY_PAGE if may_open(entry.script))
"""The pages that this dashboard shows."""
