"""Earlier cases like one and what was decided about them, once the panel has spoken."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.widgets import Static

from kingshurst_tui.acts import Reason
from kingshurst_tui.counting import some
from kingshurst_tui.dates import show_date
from kingshurst_tui.errors import KingshurstError, StoreLocked
from kingshurst_tui.panels import similar
from kingshurst_tui.vocabulary import ReasonCode, Thing
from screens.base import KingshurstScreen
from screens.opening import open_thing
from screens.widgets.facts import Fact
from screens.widgets.list_and_detail import ListAndDetail
from screens.widgets.text import plain
from screens.widgets.virtual_table import Column, Row, VirtualTable

if TYPE_CHECKING:
    from kingshurst_tui.panels.similar import Alike, Similar

PANEL = Reason(ReasonCode.PANEL)


class SimilarScreen(KingshurstScreen[None]):
    """Open cases by name, closed ones as counts; what makes them alike stands beside each."""

    HELP = """Shown only after the panel has spoken: the decision of this case is signed, or the first five answers of
its form are written. Alike is whoever the same rule flagged; where no rule flagged this case, whoever has contacts of
one category in common and is of the same age band. Nothing is weighed or ranked: the latest stands first. Cases closed
to you are counted, fewer than ten hidden. Enter opens a profile. The decision says that you looked."""
    MODE = "home"
    CSS_PATH = "styles/deciding.tcss"
    BINDING_GROUP_TITLE = "Similar cases"

    def __init__(self, case_id: int | str, *, siblings: tuple[int | str, ...] = ()) -> None:
        super().__init__()
        self.case_id, self._siblings = int(case_id), siblings
        self._found: dict[int, Alike] = {}

    def body(self) -> ComposeResult:
        """Draw what was compared, and the list."""
        yield Static("", id="deciding-about")
        yield ListAndDetail(
            Column("Who", 14, wants=26),
            Column("Leads", 6),
            Column("Why", 24, grows=True),
            Column("Signed", 12, priority=1),
            nothing="No earlier case that is open to you is like this one.",
            hint="Esc goes back.",
            id="similar",
        )

    def reload(self) -> None:
        """Look for them."""
        self.run_work(
            similar.similar,
            self.session,
            self.case_id,
            PANEL,
            then=self.show_found,
            failed=self.refused,
            doing="Looking for cases like this one",
        )

    def refused(self, error: Exception) -> None:
        """Say why nothing is shown."""
        if not isinstance(error, KingshurstError) or isinstance(error, StoreLocked):
            raise error
        self.query_one("#deciding-about", Static).update(plain(f"! {error.title} {error.detail} {error.hint}".strip()))

    def show_found(self, found: Similar) -> None:
        """Draw the cases."""
        self._found = {each.decision: each for each in found.found}
        lines = []
        if found.total > len(found.found):
            lines.append(f"The latest {len(found.found)} of {some(found.total, 'case')} like it.")
        if found.closed is not None:
            led = "; ".join(f"{agency} leads: {count}" for agency, count in found.closed.items() if agency)
            lines.append(
                f"Closed to you, fewer than ten hidden: {found.closed.get('', 'none')}{f' ({led})' if led else ''}"
            )
        # Where there is little room the end of these lines is cut, and the case itself is known best.
        lines.append(f"This case: {'; '.join(found.by)}")
        self.query_one("#deciding-about", Static).update(plain("\n".join(lines)))
        rows = [
            Row(
                each.decision,
                (
                    each.name or each.pseudonym,
                    each.lead_agency,
                    each.why,
                    show_date(datetime.fromisoformat(each.signed_at).date()),
                ),
                reference=each.pseudonym,
            )
            for each in found.found
        ]
        self.query_one(ListAndDetail).show(rows, self._facts)
        self.query_one(VirtualTable).focus()

    def _facts(self, row: Row) -> Iterable[Fact]:
        each = self._found[int(str(row.key))]
        return [
            ("Who", f"{each.pseudonym}  {each.name}".strip()),
            ("Leads", f"{each.lead_agency} (decision {each.decision}, {each.status})"),
            ("Why", each.why),
            ("Alike", "\n".join(each.in_common)),
        ]

    @on(VirtualTable.Opened)
    def opened(self, event: VirtualTable.Opened) -> None:
        """Go to the person."""
        open_thing(self, Thing.PROFILE, self._found[int(str(event.row.key))].pseudonym)

    def reopen(self) -> Callable[[], SimilarScreen]:
        """Look for the same again."""
        case_id = self.case_id
        return lambda: SimilarScreen(case_id)
