"""Months, fiscal quarters and fiscal years: their names, their order, their neighbors."""

import re
from datetime import datetime

import pandas as pd

_MONTHS = {"1": "Oct–Dec", "2": "Jan–Mar", "3": "Apr–Jun", "4": "Jul–Sep"}


def period_label(period: str, long: bool = False) -> str:
    """Return a period in words: 2021Q2 is 'FY2021 Q2', long 'FY2021 Q2 (Jan–Mar 2021)'."""
    if "Q" in period:
        year, quarter = period.split("Q")
        text = f"FY{year} Q{quarter}"
        calendar = int(year) - (quarter == "1")
        return f"{text} ({_MONTHS[quarter]} {calendar})" if long else text
    if period.startswith("FY"):
        return f"{period} (Oct {int(period[2:]) - 1}–Sep {period[2:]})" if long else period
    return str(pd.Timestamp(f"{period}-01").strftime("%B %Y"))


def period_code(label: str) -> str:
    """Return the period that a short label names: 2021Q2 of 'FY2021 Q2', 2021-03 of
    'March 2021', and nothing of any other text."""
    if found := re.fullmatch(r"FY(\d{4})( Q[1-4])?", label):
        return f"{found[1]}{found[2].strip()}" if found[2] else label
    try:
        return f"{datetime.strptime(label, '%B %Y'):%Y-%m}"
    except ValueError:
        return ""


def period_noun(period: str) -> str:
    """Return what kind of period one is: quarter, month or year."""
    return "quarter" if "Q" in period else "year" if period.startswith("FY") else "month"


def last_quarter(period: str) -> str:
    """Return the last fiscal quarter of a published period, such as 2021Q2 of 2021-03."""
    if period.startswith("FY"):
        return f"{period[2:]}Q4"
    if "Q" in period:
        return period
    year, month = int(period[:4]), int(period[5:])
    return f"{year + (month > 9)}Q{(month + 2) % 12 // 3 + 1}"


def periods_between(first: str, last: str) -> list[str]:
    """Return all months or all fiscal quarters from one to another, without a gap."""
    if "Q" in first:
        numbers = [4 * int(p[:4]) + int(p[5]) - 1 for p in (first, last)]
        return [f"{n // 4}Q{n % 4 + 1}" for n in range(numbers[0], numbers[1] + 1)]
    numbers = [12 * int(p[:4]) + int(p[5:]) - 1 for p in (first, last)]
    return [f"{n // 12}-{n % 12 + 1:02d}" for n in range(numbers[0], numbers[1] + 1)]


def earlier_period(period: str, year: bool = False) -> str:
    """Return the period before one of the same kind, or with `year` the one a year before."""
    if period.startswith("FY"):
        return f"FY{int(period[2:]) - 1}"
    if year:
        return f"{int(period[:4]) - 1}{period[4:]}"
    return periods_between(f"{int(period[:4]) - 1}{period[4:]}", period)[-2]
