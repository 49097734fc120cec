"""What the tests about people share: reasons, and who in the demonstration is open and who is masked."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from kingshurst_tui import cli, vaults
from kingshurst_tui.acts import Reason
from kingshurst_tui.casework import consent_receiving, consent_review, people
from kingshurst_tui.casework.people import PersonLine
from kingshurst_tui.clock import FixedClock
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing

if TYPE_CHECKING:
    from kingshurst_tui.demo.build import DemoStore

PANEL = Reason(ReasonCode.PANEL)
WORDS = Reason(ReasonCode.OTHER, "asked by the person's doctor")
CONSENT = Reason(ReasonCode.CONSENT)


@dataclass(frozen=True)
class Identity:
    """Who a record says somebody is; only a test reads this, through an act of the machine."""

    pseudonym: str
    forename: str
    surname: str
    born: str
    postcode: str
    nhs_number: str

    def consent(self, **changed: str) -> dict[str, str]:
        """Return this person's agreement to engage, as a form."""
        return {
            "kind": "engage",
            "purpose": "repeat-contact",
            "agreement": "",
            "forename": self.forename,
            "surname": self.surname,
            "date_of_birth": self.born,
            "postcode": self.postcode,
            "nhs_number": self.nhs_number,
            "given_by": "self",
            "authority": "self",
            "given_on": "2026-05-01",
            "expires_on": "",
            "evidence": "Signed form",
            **changed,
        }


@dataclass
class Town:
    """A demonstration that one test may change, with its users signed in as they are asked for."""

    demo: DemoStore
    _stack: ExitStack
    _sessions: dict[str, Session] = field(default_factory=dict)

    def user(self, name: str) -> Session:
        """Return the session of a user."""
        if name not in self._sessions:
            self._sessions[name] = self._stack.enter_context(self.demo.signed_in(name))
        return self._sessions[name]

    def later(self, by: timedelta) -> None:
        """Let time pass."""
        assert isinstance(self.demo.clock, FixedClock)
        self.demo.clock.move(by)

    @property
    def coordinator(self) -> Session:
        return self.user("coordinator")

    @property
    def practitioner(self) -> Session:
        return self.user("practitioner")

    @property
    def supervisor(self) -> Session:
        return self.user("supervisor")

    def lines(self, which: str = "everybody") -> list[PersonLine]:
        """Return the list of people as the coordinator sees it."""
        listed = people.open_list(self.coordinator, PANEL, which=which)
        return list(people.page(self.coordinator, listed, 0, listed.total))

    def identities(self) -> dict[str, list[Identity]]:
        """Return what records say of everybody, by pseudonym."""
        found: dict[str, list[Identity]] = {}
        with self.coordinator.act(Operation.COMBINE, Thing.LINK, reason=PANEL, combine=True) as act:
            rows = act.connection.exec_driver_sql(
                "SELECT p.pseudonym, r.forename, r.surname, r.born, r.postcode, r.nhs_number FROM open_record r "
                "JOIN masked_profile p ON p.profile_id = r.profile_id ORDER BY r.record_id"
            ).fetchall()
        for row in rows:
            identity = Identity(*(part or "" for part in row))
            found.setdefault(identity.pseudonym, []).append(identity)
        return found

    def resting_on_sensitive(self) -> set[str]:
        """Return whose profile rests on abuse or on a sensitive data set."""
        with self.coordinator.act(Operation.COMBINE, Thing.LINK, reason=PANEL, combine=True) as act:
            rows = act.connection.exec_driver_sql(
                "SELECT p.pseudonym FROM open_contact c JOIN masked_profile p ON p.profile_id = c.profile_id "
                "WHERE c.category IN ('domestic-abuse', 'sexual-offence') UNION SELECT p.pseudonym FROM open_record r "
                "JOIN masked_profile p ON p.profile_id = r.profile_id JOIN gate g ON g.agreement_ref = r.agreement_ref "
                "WHERE g.sensitive = 1"
            )
            return set(rows.scalars())

    def agreed(self, form: dict[str, str]) -> int:
        """Hand in an agreement as the coordinator, let the officer agree to it as the second person; its number."""
        received = consent_receiving.add(self.coordinator, form, CONSENT)
        waiting = {each.number: each for each in consent_review.review_queue(self.user("governance"), CONSENT)}
        one = next(each for each in waiting[received.number].candidates if dict(each.compared)["surname"] == "the same")
        consent_review.settle(self.user("governance"), received.number, one.pseudonym, "", CONSENT)
        return received.number

    def masked_adult(self, *, known: bool | None = None, sensitive: bool = False) -> Identity:
        """Return a masked, flagged adult whom nobody shares a name and a date of birth with, and who gave nothing.

        Args:
            known: whether the practitioner's agency has a record of them, flagged or not where it has none; None
                where it is all one.
            sensitive: whether their profile rests on abuse or on a sensitive data set.
        """
        resting = self.resting_on_sensitive()
        identities = self.identities()
        ours = people.open_list(self.practitioner, PANEL, which="ours")
        theirs = {line.pseudonym for line in people.page(self.practitioner, ours, 0, ours.total)}
        asked = {(row["surname"].casefold(), row["date_of_birth"]) for row in self.register()}
        everyone = [identity for each in identities.values() for identity in each]
        for line in self.lines("flagged" if known is not False and not sensitive else "everybody"):
            if line.is_open or line.under_18 is not False or (line.pseudonym in resting) != sensitive:
                continue
            if known is not None and (line.pseudonym in theirs) != known:
                continue
            for identity in identities[line.pseudonym]:
                namesakes = {
                    other.pseudonym
                    for other in everyone
                    if (other.surname.casefold(), other.born) == (identity.surname.casefold(), identity.born)
                }
                plain = identity.forename.isalpha() and identity.surname.isalpha() and len(identity.surname) > 4
                given = any((other.surname.casefold(), other.born) in asked for other in identities[line.pseudonym])
                if plain and identity.born and namesakes == {line.pseudonym} and not given:
                    return identity
        raise AssertionError("the town holds no such person")

    def open_person(self) -> PersonLine:
        """Return somebody whose profile is open and who is flagged."""
        return next(line for line in self.lines("flagged") if line.is_open and line.under_18 is False)

    def register(self) -> list[dict[str, str]]:
        """Return the consents that were handed in."""
        with (self.demo.folder / "partners" / "consents.csv").open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))


@pytest.fixture
def town(demo_copy: DemoStore) -> Iterator[Town]:
    """The demonstration, to be changed."""
    with ExitStack() as stack:
        yield Town(demo_copy, stack)


@pytest.fixture
def line(town: Town, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """The command line on the town, on its own day."""
    real = vaults.open_session

    def on_the_day(*args: Any, **options: Any) -> Session:
        return real(*args, **(options | {"clock": town.demo.clock}))

    monkeypatch.setattr(vaults, "open_session", on_the_day)

    def run(*words: str, code: int = 0, user: str = "coordinator") -> dict[str, Any]:
        file = town.demo.folder / "passphrases" / user
        capsys.readouterr()
        assert cli.main([*words, "--user", user, "--passphrase-file", str(file), "--json"]) == code
        answer: dict[str, Any] = json.loads(capsys.readouterr().out)
        return answer

    return run
