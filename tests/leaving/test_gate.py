"""One way out: who may, for whom, how many, marked, for how long; nothing is written that is not entered."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import db.audit
import db.case_access
import db.case_reading
import db.disclosures
from kingshurst_tui.errors import InputRejected, KingshurstError, NotFound, Refused, StaleRecord, StoreUnavailable
from kingshurst_tui.leaving import disclosed, files, gate, holders
from kingshurst_tui.leaving.gate import Recipient
from kingshurst_tui.vocabulary import Operation, Thing
from tests.leaving.conftest import PANEL, let_go

if TYPE_CHECKING:
    from tests.casework.conftest import Town

ADA = Recipient("Ada Example", "SCH")
BEN = Recipient("Ben Example", "WMP")


@contextmanager
def stopped(words: str) -> Iterator[None]:
    """Expect a refusal that says these words somewhere."""
    with pytest.raises(Refused) as refused:
        yield
    assert re.search(words, refused.value.detail), refused.value.detail


def entries(town: Town) -> list[bytes]:
    session = town.supervisor
    return session.look(lambda connection: [each.body for each in db.audit.entries(connection, 1, 10**9)])


def kept(town: Town) -> tuple[disclosed.Disclosed, ...]:
    return disclosed.listed(town.supervisor, PANEL)


def test_each_copy_has_a_mark_of_its_own_and_the_digest_of_its_very_bytes(town: Town, out: Path) -> None:
    copies = let_go(town, out, ADA, BEN)
    assert len({each.recipient.mark for each in copies}) == 2
    (one,) = kept(town)
    for each, shown in zip(copies, one.copies, strict=True):
        body = each.path.read_bytes()
        assert each.recipient.mark.encode() in body
        assert shown.mark == each.recipient.mark
        assert shown.digest == each.digest == hashlib.sha256(body).hexdigest()
        assert (shown.name, shown.agency) == (each.recipient.name, each.recipient.agency)


@pytest.mark.skipif(os.name != "posix", reason="file modes")
def test_a_copy_is_for_its_owner_alone_and_nothing_else_is_left_beside_it(town: Town, out: Path) -> None:
    (copy,) = let_go(town, out, ADA)
    assert stat.S_IMODE(copy.path.stat().st_mode) == 0o600
    assert list(out.iterdir()) == [copy.path]


def test_the_entry_names_marks_by_one_digest_and_nobody_by_name(town: Town, out: Path) -> None:
    pseudonym = town.open_person().pseudonym
    let_go(town, out, ADA, subjects=[pseudonym])
    entry = entries(town)[-1]
    assert b'"operation":"disclose"' in entry
    assert pseudonym.encode() in entry
    assert b"Ada" not in entry
    assert b'"copies":1' in entry


def test_who_left_what_is_found_again_by_the_mark_however_it_is_typed(town: Town, out: Path) -> None:
    (copy,) = let_go(town, out, ADA)
    typed = copy.recipient.mark.lower().replace("-", " ").replace("0", "o")
    assert disclosed.of_mark(town.supervisor, typed, PANEL).number == copy.disclosure
    with pytest.raises(NotFound):
        disclosed.of_mark(town.supervisor, "AAAA-AAAA-AAAA", PANEL)


def test_an_agency_that_the_agreement_does_not_name_gets_nothing(town: Town, out: Path) -> None:
    with stopped("does not name EDU"):
        let_go(town, out, Recipient("Eve Example", "EDU"), data_sets=["SCH-TENANCY"])
    assert list(out.iterdir()) == []
    assert kept(town) == ()
    assert b'"result":"refused"' in entries(town)[-2]


def test_one_who_may_not_stops_all_and_everything_is_said_at_once(town: Town, out: Path) -> None:
    with pytest.raises(Refused) as refused:
        let_go(town, out, ADA, Recipient("Eve Example", "EDU"), Recipient("X", "NONE"), data_sets=["SCH-TENANCY"])
    assert "EDU" in refused.value.detail
    assert "NONE" in refused.value.detail
    assert list(out.iterdir()) == []


def test_what_lies_in_one_copy_is_asked_of_its_own_recipient(town: Town, out: Path) -> None:
    rows = {"SCH": ["SCH-TENANCY"], "EDU": []}
    copies = let_go(town, out, ADA, Recipient("Eve Example", "EDU"), data_sets=lambda each: rows[each.agency])
    assert len(copies) == 2
    assert kept(town)[0].data_sets == ("SCH-TENANCY",)


def test_a_lapsed_agreement_lets_nothing_leave(town: Town, out: Path) -> None:
    town.coordinator.clock.move(timedelta(days=3650))  # type: ignore[attr-defined]
    with stopped("lapsed on"):
        let_go(town, out, ADA, data_sets=["SCH-TENANCY"])


def test_an_unknown_data_set_lets_nothing_leave(town: Town, out: Path) -> None:
    with stopped("no agreement"):
        let_go(town, out, ADA, data_sets=["NOBODYS"])


def test_roles_that_may_not_let_actions_leave(town: Town, out: Path) -> None:
    for who in ("governance", "administrator", "supervisor"):
        with pytest.raises(Refused):
            let_go(town, out, ADA, who=who)
    assert list(out.iterdir()) == []


def test_a_practitioner_lets_go_to_their_own_agency_alone(town: Town, out: Path) -> None:
    assert let_go(town, out, ADA, who="practitioner")
    with stopped("own agency"):
        let_go(town, out, BEN, who="practitioner")


def test_more_people_than_the_agreement_allows_at_one_time_are_refused_until_copies_end(town: Town, out: Path) -> None:
    many = [Recipient(f"Person {letter}", "SCH") for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"]
    many += [Recipient(f"Other {letter}", "WMP") for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"]
    with stopped("may at one time"):
        let_go(town, out, *many, data_sets=["SCH-TENANCY"])
    soon = town.coordinator.clock.today()
    first = let_go(town, out, *many[:20], data_sets=["SCH-TENANCY"], expires_on=soon)
    again = let_go(town, out, *many[:20], data_sets=["SCH-TENANCY"], expires_on=soon)
    assert len(first) == len(again) == 20, "whoever holds a copy already counts once"
    with stopped(r"\(20 do\)"):
        let_go(town, out, *many[20:40], data_sets=["SCH-TENANCY"])
    town.coordinator.clock.move(timedelta(days=1))  # type: ignore[attr-defined]
    assert let_go(town, out, *many[20:40], data_sets=["SCH-TENANCY"])


def test_an_agreement_s_own_number_goes_before_the_usual_one(town: Town) -> None:
    from dataclasses import replace

    from kingshurst_tui.agreements.document import from_text

    row = town.coordinator.look(db.agreements.versions, "SCH-TENANCY")[-1]
    agreement = from_text(row.document)
    named = {*agreement.recipients, agreement.agency.code}
    assert holders.most(agreement, 5) == 5 * len(named)
    assert holders.most(replace(agreement, recipients_most=3), 5) == 3


def test_a_restricted_case_goes_only_to_whoever_is_on_its_list(town: Town, out: Path) -> None:
    pseudonym = town.open_person().pseudonym
    with town.coordinator.act(Operation.ADMINISTER, Thing.CASE, reason=PANEL) as act:
        row = act.read(db.case_reading.by_pseudonym, pseudonym)
        assert row is not None
        act.write(db.case_access.restrict, row.profile_id, "A colleague's own family", "coordinator", "2026-05-04")
        act.write(db.case_access.let_in, row.profile_id, ["coordinator"], "Keeps it", "coordinator", "2026-05-04")
    with stopped("restricted case"):
        let_go(town, out, ADA, subjects=[pseudonym])
    # An account that is not the reader's own opens nothing.
    for agency in ("SCH", "KTP"):
        with stopped("restricted case"):
            let_go(town, out, Recipient("Ada", agency, user_name="coordinator"), subjects=[pseudonym])
    coordinator = Recipient("Coordinator", "KTP", user_name="coordinator")
    assert let_go(town, out, coordinator, subjects=[pseudonym])


def test_a_letter_is_about_its_reader_alone_and_its_name_is_not_kept_beside_the_copy(town: Town, out: Path) -> None:
    pseudonym = town.open_person().pseudonym
    me = Recipient("Jane Example", gate.PERSON)
    wrongs: list[dict[str, Any]] = [{"kind": "actions"}, {"subjects": ()}, {"data_sets": ["SCH-TENANCY"]}]
    for wrong in wrongs:
        with pytest.raises(Refused):
            let_go(town, out, me, **({"kind": "letter", "subjects": [pseudonym]} | wrong))
    assert let_go(town, out, me, kind="letter", subjects=[pseudonym])
    (one,) = kept(town)
    assert one.copies[0].name == gate.THE_PERSON
    assert one.subjects == (pseudonym,)


def test_nothing_is_written_to_or_about_somebody_masked(town: Town, out: Path) -> None:
    with stopped("is masked"):
        let_go(
            town,
            out,
            Recipient("Jane", gate.PERSON),
            kind="letter",
            subjects=[town.masked_adult().pseudonym],
        )


def test_packs_go_to_whoever_is_asked_to_the_panel_and_to_nobody_else(town: Town, out: Path) -> None:
    with stopped("not asked to this panel"):
        let_go(town, out, ADA, kind="pack", panel=999)


UNFIT: list[dict[str, Any]] = [
    {"why": "because"},
    {"name": "../elsewhere"},
    {"name": ""},
    {"form": "exe"},
    {"kind": "everything"},
    {"expires_on": date(2026, 5, 3)},
    {"expires_on": date(2036, 5, 3)},
    {"recipients": ()},
    {"recipients": (ADA, Recipient(" ada example ", "SCH"))},
    {"recipients": (Recipient("\u202e", "SCH"),)},
    {"body_for": lambda each: b"without a mark"},
    {"body_for": lambda each: f"{each.mark} \x1b[31m".encode()},
    {"body_for": lambda each: f"{each.mark} \u202e".encode()},
    {"form": "csv", "body_for": lambda each: f'"{each.mark}","=cmd"\r\n'.encode()},
    {"into": Path("/no/such/folder")},
]
"""What makes something unfit to leave."""


def test_what_is_not_fit_to_leave_does_not(town: Town, out: Path) -> None:
    for unfit in UNFIT:
        changed = dict(unfit)
        recipients = changed.pop("recipients", (ADA,))
        with pytest.raises(InputRejected):
            let_go(town, out, *recipients, **changed)
        assert list(out.iterdir()) == [], unfit
    assert kept(town) == ()


def test_copies_never_lie_in_the_vault_nor_by_a_link_to_it(town: Town, out: Path) -> None:
    vault = town.coordinator.store.folder
    (out / "link").symlink_to(vault, target_is_directory=True)
    (vault / "deeper").mkdir()
    for into in (vault, vault / "deeper", out / "link"):
        with pytest.raises(InputRejected, match="own folder"):
            let_go(town, into, ADA)


def test_a_file_that_is_there_is_never_replaced(out: Path) -> None:
    there = out / "there.txt"
    there.write_text("mine")
    with pytest.raises(InputRejected):
        files.put_new(there, b"yours")
    (out / "elsewhere").write_text("mine")
    (out / "link.txt").symlink_to(out / "elsewhere")
    with pytest.raises(InputRejected):
        files.put_new(out / "link.txt", b"yours")
    assert there.read_text() == (out / "elsewhere").read_text() == "mine"


def test_what_cannot_be_written_leaves_no_copy_and_is_called_back(
    town: Town, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace_ = os.replace

    def full(source: str, target: str) -> None:
        if sum(1 for each in out.iterdir() if not each.name.startswith(".")) > 1:
            raise OSError(28, "No space left on device")
        replace_(source, target)

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(StoreUnavailable, match="full"):
        let_go(town, out, ADA, BEN)
    monkeypatch.undo()
    assert list(out.iterdir()) == []
    assert kept(town)[0].state == disclosed.CALLED_BACK


def test_nothing_is_written_where_the_entry_cannot_be(town: Town, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> int:
        raise StoreUnavailable("The disk is full.")

    monkeypatch.setattr(db.disclosures, "add", full)
    with pytest.raises(StoreUnavailable):
        let_go(town, out, ADA)
    monkeypatch.undo()
    assert list(out.iterdir()) == []
    assert kept(town) == ()


def test_calling_back_asks_for_a_reason_and_is_done_once(town: Town, out: Path) -> None:
    (copy,) = let_go(town, out, ADA)
    with pytest.raises(InputRejected):
        disclosed.call_back(town.supervisor, copy.disclosure, "no", PANEL)
    shown = disclosed.call_back(town.supervisor, copy.disclosure, "Sent to the wrong address", PANEL)
    assert (shown.state, shown.called_back_by) == (disclosed.CALLED_BACK, "supervisor")
    with pytest.raises(StaleRecord):
        disclosed.call_back(town.user("governance"), copy.disclosure, "Sent to nobody at all", PANEL)
    with pytest.raises(KingshurstError):
        disclosed.call_back(town.practitioner, copy.disclosure, "Sent to nobody at all", PANEL)


def test_an_expired_copy_reads_as_one(town: Town, out: Path) -> None:
    let_go(town, out, ADA, expires_on=town.coordinator.clock.today())
    assert kept(town)[0].state == disclosed.STANDING
    town.supervisor.clock.move(timedelta(days=1))  # type: ignore[attr-defined]
    assert kept(town)[0].state == disclosed.EXPIRED
