"""Rules of oversight and dip samples on a real store: what is found, what leaves the act, who may answer and judge."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

import db.audit
import db.erasing
from kingshurst_tui import vaults
from kingshurst_tui.acts import Reason
from kingshurst_tui.casework import search as casework_search
from kingshurst_tui.casework.people import open_list, page
from kingshurst_tui.clock import FixedClock
from kingshurst_tui.demo.build import DemoStore
from kingshurst_tui.errors import InputRejected, Refused, StaleRecord
from kingshurst_tui.oversight import dips, hits, rules
from kingshurst_tui.oversight.hits import Hit, Hits, find_hits, uk_time
from kingshurst_tui.oversight.shown import Seen, seen_in
from kingshurst_tui.oversight.trail import TrailFilter, open_trail, verify_trail
from kingshurst_tui.session import Session
from kingshurst_tui.vocabulary import Operation, ReasonCode, Role, Thing
from tests.conftest import NOON
from tests.trust.conftest import PASSPHRASES, Open

PANEL = Reason(ReasonCode.PANEL)


def of(found: Hits, code: str) -> tuple[Hit, ...]:
    return next(each for rule, each in found.rules if rule.code == code)


def look(session: Session, pseudonym: str, *, masked: bool = False) -> None:
    with session.act(Operation.CONSULT, Thing.PROFILE, reason=PANEL, subjects=[pseudonym]) as act:
        act.note(masked=masked)


def search(session: Session) -> None:
    with session.act(Operation.CONSULT, Thing.SEARCH, reason=PANEL, typed="marigold", facts={"shown": 0}):
        pass


def last(session: Session) -> int:
    return session.look(db.audit.size)


@pytest.fixture
def at(folder: object) -> Iterator[Callable[[str, datetime], Session]]:
    """Open the store as somebody at some moment."""
    sessions: list[Session] = []

    def as_user(name: str, moment: datetime = NOON) -> Session:
        session = vaults.open_session(folder, name, PASSPHRASES[name], clock=FixedClock(moment))  # type: ignore[arg-type]
        sessions.append(session)
        return session

    yield as_user
    for session in sessions:
        session.close()


At = Callable[..., Session]


def test_unusual_hours_are_those_of_the_united_kingdom(at: At) -> None:
    # 19:30 UTC in May is 20:30 in Solihull; 06:30 UTC is 07:30.
    late = at("practitioner", datetime(2026, 5, 1, 19, 30, tzinfo=UTC))
    look(late, "KH-0000-0001")
    number = last(late)
    look(at("coordinator", datetime(2026, 5, 4, 6, 30, tzinfo=UTC)), "KH-0000-0001")
    look(at("coordinator", datetime(2026, 5, 3, 12, 0, tzinfo=UTC)), "KH-0000-0002")  # a Sunday
    found = of(find_hits(at("supervisor")), rules.HOURS)
    assert [(hit.actor, hit.pseudonyms) for hit in found] == [
        ("coordinator", ("KH-0000-0002",)),
        ("practitioner", ("KH-0000-0001",)),
    ]
    assert found[1].entries == (number,)


@pytest.mark.parametrize(
    ("utc", "here"),
    [
        ("2026-03-29T00:59", "00:59"),
        ("2026-03-29T01:00", "02:00"),
        ("2026-10-25T00:59", "01:59"),
        ("2026-10-25T01:00", "01:00"),
    ],
)
def test_the_hour_turns_on_the_last_sundays_of_march_and_october(utc: str, here: str) -> None:
    assert f"{uk_time(datetime.fromisoformat(utc).replace(tzinfo=UTC)):%H:%M}" == here


def test_bulk_reading_counts_people_whose_profiles_opened_and_each_once(at: At) -> None:
    supervisor = at("supervisor")
    rules.change_rule(supervisor, rules.BULK, thresholds={"hour": "3", "day": "5"}, source="Panel, 1 May 2026")
    coordinator = at("coordinator")
    for number in (1, 2, 3, 3, 3):
        look(coordinator, f"KH-0000-000{number}")
    look(coordinator, "KH-0000-0009", masked=True)
    assert of(find_hits(supervisor), rules.BULK) == ()
    look(coordinator, "KH-0000-0004")
    (hit,) = of(find_hits(supervisor), rules.BULK)
    assert (hit.actor, len(hit.pseudonyms), len(hit.entries)) == ("coordinator", 4, 6)


def test_a_search_that_opened_nothing_is_a_hit_and_its_words_are_not_said(at: At) -> None:
    coordinator = at("coordinator")
    search(coordinator)
    fruitless = last(coordinator)
    practitioner = at("practitioner")
    search(practitioner)
    look(practitioner, "KH-0000-0001", masked=True)
    found = find_hits(at("supervisor"))
    assert [(hit.actor, hit.entries) for hit in of(found, rules.SEARCHES)] == [("coordinator", (fruitless,))]
    assert "marigold" not in repr(found)


def test_others_act_while_the_trail_is_looked_through_and_asking_is_entered_first(
    at: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    coordinator, supervisor = at("coordinator"), at("supervisor")
    look(coordinator, "KH-0000-0001")
    newest: list[dict[str, object]] = []

    def meanwhile(entry: db.audit.Entry) -> Seen | None:
        if not newest:
            size = last(coordinator)
            (asked,) = coordinator.look(lambda connection: list(db.audit.entries(connection, size, size)))
            newest.append(json.loads(asked.body))
            look(coordinator, "KH-0000-0002")  # would wait for ever, were it inside the supervisor's turn
        return seen_in(entry)

    monkeypatch.setattr(hits, "seen_in", meanwhile)
    find_hits(supervisor)
    assert (newest[0]["actor"], newest[0]["operation"], newest[0]["thing"]) == ("supervisor", "combine", "audit")


def test_reading_hits_is_in_the_trail_and_not_for_others(at: At) -> None:
    supervisor = at("supervisor")
    find_hits(supervisor)
    line = open_trail(supervisor, TrailFilter(actor="supervisor")).lines[0]
    assert (line.operation, line.thing, line.facts["looked"]) == ("combine", "audit", 9)
    for name in ("coordinator", "practitioner", "administrator"):
        with pytest.raises(Refused):
            find_hits(at(name))


def test_a_rule_is_changed_with_its_source_and_what_it_was_stays_in_the_trail(at: At) -> None:
    supervisor = at("supervisor")
    with pytest.raises(InputRejected) as refused:
        rules.change_rule(supervisor, rules.HOURS, thresholds={"from": "25:00", "weekly": "1"}, source=" ")
    assert len(refused.value.problems) == 3
    rule = rules.change_rule(supervisor, rules.HOURS, thresholds={"from": "06:00"}, source="Panel, 1 May 2026")
    assert (rule.thresholds, rule.source) == ({"from": "06:00", "to": "20:00"}, "Panel, 1 May 2026")
    facts = open_trail(supervisor, TrailFilter(operation="administer", actor="supervisor")).lines[0].facts
    assert (facts["rule"], facts["was_from"], facts["now_from"]) == (rules.HOURS, "07:00", "06:00")
    with pytest.raises(Refused):
        rules.change_rule(at("governance"), rules.HOURS, thresholds={}, source="x")
    rules.change_rule(supervisor, rules.SEARCHES, thresholds={}, source="Panel", is_on=False)
    search(at("coordinator"))
    assert of(find_hits(supervisor), rules.SEARCHES) == ()


def test_a_search_is_words_that_were_typed_and_no_list_that_was_opened(demo_copy: DemoStore) -> None:
    with demo_copy.signed_in(Role.PRACTITIONER) as practitioner:
        before = last(practitioner)
        everybody = open_list(practitioner, Reason(ReasonCode.OTHER, "to see who is there"))
        page(practitioner, everybody, 0, everybody.total)
        listed = set(range(before + 1, last(practitioner) + 1))
        casework_search.search(practitioner, "marigold", PANEL)
        searched = last(practitioner)
    with demo_copy.signed_in(Role.SUPERVISOR) as supervisor:
        found = {number for hit in of(find_hits(supervisor), rules.SEARCHES) for number in hit.entries}
    assert len(listed) == 2
    assert searched in found
    assert not listed & found


def test_each_room_that_shows_one_person_counts_and_lists_are_told_apart(at: At) -> None:
    supervisor = at("supervisor")
    rules.change_rule(supervisor, rules.BULK, thresholds={"hour": "5", "day": "50"}, source="Panel, 1 May 2026")
    coordinator = at("coordinator")
    many = [f"KH-0000-00{number}" for number in range(10, 70)]
    for thing in (Thing.AGENDA, Thing.PANEL, Thing.SEARCH, Thing.ACTION):
        with coordinator.act(Operation.CONSULT, thing, reason=PANEL, subjects=many):
            pass
    with coordinator.act(
        Operation.CONSULT, Thing.CASE, reason=PANEL, subjects=["KH-0000-0009"], facts={"masked": True}
    ):
        pass
    rooms = (Thing.CASE, Thing.DECISION, Thing.NOTE, Thing.ACTION, Thing.PANEL, Thing.OUTCOME)
    for number, thing in enumerate(rooms):
        assert of(find_hits(supervisor), rules.BULK) == ()
        with coordinator.act(Operation.CONSULT, thing, reason=PANEL, subjects=[f"KH-0000-000{number}"]):
            pass
    (hit,) = of(find_hits(supervisor), rules.BULK)
    assert hit.pseudonyms == tuple(f"KH-0000-000{number}" for number in range(6))


# --- dip samples ----------------------------------------------------------------------------------------------


@pytest.fixture
def busy(opened: Open) -> Open:
    """A store in which three people did something."""
    for name in ("coordinator", "practitioner", "supervisor"):
        session = opened(name)
        for number in range(4):
            look(session, f"KH-0000-000{number}")
    return opened


def test_anybody_draws_the_same_sample_from_what_its_document_says(busy: Open) -> None:
    supervisor = busy("supervisor")
    sample = dips.draw_sample(supervisor, TrailFilter(operation="consult"), 5)
    document = sample.document
    # As an outsider would, from the entries alone.
    entries = supervisor.look(lambda connection: list(db.audit.entries(connection)))
    bodies = [json.loads(entry.body) for entry in entries]
    left = [body["seq"] for body in bodies if body["operation"] == "consult" and body["seq"] <= document["to"]]
    assert document["population"] == len(left)
    assert document["seed"] == dips.seed_of(document["tree"]["size"], document["tree"]["root"])
    assert [left[place] for place in dips.drawn(document["seed"], len(left), 5)] == document["entries"]
    full = dips.sample_in_full(supervisor, sample.number)
    assert full.drawn_as_said
    assert {each.line.seq: each.asked_of for each in full.questions} == {
        body["seq"]: body["actor"] for body in bodies if body["seq"] in document["entries"]
    }


def test_a_sample_is_answered_by_whoever_acted_judged_by_somebody_else_and_signed_off(busy: Open) -> None:
    supervisor, governance = busy("supervisor"), busy("governance")
    sample = dips.draw_sample(supervisor, TrailFilter(operation="consult"), 12)
    with pytest.raises(InputRejected):
        dips.sign_off(supervisor, sample.number)
    for name in ("coordinator", "practitioner", "supervisor"):
        session = busy(name)
        for question in dips.questions_for(session):
            assert (question.asked_of, question.line.actor) == (name, name)
            with pytest.raises(Refused):
                dips.answer(governance, question.number, "I was not there")
            with pytest.raises(Refused):
                dips.judge(governance, question.number, "Fine", justified=True)  # not answered yet
            dips.answer(session, question.number, "Panel of 4 May")
            with pytest.raises(StaleRecord):
                dips.answer(session, question.number, "Another story")
        assert dips.questions_for(session) == ()
    for question in dips.sample_in_full(supervisor, sample.number).questions:
        assert question.answer == "Panel of 4 May"
        if question.asked_of == "supervisor":
            with pytest.raises(Refused, match="themselves"):
                dips.judge(supervisor, question.number, "I was right", justified=True)
        judge = governance if question.asked_of == "supervisor" else supervisor
        dips.judge(judge, question.number, "It was on the agenda", justified=question.asked_of != "practitioner")
    with pytest.raises(Refused):
        dips.sign_off(governance, sample.number)
    signed = dips.sign_off(supervisor, sample.number)
    assert signed.signed_off_by == "supervisor"
    assert signed.counts == {"open": 0, "answered": 0, "justified": 8, "not-justified": 4}
    full = dips.sample_in_full(governance, sample.number)
    assert full.signature_holds
    assert full.drawn_as_said
    # Nothing that was typed lies open in the store, nor in the tree.
    kept = "SELECT answer, judgement FROM dip_item"
    rows = supervisor.look(lambda connection: connection.exec_driver_sql(kept).all())
    assert all(b"agenda" not in value and b"Panel" not in value for row in rows for value in row)
    bodies = supervisor.look(lambda connection: b"".join(entry.body for entry in db.audit.entries(connection)))
    assert b"on the agenda" not in bodies
    assert verify_trail(supervisor).holds


def test_who_does_not_answer_is_judged_without_an_answer_after_the_day(folder: object, busy: Open) -> None:
    sample = dips.draw_sample(busy("supervisor"), TrailFilter(actor="practitioner"), 1)
    (question,) = dips.sample_in_full(busy("supervisor"), sample.number).questions
    later = FixedClock(NOON + timedelta(days=dips.DAYS_TO_ANSWER + 1))
    governance = vaults.open_session(folder, "governance", PASSPHRASES["governance"], clock=later)  # type: ignore[arg-type]
    dips.judge(governance, question.number, "No answer came", justified=False)
    assert question.answer_by == date(2026, 5, 18)
    governance.close()


def test_erasing_what_was_typed_about_somebody_takes_answers_along(busy: Open) -> None:
    supervisor = busy("supervisor")
    sample = dips.draw_sample(supervisor, TrailFilter(actor="practitioner", pseudonym="KH-0000-0001"), 1)
    (question,) = dips.questions_for(busy("practitioner"))
    dips.answer(busy("practitioner"), question.number, "She rang about her brother")
    with supervisor.act(Operation.CONSULT, Thing.SAMPLE, reason=PANEL) as act:
        act.write(db.erasing.delete_words, ["KH-0000-0001"])
    (left,) = dips.sample_in_full(supervisor, sample.number).questions
    assert (left.answer, left.status) == (None, "answered")


def test_only_supervisors_draw_and_only_from_something(busy: Open) -> None:
    for name in ("coordinator", "practitioner", "governance", "administrator"):
        with pytest.raises(Refused):
            dips.draw_sample(busy(name), TrailFilter(), 3)
    with pytest.raises(InputRejected):
        dips.draw_sample(busy("supervisor"), TrailFilter(actor="nobody"), 3)
    with pytest.raises(InputRejected):
        dips.draw_sample(busy("supervisor"), TrailFilter(), dips.MOST + 1)
