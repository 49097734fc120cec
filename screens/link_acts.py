"""Who is who: undoing a link, saying that a record is somebody else's, and what either would touch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kingshurst_tui.casework.profile_records import Profile
from kingshurst_tui.vocabulary import Operation, Thing
from screens.ask_words import AskWords
from screens.choose import Choose
from screens.confirm import Confirm
from screens.conflict import say
from screens.drafting import Draft

if TYPE_CHECKING:
    from collections.abc import Callable

    from kingshurst_tui.casework.profile_records import AnyProfile
    from kingshurst_tui.linkage.affected import Affected
    from screens.profile import ProfileScreen


async def undo_link(screen: ProfileScreen, profile: AnyProfile, link_id: int) -> bool:
    """Keep two records apart, after seeing what that would reopen."""
    from kingshurst_tui.linkage import review

    if not screen.session.may(Operation.ALTER, Thing.LINK):
        screen.notify("Only a coordinator or a supervisor undoes a link; w tells them.", markup=False)
        return False
    affected = await screen.ask(review.preview, screen.session, link_id, review.Verdict.APART)
    draft = await screen.ask(
        Draft(Operation.ALTER, Thing.LINK, profile.profile_id, f"undo-{link_id}").load, screen.session
    )
    if not await sure(screen, "Keep these two records apart?", affected):
        return False
    said, _ = await say(screen, why_box("Keep these two records apart?", draft), draft, review.undo, link_id)
    if not said:
        return True
    screen.notify("Undone: the records are kept apart, and what rested on them is reopened.", markup=False)
    return True


async def wrong_person(screen: ProfileScreen, profile: AnyProfile) -> bool:
    """Say that a record is somebody else's: part it, or tell those who may."""
    from kingshurst_tui.linkage import review

    if (
        not isinstance(profile, Profile)
        or len(profile.records) < 2
        or not screen.session.may(Operation.ALTER, Thing.LINK)
    ):
        why = await screen.app.push_screen_wait(
            AskWords("Why is this the wrong person?", "It is put before those who part and link records.")
        )
        if why is None:
            return False
        await screen.ask(review.report_wrong_person, screen.session, profile.profile_id, why)
        screen.notify("Reported: somebody will look at who this is.", markup=False)
        return True
    options = [
        (str(record.record_id), f"{record.agency} {record.reference or 'no reference'} ({record.data_set})")
        for record in profile.records
    ]
    chosen = await screen.app.push_screen_wait(
        Choose("Which record is somebody else's?", options, words="Nothing changes yet.")
    )
    if chosen is None:
        return False
    affected = await screen.ask(review.preview_split, screen.session, profile.profile_id, [int(chosen)])
    question = "Take this record out of the profile?"
    draft = await screen.ask(
        Draft(Operation.ALTER, Thing.LINK, profile.profile_id, f"part-{chosen}").load, screen.session
    )
    if not await sure(screen, question, affected):
        return False
    said, _ = await say(screen, why_box(question, draft), draft, review.wrong_person, profile.profile_id, int(chosen))
    if not said:
        return True
    screen.notify("Parted: the record is another person's now, and what rested on it is reopened.", markup=False)
    return True


async def sure(screen: Any, question: str, affected: Affected) -> bool:
    """Show what a change of who is who would touch, and ask whether to go on."""
    if affected.refused:
        screen.notify(f"This cannot be done: {affected.refused}.", markup=False, severity="warning")
        return False
    return bool(await screen.app.push_screen_wait(Confirm(question, in_words(affected), yes="Go on", no="Leave it")))


def why_box(question: str, draft: Draft) -> Callable[[str], AskWords]:
    """Return what asks why two records are, or are not, one person's."""
    words = f"{question} Kept with the link, and sealed in the trail."
    return lambda given: AskWords("Why?", words, given=given, draft=draft)


def in_words(affected: Affected) -> str:
    """Return what a change would touch, in sentences."""
    people = ", ".join(affected.pseudonyms)
    whom = people or f"{affected.people_now} people, not all of whom are open"
    lines = [f"Concerns {whom}; afterwards there are {affected.people_after} people."]
    if affected.opens:
        lines.append("It would open a masked profile: a second person must decide the same.")
    counts: dict[str, int] = {}
    for thing in affected.things:
        counts[thing.thing] = counts.get(thing.thing, 0) + 1
    if counts:
        said = ", ".join(f"{number} {thing}{'s' if number > 1 else ''}" for thing, number in sorted(counts.items()))
        lines.append(f"Reopened, or to be looked at again: {said}.")
        lines += [f"  {thing.thing} {thing.thing_id} ({thing.status})" for thing in affected.things[:12] if people]
    else:
        lines.append("No consent, ground, flag, decision or action rests on it.")
    return "\n".join(lines)
