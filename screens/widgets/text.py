"""The one boundary between stored text and the terminal.

Whatever was typed by a stranger, in an extract, a form or a search, goes through here before a widget
sees it: nothing it holds may move the cursor, write the clipboard, reverse the reading order or become a button.
"""

from __future__ import annotations

from rich.text import Text
from textual.content import Content

from kingshurst_tui.terminal_text import REPLACEMENT, UNSAFE_ON_SCREEN, one_line, safe_text

__all__ = ["REPLACEMENT", "UNSAFE_ON_SCREEN", "cell", "one_line", "plain", "safe_text", "title"]


def plain(value: object) -> Content:
    """Return text for Static, Label, Option, Select, Hit, tooltips and tabs; nothing in it is markup."""
    return Content(safe_text(value))


def cell(value: object) -> Text:
    """Return text for DataTable and Tree, which measure Rich text only."""
    return Text(one_line(value), no_wrap=True, overflow="ellipsis", end="")


def title(value: object) -> str:
    """Return text for a border title, the one slot that takes markup and no Content."""
    return one_line(value).replace("[", r"\[")
