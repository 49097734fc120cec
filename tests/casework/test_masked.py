"""Nothing that would name a masked person comes out of any command or any service: text, JSON or error."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

import db.search
from kingshurst_tui import cli, vaults
from kingshurst_tui.casework import (
    agenda,
    consent_review,
    consents_shown,
    decisions,
    dissents,
    grounds,
    home,
    people,
    profiles,
    reopenings,
    search,
    triage,
)
from kingshurst_tui.clock import FixedClock
from kingshurst_tui.errors import KingshurstError
from kingshurst_tui.linkage import pairs_shown, review
from kingshurst_tui.panels import going_on, urgent
from kingshurst_tui.vocabulary import Operation, Thing
from tests.casework.conftest import CONSENT, PANEL, WORDS, Town
from tests.casework.masked_commands import afterwards, before_and_in_the_room
from tests.conftest import NOON, ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kingshurst_tui.session import Session

ROLES = ("coordinator", "practitioner", "supervisor", "governance")


@dataclass(frozen=True)
class Secrets:
    """What must not come out, and one thing that must: a name of somebody whose profile is open.

    Attributes:
        telling: names, dates of birth, postcodes, addresses and NHS numbers that only masked people have.
        masked: the pseudonyms of those whose these are.
        open_name: a surname that some command shows.
    """

    telling: frozenset[str]
    masked: tuple[str, ...]
    open_name: str

    def found_in(self, text: str) -> set[str]:
        """Return what came out that must not."""
        folded = text.casefold()
        words = set(re.findall(r"[\w'’-]+", folded))
        return {secret for secret in self.telling if (secret in words if secret.isalpha() else secret in folded)}


@pytest.fixture
def secrets(town: Town) -> Secrets:
    """What only records of masked people hold; what a register names is for reviewers and left out."""
    with town.coordinator.act(*_MACHINE, reason=PANEL, combine=True) as act:
        rows = act.connection.exec_driver_sql(
            "SELECT p.pseudonym, p.is_open, r.forename, r.surname, r.former_surname, r.middle_names, r.born, "
            "r.postcode, r.address, r.nhs_number, r.upn FROM open_record r "
            "JOIN masked_profile p ON p.profile_id = r.profile_id"
        ).fetchall()
    known = {part.casefold() for row in rows if row[1] for value in row[2:] if value for part in _parts(value)}
    on_register = {part.casefold() for row in town.register() for value in row.values() for part in _parts(value)}
    masked = [row for row in rows if not row[1]]
    telling = {
        part.casefold() for row in masked for value in row[2:] if value for part in _parts(value) if len(part) > 3
    }
    telling -= known | on_register | _programs_own_words(town)
    # The days of the two years that the data cover are days of contacts, flags and extracts too.
    telling -= {part for part in telling if re.fullmatch(r"\d{4}-\d\d-\d\d", part) and part >= "2024-04"}
    flagged = {line.pseudonym for line in town.lines("flagged")}
    whose = {
        row[0] for row in masked for value in row[2:] if value and telling & {part.casefold() for part in _parts(value)}
    }
    assert len(telling) > 200
    # By age in the store: pseudonyms are drawn anew for every town.
    age = {line.pseudonym: line.profile_id for line in town.lines()}
    ordered = sorted(whose, key=lambda pseudonym: (pseudonym not in flagged, age[pseudonym]))
    return Secrets(frozenset(telling), tuple(ordered), town.open_person().name.split()[-1])


_MACHINE = (Operation.COMBINE, Thing.LINK)


def _programs_own_words(town: Town) -> set[str]:
    """Return the words of the program and of the agreements, which some people and streets are called by too."""
    sources = [path for path in (ROOT / "kingshurst_tui").rglob("*.py") if path.parent.name != "demo"]
    sources += (ROOT / "kingshurst_tui").glob("casework/*.toml")
    sources += (town.demo.folder / "partners" / "agreements").glob("*.toml")
    return {word for path in sources for word in re.findall(r"[\w'’-]+", path.read_text("utf-8").casefold())}


def _parts(value: str) -> Iterator[str]:
    """Yield what would tell of a value: words of names and addresses, whole dates, codes and numbers."""
    value = value.strip()
    if re.fullmatch(r"[0-9-]+|[A-Z]{1,2}[0-9][0-9A-Z]? [0-9][A-Z]{2}", value):
        yield value
    else:
        yield from (word for word in re.findall(r"[^\W\d_][\w'’-]+", value))


def _leaves(parser: argparse.ArgumentParser, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    verbs = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not verbs:
        yield path
    for action in verbs:
        for name, sub in action.choices.items():
            yield from _leaves(sub, (*path, name))


def _commands(demo: Path, who: str, identity: dict[str, str]) -> dict[tuple[str, ...], list[list[str]]]:
    """Return what is asked of every command: arguments after the store, the user first."""
    partners = demo / "partners"
    consent = [f"--{name.replace('_', '-')}={value}" for name, value in identity.items() if name != "purpose" and value]
    decision = partners / "decision.json"
    decision.write_text(json.dumps({"version": 1, "fields": {"lead_agency": "SCH"}, "not_discussed": []}), "utf-8")
    (partners / "note.txt").write_text("Whoever it is, they are at home on Thursdays.", "utf-8")
    toml = str(next((partners / "agreements").glob("*.toml")))
    extract = partners / "wmp_incidents.csv"
    name = " ".join((identity["forename"], identity["surname"]))
    return {
        # First: later on a supervisor reads there what this test typed into searches.
        ("audit", "list"): [["supervisor", "--limit=500"]],
        ("user", "list"): [["coordinator"]],
        ("purpose", "list"): [["coordinator"]],
        ("agreement", "add"): [["governance", toml]],
        ("agreement", "list"): [["coordinator"]],
        ("agreement", "show"): [["coordinator", "WMP-INCIDENTS"]],
        ("agreement", "sign"): [["supervisor", "WMP-INCIDENTS"]],
        ("import",): [["coordinator", str(extract), "--agreement", "WMP-INCIDENTS", "--check"]],
        ("recall",): [["coordinator", "999"]],
        ("consent", "list"): [["coordinator"], ["practitioner"]],
        ("consent", "waiting"): [["coordinator"], ["practitioner"]],
        ("consent", "settle"): [["coordinator", "1", "--profile", who], ["supervisor", "1", "--profile", who]],
        ("consent", "agree"): [["practitioner"], ["governance"]],
        ("consent", "opened"): [["supervisor"], ["practitioner"]],
        ("consent", "withdraw"): [["practitioner", "99999"]],
        ("ground", "add"): [
            ["practitioner", who, "--kind=safeguarding", "--why=Something that we were told", "--until=2026-06-01"]
        ],
        ("ground", "list"): [["supervisor"], ["practitioner"]],
        ("ground", "confirm"): [["coordinator", "99"]],
        ("ground", "refuse"): [["coordinator", "99"]],
        ("ground", "end"): [["coordinator", "99"]],
        ("link",): [["coordinator"]],
        ("model", "show"): [["governance"]],
        ("model", "answers"): [["governance"]],
        ("model", "approve"): [["governance"]],
        ("pairs", "list"): [["coordinator", "--limit=200"], ["supervisor", "--limit=200"]],
        ("pairs", "show"): [["coordinator", "PAIR"]],
        ("pairs", "decide"): [["coordinator", "PAIR", "link", "--preview"], ["coordinator", "PAIR", "leave"]],
        ("pairs", "split"): [["coordinator", who, "1", "--preview"]],
        ("incident", "join"): [["coordinator", "1", "2", "--reason=one telling"]],
        ("incident", "split"): [["coordinator", "1", "2", "--reason=two tellings"]],
        ("rule", "list"): [["coordinator"]],
        ("rule", "show"): [["coordinator", "repeat-contact"]],
        ("rule", "install"): [["governance"]],
        ("rule", "approve"): [["supervisor"]],
        ("flag",): [["coordinator"]],
        ("people",): [
            ["coordinator", "--limit=500"],
            ["practitioner", "--limit=500", "--list=ours"],
            ["practitioner", f"--search={name}"],
            ["practitioner", f"--search={identity['date_of_birth']}"],
            ["practitioner", f"--search={who}"],
        ],
        ("profile",): [
            *([role, who] for role in ROLES),
            *([role, who, "--reason=asked"] for role in ROLES),
            ["practitioner", who, "--do-not-approach", "--safe-contact=ask first"],
            ["coordinator", name],
        ],
        ("agenda",): [["coordinator", "--sort=who"], ["coordinator", f"--set={who}", "--triage=panel"]],
        ("decision", "list"): [["coordinator"]],
        ("decision", "form"): [["coordinator", who]],
        ("decision", "sign"): [["coordinator", who, f"--file={decision}"]],
        ("action", "add"): [["coordinator", who, "--text=Visit", "--agency=SCH", "--due=2026-06-01"]],
        ("action", "done"): [["coordinator", "99"]],
        ("action", "not-done"): [["coordinator", "99", "--because=no-resource"]],
        ("going-on", "list"): [["supervisor"], ["practitioner"]],
        ("going-on", "ask"): [["practitioner", who, "police-lead-on-crisis", "--why=It cannot wait for a month"]],
        ("going-on", "agree"): [["supervisor", "99"]],
        ("going-on", "refuse"): [["supervisor", "99"]],
        ("dissent", "list"): [["coordinator", "--closed"], ["supervisor"]],
        ("dissent", "make"): [
            [
                "practitioner",
                "1",
                "--position=Another leads",
                "--grounds=We know better",
                "--missing=no",
                "--alternative=no",
            ]
        ],
        **{
            ("dissent", verb): [["coordinator", "99", "--words=We weighed all of it", "--version=1"]]
            for verb in ("answer", "escalate", "resolve", "withdraw", "stand")
        },
        ("urgent", "list"): [["supervisor"], ["practitioner"]],
        ("urgent", "sign"): [["practitioner", who, f"--file={decision}", "--why=It cannot wait for a month"]],
        ("urgent", "agree"): [["supervisor", "99"]],
        ("urgent", "refuse"): [["supervisor", "99"]],
        ("urgent", "ratify"): [["coordinator", "99", "1"]],
        **before_and_in_the_room(who),
        ("panel", "manifest"): [["coordinator", "1"], ["coordinator", "1", "--make"]],
        ("panel", "sign"): [["coordinator", "1"]],
        ("panel", "seen"): [["supervisor", "1"]],
        ("panel", "similar"): [["coordinator", "1"], ["practitioner", "1"]],
        **afterwards(who, partners),
        ("reopened", "list"): [["coordinator"]],
        ("reopened", "looked-at"): [["coordinator", "99"]],
        ("area",): [["coordinator"]],
        ("places", "list"): [["coordinator"], ["practitioner"]],
        ("places", "take-back"): [["coordinator", "99"], ["practitioner", "1"]],
        ("places", "show"): [["practitioner", "E01990000"], ["coordinator", who]],
        ("places", "import"): [
            ["coordinator", str(partners / "places" / "ward_names.csv")],
            ["practitioner", "none.csv"],
        ],
        ("audit", "verify"): [["supervisor"]],
        ("audit", "rules"): [["supervisor"]],
        ("audit", "hits"): [["supervisor"], ["governance"]],
        ("audit", "checkpoint"): [["coordinator"]],
        ("audit", "cosign"): [["supervisor", f"--held={partners / 'held'}"]],
        ("audit", "export"): [["supervisor", str(partners / "leaves.txt")]],
        ("audit", "prove"): [["supervisor", str(partners / "proof.txt"), "--entry=9"]],
        ("audit", "sample", "draw"): [["supervisor", "--count=5"]],
        ("audit", "sample", "list"): [["supervisor"], ["coordinator"]],
        ("audit", "sample", "answer"): [["coordinator", "1", "--words=It was for the panel of that day."]],
        ("audit", "sample", "judge"): [["supervisor", "1", "--justified", "--words=As the answer says."]],
        ("audit", "sample", "sign-off"): [["supervisor", "1"]],
        ("batch", "list"): [["coordinator"], ["practitioner"]],
        ("incident", "list"): [["coordinator", who], ["practitioner", who]],
        ("note", "list"): [["coordinator", who], ["practitioner", who], ["supervisor", who]],
        ("note", "add"): [["coordinator", who, f"--file={partners / 'note.txt'}"]],
        ("crash", "list"): [["administrator"]],
        ("crash", "show"): [["administrator", "none"]],
        ("erase", "ask"): [["governance", f"--person={who}"]],
        ("erase", "list"): [["governance"], ["supervisor"]],
        ("erase", "confirm"): [["supervisor", "99"]],
        ("erase", "refuse"): [["supervisor", "1"]],
        # Last: a reviewer reads the form that was handed in, which names whom its giver named.
        ("consent", "add"): [["practitioner", *consent]],
    }


#: Commands of panels and of what follows them: their JSON holds what their lines are made of.
OF_PANELS = {"panel", "action", "case", "referral", "minutes", "disclose", "outcome", "learn"}

#: Commands that make or open a store or its users, read and write no person, and have tests of their own.
NOT_ABOUT_PEOPLE = {
    ("demo",), ("init",), ("open",), ("user", "add"), ("user", "confirm"), ("user", "refuse"),
    ("user", "suspend"), ("user", "restore"), ("user", "passphrase"),
    ("user", "role"), ("user", "leave"), ("user", "recovery"), ("user", "factor"), ("recover",), ("rotate",),
    ("purpose", "set"), ("agreement", "suspend"), ("rule", "edit"), ("rule", "answer"), ("audit", "change-rule"),
    ("audit", "verifier"), ("erase", "export"), ("check",), ("backup",), ("restore",), ("upgrade",),
}  # fmt: skip


def test_no_command_names_a_masked_person(
    town: Town, secrets: Secrets, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(vaults, "SystemClock", lambda: FixedClock(NOON))
    identities = town.identities()
    who = next(pseudonym for pseudonym in secrets.masked if identities[pseudonym][0].born)
    identity = identities[who][0]
    form = identity.consent(surname=identity.surname + "ssen")
    pair = pairs_shown.queue(town.coordinator)[0][0].link_id
    commands = _commands(town.demo.folder, who, form)
    missing = {leaf for leaf in _leaves(cli.parser()) if leaf not in commands and leaf not in NOT_ABOUT_PEOPLE}
    assert not missing, "say in this test what to ask of each new command"
    shown = ""
    for path, asked in commands.items():
        if path not in set(_leaves(cli.parser())):
            continue
        for user, *rest in asked:
            arguments = [str(pair) if argument == "PAIR" else argument for argument in rest]
            passphrase = str(town.demo.folder / "passphrases" / user)
            common = ["--user", user, "--passphrase-file", passphrase]
            # What a command says in lines, it says as JSON too; the many of panels are asked for one of them.
            for form_of_output in [["--json"]] if path[0] in OF_PANELS else [[], ["--json"]]:
                argv = [*path, str(town.demo.store), *arguments, *common, *form_of_output]
                code = cli.main(argv)
                out = capsys.readouterr()
                assert code in (0, 2, 3, 4), (argv, code, out.err)
                assert not secrets.found_in(out.out + out.err), argv
                shown += out.out
    assert secrets.open_name in shown


def test_no_service_names_a_masked_person(town: Town, secrets: Secrets) -> None:
    said = []
    for role in ROLES:
        session = town.user(role)
        for ask in _services(session):
            try:
                said.append(repr(ask()))
            except KingshurstError as refused:
                said.append(f"{refused.title} {refused.detail} {refused.hint}")
    for number, pseudonym in enumerate(secrets.masked):
        # The practitioner's agency knows many of them; the other three see the same of each.
        for role in ROLES if number < 30 else ("practitioner",):
            said.append(repr(profiles.open_profile(town.user(role), pseudonym, WORDS)))
    everything = "\n".join(said)
    assert not secrets.found_in(everything)
    assert secrets.open_name in everything


def _services(session: Session) -> list[Callable[[], Any]]:
    def all_people() -> object:
        listed = people.open_list(session, PANEL)
        return people.page(session, listed, 0, listed.total)

    return [
        all_people,
        lambda: home.what_waits(session),
        lambda: agenda.open_agenda(session),
        lambda: consents_shown.listed(session, CONSENT),
        lambda: [each.candidates for each in consent_review.review_queue(session, CONSENT)],
        lambda: grounds.waiting(session, CONSENT),
        lambda: decisions.listed(session, PANEL),
        lambda: dissents.listed(session, PANEL, with_closed=True),
        lambda: going_on.listed(session, PANEL),
        lambda: urgent.listed(session, PANEL),
        lambda: pairs_shown.queue(session),
        lambda: search.search(session, "a", PANEL, limit=1000),
        lambda: session.look(db.search.everybody),
    ]


def test_no_search_by_what_a_masked_person_is_called_finds_anybody_masked(town: Town, secrets: Secrets) -> None:
    masked = set(secrets.masked)
    for secret in sorted(secrets.telling)[:300]:
        hits = search.find(town.coordinator, secret, PANEL)
        assert not masked & {hit.pseudonym for hit in hits.hits}, "found by what only their records say"


def test_what_people_type_of_somebody_is_not_on_the_mask(town: Town) -> None:
    person = town.masked_adult()
    who, typed = person.pseudonym, f"Her sister says that {person.forename} {person.surname} is not safe"
    ground = grounds.propose(town.coordinator, who, "safeguarding", typed, date(2026, 6, 30), CONSENT)
    profile_id = {line.pseudonym: line.profile_id for line in town.lines()}[who]
    review.report_wrong_person(town.practitioner, profile_id, typed)
    triage.set_triage(town.coordinator, who, "not-now", typed, until=date(2026, 6, 1))

    def told_to(role: str) -> dict[str, bool]:
        session = town.user(role)
        asks: dict[str, Callable[[], object]] = {
            "mask": lambda: profiles.open_profile(session, who, WORDS),
            "grounds": lambda: grounds.waiting(session, CONSENT),
            "reopened": lambda: reopenings.waiting(session, WORDS),
            "agenda": lambda: agenda.open_agenda(session),
        }
        return {name: person.surname in repr(ask()) for name, ask in asks.items() if role in _WHO_MAY[name]}

    assert told_to("practitioner") == {"mask": False, "agenda": False}
    # Whoever is to agree reads why; whoever may part a profile reads what is said to be wrong with it.
    assert told_to("supervisor") == {"mask": False, "grounds": True, "reopened": True, "agenda": False}
    assert told_to("governance") == {"mask": False, "grounds": True, "reopened": False}
    # Who recorded and triaged reads their own triage; the mask bears no name for anybody.
    assert told_to("coordinator") == {"mask": False, "grounds": False, "reopened": True, "agenda": True}
    grounds.confirm(town.supervisor, ground.number, CONSENT)
    assert told_to("practitioner") == {"mask": True, "agenda": True}
    grounds.end(town.coordinator, ground.number, CONSENT)
    assert told_to("practitioner") == {"mask": False, "agenda": False}


_WHO_MAY = {
    "mask": ROLES,
    "grounds": ("coordinator", "supervisor", "governance"),
    "reopened": ("coordinator", "supervisor", "governance"),
    "agenda": ("coordinator", "practitioner", "supervisor"),
}
