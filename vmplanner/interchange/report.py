"""A report as one web page that needs nothing else: no script, no file beside it, nothing from a network.

What the report says is worked out elsewhere; here it is only set. All texts are data and escaped by the template; only
drawings, which come from our own pictures, are markup.
"""

import re
from datetime import datetime

from attrs import field, frozen
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from vmplanner.shipped import RESOURCES

_ID = re.compile(r'(?<=\bid=")|(?<=\burl\(#)|(?<=\bhref="#)')


@frozen
class KeyFigure:
    """One number that the reader should take away."""

    value: str
    label: str


@frozen
class Listing:
    """A table as people read it. The last `numbers` columns are figures, set to the right."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...] = field(converter=tuple[tuple[str, ...], ...])
    numbers: int = 0


@frozen
class Figure:
    """A picture, by the name under which it is handed over when the report is set; `width_px` x `height_px`."""

    name: str
    width_px: int
    height_px: int
    caption: str


Part = str | tuple[str, ...] | Listing | Figure
"""A paragraph, a list of points, a table or a picture."""


@frozen
class Section:
    """A heading and what is below it."""

    title: str
    parts: tuple[Part, ...] = field(converter=tuple[Part, ...])


@frozen
class Report:
    """`summary` is what a reader without time reads; `lines` stand below the title."""

    title: str
    lines: tuple[str, ...]
    key_figures: tuple[KeyFigure, ...]
    summary: tuple[str, ...]
    sections: tuple[Section, ...]
    written_at: datetime


def as_html(report: Report, drawings: dict[str, str]) -> str:
    """The page. `drawings` has the SVG of each figure by its name."""
    inline = {name: Markup(_inline(name, svg)) for name, svg in drawings.items()}
    return _set("page.html", report, inline)


def as_paper(report: Report) -> str:
    """The same content in the few elements that Qt's text documents know. Figures are images of their names."""
    return _set("paper.html", report, {})


def _set(template: str, report: Report, drawings: dict[str, Markup]) -> str:
    environment = Environment(
        loader=FileSystemLoader(RESOURCES / "report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.tests["listing"] = lambda part: isinstance(part, Listing)
    environment.tests["figure"] = lambda part: isinstance(part, Figure)
    return environment.get_template(template).render(report=report, drawings=drawings)


def _inline(name: str, svg: str) -> str:
    """An SVG file as an element of a page, where all drawings share one space of ids."""
    start = svg.index("<svg")
    return _ID.sub(f"{name}-", svg[start:])
