"""Who holds which role by whose two signatures, what waits for a second person, and what each role may do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType

from kingshurst_tui.counting import some
from kingshurst_tui.dates import show_time
from kingshurst_tui.granting import grants, role_lines
from kingshurst_tui.granting.role_lines import RoleLine
from kingshurst_tui.permissions import acts_in_words, groups_in_words
from kingshurst_tui.vocabulary import Operation, Role, Thing
from screens.base import KingshurstScreen
from screens.bindings import bind
from screens.confirm import Confirm
from screens.widgets.facts import Fact
from screens.widgets.list_and_detail import ListAndDetail
from screens.widgets.virtual_table import Column, Row, VirtualTable

WAITS, HOLDS, ACTS, PARTS = "waits", "holds", "acts", "parts"


class RolesScreen(KingshurstScreen[None]):
    """Users first, then the tables that the program itself goes by."""

    HELP = """A role is given by two people: an administrator proposes it and signs, a second person confirms it and
signs: a supervisor, an information governance officer or another administrator, never whom it is for. Until then it is
none. Signatures are verified when somebody signs in; kingshurst check verifies everybody’s. c confirms what stands at
the cursor, x refuses it. The tables below are those the program goes by; what is in none is refused to everybody."""
    BINDING_GROUP_TITLE = "Roles"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("c", "confirm", "Confirm", id="roles-confirm", tooltip="Be the second person for the role at the cursor."),
        bind(
            "x",
            "refuse",
            "Refuse",
            id="roles-refuse",
            tooltip="Say no to the role at the cursor, or take back what you proposed.",
        ),
    ]

    def __init__(self, user: int | str = "", *, siblings: tuple[int | str, ...] = ()) -> None:
        super().__init__()
        self._first, self._siblings = str(user), siblings
        self._lines: dict[str, RoleLine] = {}

    def is_beside(self, mode: str) -> bool:
        """Say that it is: it belongs to no part, and the key of any leads back there."""
        return True

    def body(self) -> ComposeResult:
        """Draw the list."""
        yield ListAndDetail(
            Column("", 2),
            Column("Who, or what", 22, wants=34),
            Column("Role", 20),
            Column("By", 26, priority=1, grows=True),
            id="roles",
        )

    def reload(self) -> None:
        """Read who holds what."""
        self.run_work(role_lines.listing, self.session, then=self.show_lines, doing="Verifying who holds which role")

    def show_lines(self, lines: Sequence[RoleLine]) -> None:
        """Draw users, acts and parts of a profile."""
        self._lines = {line.user: line for line in lines}
        rows = list(_rows(lines))
        self.query_one(ListAndDetail).show(rows, self._facts)
        table = self.query_one(VirtualTable)
        wanted = [number for number, row in enumerate(rows) if str(row.key) in _keys(self._first)]
        if wanted:
            table.cursor = wanted[0]
        elif len(rows) > 1 and not table.cursor:
            table.cursor = 1
        self._first = ""
        table.focus()
        self.refresh_bindings()

    def _facts(self, row: Row) -> Iterable[Fact]:
        kind, _, name = str(row.key).partition(":")
        if kind in (WAITS, HOLDS) and name in self._lines:
            return _user_facts(self._lines[name])
        if kind == ACTS and name:
            roles = dict(acts_in_words())[name]
            return [("Act", name), *(("May" if role in roles else "May not", role.value) for role in Role)]
        if kind == PARTS and name:
            roles, control = next((roles, control) for group, roles, control in groups_in_words() if group == name)
            readers = [("Reads" if role in roles else "Does not", role.value) for role in Role]
            return [("Part of a profile", name), ("Class of control", control), *readers]
        return [("", _HEADS[kind])]

    def _at_cursor(self) -> RoleLine | None:
        table = self.query_one(VirtualTable)
        row = table.row_at(table.cursor) if table.cursor is not None else None
        kind, _, name = str(row.key).partition(":") if row is not None else ("", "", "")
        line = self._lines.get(name) if kind == WAITS else None
        return line if line is not None and line.waits_role else None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer confirming and refusing where a role waits, to those who may."""
        if action in ("confirm", "refuse") and self.is_mounted:
            return self.session.may(Operation.ALTER, Thing.GRANT) and self._at_cursor() is not None
        return True

    @on(VirtualTable.Moved)
    def moved(self) -> None:
        """Offer what can be done with the line at the cursor."""
        self.refresh_bindings()

    def action_confirm(self) -> None:
        """Be the second person for the role at the cursor."""
        self._settle(is_yes=True)

    def action_refuse(self) -> None:
        """Say no to the role at the cursor."""
        self._settle(is_yes=False)

    @work(exclusive=True, group="act", exit_on_error=False)
    async def _settle(self, *, is_yes: bool) -> None:
        line = self._at_cursor()
        if line is None:
            return
        title = f"{'Confirm' if is_yes else 'Refuse'} {line.user} as {line.waits_role}?"
        words = f"{line.display_name} of {line.agency}, proposed by {line.proposed_by}. " + (
            "You sign for it; the role is theirs from then on." if is_yes else "The role does not become theirs."
        )
        if not await self.app.push_screen_wait(Confirm(title, words, yes="Confirm" if is_yes else "Refuse")):
            return
        role = await self.ask(grants.confirm if is_yes else grants.refuse, self.session, line.user)
        done = f"{line.user} is {role} from now on." if is_yes else f"{line.user} does not become {role}."
        self.notify(done, markup=False)
        self._first = line.user
        self.reload()

    def remember(self) -> object:
        """Return the line at the cursor."""
        return self.query_one(VirtualTable).cursor

    def recall(self, memory: object) -> None:
        """Go back to that line."""
        if isinstance(memory, int):
            self.query_one(VirtualTable).cursor = memory


_HEADS = {
    WAITS: "Proposed and signed by an administrator; no role before a second person signs too.",
    HOLDS: "What two people signed for each user; what does not hold gives no role.",
    ACTS: "What each role may do; what is not listed is refused to everybody. docs/roles.md has the same table.",
    PARTS: "Which part of an open profile each role may read.",
}


def _keys(user: str) -> tuple[str, ...]:
    return (f"{WAITS}:{user}", f"{HOLDS}:{user}") if user else ()


def _rows(lines: Sequence[RoleLine]) -> Iterator[Row]:
    waiting = [line for line in lines if line.waits_role]
    if waiting:
        yield _head(WAITS, f"Waits for a second person ({len(waiting)})")
        for line in waiting:
            able = ", ".join(line.confirmers) or "nobody yet"
            yield Row(f"{WAITS}:{line.user}", ("?", line.user, line.waits_role, f"for {able}"))
    yield _head(HOLDS, f"Who holds which role ({some(len(lines), 'user')})")
    for line in lines:
        sign = "!" if line.problem else ""
        status = "" if line.status == "active" else f" ({line.status})"
        # The two signers, whose parts the detail names; a founder, and what is wrong, in words.
        by = f"{line.granted_by}, {line.confirmed_by}" if line.confirmed_by and not line.problem else line.words
        yield Row(f"{HOLDS}:{line.user}", (sign, line.user, (line.role or "no role") + status, by))
    acts = acts_in_words()
    yield _head(ACTS, f"What each role may do, by its first letter ({some(len(acts), 'act')})")
    for act, roles in acts:
        yield Row(f"{ACTS}:{act}", ("", act, _letters(roles), _named(roles)))
    yield _head(PARTS, "Which part of a profile each role reads, by its first letter")
    for group, roles, control in groups_in_words():
        yield Row(f"{PARTS}:{group}", ("", group, _letters(roles), control))


def _head(kind: str, title: str) -> Row:
    return Row(f"{kind}:", ("■", title, "", ""), heading=True)


def _letters(roles: frozenset[Role]) -> str:
    """Return the first letter of each role, in its place; every role begins with another."""
    return " ".join(role.value[0].upper() if role in roles else "·" for role in Role)


def _named(roles: frozenset[Role]) -> str:
    return "every role" if roles == frozenset(Role) else ", ".join(role.value for role in Role if role in roles)


def _user_facts(line: RoleLine) -> Iterator[Fact]:
    yield "User", f"{line.user} ({line.display_name}, {line.agency}), {line.status}"
    yield "Role", line.role or "no role"
    if line.words:
        yield "! Wrong" if line.problem else "By", line.words
    if line.since and not line.problem:
        yield "Since", f"{show_time(datetime.fromisoformat(line.since))} UTC, grant {line.grant}"
    if line.waits_role:
        yield "Waits", line.waits_words
