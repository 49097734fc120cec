"""The notes of one case in the room: fields that are kept as typed, and what another terminal wrote in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Static, TextArea

from kingshurst_tui.errors import Changed
from kingshurst_tui.panels.notes import FIELDS, Clash, Typed
from screens.bindings import MOVE, bind
from screens.widgets.text import plain, safe_text, title

if TYPE_CHECKING:
    from kingshurst_tui.casework.drafts import Kept as Draft
    from kingshurst_tui.panels.notes import Kept, NoteShown


@dataclass
class Held:
    """What stands in the store of one field, and what of this terminal's is under way.

    Attributes:
        base: the words that the version stands for.
        sent: words that are being kept right now.
        clash: somebody else was quicker; both are kept until the writer chooses.
        apart: the words that lie beside theirs as a draft.
        chosen: the writer has chosen, and it is not kept yet.
        drafts: what this stands for once it is kept.
    """

    base: str = ""
    version: int = 0
    by: str = ""
    sent: str | None = None
    clash: Clash | None = None
    apart: str | None = None
    chosen: bool = False
    drafts: tuple[Draft, ...] = ()


class RoomNotes(Vertical):
    """Three fields one under another; where there is no room, the one that has the focus."""

    HELP = """Notes are kept every second as you type. Tab goes to the next field, Esc back to the case.
What somebody at another terminal writes in a field that you do not, appears by itself. Where both wrote in one field,
both are kept, the field says so, and ctrl+s shows them side by side."""
    BINDING_GROUP_TITLE = "Notes in the room"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind(
            "escape",
            "leave",
            "To the case",
            id="notes-leave",
            tooltip="Back from the notes to the case; they are kept.",
            group=MOVE,
        ),
        # Before the field that has the cursor: it would first take the letters typed behind the key.
        bind(
            "tab",
            "field(1)",
            "Next field",
            id="notes-next",
            tooltip="The next field of the notes.",
            show=False,
            priority=True,
        ),
        bind(
            "shift+tab",
            "field(-1)",
            "Field before",
            id="notes-before",
            tooltip="The field of the notes before; before the first is the case.",
            show=False,
            priority=True,
        ),
    ]

    @dataclass
    class Left(Message):
        """The writer goes back to the case."""

        notes: RoomNotes

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  Textual's name
        super().__init__(id=id)
        self._held: dict[str, Held] = {field: Held() for field in FIELDS}
        self._why_not = "No case is open."
        self._here = next(iter(FIELDS))

    def compose(self) -> ComposeResult:
        """Draw the fields."""
        for field in FIELDS:
            yield Static("", id=f"label-{field}", classes="note-label")
            yield TextArea("", id=f"note-{field}", classes="note-words", compact=True)

    def on_mount(self) -> None:
        """Nothing is written before a case is open."""
        self.show((), why_not=self._why_not)

    def area(self, field: str) -> TextArea:
        """Return the box of a field."""
        return self.query_one(f"#note-{field}", TextArea)

    # --- what stands there -------------------------------------------------------------------------------

    def show(self, notes: Sequence[NoteShown], *, why_not: str = "") -> None:
        """Show a case's notes; whoever may not write sees why."""
        self._turn_to(next(iter(FIELDS)))
        found = {note.field: note for note in notes}
        for field in FIELDS:
            note = found.get(field)
            held = self._held[field] = Held()
            if note is not None:
                held.base, held.version, held.by, held.drafts = note.words, note.version, note.written_by, note.kept
            words = held.base
            if note is not None and note.waiting is not None:
                # Begun before a lock or a kill, over what somebody else has written since.
                words = held.apart = note.waiting
                held.clash = Clash(Changed(field, FIELDS[field], "", held.base, words), held.by, held.version)
            area = self.area(field)
            area.load_text(words)
            self._label(field)
        self._why_not = ""
        self.let_write(why_not)
        self.say(why_not)

    def let_write(self, why_not: str) -> None:
        """Let this user write, or no longer, and say why not; what stands in the fields stays."""
        if why_not and why_not != self._why_not:
            self.say(why_not)
        self._why_not = why_not
        for field in FIELDS:
            self.area(field).read_only = bool(why_not)

    def hear(self, notes: Sequence[NoteShown]) -> bool:
        """Take in what another terminal wrote; return whether it had written anything."""
        heard = False
        for note in notes:
            held = self._held[note.field]
            if note.version == held.version or held.sent is not None:
                continue
            heard = True
            area = self.area(note.field)
            mine = area.text
            if mine == held.base and held.clash is None:
                where = area.cursor_location
                area.load_text(note.words)
                area.move_cursor(where)
                held.base, held.version, held.by = note.words, note.version, note.written_by
            elif mine == note.words:
                held.base, held.version, held.by, held.clash = note.words, note.version, note.written_by, None
            else:
                began = held.clash.changed.began if held.clash is not None else held.base
                changed = Changed(note.field, note.title, began, note.words, mine)
                held.clash = Clash(changed, note.written_by, note.version)
            self._label(note.field)
        return heard

    # --- what is typed -----------------------------------------------------------------------------------

    def typed(self) -> dict[str, Typed]:
        """Return what is to be kept: fields that say something else than the store."""
        if self._why_not:
            return {}
        found = {}
        for field, held in self._held.items():
            words = self.area(field).text
            waits = words != held.apart if held.clash is not None else held.chosen or words != held.base
            if waits:
                began = held.clash.changed.began if held.clash is not None else held.base
                found[field] = Typed(words, held.version, began, held.drafts, held.sent)
        return found

    def sending(self, typed: Mapping[str, Typed] | None) -> None:
        """Note what is being kept right now, or that nothing is."""
        for field, held in self._held.items():
            held.sent = typed[field].words if typed is not None and field in typed else None

    def take(self, typed: Mapping[str, Typed], kept: Kept) -> None:
        """Take in what came of keeping it."""
        self.sending(None)
        for field, version in kept.versions.items():
            held = self._held[field]
            held.base, held.version, held.by, held.chosen = typed[field].words, version, "", False
            held.clash, held.apart, held.drafts = None, None, ()
            self._label(field)
        for clash in kept.clashes:
            held = self._held[clash.changed.name]
            held.clash, held.apart = clash, typed[clash.changed.name].words
            self._label(clash.changed.name)

    def clashes(self) -> list[Clash]:
        """Return the fields in which somebody else was quicker, with what is typed in them now."""
        found = []
        for field, held in self._held.items():
            if held.clash is not None:
                changed = replace(held.clash.changed, mine=self.area(field).text)
                found.append(replace(held.clash, changed=changed))
        return found

    def settle(self, clashes: Sequence[Clash], put: Mapping[str, str]) -> None:
        """Put into the fields what the writer chose over what stands there now; it is kept with the next beat."""
        for clash in clashes:
            held = self._held[clash.changed.name]
            held.base, held.version, held.clash, held.apart = clash.changed.theirs, clash.version, None, None
            held.chosen = True
            if clash.changed.name in put:
                self.area(clash.changed.name).load_text(put[clash.changed.name])
            self._label(clash.changed.name)

    # --- moving and saying -------------------------------------------------------------------------------

    def say(self, words: str) -> None:
        """Say whether the notes are kept, or why none are taken."""
        self.border_title = title(words or "Notes: m writes here, kept every second")

    @property
    def why_not(self) -> str:
        """Why no notes are taken here; empty where they are."""
        return self._why_not

    def begin(self) -> None:
        """Put the cursor into the field that was written in last, at its end."""
        area = self.area(self._here)
        area.focus()
        area.move_cursor(area.document.end)

    @on(TextArea.Changed)
    def changed(self, event: TextArea.Changed) -> None:
        """Nothing is asked of the store here: the screen's beat keeps it."""
        event.stop()

    def on_descendant_focus(self) -> None:
        """Show the field that has the focus, where there is room for one."""
        for field in FIELDS:
            if self.area(field).has_focus:
                self._turn_to(field)

    def _turn_to(self, field: str) -> None:
        self._here = field
        for each in FIELDS:
            self.area(each).set_class(each == field, "-here")
            self.query_one(f"#label-{each}").set_class(each == field, "-here")

    def _label(self, field: str) -> None:
        held, label = self._held[field], self.query_one(f"#label-{field}", Static)
        label.set_class(held.clash is not None, "-clash")
        if held.clash is not None:
            theirs = safe_text(held.clash.changed.theirs).replace("\n", " ")[-40:]
            said = f"! {FIELDS[field]}: {held.clash.by or 'somebody'} wrote here too (… {theirs}); ctrl+s shows both"
        else:
            number = list(FIELDS).index(field) + 1
            said = f"{FIELDS[field]} ({number} of {len(FIELDS)}){f' · {held.by}' if held.by else ''}"
        label.update(plain(said))

    def action_field(self, by: int) -> None:
        """Go to another field; past either end is the case."""
        fields = list(FIELDS)
        at = fields.index(self._here) + by
        if 0 <= at < len(fields):
            self._turn_to(fields[at])
            self.area(fields[at]).focus()
        else:
            self._turn_to(fields[0])
            self.action_leave()

    def action_leave(self) -> None:
        """Go back to the case."""
        self.post_message(self.Left(self))
