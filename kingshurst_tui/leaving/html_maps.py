"""A map in a page: vector drawing in the page itself, with words for whoever hears it and a legend that prints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kingshurst_tui.leaving.maps import EDGE, HEAVY, INKS, NAME, THIN, number_of
from kingshurst_tui.leaving.pages import plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kingshurst_tui.leaving.maps import Map, Ring

_WIDE = 1000
_LEGEND = 31
"""From line to line of the legend, of a width of 1000."""

MAP = """<figure class="map">
<div class="whole"><figcaption><strong>{{ value.title }}</strong></figcaption>
<svg viewBox="0 0 1000 {{ value.tall }}" role="img" aria-labelledby="{{ value.id }}-title {{ value.id }}-about">
<title id="{{ value.id }}-title">{{ value.title }}</title><desc id="{{ value.id }}-about">{{ value.about }}</desc>
<defs>{% for one in value.patterns %}<pattern id="{{ one.id }}" width="{{ one.step }}" height="{{ one.step }}"
 patternUnits="userSpaceOnUse" patternTransform="rotate({{ one.angle }})">
<rect width="{{ one.step }}" height="{{ one.step }}" fill="{{ one.fill }}"/>
<path d="{{ one.path }}" stroke="{{ one.line }}" stroke-width="1.4" fill="none"/></pattern>
{% endfor %}</defs>
<g stroke="{{ value.edge }}" stroke-width="{{ value.thin }}" stroke-linejoin="round" fill-rule="evenodd">
{% for shape in value.shapes %}<path fill="{{ shape.fill }}" d="{{ shape.path }}">
<title>{{ shape.words }}</title></path>
{% endfor %}</g>
<path d="{{ value.edges }}" fill="none" stroke="#000" stroke-width="{{ value.heavy }}" stroke-linejoin="round"/>
<g text-anchor="middle" font-family="sans-serif">
{% for one in value.numbers %}<text x="{{ one.x }}" y="{{ one.y }}" font-size="{{ one.size }}"
 fill="{{ one.ink }}">{{ one.text }}</text>
{% endfor %}</g>
{% for stroke in ("#fff", "none") %}<g text-anchor="middle" font-family="sans-serif" font-weight="bold"
 font-size="{{ value.name }}" stroke="{{ stroke }}" stroke-width="3.5" stroke-linejoin="round">
{% for one in value.names %}
<text x="{{ one.x }}" y="{{ one.y }}">{{ one.text }}</text>{% endfor %}</g>
{% endfor %}<g font-family="sans-serif" font-size="17">{% for one in value.legend %}
<rect x="2" y="{{ one.top }}" width="46" height="23" fill="{{ one.fill }}" stroke="#444"/>
<text x="58" y="{{ one.foot }}">{{ one.words }}</text>{% endfor %}</g>
</svg></div>
{% for line in value.caption %}<p class="caption">{{ line }}</p>
{% endfor %}{% if value.table %}<details><summary>{{ value.title }}: every place in words</summary>
<table><thead><tr>{% for name in value.table[0] %}<th scope="col">{{ name }}</th>{% endfor %}</tr></thead><tbody>
{% for row in value.table[1:] %}<tr>{% for said in row %}<td>{{ said }}</td>{% endfor %}</tr>
{% endfor %}</tbody></table></details>
{% endif %}</figure>
"""
STYLE = """.whole { break-inside: avoid; }
.map svg { width: 100%; height: auto; max-height: 22cm; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.caption, details { font-size: .9rem; }
"""


def shown(block: Map, number: int) -> dict[str, Any]:
    """Return what the page's template draws of a map.

    Args:
        block: the map.
        number: of the map in its page, so that the names of its parts are its own.
    """
    name = f"map-{number}"
    told = {shade: f"{name}-{shade}" if INKS[shade].lines else "" for shade, _ in block.swatches}
    return {
        "id": name,
        "title": plain(block.title),
        "about": plain(f"{block.about} Shades: {'; '.join(words for _, words in block.swatches)}."),
        "tall": f"{block.tall * _WIDE + _LEGEND * len(block.swatches) + 10:.0f}",
        "patterns": [_pattern(told[shade], shade) for shade in told if told[shade]],
        "edge": _colour(EDGE),
        "thin": f"{THIN * _WIDE:.1f}",
        "heavy": f"{HEAVY * _WIDE:.1f}",
        "shapes": [
            {
                "path": path(each.rings),
                "fill": _fill(told[each.shade], each.shade),
                "words": plain(f"{each.label}: {each.words}"),
            }
            for each in block.shapes
        ],
        "edges": path(block.edges),
        "numbers": [
            {
                "x": f"{each.at[0] * _WIDE:.0f}",
                "y": f"{(each.at[1] + size * 0.36) * _WIDE:.0f}",
                "size": f"{size * _WIDE:.0f}",
                "ink": _colour(INKS[each.shade].text),
                "text": text,
            }
            for each in block.shapes
            for text, size in (number_of(each),)
            if text
        ],
        "name": f"{NAME * _WIDE:.0f}",
        "names": [
            {"x": f"{x * _WIDE:.0f}", "y": f"{y * _WIDE:.0f}", "text": plain(text)} for text, (x, y) in block.names
        ],
        "legend": [
            {
                "fill": _fill(told[shade], shade),
                "words": plain(words),
                "top": f"{block.tall * _WIDE + _LEGEND * at + 6:.0f}",
                "foot": f"{block.tall * _WIDE + _LEGEND * at + 24:.0f}",
            }
            for at, (shade, words) in enumerate(block.swatches)
        ],
        "caption": [plain(line) for line in (block.about, block.caption) if line],
        "table": [[plain(cell) for cell in row] for row in block.table],
    }


def path(rings: Iterable[Ring]) -> str:
    """Return rings as one path, to a tenth of a thousandth of the width."""
    drawn = []
    for ring in rings:
        points = [f"{x * _WIDE:.1f} {y * _WIDE:.1f}" for x, y in ring[:-1]]
        drawn.append(f"M{'L'.join(points)}z")
    return "".join(drawn)


def _fill(pattern: str, shade: int) -> str:
    return f"url(#{pattern})" if pattern else _colour(INKS[shade].fill)


def _colour(of: tuple[int, int, int]) -> str:
    return "#{:02x}{:02x}{:02x}".format(*of)


def _pattern(name: str, shade: int) -> dict[str, Any]:
    """Return the lines of a shade as a tile; a second angle is square to the first."""
    ink = INKS[shade]
    (angle, apart), step = ink.lines[0], f"{ink.lines[0][1] * _WIDE:.0f}"
    middle = f"{apart * _WIDE / 2:.1f}"
    square = f"M{middle} 0v{step}" if len(ink.lines) > 1 else ""
    drawn = f"M0 {middle}h{step}{square}"
    return {
        "id": name, "fill": _colour(ink.fill), "line": _colour(ink.line), "angle": angle, "step": step, "path": drawn,
    }  # fmt: skip
