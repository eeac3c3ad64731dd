"""Contrast, and what people with a color vision deficiency can tell apart."""

import itertools
import re

import numpy as np
import pytest

from metrics.base.settings import ROOT
from metrics.tell.palette import (
    ANSWER_COLORS,
    ANSWER_INK,
    BAND_COLORS,
    DARK,
    GRID_SHADES,
    INK,
    LINK,
    LINK_ON_DARK,
    MUTED,
    PAPER,
    SERIES_COLORS,
    style_sheet,
)

LIGHT = {color: color for color in DARK}
SCHEMES = {"light": LIGHT, "dark": DARK}

# Machado, Oliveira and Fernandes (2009), A Physiologically-based Model for Simulation of
# Color Vision Deficiency, severity 1.0, for linear RGB.
DEFICIENCIES = {
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
    "none": np.eye(3).tolist(),
}


def linear(color: str) -> np.ndarray:
    """Linear RGB of a color, 0 to 1."""
    values = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """Contrast ratio of WCAG 2.1."""
    weights = np.array([0.2126, 0.7152, 0.0722])
    low, high = sorted(float(linear(color) @ weights) + 0.05 for color in (one, other))
    return high / low


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIELAB (D65) of linear RGB."""
    matrix = [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
    x, y, z = np.array(matrix) @ np.clip(rgb, 0, 1) / np.array([0.95047, 1, 1.08883])
    fx, fy, fz = (v ** (1 / 3) if v > 0.008856 else 7.787 * v + 16 / 116 for v in (x, y, z))
    return np.array([116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)])


def test_the_contrast_is_that_of_the_standard() -> None:
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_text_and_marks_stand_out(scheme: str) -> None:
    of = SCHEMES[scheme]
    for color in (INK, MUTED):
        assert contrast(of[color], of[PAPER]) >= 4.5
    assert contrast(LINK if scheme == "light" else LINK_ON_DARK, of[PAPER]) >= 4.5
    for color in SERIES_COLORS:
        assert contrast(of[color], of[PAPER]) >= 3, color
    pairs = [(ANSWER_INK[code], fill) for code, fill in ANSWER_COLORS.items()]
    pairs += [(PAPER if at > 3 else INK, fill) for at, fill in enumerate(BAND_COLORS)]
    pairs += [(PAPER if fill == GRID_SHADES[-1] else INK, fill) for fill in GRID_SHADES]
    for ink, fill in pairs:
        assert contrast(of[ink], of[fill]) >= 4.5, (ink, fill)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("deficiency", DEFICIENCIES)
def test_colors_beside_each_other_can_be_told_apart(scheme: str, deficiency: str) -> None:
    """Distances in CIELAB: series have shapes as well, steps of a scale have labels and an
    order, which must stay one of lightness."""
    matrix = np.array(DEFICIENCIES[deficiency])

    def seen(color: str) -> np.ndarray:
        return lab(matrix @ linear(SCHEMES[scheme][color]))

    for one, other in itertools.combinations(SERIES_COLORS, 2):
        assert np.linalg.norm(seen(one) - seen(other)) > 15, (one, other)
    answers = list(ANSWER_COLORS.values())
    for one, other in itertools.pairwise(answers):
        assert np.linalg.norm(seen(one) - seen(other)) > 10, (one, other)
    assert np.linalg.norm(seen(answers[0]) - seen(answers[-1])) > 20
    for scale in (BAND_COLORS, GRID_SHADES):
        steps = np.diff([seen(color)[0] for color in scale])
        assert (steps < -4).all() or (steps > 4).all(), scale


def test_each_color_has_a_rule_and_no_chart_a_color_of_its_own() -> None:
    sheet = style_sheet()
    for light, dark in DARK.items():
        assert f'[fill="{light}"] {{ fill: {dark}; }}' in sheet
        assert f'[stroke="{light}"] {{ stroke: {dark}; }}' in sheet
    for folder in ("metrics", "pages"):
        for path in (ROOT / folder).rglob("*.py"):
            if path.name != "palette.py":
                assert not re.findall(r"#[0-9a-f]{6}\b", path.read_text("utf-8")), path
