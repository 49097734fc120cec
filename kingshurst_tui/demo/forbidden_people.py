"""Forbidden acts about consent, counting, rules and children."""

from __future__ import annotations

import json
from datetime import date, timedelta

import db.attempts
import db.case_reading
import db.decisions
import db.openings
import db.profiles
import db.search
from kingshurst_tui.agreements import gates
from kingshurst_tui.casework import (
    approach,
    consent_receiving,
    consent_review,
    grounds,
    people,
    profiles,
    rulebook,
    search,
)
from kingshurst_tui.demo.attempting import (
    CLIENT,
    PANEL,
    WHY,
    WORDS,
    Forbidden,
    Stopped,
    World,
    later,
    must_be_masked,
)
from kingshurst_tui.demo.forbidden_data import decide
from kingshurst_tui.vocabulary import Operation, Thing


def _rule_against(world: World) -> None:
    officer = world.user("governance")
    document = json.loads(rulebook.show(officer, "repeat-contact").document)
    rulebook.edit(officer, {**document, "bearing": "against"})


def _open_masked(world: World) -> None:
    must_be_masked(world.coordinator, world.masked().pseudonym)


def _search_masked(world: World) -> None:
    forename, surname, born = world.masked_names(1)[0]
    if search.search(world.coordinator, f"{forename} {surname} {born}", WORDS).total == 0:
        raise Stopped("None found: the same words as for somebody who is not there.")


def _decide_masked(world: World) -> None:
    decide(world, world.masked().pseudonym)


def _others_reference(world: World) -> None:
    session = world.user("practitioner")
    listed = people.open_list(session, PANEL, which="ours")
    line = next(each for each in people.page(session, listed, 0, listed.total) if not each.is_open)
    shown = profiles.open_profile(world.coordinator, line.pseudonym, WORDS)
    if not shown.own_references and search.search(world.coordinator, line.own_references[0], WORDS).total == 0:
        raise Stopped("Another agency's reference is neither shown nor found.")


def _name_health(world: World) -> None:
    names = {
        agency.name
        for line in world.lines("flagged")
        if not line.is_open
        for agency in profiles.open_profile(world.coordinator, line.pseudonym, PANEL).counts
    }
    if not names & {"NHS", "WMAS"}:
        raise Stopped("Health agencies read “another agency” on every mask.")


def _own_second(world: World) -> None:
    session = world.coordinator
    ground = grounds.propose(session, world.masked().pseudonym, "safeguarding", WHY, session.clock.today(), WORDS)
    grounds.confirm(session, ground.number, WORDS)


def _practitioner_second(world: World) -> None:
    session = world.coordinator
    ground = grounds.propose(session, world.masked().pseudonym, "statutory-review", WHY, session.clock.today(), WORDS)
    grounds.confirm(world.user("practitioner"), ground.number, WORDS)


def _without_second(world: World) -> None:
    session = world.coordinator
    pseudonym, until = world.masked().pseudonym, session.clock.today() + timedelta(days=30)
    ground = grounds.propose(session, pseudonym, "vital-interests", WHY, until, WORDS)
    try:
        must_be_masked(later(world, "coordinator", timedelta(hours=24, minutes=1)), pseudonym)
    finally:
        with session.act(Operation.ALTER, Thing.GROUND, reason=WORDS) as act:
            act.write(db.openings.close_opening, "ground", ground.number, "2000-01-01")


def _vital_again(world: World) -> None:
    """Open somebody whose ground nobody confirmed in its 24 hours once more, alone, a day later."""
    session = later(world, "coordinator", timedelta(hours=25))
    pseudonym, until = world.masked().pseudonym, session.clock.today() + timedelta(days=30)
    again = grounds.propose(session, pseudonym, "vital-interests", WHY, until, WORDS)
    if again.confirm_by is None:
        must_be_masked(session, pseudonym)


def _lift_alone(world: World) -> None:
    session = world.user("practitioner")
    listed = people.open_list(session, PANEL, which="ours")
    line = next(each for each in people.page(session, listed, 0, listed.total) if not each.is_open)
    word = approach.say(session, line.pseudonym, do_not_approach=True, reason=WORDS)[0]
    if not approach.lift(world.coordinator, word.number, WHY, WORDS):
        raise Stopped("The warning stands until its own agency, or a second person, agrees that it ends.")


def _open_by_consent(world: World) -> None:
    """Hand in, as the coordinator, an agreement of somebody whom the coordinator's agency does not know."""
    before = {line.pseudonym for line in world.lines("everybody") if line.is_open}
    for forename, surname, born in world.masked_names(5):
        form = _consent(world, forename=forename, surname=surname, date_of_birth=born)
        consent_receiving.add(world.coordinator, form, WORDS)
    if {line.pseudonym for line in world.lines("everybody") if line.is_open} == before:
        raise Stopped("Nobody opened: an exact match waits for a second person.")


def _consent(world: World, **changed: str) -> dict[str, str]:
    forename, surname, born = world.masked_names(1)[0]
    today = world.demo.clock.today().isoformat()
    return {
        "kind": "engage", "purpose": world.coordinator.purpose, "agreement": "", "forename": forename,
        "surname": surname, "date_of_birth": born, "postcode": "", "nhs_number": "", "given_by": "self",
        "authority": "self", "given_on": today, "expires_on": "", "evidence": "An attempt", **changed,
    }  # fmt: skip


def _guess_by_consent(world: World) -> None:
    misspelt = _consent(world, surname=world.masked_names(1)[0][1] + "x")
    known = consent_receiving.add(world.user("practitioner"), misspelt, WORDS)
    absent = consent_receiving.add(
        world.user("practitioner"), {**misspelt, "forename": "Nobody", "surname": "Else"}, WORDS
    )
    if known.in_words()[:20] == absent.in_words()[:20]:
        raise Stopped("Both were answered “Received.”, with a number and nothing else.")


def _settle_own(world: World) -> None:
    session = world.coordinator
    received = consent_receiving.add(session, _consent(world, surname="Elsewhere"), WORDS)
    consent_review.settle(session, received.number, world.masked().pseudonym, "", WORDS)


def _child_consents(world: World) -> None:
    born = (world.demo.clock.today() - timedelta(days=12 * 366)).isoformat()
    consent_receiving.add(world.user("practitioner"), _consent(world, date_of_birth=born), WORDS)


def _police_under_ten(world: World) -> None:
    """Count what rests on police contact for children under ten, over everybody."""
    session = world.coordinator
    young = session.clock.today().replace(day=1)
    with session.act(Operation.COMBINE, Thing.LINK, reason=WORDS, combine=True) as act:
        ages = act.read(db.profiles.ages)
        # Who turns 18 more than eight years from now is under ten today.
        under_ten = [
            number for number, adult_on in ages.items() if adult_on and adult_on > _years_on(young, 8).isoformat()
        ]
        flags = [
            flag
            for number in under_ten
            for flag in act.read(db.case_reading.flags, number, masked=False)
            if '"WMP"' in flag.evidence
        ]
    if under_ten and not flags:
        raise Stopped(f"No flag of any of {len(under_ten)} children under ten rests on a police contact.")


def _years_on(day: date, years: int) -> date:
    return date(day.year + years, day.month, 1)


def _count_reports(world: World) -> None:
    contacts = incidents = 0
    for line in world.lines("flagged"):
        for agency in profiles.open_profile(world.coordinator, line.pseudonym, PANEL).counts:
            contacts += sum(count or 0 for count in agency.contacts)
            incidents += sum(count or 0 for count in agency.incidents)
    shared = world.shared_incidents()
    if shared and incidents <= contacts:
        raise Stopped(f"{shared} events told to several agencies are one incident each; their reports stay in sight.")


def _unknown_as_none(world: World) -> None:
    for reference in ("EDU-ATTENDANCE", "EDU-EXCLUSIONS"):  # all that schools share: nothing covers their months now
        gates.suspend(world.user("governance"), reference, "an attempt", reason=WORDS)
    shown = [profiles.open_profile(world.coordinator, line.pseudonym, PANEL) for line in world.lines("flagged")]
    unknown = sum(count is None for profile in shown for agency in profile.counts for count in agency.contacts)
    if unknown:
        raise Stopped(f"{unknown} months that no open extract covers read “unknown”, none of them 0.")


PEOPLE = (
    Forbidden(4, "Open the profile of somebody who has not agreed (coordinator)", CLIENT, "A mask", _open_masked),
    Forbidden(4, "Find somebody masked by name and date of birth (coordinator)", CLIENT, "None found", _search_masked),
    Forbidden(
        4,
        "Decide about somebody who is masked (coordinator)",
        CLIENT,
        "while their profile is masked",
        _decide_masked,
    ),
    Forbidden(
        4,
        "Learn from a mask that a health agency knows the person (coordinator)",
        CLIENT,
        "another agency",
        _name_health,
    ),
    Forbidden(
        4,
        "Find a person by another agency's reference (coordinator)",
        CLIENT,
        "neither shown nor found",
        _others_reference,
    ),
    Forbidden(4, "Learn who is known by handing in consents (practitioner)", CLIENT, "answered", _guess_by_consent),
    Forbidden(
        4,
        "Match a consent that one has handed in oneself (coordinator)",
        CLIENT,
        "does not settle it",
        _settle_own,
    ),
    Forbidden(
        4,
        "Be the second person for one's own ground (coordinator)",
        CLIENT,
        "must be somebody else",
        _own_second,
    ),
    Forbidden(4, "Be the second person without the role (practitioner)", CLIENT, "may not alter", _practitioner_second),
    Forbidden(
        4,
        "Keep a profile open on vital interests for a second day, alone (coordinator)",
        CLIENT,
        "A mask",
        _without_second,
    ),
    Forbidden(
        4,
        "Open the same person on vital interests again, a day later and alone (coordinator)",
        CLIENT,
        "A mask",
        _vital_again,
    ),
    Forbidden(
        4,
        "Lift another agency's warning not to approach somebody (coordinator)",
        CLIENT,
        "a second person",
        _lift_alone,
    ),
    Forbidden(
        4,
        "Open profiles by names and dates of birth that one happens to know (coordinator)",
        CLIENT,
        "waits for a second person",
        _open_by_consent,
    ),
    Forbidden(7, "Count an event once an agency that was told (coordinator)", CLIENT, "one incident", _count_reports),
    Forbidden(8, "Read months that no extract covers as quiet (coordinator)", CLIENT, "unknown", _unknown_as_none),
    Forbidden(10, "Write a rule that counts against a person (governance)", CLIENT, "was not accepted", _rule_against),
    Forbidden(11, "Let a child agree for themselves (practitioner)", CLIENT, "under 18", _child_consents),
    Forbidden(
        11,
        "Find a child under ten flagged on police contact (coordinator)",
        CLIENT,
        "rests on a police contact",
        _police_under_ten,
    ),
)
