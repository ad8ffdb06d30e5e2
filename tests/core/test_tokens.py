"""The colours of the interface, measured: text 4.5:1, what marks a control 3:1, in the light and in the dark theme."""

import re
from pathlib import Path

import pytest

TOKENS = Path(__file__).parents[2] / "static" / "css" / "tokens.css"
TEXT, CONTROL = 4.5, 3.0

PAIRS = [
    *(("ink", ground, TEXT) for ground in ("page", "surface", "sunken", "hover", "selected", "field")),
    *(
        ("muted", ground, TEXT)
        for ground in ("page", "surface", "sunken", "hover", "selected", "neutral-tint", "field")
    ),
    *(("link", ground, TEXT) for ground in ("page", "surface", "sunken", "hover", "selected")),
    *((f"{tone}-ink", f"{tone}-tint", TEXT) for tone in ("error", "warning", "success", "info", "neutral")),
    *((f"{tone}-ink", "surface", TEXT) for tone in ("error", "warning", "success", "info")),
    *((f"{tone}-line", f"{tone}-tint", CONTROL) for tone in ("error", "warning", "success", "info")),
    ("on-accent", "accent", TEXT),
    ("on-accent", "accent-strong", TEXT),
    ("on-accent", "danger-fill", TEXT),
    ("rail-ink", "rail", TEXT),
    ("rail-active-ink", "rail-active", TEXT),
    ("field-line", "surface", CONTROL),
    ("field-line", "page", CONTROL),
    ("field-line", "field", CONTROL),
    ("focus", "surface", CONTROL),
    ("focus", "page", CONTROL),
    *((f"age-{step}", "surface", CONTROL) for step in range(1, 6)),
]


def theme(name: str) -> dict[str, str]:
    """The colours that a theme names, as "#rrggbb" by token."""
    block = re.search(rf'\[data-bs-theme="{name}"\] \{{(.*?)\n\}}', TOKENS.read_text(), re.S)
    assert block, f"the {name} theme is missing"
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block[1]))


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it, 0 for black to 1 for white."""
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_computed_as_the_standard_does():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#76808c", "#ffffff") == pytest.approx(4.0, abs=0.05)


@pytest.mark.parametrize("name", ["light", "dark"])
@pytest.mark.parametrize(("front", "ground", "least"), PAIRS)
def test_every_pair_of_colours_keeps_its_contrast(name, front, ground, least):
    colours = theme(name)
    assert contrast(colours[front], colours[ground]) >= least
