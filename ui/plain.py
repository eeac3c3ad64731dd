"""Texts that are not ours, such as names and file names, where Streamlit reads Markdown."""

import re


def plain(text: object) -> str:
    """Return a text so that Markdown shows it as it is: a value of a file must not become
    a link, a picture or a heading. The invisible joiner keeps addresses from turning
    into links by themselves."""
    flat = " ".join(str(text).split())
    short = flat if len(flat) <= 600 else f"{flat[:600]}…"
    unlinked = re.sub(r"(://|@|\bwww)", lambda found: f"{found[0]}\u2060", short)
    return re.sub(r"([\\`*_{}\[\]()<>#+\-.!|~$:&])", r"\\\1", unlinked)
