"""A turn at writing tells whether anybody waited for its end: large works make their pieces smaller by it."""

from __future__ import annotations

import threading
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection

import db.records
import db.staged_rows
from db.bare_rows import bare
from db.turnstile import Turn, Turnstile
from kingshurst_tui.giving_way import BEARABLE, PATIENCE, REMEMBERED, GivingWay
from kingshurst_tui.vocabulary import Operation, Thing
from tests.intake.conftest import CONTACT_COLUMNS, REASON, Town, csv_text, incident


def _waited(turnstile: Turnstile) -> bool:
    return turnstile.watched.kept_waiting


def test_a_turn_tells_whether_anybody_waited_for_its_end(tmp_path: Path) -> None:
    ours, theirs = Turnstile(tmp_path), Turnstile(tmp_path)
    with ours.hold(watching=True):
        pass
    assert not _waited(ours)

    def go_through() -> None:
        with theirs.coming(), theirs.hold():
            pass

    waiting = threading.Thread(target=go_through)
    with ours.hold(watching=True):
        waiting.start()
        while not ours.somebody_is_there():  # it cannot go on before this one ends
            pass
    waiting.join()
    assert _waited(ours)

    with ours.hold():
        pass
    assert _waited(ours), "only turns of large works are watched"
    with ours.hold(watching=True):
        pass
    assert not _waited(ours)
    ours.close()
    theirs.close()


def test_whoever_waits_goes_before_the_next_piece(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("db.turnstile.LETS_GO_FIRST", 60.0)
    first, second, importing = Turnstile(tmp_path), Turnstile(tmp_path), Turnstile(tmp_path)
    went: list[str] = []
    is_there = threading.Event()

    def write() -> None:
        with second.coming():
            is_there.set()
            with second.hold():
                went.append("somebody")

    def stage() -> None:
        with importing.coming(piece=True), importing.hold(watching=True):
            went.append("piece")

    waiting, piece = threading.Thread(target=write), threading.Thread(target=stage)
    with first.coming(), first.hold():
        piece.start()  # it comes first, and while somebody is there it does not even queue
        waiting.start()
        is_there.wait()
    waiting.join()
    piece.join()
    assert went == ["somebody", "piece"]


def test_a_session_writes_a_piece_when_whoever_is_there_has_gone(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("db.turnstile.LETS_GO_FIRST", 60.0)
    session = town.session()
    ours, look = session.store.turnstile, session.store.turnstile.somebody_is_there
    is_there, looked = threading.Event(), threading.Event()
    went: list[str] = []

    def looking() -> bool:
        found = look()
        looked.set()
        return found

    def write() -> None:
        theirs = Turnstile(town.folder)
        with theirs.coming(), theirs.hold():
            is_there.set()
            looked.wait(10)  # until the piece found somebody there; a piece that does not look would wait for the lock
            went.append("somebody" if looked.is_set() else "nobody looked")
        theirs.close()

    monkeypatch.setattr(ours, "somebody_is_there", looking)
    somebody = threading.Thread(target=write)
    somebody.start()
    is_there.wait()
    session.stage(Operation.COLLECT, Thing.BATCH, lambda _: went.append("piece"))
    somebody.join()
    assert went == ["somebody", "piece"]


def test_a_piece_does_not_wait_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("db.turnstile.LETS_GO_FIRST", 0.0)
    ours, theirs = Turnstile(tmp_path), Turnstile(tmp_path)
    with theirs.coming(), ours.coming(piece=True), ours.hold(watching=True):
        pass
    assert _waited(ours)


def test_pieces_are_as_long_as_whoever_comes_can_bear_and_shorter_where_somebody_waits() -> None:
    way = GivingWay(500, fewest=100, first=250)
    way.after(Turn(BEARABLE / 2, False), 250)
    assert way.size == 500
    way.after(Turn(BEARABLE * 2, False), 500)
    assert way.size == 250
    way.after(Turn(PATIENCE * 2, True), 250)
    assert way.size == 125
    way.after(Turn(PATIENCE * 2, False), 125)
    assert way.size == 100, "never fewer: the work is to come to an end"
    way.after(Turn(0.0001, False), 3)
    assert way.size == 100, "what was left over tells nothing"
    sizes = []
    for _ in range(REMEMBERED):
        way.after(Turn(way.size * PATIENCE / 140, False), way.size)
        sizes.append(way.size)
    assert sizes[10] == pytest.approx(140, abs=1)
    assert sizes[-1] == pytest.approx(140 * BEARABLE / PATIENCE, abs=2), "who waited is remembered, and then forgotten"


def test_pieces_that_end_early_bring_in_what_whole_ones_do(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("db.turnstile.LETS_GO_FIRST", 0.0)
    left: list[int] = []
    write = db.records.stage_piece

    def watched(connection: Connection, piece: db.staged_rows.Piece) -> db.staged_rows.Staged:
        staged = write(connection, piece)
        left.append(len(staged.left))
        return staged

    monkeypatch.setattr(db.records, "stage_piece", watched)
    people = [incident(number, Nominal=f"N{number % 90}", Forename=f"Bryn {number % 90}") for number in range(600)]
    again = [people[number] for number in range(200, 300)]
    other = [incident(number, Nominal=f"N{number % 90}", Type="Violence") for number in range(300, 330)]
    town.sign()
    rows = csv_text(list(CONTACT_COLUMNS), [*people[:320], *again, *other, *people[320:]])
    shown = "contact_id, category, partner_reference"
    whole = town.bring(rows)
    seen = [row[1:] for row in town.contacts(shown)]
    assert not any(left)
    town.recall(whole.batch)
    theirs = Turnstile(town.folder)
    with theirs.coming():
        cut = town.bring(rows)
    theirs.close()
    assert sum(each > 0 for each in left) > 2
    assert cut.report == whole.report
    assert cut.rows_accepted == whole.rows_accepted
    assert [row[1:] for row in town.contacts(shown)] == seen


def test_what_a_piece_is_to_change_is_read_before_its_turn_where_somebody_committed(town: Town) -> None:
    store, read = town.session().store, list[str]()

    def ahead(words: str) -> list[tuple[str, tuple[str, ...]]]:
        assert not bare(store._to_act()).in_transaction, "nobody waits for it"
        read.append(words)
        return [("SELECT count(*) FROM json_each(?)", ("[]",))]

    store.read_ahead(partial(ahead, "whatever came before"))
    read.clear()
    with town.session().act(Operation.COLLECT, Thing.BATCH, reason=REASON):
        pass
    store.read_ahead(partial(ahead, "what this connection committed itself"))
    assert read == []
    with town.session("supervisor").act(Operation.CONSULT, Thing.USER, reason=REASON):
        pass
    store.read_ahead(partial(ahead, "what another's commit emptied"))
    assert read == ["what another's commit emptied"]


def test_what_an_import_asks_ahead_may_be_asked_by_whoever_acts(town: Town) -> None:
    ask = bare(town.session().store._to_act()).execute
    assert [ask(statement, given).fetchone() for statement, given in db.records.ahead_of([], [])] == [(0,), (0,)]
