"""A passphrase field that gives nothing away."""

from __future__ import annotations

from textual.widgets import Input


class SecretInput(Input):
    """An input that shows dots and never copies or cuts what was typed."""

    def __init__(self, placeholder: str = "", *, id: str | None = None) -> None:  # noqa: A002  Textual's name
        super().__init__(placeholder=placeholder, password=True, id=id, select_on_focus=False, compact=True)

    def action_copy(self) -> None:
        """Do nothing: the stock field would put the passphrase on the system clipboard."""

    def action_cut(self) -> None:
        """Do nothing, for the same reason."""

    def take(self) -> str:
        """Return what was typed and empty the field."""
        typed = self.value
        self.value = ""
        return typed
