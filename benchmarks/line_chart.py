"""Line charts with logarithmic axes as SVG, so that drawing them takes no package."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log10
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 560, 520
"""Of one panel, in pixels."""
LEFT, RIGHT, TOP, BOTTOM = 62, 118, 58, 50
COLOURS = ("#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#17a2b8", "#8c564b", "#e377c2", "#555555", "#a0a800")
LINE_HEIGHT = 13
"""Of the names beside the lines."""

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Line:
    """A curve with its name; one point alone is a dot."""

    name: str
    points: Sequence[Point]


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One pair of axes.

    Attributes:
        x_ticks, y_ticks: Where a number stands; the first and the last are the ends of the axes.
        level: Drawn dashed across, to compare.
    """

    title: str
    x_name: str
    y_name: str
    x_ticks: Sequence[float]
    y_ticks: Sequence[float]
    lines: Sequence[Line]
    level: float | None = None


def draw(panels: Sequence[Panel]) -> str:
    """The panels side by side, an SVG file."""
    width = WIDTH * len(panels)
    drawn = "\n".join(
        f'<g transform="translate({number * WIDTH} 0)">\n{_panel(panel)}\n</g>' for number, panel in enumerate(panels)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {HEIGHT}" font-family="sans-serif" '
        f'font-size="12">\n<rect width="{width}" height="{HEIGHT}" fill="#fff"/>\n{drawn}\n</svg>\n'
    )


def _panel(panel: Panel) -> str:
    across = _axis(panel.x_ticks, LEFT, WIDTH - RIGHT)
    down = _axis(panel.y_ticks, HEIGHT - BOTTOM, TOP)
    parts = [_text(LEFT, 24, panel.title, size=15), _text(LEFT, 44, panel.y_name, colour="#555")]
    parts.append(_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, panel.x_name, anchor="middle", colour="#555"))
    for tick in panel.x_ticks:
        parts.append(_rule(across(tick), HEIGHT - BOTTOM, across(tick), TOP))
        parts.append(_text(across(tick), HEIGHT - BOTTOM + 18, f"{tick:g}", anchor="middle"))
    for tick in panel.y_ticks:
        parts.append(_rule(LEFT, down(tick), WIDTH - RIGHT, down(tick)))
        parts.append(_text(LEFT - 6, down(tick) + 4, f"{tick:g}", anchor="end"))
    if panel.level is not None:
        parts.append(_rule(LEFT, down(panel.level), WIDTH - RIGHT, down(panel.level), style="#000", dashes="4 3"))
    parts += _lines(panel.lines, across, down)
    return "\n".join(parts)


def _lines(lines: Sequence[Line], across: Callable[[float], float], down: Callable[[float], float]) -> list[str]:
    """The curves, and their names on the right in the order in which the curves end, none on top of another."""
    parts: list[str] = []
    low = 0.0
    ending = sorted(enumerate(lines), key=lambda each: down(each[1].points[-1][1]))
    for number, line in ending:
        colour = COLOURS[number % len(COLOURS)]
        places = [(across(x), down(y)) for x, y in line.points]
        if len(places) == 1:
            parts.append(f'<circle cx="{places[0][0]:.1f}" cy="{places[0][1]:.1f}" r="4" fill="{colour}"/>')
        else:
            path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
            parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        low = max(low + LINE_HEIGHT, places[-1][1] + 4)
        beside = places[-1][0] if len(places) == 1 else WIDTH - RIGHT
        parts.append(_text(beside + 7, low, line.name, colour=colour))
    return parts


def _axis(ticks: Sequence[float], start: float, end: float) -> Callable[[float], float]:
    """From a value to its place; values beyond the ends lie at the ends."""
    low, high = log10(ticks[0]), log10(ticks[-1])

    def place(value: float) -> float:
        share = (log10(value) - low) / (high - low)
        return start + (end - start) * min(max(share, 0), 1)

    return place


def _rule(x: float, y: float, to_x: float, to_y: float, *, style: str = "#ddd", dashes: str = "none") -> str:
    ends = f'x1="{x:.1f}" y1="{y:.1f}" x2="{to_x:.1f}" y2="{to_y:.1f}"'
    return f'<line {ends} stroke="{style}" stroke-dasharray="{dashes}"/>'


def _text(x: float, y: float, text: str, *, anchor: str = "start", colour: str = "#000", size: int = 12) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}" font-size="{size}">{escape(text)}</text>'
    )
