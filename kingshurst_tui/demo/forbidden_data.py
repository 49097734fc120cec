"""Forbidden acts about decisions, gates and granularity."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import db.attempts
import db.case_reading
from kingshurst_tui import vaults
from kingshurst_tui.acts import Act
from kingshurst_tui.agreements import gates
from kingshurst_tui.casework import agenda, decision_shown, decisions, grounds, profiles, rulebook
from kingshurst_tui.casework.decision_form import DISCUSSED
from kingshurst_tui.casework.profile_records import MaskedProfile
from kingshurst_tui.clock import FixedClock
from kingshurst_tui.demo.attempting import CLIENT, PANEL, WHY, WORDS, Forbidden, Stopped, World, sql
from kingshurst_tui.errors import Refused
from kingshurst_tui.intake import imports
from kingshurst_tui.vocabulary import Category, Operation, Thing

_FIELDS: dict[str, Any] = {
    "lead_agency": "SCH",
    "why": "An attempt.",
    "why_not_first_contacted": "An attempt.",
    "why_superseded": "An attempt on a copy.",
    "review_trigger": "An attempt.",
}


def decide(world: World, pseudonym: str, **changed: Any) -> decision_shown.DecisionShown:
    """Sign a decision about a profile as the coordinator."""
    session = world.coordinator
    profile = profiles.open_profile(session, pseudonym, WORDS)
    review_on = (session.clock.today() + timedelta(days=60)).isoformat()
    fields = {**_FIELDS, "review_on": review_on, **changed}
    return decisions.sign(session, pseudonym, fields, list(DISCUSSED), version=profile.version, reason=PANEL)


def _no_lead(world: World) -> None:
    decide(world, world.open().pseudonym, lead_agency="")


def _prefilled(world: World) -> None:
    form = decisions.open_form(world.coordinator, world.open().pseudonym, PANEL)
    if not form.fields and not form.not_discussed:
        raise Stopped("The form is empty: no agency proposed, no words written, nothing ticked.")


def _score(world: World) -> None:
    decide(world, world.open().pseudonym, score="87")


def _ranking(world: World) -> None:
    agenda.open_agenda(world.coordinator, sort="risk")


def _overwrite_decision(world: World) -> None:
    decide(world, world.open().pseudonym)
    sql("edit a signed decision")(world)


def _police_on_crisis_alone(world: World) -> None:
    """Leave only health data sets open, so that mental-health contacts are all that the panel has."""
    officer, session = world.user("governance"), world.coordinator
    health = {"NHS-ED", "NHS-MENTAL-HEALTH", "WMAS-CALLS"}
    for reference in {row.reference for row in officer.look(db.case_reading.gated_data_sets)} - health:
        gates.suspend(officer, reference, "an attempt", reason=WORDS)
    with session.act(Operation.COMBINE, Thing.LINK, reason=PANEL, combine=True) as act:
        pseudonyms = [row.pseudonym for row in world.lines_in(act)]
        shown = [row for row in pseudonyms if _in_crisis(act.read(db.case_reading.by_pseudonym, row), act)]
    pseudonym = shown[0]
    ground = grounds.propose(session, pseudonym, "cannot-safely-be-asked", WHY, session.clock.today(), WORDS)
    grounds.confirm(world.user("supervisor"), ground.number, WORDS)
    decide(world, pseudonym, lead_agency="WMP")


def _in_crisis(row: db.case_reading.MaskedRow | None, act: Act) -> bool:
    if row is None:
        return False
    categories = {contact.category for contact in act.read(db.case_reading.contacts, row.profile_id)}
    return Category.MENTAL_HEALTH.value in categories


def _red(world: World) -> None:
    path = world.demo.folder / "partners" / "agreements" / "nhs-gp.toml"
    found = path if path.exists() else next(path.parent.glob("*[gG][pP]*.toml"))
    gates.add(world.user("governance"), found.read_text("utf-8"), reason=WORDS)


def _import_without_agreement(world: World) -> None:
    extract = world.demo.folder / "partners" / "nhs_gp_registrations.csv"
    imports.import_file(world.coordinator, extract, "NHS-GP", reason=WORDS)


def _sign_twice(world: World) -> None:
    officer = world.user("governance")
    text = next(
        path.read_text("utf-8")
        for path in sorted((world.demo.folder / "partners" / "agreements").glob("*.toml"))
        if 'rag = "amber"' in path.read_text("utf-8")
    )
    reference = next(line.split('"')[1] for line in text.splitlines() if line.startswith("reference"))
    version = next(line for line in text.splitlines() if line.startswith("version"))
    gates.add(officer, text.replace(version, "version = 9"), reason=WORDS)
    gates.sign(officer, reference, reason=WORDS)


def _after_suspension(world: World) -> None:
    session, pseudonym = world.coordinator, world.open().pseudonym
    before = profiles.open_profile(session, pseudonym, PANEL)
    if isinstance(before, MaskedProfile):
        raise Refused("The profile is masked.")
    closed = before.timeline[0].data_set
    gates.suspend(world.user("governance"), closed, "an attempt", reason=WORDS)
    try:
        after = profiles.open_profile(session, pseudonym, WORDS)
        if not isinstance(after, MaskedProfile) and any(row.data_set == closed for row in after.timeline):
            return
    finally:
        gates.sign(world.user("supervisor"), closed, reason=WORDS)
    raise Stopped(f"Nothing of {closed} was there any more, in a session that was open all the time.")


def _other_question(world: World) -> None:
    # An hour on: another attempt gives wrong passphrases, and the wait after those is not what should stop this one.
    clock = FixedClock(world.demo.clock.now() + timedelta(hours=1))
    passphrase = world.demo.passphrases["coordinator"]
    vaults.open_session(world.demo.store, "coordinator", passphrase, purpose="curiosity", clock=clock).close()


def _approve_own_rules(world: World) -> None:
    officer = world.user("governance")
    rule = rulebook.show(officer, "repeat-contact")
    rulebook.edit(officer, {**json.loads(rule.document), "title": "An attempt"})
    rulebook.approve(officer)


def _persons_as_area(world: World) -> None:
    extract = world.demo.folder / "partners" / "wmp_incidents.csv"
    imports.import_file(world.coordinator, extract, "WMP-CRIME-LSOA", reason=WORDS)


def _not_on_register(world: World) -> None:
    with world.coordinator.act(Operation.CONSULT, Thing.BATCH, reason=WORDS) as act:
        dropped = act.read(db.attempts.rows_dropped, "NHS-%")
    if dropped:
        raise Stopped(f"{dropped} rows or a few more of people who are on no register were dropped at the door.")


#: The last leaves only health data sets open, so nothing is tried after it.
DATA = (
    Forbidden(
        1,
        "Sign a decision without choosing who leads (coordinator)",
        CLIENT,
        "Which agency leads: is not chosen",
        _no_lead,
    ),
    Forbidden(1, "Find a decision form filled in by the program", CLIENT, "The form is empty", _prefilled),
    Forbidden(1, "Put a score for a person into a decision (coordinator)", CLIENT, "score: is no field", _score),
    Forbidden(1, "Sort the agenda by risk (coordinator)", CLIENT, "No such sort", _ranking),
    Forbidden(
        1,
        "Change a signed decision with SQL (coordinator)",
        CLIENT,
        "superseded, never edited",
        _overwrite_decision,
    ),
    Forbidden(2, "Sign a red data set's agreement (governance)", CLIENT, "is red", _red),
    Forbidden(
        2,
        "Import a data set that has no live agreement (coordinator)",
        CLIENT,
        "no gate, no data",
        _import_without_agreement,
    ),
    Forbidden(
        2,
        "Give an amber agreement both signatures (governance)",
        CLIENT,
        "second person's signature",
        _sign_twice,
    ),
    Forbidden(
        2,
        "Go on reading a data set whose agreement was suspended (coordinator)",
        CLIENT,
        "was there any more",
        _after_suspension,
    ),
    Forbidden(
        2,
        "Open the store for a question that the partnership never set (coordinator)",
        CLIENT,
        "no such purpose",
        _other_question,
    ),
    Forbidden(
        2,
        "Approve a rule that one has written oneself (governance)",
        CLIENT,
        "does not approve it",
        _approve_own_rules,
    ),
    Forbidden(
        3,
        "Import persons under an agreement for area counts (coordinator)",
        CLIENT,
        "is missing",
        _persons_as_area,
    ),
    Forbidden(
        3,
        "Give an area's count to a person with SQL (coordinator)",
        CLIENT,
        "no such column",
        sql("give an area count to a person"),
    ),
    Forbidden(
        3,
        "Bring in health records of people on no register (coordinator)",
        CLIENT,
        "dropped at the door",
        _not_on_register,
    ),
    Forbidden(
        1,
        "Let police lead on mental-health contacts alone (coordinator)",
        CLIENT,
        "mental health alone",
        _police_on_crisis_alone,
    ),
)
