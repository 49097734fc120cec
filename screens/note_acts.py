"""Writing a restricted note from a profile, reading one in full, and writing another in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kingshurst_tui.casework import restricted_notes
from kingshurst_tui.casework.profile_records import Profile
from kingshurst_tui.vocabulary import Operation, Thing
from screens.choose import Choose
from screens.drafting import Begun
from screens.profile_notes import NoteDraft, note_dialog, note_facts
from screens.reading import Reading

if TYPE_CHECKING:
    from kingshurst_tui.casework.profile_records import AnyProfile
    from kingshurst_tui.casework.restricted_notes import NoteShown
    from screens.profile import ProfileScreen


async def write_note(screen: ProfileScreen, profile: AnyProfile, supersedes: NoteShown | None = None) -> bool:
    """Write a restricted note, in place of another where one is given."""
    session, reason = screen.session, screen.reason
    place = (Operation.ALTER, Thing.NOTE, profile.profile_id)
    draft = await screen.ask(NoteDraft(*place, pseudonym=profile.pseudonym).load, session)
    replaced = supersedes.number if supersedes is not None else None

    def send(given: dict[str, str]) -> int:
        shown = restricted_notes.write(
            session,
            profile.pseudonym,
            given["text"],
            reason,
            supersedes=replaced,
            begun=draft.kept,
            seen=int(begun.over or 0),
        )
        return shown.number

    notes = profile.notes if isinstance(profile, Profile) else ()
    begun = Begun(max((each.number for each in notes if each.written_by == session.user.name), default=0))
    number = await screen.app.push_screen_wait(note_dialog(send, draft, supersedes, begun))
    if number is None:
        return False
    screen.notify(f"Note {number} is written, for those alone who read restricted notes.", markup=False)
    return True


async def with_note(screen: ProfileScreen, profile: AnyProfile, number: int) -> bool:
    """Read a note in full, or write one in its place."""
    notes = profile.notes if isinstance(profile, Profile) else ()
    note = next((each for each in notes if each.number == number), None)
    if note is None:
        return False
    chosen: str | None = "read"
    if note.status == "standing" and screen.session.may(Operation.ALTER, Thing.NOTE):
        offers = [("read", "Read it in full"), ("supersede", "Write another in its place")]
        chosen = await screen.app.push_screen_wait(Choose(f"Note {number}", offers))
    if chosen == "supersede":
        return await write_note(screen, profile, note)
    if chosen == "read":
        await screen.app.push_screen_wait(Reading(f"Note {number}", note_facts(note)))
    return False
