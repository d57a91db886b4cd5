"""A plot before it is drawn, its colours, and its drawing as clean SVG elements."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from pytest_mlgate.reports.text import one_line
from pytest_mlgate.tables.writing import digest_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, MUTED, GRID = "#0a0b0c", "#1a1b1c", "#2a2b2c"
NEW, OLD = "#3a3b3c", "#4a4b4c"
GOOD, BAD, OPEN = "#5a5b5c", "#6a6b6c", "#7a7b7c"
_VARIABLES = {
    INK: "--ink",
    MUTED: "--muted",
    GRID: "--line",
    NEW: "--new",
    OLD: "--old",
    GOOD: "--good",
    BAD: "--bad",
    OPEN: "--open",
}
"""Colours that a plot is painted in, and the style sheet's variables they stand for: light and dark have their own."""

FONT = 9.5
_DRAWN = ("path", "g", "use", "text", "tspan", "defs", "clipPath", "rect", "line")
_SVG = "{http://www.w3.org/2000/svg}"
_LINK = "{http://www.w3.org/1999/xlink}href"
_NUMBER = re.compile(r"-?\d+\.\d+")
_COLOUR = re.compile(r"#[0-9a-f]{6}")
_REFERENCE = re.compile(r"url\(#([^)]+)\)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Sketch:
    """A plot that can be drawn.

    Attributes
    ----------
    title : str
    words : str
        What it shows, in words and numbers, for who does not see it.
    data : object
        All that it is painted from, JSON-ready: two plots of the same data are one.
    width, height : float
        In points.
    paint : callable
        Takes the empty figure.
    legend : tuple of (str, str)
        Which mark is what: a class of the style sheet, and words.
    """

    title: str
    words: str
    data: Any
    width: float
    height: float
    paint: Callable[[Figure], None]
    legend: tuple[tuple[str, str], ...] = field(default=())

    @property
    def key(self) -> str:
        """The same for two plots that show the same."""
        return digest_of({"title": self.title, "data": self.data})


def draw(sketch: Sketch, prefix: str) -> str:
    """Return the drawing as SVG elements, ids behind a prefix, colours as variables of the style sheet.

    The same for the same sketch, whatever settings of matplotlib the machine has.
    """
    with warnings.catch_warnings():
        # of fonts without a sign, which the browser has, and of what an older matplotlib imports: where a run makes
        # errors of warnings, it is to have its report all the same
        warnings.simplefilter("ignore")
        return _clean(_drawn(sketch), prefix)


def _drawn(sketch: Sketch) -> bytes:
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(
            {
                "svg.fonttype": "none",
                "svg.hashsalt": "mlgate",
                "text.parse_math": False,  # a name with dollars is no formula
                "font.size": FONT,
                "axes.linewidth": 0.6,
            }
        )
        figure = Figure(figsize=(sketch.width / 72, sketch.height / 72))
        sketch.paint(figure)
        file = io.BytesIO()
        figure.savefig(file, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    return file.getvalue()


def axes(figure: Figure, *, left: float, bottom: float = 30, top: float = 8, right: float = 12) -> Axes:
    """Return axes with margins in points, quiet: no box, a faint grid across what is measured."""
    width, height = figure.get_size_inches() * 72
    place = (left / width, bottom / height, (width - left - right) / width, (height - bottom - top) / height)
    made: Any = figure.add_axes(place)
    return quiet(made)


def quiet(made: Axes) -> Axes:
    """Return axes without a box, ticks small and labels muted."""
    for side in ("top", "right"):
        made.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        made.spines[side].set_color(MUTED)
    made.tick_params(colors=MUTED, labelcolor=MUTED, length=3, width=0.6, labelsize=FONT - 0.5)
    made.xaxis.label.set_color(MUTED)
    made.yaxis.label.set_color(MUTED)
    made.set_axisbelow(True)
    return made


def label(text: str, most: int = 24) -> str:
    """Return a name that fits beside an axis: the middle of a long one is left out."""
    shown = one_line(text)
    if len(shown) <= most:
        return shown
    head = (most - 1) // 2
    return f"{shown[:head]}…{shown[len(shown) - (most - 1 - head) :]}"


def _clean(svg: bytes, prefix: str) -> str:
    root = ElementTree.fromstring(svg)
    used = set(_references(root))
    return "".join(_written(child, prefix, used) for child in root)


def _references(root: ElementTree.Element) -> Iterator[str]:
    for element in root.iter():
        if _LINK in element.attrib:
            yield element.attrib[_LINK].removeprefix("#")
        for value in element.attrib.values():
            yield from _REFERENCE.findall(value)


def _written(element: ElementTree.Element, prefix: str, used: set[str]) -> str:
    """Return an element as text: what draws, without what only matplotlib needs."""
    name = element.tag.removeprefix(_SVG)
    if name not in _DRAWN:
        return ""
    inner = "".join(_written(child, prefix, used) for child in element)
    if name in ("g", "defs") and not inner:
        return ""
    attributes = {}
    for key, value in element.attrib.items():
        if key == "id":
            if value in used:
                attributes["id"] = f"{prefix}_{value}"
        elif key == _LINK:
            attributes["href"] = f"#{prefix}_{value.removeprefix('#')}"
        elif key == "style":
            attributes |= _style(value)
        elif not value.startswith("rotate(-0 "):  # matplotlib's text is turned also where it is not
            attributes[key] = _attribute(key, value, prefix)
    if name == "g" and not attributes:
        return inner
    text = _escaped(element.text or "") if name in ("text", "tspan") else ""
    head = "".join(f' {key}="{_escaped(value)}"' for key, value in attributes.items())
    return f"<{name}{head}>{text}{inner}</{name}>" if text or inner else f"<{name}{head}/>"


def _attribute(key: str, value: str, prefix: str) -> str:
    value = _REFERENCE.sub(rf"url(#{prefix}_\1)", value)
    return " ".join(_NUMBER.sub(_short, value).split()) if key in _MEASURES else value


_MEASURES = ("d", "x", "y", "width", "height", "transform")


def _short(found: re.Match[str]) -> str:
    text = f"{float(found.group()):.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _style(value: str) -> dict[str, str]:
    """Return a style without fonts, which are the page's, and with the page's colours."""
    kept = []
    for rule in filter(None, (part.strip() for part in value.split(";"))):
        key, _, said = (part.strip() for part in rule.partition(":"))
        if key == "font":
            size = re.search(r"[\d.]+px", said)
            key, said = "font-size", size.group() if size else f"{FONT}px"
        elif key == "font-family":
            continue
        kept.append(f"{key}:{_COLOUR.sub(_variable, said)}")
    return {"style": ";".join(kept)} if kept else {}


def _variable(found: re.Match[str]) -> str:
    return f"var({_VARIABLES[found.group()]})"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
