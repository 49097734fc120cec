"""A document as one page that loads nothing from anywhere: no script, no picture, no link, every value escaped."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from kingshurst_tui.leaving.pages import Document, Facts, Grid, Intervals, Listed, Map, Words, paragraphs, plain

if TYPE_CHECKING:
    from jinja2 import Template

    from kingshurst_tui.leaving.gate import Recipient

# The policy forbids what the page has not: were a value ever not escaped, no script would run and nothing be fetched.
_PAGE = """<!DOCTYPE html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="referrer" content="no-referrer">
<title>{{ title }}</title>
<style>
body { font: 1rem/1.45 sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 1.6rem; border-bottom: 1px solid; }
dt { font-weight: bold; } dd { margin: 0 0 .4rem 0; } table { border-collapse: collapse; width: 100%; }
figure { margin: .6rem 0; } th, td { border: 1px solid; padding: .25rem .4rem; text-align: left; vertical-align: top; }
footer, .mark { border: 1px solid; padding: .4rem; margin: 1rem 0; }
@media print { footer { position: fixed; bottom: 0; } h2, tr { break-inside: avoid; } }
</style>
</head>
<body>
<p class="mark">{{ mark }}</p>
<h1>{{ title }}</h1>
{% for line in lines %}<p>{{ line }}</p>
{% endfor %}{% for section in sections %}<section>
<h2>{{ section.title }}</h2>
{% for kind, value in section.blocks %}{% if kind == "words" %}{% for line in value %}<p>{{ line }}</p>
{% endfor %}{% elif kind == "facts" %}<dl>
{% for name, said in value %}<dt>{{ name }}</dt><dd>{% for line in said %}{{ line }}{% if not loop.last %}<br>
{% endif %}{% endfor %}</dd>
{% endfor %}</dl>
{% elif kind == "listed" %}<ul>
{% for point in value %}<li>{{ point }}</li>
{% endfor %}</ul>
{% elif kind == "intervals" %}{% for row in value %}<figure>
<figcaption><strong>{{ row.label }}</strong></figcaption>
<svg viewBox="0 0 400 24" width="400" height="24" role="img" aria-label="{{ row.words }}">
<line x1="8" y1="12" x2="392" y2="12" stroke="#999" stroke-dasharray="1 5"/>
{% if row.middle %}<line x1="200" y1="2" x2="200" y2="22" stroke="#000" stroke-dasharray="3 3"/>
{% endif %}{% if row.at %}
<line x1="{{ row.at[0] }}" y1="12" x2="{{ row.at[2] }}" y2="12" stroke="#000" stroke-width="2"/>
<line x1="{{ row.at[0] }}" y1="6" x2="{{ row.at[0] }}" y2="18" stroke="#000"/>
<line x1="{{ row.at[2] }}" y1="6" x2="{{ row.at[2] }}" y2="18" stroke="#000"/>
<circle cx="{{ row.at[1] }}" cy="12" r="5"/>
{% endif %}</svg>
<p>{{ row.words }}</p>
</figure>
{% endfor %}{% elif kind == "map" %}<figure>
<figcaption><strong>{{ value.title }}</strong></figcaption>
<svg viewBox="0 0 1000 {{ value.tall }}" width="640" role="img" aria-label="{{ value.title }}">
<defs><pattern id="not-told" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
<rect width="8" height="8" fill="#fff"/><line x1="0" y1="0" x2="0" y2="8" stroke="#888" stroke-width="3"/>
</pattern></defs>
{% for shape in value.shapes %}<g fill="{{ shape.fill }}" stroke="{{ value.ink }}" stroke-width="{{ value.thin }}">
<title>{{ shape.label }}: {{ shape.words }}</title><path d="{{ shape.path }}"/></g>
{% if value.numbered %}<text x="{{ shape.x }}" y="{{ shape.y }}" font-size="{{ value.letters }}" text-anchor="middle"
 fill="{{ shape.ink }}">{{ shape.number }}</text>
{% endif %}{% endfor %}</svg>
<ul>{% for line in value.legend %}<li>{{ line }}</li>
{% endfor %}</ul>
</figure>
{% else %}
<table><thead><tr>{% for name in value[0] %}<th scope="col">{{ name }}</th>{% endfor %}</tr></thead><tbody>
{% for row in value[1] %}<tr>{% for said in row %}<td>{{ said }}</td>{% endfor %}</tr>
{% endfor %}</tbody></table>
{% endif %}{% endfor %}</section>
{% endfor %}<footer>{{ mark }}</footer>
</body>
</html>
"""


@cache
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment: Environment = ImmutableSandboxedEnvironment(autoescape=True, undefined=StrictUndefined)
    return environment.from_string(_PAGE)


def drawn(document: Document, recipient: Recipient) -> bytes:
    """Return the document as UTF-8 HTML."""
    page = _template().render(
        title=plain(document.title),
        lines=[plain(line) for line in document.lines],
        sections=[
            {"title": plain(section.title), "blocks": [_shown(block) for block in section.blocks]}
            for section in document.sections
        ],
        mark=document.mark_line(recipient),
    )
    return page.encode()


def _shown(block: object) -> tuple[str, Any]:
    if isinstance(block, Words):
        return "words", paragraphs(block.text)
    if isinstance(block, Facts):
        return "facts", [(plain(name), paragraphs(words)) for name, words in block.rows]
    if isinstance(block, Listed):
        return "listed", [plain(point) for point in block.points]
    if isinstance(block, Grid):
        return "grid", ([plain(name) for name in block.header], [[plain(v) for v in row] for row in block.rows])
    if isinstance(block, Intervals):
        return "intervals", [
            {
                "label": plain(row.label),
                "words": plain(row.words),
                "middle": block.scale == "ratio",
                "at": [f"{8 + 384 * each:.1f}" for each in row.along(block.scale) or ()],
            }
            for row in block.rows
        ]
    if isinstance(block, Map):
        return "map", _map(block)
    raise TypeError(block)


_FILLS = ("#f2f2f2", "#cfd8e3", "#9fb3c8", "#5f7d9c", "#1f3a57")
_INKS = ("#000", "#000", "#000", "#fff", "#fff")
_WIDE = 1000


def _map(block: Map) -> dict[str, Any]:
    side = block.side * _WIDE
    drawn = []
    for shape in block.shapes:
        corners = [(x * _WIDE, y * _WIDE) for x, y in shape.points]
        # One path a place: a square at each of its points, lines relative so that thousands stay small.
        path = "".join(f"M{x:.0f} {y:.0f}h{side:.0f}v{side:.0f}h-{side:.0f}z" for x, y in corners)
        x, y = corners[0] if corners else (0.0, 0.0)
        told = shape.shade is not None
        drawn.append(
            {
                "path": path,
                "fill": _FILLS[shape.shade] if shape.shade is not None else "url(#not-told)",
                "ink": _INKS[shape.shade] if shape.shade is not None else "#000",
                "x": f"{x + side / 2:.0f}",
                "y": f"{y + side * 0.68:.0f}",
                "number": str((shape.shade or 0) + 1) if told else "–",
                "label": plain(shape.label),
                "words": plain(shape.words),
            }
        )
    legend = [f"{number}: {plain(words)}" for number, words in enumerate(block.legend, 1)]
    return {
        "title": plain(block.title),
        "tall": f"{block.tall * _WIDE:.0f}",
        "letters": f"{side * 0.5:.0f}",
        "numbered": block.numbered,
        "ink": "#000" if block.numbered else "#888",
        "thin": "1" if block.numbered else "0.4",
        "shapes": drawn,
        "legend": [*legend, "striped: hidden, or not known"],
    }
