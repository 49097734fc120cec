"""Keys are unique, reachable and documented; colours can be told apart; the start leaves no door open."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

import pytest
from textual.binding import Binding
from textual.color import Color
from textual.dom import DOMNode
from textual.theme import Theme

from screens.app import KingshurstApp
from screens.base import KingshurstScreen
from screens.bindings import FORBIDDEN, FORBIDDEN_PREFIXES, key_rows, our_classes
from screens.hardening import harden
from screens.themes import CONTRAST, THEMES
from screens.widgets.virtual_table import VirtualTable
from tests.conftest import ROOT
from tests.screens.looking import seen, settle


def test_every_key_has_an_id_of_its_own_and_words() -> None:
    rows = key_rows()
    assert [name for name, times in Counter(row.id for row in rows).items() if times > 1] == []
    assert [row for row in rows if not row.id or not row.tooltip.endswith((".", "…"))] == []


def test_no_key_that_terminals_or_shells_take() -> None:
    keys = [key for row in key_rows() for key in row.keys]
    assert [key for key in keys if key in FORBIDDEN or key.startswith(FORBIDDEN_PREFIXES)] == []


def test_no_key_means_two_things_on_one_screen() -> None:
    by_place: dict[str, list[str]] = {}
    for row in key_rows():
        by_place.setdefault(row.place, []).extend(row.keys)
    twice = {place: [key for key, n in Counter(keys).items() if n > 1] for place, keys in by_place.items()}
    assert {place: keys for place, keys in twice.items() if keys} == {}


def keys_of(owner: type[DOMNode]) -> set[str]:
    """The keys a class binds itself."""
    bindings = [binding for binding in vars(owner).get("BINDINGS", ()) if isinstance(binding, Binding)]
    return {key.strip() for binding in bindings for key in binding.key.split(",")}


def test_no_key_of_a_screen_is_taken_by_the_list_on_it_or_by_the_program() -> None:
    taken = keys_of(KingshurstApp) | keys_of(VirtualTable) - {"enter"}
    screens = [
        owner for owner in our_classes() if issubclass(owner, KingshurstScreen) and owner is not KingshurstScreen
    ]
    clashes = {owner.__name__: sorted(keys_of(owner) & taken) for owner in screens}
    assert {name: keys for name, keys in clashes.items() if keys} == {}


PAIRS = [
    ("foreground", "background"),
    ("foreground", "surface"),
    ("foreground", "panel"),
    ("muted", "background"),
    ("muted", "surface"),
    ("primary", "background"),
    ("primary", "surface"),
    ("primary", "panel"),
    ("accent", "surface"),
    ("accent", "panel"),
    ("warning", "panel"),
    ("error", "background"),
    ("error", "surface"),
    ("success", "background"),
    ("block-cursor-foreground", "block-cursor-background"),
    ("block-cursor-blurred-foreground", "block-cursor-blurred-background"),
    ("footer-key-foreground", "footer-background"),
    ("footer-foreground", "footer-background"),
    ("text-muted", "surface"),
    ("text-disabled", "surface"),
]


def luminance(colour: Color) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    parts = [part / 255 for part in (colour.r, colour.g, colour.b)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: Color, second: Color) -> float:
    """Contrast ratio as WCAG 2.2 defines it, 1 to 21."""
    darker, lighter = sorted((luminance(first), luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_text_and_borders_stand_out(theme: Theme) -> None:
    colours = {**theme.to_color_system().generate(), **theme.variables}

    def ratio(first: str, second: str) -> float:
        return contrast(Color.parse(colours[first]), Color.parse(colours[second]))

    weak = {pair: round(ratio(*pair), 2) for pair in PAIRS if ratio(*pair) < 7.0}
    assert weak == {}
    drawn = [("border", "background"), ("border", "surface"), ("block-cursor-background", "background")]
    assert {pair: ratio(*pair) for pair in drawn if ratio(*pair) < 3.0} == {}
    if theme is CONTRAST:
        assert ratio("foreground", "background") > 20


def test_no_stylesheet_names_a_colour() -> None:
    literal = re.compile(r"#[0-9a-fA-F]{3,8}\b(?!-)|rgb|hsl|:\s*(?:red|green|blue|white|black|yellow|ansi_\w+)\b")
    found = []
    for path in sorted((ROOT / "screens").rglob("*.tcss")):
        rules = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.S)
        bodies = re.findall(r"\{(.*?)\}", rules, re.S)
        found += [f"{path.name}: {body.strip()}" for body in bodies if literal.search(body)]
    assert found == []


def test_every_focus_rule_has_a_sign_that_is_not_colour() -> None:
    for path in sorted((ROOT / "screens").rglob("*.tcss")):
        for selector, body in re.findall(r"([^{}]*:focus[^{}]*)\{(.*?)\}", path.read_text(encoding="utf-8"), re.S):
            assert re.search(r"border|text-style|outline", body), f"{path.name}: {selector.strip()}"


def test_the_start_drops_what_would_log_or_photograph_the_screen() -> None:
    environment = {
        "TEXTUAL": "devtools",
        "TEXTUAL_LOG": "/tmp/log",  # noqa: S108  nothing is written there
        "TEXTUAL_SCREENSHOT": "1",
        "TEXTUAL_PRESS": "y",
        "TEXTUAL_COLOR_SYSTEM": "256",
        "PATH": "/bin",
        "KINGSHURST_DEV": "1",
    }
    harden(environment, demo=False)
    assert environment == {
        "TEXTUAL_COLOR_SYSTEM": "256",
        "TEXTUAL_ANIMATIONS": "none",
        "PATH": "/bin",
        "KINGSHURST_DEV": "1",
    }
    developers = {"TEXTUAL": "devtools", "KINGSHURST_DEV": "1"}
    harden(developers, demo=True)
    assert developers["TEXTUAL"] == "devtools"
    harden(developers, demo=False)
    assert "TEXTUAL" not in developers


async def test_everything_is_said_without_colour(
    make_app: Callable[..., KingshurstApp], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = make_app(signed_in=True)
    async with app.run_test() as pilot:
        await settle(pilot)
        assert app.no_color
        assert "▸1 Home" in seen(app)
        strips = app.screen._compositor.render_strips()
        colours = {segment.style.color for strip in strips for segment in strip if segment.style}
        triplets = {colour.triplet for colour in colours if colour is not None and colour.triplet is not None}
        assert {(t.red, t.green, t.blue) for t in triplets if not (t.red == t.green == t.blue)} == set()
