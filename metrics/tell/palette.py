"""The colors of charts and pages, light and dark.

Charts are drawn once, in the light colors, as SVG; on a screen that prefers dark, a style
sheet made from `DARK` gives each color its counterpart, so a chart follows the reader's
setting at once and a saved picture is always light. tests/test_palette.py holds contrasts
and what people with a color vision deficiency can tell apart.
"""

from functools import cache

LINK, LINK_ON_DARK = "#005ea2", "#73b3e7"
BANNER, RULE = "#ffe396", "#a9aeb1"
"""Of the mark of made-up figures, and of lines in files, both on paper or under dark text."""
PAPER, INK, MUTED, GRID = "#ffffff", "#1b1b1b", "#565c65", "#dfe1e2"
SERIES_COLORS = ["#005ea2", "#a45a3f", "#2a490d", "#6d256a", INK, "#9d7c21"]
"""Series, each with a shape of its own as well."""
ANSWER_COLORS = {"1": "#9c3d10", "2": "#f2b08f", "3": "#c6cace", "4": "#97bfe8", "5": "#0b4f8a"}
"""Answers from worst to best: the ends are strong, the middle is neutral."""
ANSWER_INK = {"1": PAPER, "2": INK, "3": INK, "4": INK, "5": PAPER}
GRID_SHADES = [PAPER, "#dbe9f6", "#97bfe8", "#0b4f8a"]
BAND_COLORS = [
    *("#e3eef9", "#bdd7ee", "#93bce0", "#659fd0"),
    *("#3373ad", "#1f619b", "#0b4a80", "#062c50"),
]
"""Bands of time, from the shortest to the longest; the first four carry dark text."""

DARK = {
    PAPER: "#12161b",
    INK: "#f1f3f6",
    MUTED: "#a9b1bb",
    GRID: "#343b44",
    "#005ea2": "#1a80d9",
    "#a45a3f": "#d25a33",
    "#2a490d": "#97da9d",
    "#6d256a": "#d278ae",
    "#9d7c21": "#e3d03f",
    "#9c3d10": "#f0946a",
    "#f2b08f": "#8a4425",
    "#c6cace": "#4d545c",
    "#97bfe8": "#2a5f93",
    "#0b4f8a": "#97c3ee",
    "#dbe9f6": "#1d3a56",
    "#e3eef9": "#16324d",
    "#bdd7ee": "#1d4266",
    "#93bce0": "#25537f",
    "#659fd0": "#2e6599",
    "#3373ad": "#6aa5dc",
    "#1f619b": "#8bbbe8",
    "#0b4a80": "#aed0f0",
    "#062c50": "#d6e8f9",
}
"""Counterpart of each color on a dark screen. Fills and the text in them turn over together:
pale becomes deep, dark text becomes light."""


@cache
def style_sheet() -> str:
    """Return the style sheet of the dark colors: of the parts of charts, and variables for
    what pages write themselves."""
    rules = [
        f'.stVegaLiteChart [{part}="{light}"] {{ {part}: {dark}; }}'
        for light, dark in DARK.items()
        for part in ("fill", "stroke")
    ]
    return (
        f":root {{ --cx-ink: {INK}; --cx-muted: {MUTED}; --cx-link: {LINK}; }}\n"
        "@media screen and (prefers-color-scheme: dark) {\n"
        f":root {{ --cx-ink: {DARK[INK]}; --cx-muted: {DARK[MUTED]}; "
        f"--cx-link: {LINK_ON_DARK}; }}\n"
        f".stVegaLiteChart svg {{ background: {DARK[PAPER]} !important; }}\n"
        + "\n".join(rules)
        + "\n}\n"
    )
