"""Files that leave: spreadsheets, pictures, briefings, the digest, packages, OMB's file."""

__all__ = [
    "briefing",
    "digest",
    "document",
    "files",
    "omb",
    "package",
    "pictures",
    "semantic",
    "workbook",
]
