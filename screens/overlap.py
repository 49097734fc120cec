"""Whether agencies meet the same people: their most frequent ones, who else knows them; and the report to the Board."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType

from kingshurst_tui.acts import Reason
from kingshurst_tui.counting import some
from kingshurst_tui.dates import read_date
from kingshurst_tui.interval_bars import share_bar
from kingshurst_tui.learning import known_before, overlap
from kingshurst_tui.leaving.gate import Recipient
from kingshurst_tui.leaving.pages import FORMS
from kingshurst_tui.places import place_overlap
from kingshurst_tui.places.board_report import release_board_report
from kingshurst_tui.vocabulary import Operation, PriorityArea, ReasonCode, Thing
from screens.base import KingshurstScreen
from screens.bindings import bind
from screens.choose import Choose
from screens.form_dialog import FormDialog
from screens.leaving_forms import WORDS
from screens.widgets.facts import Fact
from screens.widgets.fields_form import Field, Kind
from screens.widgets.list_and_detail import ListAndDetail
from screens.widgets.text import one_line
from screens.widgets.virtual_table import Column, Row, VirtualTable

if TYPE_CHECKING:
    from kingshurst_tui.learning.known_before import KnownBefore
    from kingshurst_tui.learning.overlap import Group, Overlap
    from kingshurst_tui.learning.overlap_told import Figure
    from kingshurst_tui.leaving.gate import Copy
    from kingshurst_tui.places.place_overlap import PlaceOverlap
    from kingshurst_tui.session import Session

ALL_AREAS = "all"
AREAS = ((ALL_AREAS, "All together"), *((str(each), str(each).replace("-", " ")) for each in PriorityArea))


@dataclass(frozen=True, slots=True)
class _Read:
    overlap: Overlap
    before: KnownBefore
    places: tuple[PlaceOverlap, ...]


def _read(session: Session, area: str) -> _Read:
    found = overlap.overlap(session, "" if area == ALL_AREAS else area)
    return _Read(found, known_before.known_before(session), place_overlap.place_overlap(session))


class OverlapScreen(KingshurstScreen[None]):
    """One list, agency by agency; the row at the cursor is explained beside it."""

    HELP = """Of each agency's most frequent people: how many other agencies know them, which, and how much of the
agency's demand they are. The interval carries the linkage's own error as well as chance. Numbers under ten are hidden,
nought too; nobody is named. p parts by priority area, r makes the report to the Board and lets it leave."""
    MODE = "home"
    BINDING_GROUP_TITLE = "The same people"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("p", "part", "Priority area", id="overlap-part", tooltip="Count one priority area, or all together."),
        bind("r", "report", "Report", id="overlap-report", tooltip="Make the report to the Board, as a file."),
    ]

    def __init__(self, thing_id: int | str = "", *, siblings: tuple[int | str, ...] = ()) -> None:
        """Show overlap; home names no thing by an id here."""
        super().__init__()
        self._area = ALL_AREAS
        self._found: _Read | None = None
        self._said: dict[str, str] = {}

    def body(self) -> ComposeResult:
        """Draw the list."""
        yield ListAndDetail(
            Column("What", 34, grows=True),
            Column("Interval (95 %)", 34, priority=1),
            Column("Figure", 18),
            id="overlap",
        )

    def reload(self) -> None:
        """Count anew."""
        self.run_work(_read, self.session, self._area, then=self.show_read, doing="Counting across agencies")

    def show_read(self, found: _Read) -> None:
        """Draw what was found."""
        self._found = found
        self._said = {}
        self.query_one(ListAndDetail).show(list(self._rows(found)), self._facts)
        self.query_one(VirtualTable).focus()

    def _rows(self, found: _Read) -> Iterator[Row]:
        yield Row("said", (f"{found.overlap.period.words}, {dict(AREAS)[self._area].lower()}", "", ""), heading=True)
        for agency in found.overlap.agencies:
            yield Row(f"{agency.agency}:", (agency.agency, "", ""), heading=True)
            for group in agency.groups:
                for name, figure in _figures(group):
                    key = f"{agency.agency}:{group.percent}:{name}"
                    title = f"{overlap.title_of(group.percent)}: {name}".removesuffix(": ")
                    self._said[key] = group.not_told if figure is None else figure.words
                    yield Row(key, (title, *_drawn(figure)), quiet=figure is None or figure.part is None)
        yield Row("before:", ("Already known to every agency that decided", "", ""), heading=True)
        self._said["before"] = found.before.words
        share = (
            "" if found.before.known is None or not found.before.of else f"{found.before.known / found.before.of:.0%}"
        )
        yield Row("before", ("Flagged people decided about", "", share or "hidden"), quiet=not share)
        yield from self._places(found.places)

    def _places(self, found: Iterable[PlaceOverlap]) -> Iterator[Row]:
        for each in found:
            yield Row(f"{each.agreement_ref}:", (f"Places: {each.title} ({each.agency_code})", "", ""), heading=True)
            for group in each.groups:
                key = f"{each.agreement_ref}:{group.percent}"
                self._said[key] = group.words
                share = "" if group.demand is None else f"{group.demand[0]:.0%}–{group.demand[1]:.0%}"
                title = f"the most frequent {group.percent} % of LSOAs: share of the count"
                yield Row(key, (title, "", share or "not told"), quiet=not share)

    def _facts(self, row: Row) -> Iterable[Fact]:
        if self._found is None:
            return []
        words = self._said.get(str(row.key))
        if words and row.cells[0].endswith("share of the count"):
            return [(row.cells[0], words), ("", place_overlap.DEFINED)]
        if words:
            return [(row.cells[0], words), *(("", said) for said in self._found.overlap.said)]
        return [("", said) for said in self._found.overlap.said]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what this user may do."""
        if action == "report" and self.is_mounted:
            return self.session.may(Operation.DISCLOSE, Thing.BOARD_REPORT)
        return True

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_part(self) -> None:
        """Count one priority area, or all."""
        chosen = await self.app.push_screen_wait(Choose("Which priority area?", AREAS, [self._area], at=self._area))
        if chosen:
            self._area = chosen
            self.reload()

    @work(exclusive=True, group="act", exit_on_error=False)
    async def action_report(self) -> None:
        """Ask what a leaving takes, and let the report leave."""
        copies = await self.app.push_screen_wait(
            FormDialog(
                "The report to the Board leaves",
                [
                    Field("form", "As", Kind.CHOICE, required=True, options=tuple((one, one.upper()) for one in FORMS)),
                    Field("into", "Into which folder", required=True, hint="It is there already, not the store's own."),
                    Field("to", "For whom", required=True, hint="AGENCY:NAME, with commas between; a copy each."),
                    Field("why", "Why it leaves", required=True, hint="Supervisors read it.", longest=500),
                    Field("until", "Kept until", Kind.DAY, hint="None is what the partnership set."),
                ],
                self._let_leave,
                words=f"Made anew from what is held now; nobody is named. {WORDS}",
            )
        )
        if copies:
            where = one_line(copies[0].path.parent)
            said = f"{some(len(copies), 'copy', 'copies')} written to {where}"
            self.notify(said, title="The report left", markup=False)

    def _let_leave(self, answers: dict[str, str]) -> tuple[Copy, ...]:
        parts = [each.partition(":") for each in answers["to"].split(",") if each.strip()]
        return release_board_report(
            self.session,
            form=answers["form"],
            into=Path(answers["into"].strip()).expanduser(),
            recipients=[Recipient(name.strip(), agency.strip().upper()) for agency, _, name in parts],
            why=answers["why"],
            reason=Reason(ReasonCode.OVERSIGHT),
            expires_on=read_date(answers["until"]),
        )

    def remember(self) -> object:
        """Return the line at the cursor."""
        return self.query_one(VirtualTable).cursor

    def recall(self, memory: object) -> None:
        """Go back to that line."""
        if isinstance(memory, int):
            self.query_one(VirtualTable).cursor = memory


def _figures(group: Group) -> Iterator[tuple[str, Figure | None]]:
    """Yield what is told of a group; of agencies of whom nothing is told, one line names all."""
    if group.not_told:
        yield "", None
        return
    yield "known to another agency", group.known
    yield from ((f"known to {code}", each) for code, each in group.known_to.items() if each.part is not None)
    if hidden := [code for code, each in group.known_to.items() if each.part is None]:
        yield f"known to {', '.join(hidden)}", group.known_to[hidden[0]]
    yield "among the most frequent of another", group.frequent_too
    if group.demand is not None:
        yield "share of the agency's incidents", group.demand


def _drawn(figure: Figure | None) -> tuple[str, str]:
    if figure is None or figure.value is None or figure.low is None or figure.high is None:
        return "", "hidden"
    return share_bar(figure.value, figure.low, figure.high), f"{figure.value:.0%} ({figure.low:.0%}–{figure.high:.0%})"
