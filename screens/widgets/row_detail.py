"""All the words of the row at the cursor, for columns that a narrow terminal cuts."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.widgets import Static

from screens.widgets.text import one_line
from screens.widgets.virtual_table import Column, Row


class RowDetail(Static):
    """Shows a row in full, each cell after its heading; put it under a list and feed it from ``Moved``."""

    def show_row(self, columns: Sequence[Column], row: Row | None) -> None:
        """Show the row, or nothing."""
        if row is None or row.heading:
            self.update("")
            return
        parts: list[tuple[str, str] | str] = []
        for column, words in zip(columns, row.cells, strict=False):
            if column.title and words:
                parts += [(f"{column.title}: ", "$muted"), f"{one_line(words)}  "]
        self.update(Content.assemble(*parts))
