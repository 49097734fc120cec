"""What names somebody who is erased and hangs on somebody else: there by mistake once, or typed of the two of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import db.profiles
import db.whom_erased
from db.trail import TrailFilter
from kingshurst_tui.casework import actions, reconciling, referrals
from kingshurst_tui.demo.build import DemoStore
from kingshurst_tui.errors import InputRejected
from kingshurst_tui.linkage import review
from kingshurst_tui.oversight import erasing, erasure, trail
from kingshurst_tui.upkeep import backups, erasure_list
from kingshurst_tui.upkeep.checking import check
from kingshurst_tui.upkeep.drills import Opener
from kingshurst_tui.upkeep.restoring import restore
from tests.casework.conftest import PANEL, Identity, Town
from tests.trust.erased import TENANTS, erased_by, joinable, raw
from tests.trust.test_erasure import ASKED, _kept


class Wrongly:
    """Two people who are joined by mistake, a copy made meanwhile, and the two parted again."""

    def __init__(self, town: Town, folder: Path) -> None:
        self.town, self.folder = town, folder
        self.host, self.erased = joinable(town)
        self.who = town.identities()[self.erased.pseudonym][0]
        with raw(town.demo) as connection:
            self.records = db.whom_erased.records_of(connection, [self.erased.profile_id])
        review.join(town.coordinator, self.host.profile_id, self.erased.profile_id, "one person, says the landlord")

    def copied_and_parted(self) -> str:
        """Return the pseudonym of the one who is to be erased."""
        backups.backup(self.town.user("administrator"), self.folder / "copy")
        review.split(self.town.coordinator, self.host.profile_id, self.records, "two people, says the doctor")
        (now,) = set(self.town.supervisor.look(db.profiles.profiles_of, self.records).values())
        return self.town.supervisor.look(db.profiles.known, [now])[now].pseudonym

    def brought_back(self) -> DemoStore:
        """Return the copy, brought back with the list of erasures beside it."""
        erasure_list.write(self.town.supervisor, self.folder / "list")
        demo = self.town.demo
        again = replace(demo, folder=self.folder / "again")
        again.folder.mkdir()
        officer = Opener("governance", demo.passphrases["governance"])
        done = restore(self.folder / "copy", again.store, officer, erasures=self.folder / "list", clock=demo.clock)
        assert (done.erased_again, done.not_replayed) == (1, 0)
        with again.signed_in("supervisor") as session:
            assert check(session).whole
        return again


@pytest.fixture
def wrongly(town: Town, tmp_path: Path) -> Wrongly:
    """Two people who are joined by mistake."""
    return Wrongly(town, tmp_path)


def _refer(town: Town, who: Identity, **said: str) -> int:
    form = {
        "to": "panel", "forename": who.forename, "surname": who.surname, "date_of_birth": who.born,
        "postcode": who.postcode, "own_reference": "", "why": "They call us every week.",
        "asked": "Somebody who talks to them.", "person_knows": "told", "urgency": "routine",
        "lawful_basis": "Crime and Disorder Act 1998 s.115", "disclosed": "",
    }  # fmt: skip
    return referrals.send(town.practitioner, form | said, ASKED)


def _left(demo: DemoStore, trace: str) -> set[str]:
    return {table for table, text in _kept(demo) if trace in text}


def test_a_referral_that_was_settled_on_a_joined_profile_goes_from_a_restored_copy(wrongly: Wrongly) -> None:
    town = wrongly.town
    number = _refer(town, wrongly.who, why="TRACE: they call us every week")
    reconciling.settle(town.coordinator, number, wrongly.host.pseudonym, PANEL)
    erased_by(town, erasing.PERSON, wrongly.copied_and_parted())
    assert _left(town.demo, "TRACE") == set()
    assert _left(wrongly.brought_back(), "TRACE") == set()


def _consents(demo: DemoStore) -> dict[int, str]:
    with raw(demo) as connection:
        return {row[0]: row[1] for row in connection.exec_driver_sql("SELECT id, status FROM consent")}


def test_a_consent_reopened_on_somebody_else_goes_with_whom_it_names_exactly(wrongly: Wrongly) -> None:
    town = wrongly.town
    theirs = town.agreed(wrongly.who.consent())
    hosts = town.agreed(town.identities()[wrongly.host.pseudonym][0].consent())
    erased_by(town, erasing.PERSON, wrongly.copied_and_parted())
    for demo in (town.demo, wrongly.brought_back()):
        consents = _consents(demo)
        assert theirs not in consents
        assert consents[hosts] == "reopened", "it names whom it was matched with"
        with raw(demo) as connection:
            waiting = connection.exec_driver_sql("SELECT thing_id FROM reopening WHERE thing = 'consent'")
            assert set(waiting.scalars()) <= consents.keys()


def test_a_consent_that_stands_on_somebody_is_theirs_though_it_names_somebody_erased(town: Town) -> None:
    older, younger = joinable(town)
    number = town.agreed(town.identities()[younger.pseudonym][0].consent())
    with raw(town.demo) as connection:
        connection.exec_driver_sql("UPDATE consent SET profile_id = ? WHERE id = ?", (older.profile_id, number))
        connection.commit()
    asked = erasure.ask(town.user("governance"), erasing.PERSON, younger.pseudonym, ASKED)
    assert f": consent {number} on {older.pseudonym}: names them in full" in _looked_at(town, asked)
    erasure.confirm(town.supervisor, asked, ASKED, also=())
    assert _consents(town.demo)[number] == "effective"


def test_a_consent_reopened_on_somebody_else_that_is_only_like_the_person_is_put_before_who_confirms(
    wrongly: Wrongly,
) -> None:
    town = wrongly.town
    mistyped = wrongly.who.forename[1::-1] + wrongly.who.forename[2:]
    number = town.agreed(wrongly.who.consent(forename=mistyped, nhs_number=""))
    asked = erasure.ask(town.user("governance"), erasing.PERSON, wrongly.copied_and_parted(), ASKED)
    with pytest.raises(InputRejected) as looked:
        erasure.confirm(town.supervisor, asked, ASKED)
    assert f"consent-{number}: " in looked.value.detail
    assert f"reopened on {wrongly.host.pseudonym}; surname the same" in looked.value.detail
    erased = erasure.confirm(town.supervisor, asked, ASKED, also=[f"consent-{number}"])
    assert erased.counts["consent"] == 1
    assert number not in _consents(town.demo)


def _on(town: Town, who: str, text: str) -> int:
    return actions.add(town.coordinator, who, text, owner_agency="SCH", due_on=town.demo.clock.today(), reason=PANEL)


def _looked_at(town: Town, number: int) -> str:
    """Return what whoever confirms is told before they have said what goes too."""
    with pytest.raises(InputRejected) as looked:
        erasure.confirm(town.supervisor, number, ASKED)
    return str(looked.value.detail)


def test_whoever_confirms_is_told_of_what_was_typed_of_others_and_names_the_person(town: Town) -> None:
    who, beside = town.masked_adult(), town.open_person().pseudonym
    _on(town, beside, f"Ring the {who.surname}s, or {who.forename} from the shop")
    number = _on(town, beside, f"TRACE: ring the neighbour, Mrs {who.surname.upper()}, {who.forename}")
    asked = erasure.ask(town.user("governance"), erasing.PERSON, who.pseudonym, ASKED)
    said = _looked_at(town, asked)
    told = [line.partition(": ")[2] for line in said.splitlines() if beside in line]
    assert told == [f"action {number} on {beside}: names them in full"]
    assert who.surname not in said
    entries = trail.open_trail(town.supervisor, TrailFilter(pseudonym=beside, operation="erase"))
    assert entries.lines, "that somebody else's words were looked through is entered with them"
    with pytest.raises(InputRejected, match="words-1"):
        erasure.confirm(town.supervisor, asked, ASKED, also=["words-1"])
    erasure.confirm(town.supervisor, asked, ASKED, also=())
    assert _left(town.demo, "TRACE") == {"action"}


def test_on_whose_profile_a_referral_is_that_names_somebody_else_is_not_told(town: Town) -> None:
    who = town.masked_adult()
    host = next(line.pseudonym for line in town.lines() if not line.is_open and line.pseudonym != who.pseudonym)
    about = town.identities()[host][0]
    number = _refer(town, about, why=f"Quarrels every week with {who.forename} {who.surname} next door.")
    reconciling.settle(town.coordinator, number, host, PANEL)
    asked = erasure.ask(town.user("governance"), erasing.PERSON, who.pseudonym, ASKED)
    said = _looked_at(town, asked)
    assert f": referral {number}: names them in full" in said
    assert host not in said


def test_a_referral_settled_on_somebody_goes_with_the_data_set_that_alone_knows_them(town: Town) -> None:
    with raw(town.demo) as connection:
        theirs = set(
            connection.exec_driver_sql(
                "SELECT p.pseudonym FROM profile p JOIN profile_member m ON m.profile_id = p.id "
                "JOIN source_record r ON r.id = m.source_record_id GROUP BY p.id "
                "HAVING min(r.agreement_ref = ?) = 1",
                (TENANTS,),
            ).scalars()
        )
    who = next(each[0] for name, each in town.identities().items() if name in theirs)
    number = _refer(town, who, why="TRACE: they call us every week")
    reconciling.settle(town.coordinator, number, who.pseudonym, PANEL)
    erased_by(town, erasing.DATA_SET, TENANTS)
    assert _left(town.demo, "TRACE") == set()
