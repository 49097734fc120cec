"""Where each agency stands in one case: a line each in one box, written into the decision together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from textual.widgets import Checkbox, TextArea

from kingshurst_tui.panels.manifest_shown import STANCES
from screens.room_answers import EachSays, Said

if TYPE_CHECKING:
    from screens.base import KingshurstScreen
    from screens.widgets.fields_form import FieldsForm

FIELD = "supporting"
"""The field of a decision that says where each agency stands, a line each: agency | stance | words."""


def parted(text: str, codes: Sequence[str]) -> tuple[dict[str, Said], list[str]]:
    """Return what the field says of agencies in the words of the box, and its other lines as they stand."""
    said: dict[str, Said] = {}
    rest = []
    for line in filter(str.strip, text.splitlines()):
        code, stance, words = (*(part.strip() for part in line.split("|", 2)), "", "")[:3]
        if code.upper() in codes and code.upper() not in said and stance.casefold() in STANCES:
            said[code.upper()] = (stance.casefold(), words)
        else:
            rest.append(line)
    return said, rest


async def ask_stances(screen: KingshurstScreen[Any], form: FieldsForm, agencies: Sequence[tuple[str, str]]) -> None:
    """Ask where each agency stands and write it into the form; run this in a ``@work`` method."""
    area = form.query_one(f"#field-{FIELD}", TextArea)
    said, rest = parted(area.text, [code for code, _ in agencies])
    lines = [(code, f"{code} · {name}") for code, name in agencies]
    given = await screen.app.push_screen_wait(EachSays("Where does each agency stand?", lines, said))
    if given is not None:
        told = [" | ".join(filter(None, (code, *each))) for code, each in given.items()]
        area.text = "\n".join([*rest, *told])
        form.query_one(f"#skip-{FIELD}", Checkbox).value = False
