"""A document as one page that loads nothing from anywhere: no script, no picture, no link, every value escaped."""

from __future__ import annotations

from functools import cache
from itertools import count
from typing import TYPE_CHECKING, Any

from kingshurst_tui.leaving import html_maps
from kingshurst_tui.leaving.maps import Map
from kingshurst_tui.leaving.pages import Document, Facts, Grid, Intervals, Listed, Words, paragraphs, plain

if TYPE_CHECKING:
    from jinja2 import Template

    from kingshurst_tui.leaving.gate import Recipient

# The policy forbids what the page has not: were a value ever not escaped, no script would run and nothing be fetched.
_PAGE = (
    """<!DOCTYPE html>
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
"""
    + html_maps.STYLE
    + """footer, .mark { border: 1px solid; padding: .4rem; margin: 1rem 0; }
@media print {
  @page { margin: 14mm; }
  /* The mark stands at the foot of every page, in room of its own: a table's footer is drawn on each page. */
  body { display: table; max-width: none; margin: 0; padding: 0; }
  footer { display: table-footer-group; break-inside: avoid; border: 0; font-size: .8rem; }
  h2, figcaption { break-after: avoid; } tr { break-inside: avoid; }
}
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
{% elif kind == "intervals" %}{% if value.ends %}<svg viewBox="0 0 400 18" width="400" height="18"
 aria-hidden="true" font-size="11" font-family="sans-serif">
<text x="8" y="12">{{ value.ends[0] }}</text><text x="200" y="12" text-anchor="middle">
{{ value.ends[1] }}</text><text x="392" y="12" text-anchor="end">{{ value.ends[2] }}</text></svg>{% endif %}
{% for row in value.rows %}<figure>
<figcaption><strong>{{ row.label }}</strong></figcaption>
{% if row.at %}<svg viewBox="0 0 400 24" width="400" height="24" role="img" aria-label="{{ row.words }}">
<line x1="8" y1="12" x2="392" y2="12" stroke="#999" stroke-dasharray="1 5"/>
{% if row.middle %}<line x1="200" y1="2" x2="200" y2="22" stroke="#000" stroke-dasharray="3 3"/>
{% endif %}
<line x1="{{ row.at[0] }}" y1="12" x2="{{ row.at[2] }}" y2="12" stroke="#000" stroke-width="2"/>
<line x1="{{ row.at[0] }}" y1="6" x2="{{ row.at[0] }}" y2="18" stroke="#000"/>
<line x1="{{ row.at[2] }}" y1="6" x2="{{ row.at[2] }}" y2="18" stroke="#000"/>
<circle cx="{{ row.at[1] }}" cy="12" r="5"/>
</svg>{% endif %}
<p>{{ row.words }}</p>
</figure>
{% endfor %}{% elif kind == "map" %}"""
    + html_maps.MAP
    + """{% else %}
<table><thead><tr>{% for name in value[0] %}<th scope="col">{{ name }}</th>{% endfor %}</tr></thead><tbody>
{% for row in value[1] %}<tr>{% for said in row %}<td>{{ said }}</td>{% endfor %}</tr>
{% endfor %}</tbody></table>
{% endif %}{% endfor %}</section>
{% endfor %}<footer>{{ mark }}</footer>
</body>
</html>
"""
)


@cache
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment: Environment = ImmutableSandboxedEnvironment(autoescape=True, undefined=StrictUndefined)
    return environment.from_string(_PAGE)


def drawn(document: Document, recipient: Recipient) -> bytes:
    """Return the document as UTF-8 HTML."""
    maps = count(1)
    page = _template().render(
        title=plain(document.title),
        lines=[plain(line) for line in document.lines],
        sections=[
            {"title": plain(section.title), "blocks": [_shown(block, next(maps)) for block in section.blocks]}
            for section in document.sections
        ],
        mark=document.mark_line(recipient),
    )
    return page.encode()


def _shown(block: object, number: int) -> tuple[str, Any]:
    if isinstance(block, Words):
        return "words", paragraphs(block.text)
    if isinstance(block, Facts):
        return "facts", [(plain(name), paragraphs(words)) for name, words in block.rows]
    if isinstance(block, Listed):
        return "listed", [plain(point) for point in block.points]
    if isinstance(block, Grid):
        return "grid", ([plain(name) for name in block.header], [[plain(v) for v in row] for row in block.rows])
    if isinstance(block, Intervals):
        rows = [
            {
                "label": plain(row.label),
                "words": plain(row.words),
                "middle": block.scale == "ratio",
                "at": [f"{8 + 384 * each:.1f}" for each in row.along(block.scale) or ()],
            }
            for row in block.rows
        ]
        return "intervals", {"ends": block.ends, "rows": rows}
    if isinstance(block, Map):
        return "map", html_maps.shown(block, number)
    raise TypeError(block)
