"""What commands print, and which data set they work on."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from metrics.base.settings import dataset_home

# Verbs import what they need: `check` must answer while somebody waits.
if TYPE_CHECKING:
    import pandas as pd


SHOW_FILTERS = ("level", "component", "service", "channel", "period", "basis", "breakdown")


def home_of(options: argparse.Namespace) -> Path:
    """Return the folder of the data set that a command works on."""
    return dataset_home(options.data)


def counted(count: int, noun: str, plural: str | None = None) -> str:
    """Return a count with its noun."""
    return f"{count} {noun if count == 1 else plural or noun + 's'}"


def print_table(frame: "pd.DataFrame") -> None:
    """Print rows as a table for people."""
    from rich.console import Console
    from rich.table import Table

    table = Table(*[str(name) for name in frame.columns], box=None, pad_edge=False)
    for row in frame.itertuples(index=False):
        table.add_row(*[_cell(value) for value in row])
    width = None if sys.stdout.isatty() else 400
    Console(width=width, soft_wrap=True).print(table)


def _cell(value: object) -> str:
    import pandas as pd

    if value is None or value is pd.NA or (isinstance(value, float) and pd.isna(value)):
        return ""
    if isinstance(value, float):
        return f"{value:.4f}".rstrip("0").rstrip(".") if value != int(value) else str(int(value))
    return str(value)
