"""What an import of health data leaves behind, and what goes with it."""

from __future__ import annotations

from kingshurst_tui.acts import Reason
from kingshurst_tui.oversight import erasing, erasure
from kingshurst_tui.vocabulary import ReasonCode
from tests.trust.compartments.sealed import (
    INTAKE,
    OUTCOME,
    Town,
)


def test_no_digest_lets_what_is_sealed_be_guessed(needled: Town) -> None:
    """The key of an event is the same in every extract; what tells its versions apart is keyed for one alone."""
    with needled.raw() as connection:
        twice = connection.exec_driver_sql(
            "SELECT n.contact_key, n.row_digest, o.row_digest FROM contact n JOIN contact o "
            "ON o.contact_key = n.contact_key AND o.id < n.id WHERE n.sealed IS NOT NULL"
        ).fetchall()
    assert len(twice) > 20
    assert all(new[4:] != old[4:] for _, new, old in twice)


def test_a_recalled_batch_takes_its_key_along(town: Town) -> None:
    from kingshurst_tui.intake import recall

    with town.raw() as connection:
        batch = connection.exec_driver_sql("SELECT max(batch_id) FROM compartment_key").scalar_one()
    with town.signed_in("coordinator") as session:
        recall.recall(session, batch, reason=INTAKE)
    with town.raw() as connection:
        assert (
            connection.exec_driver_sql("SELECT count(*) FROM compartment_key WHERE batch_id = ?", (batch,)).scalar_one()
            == 0
        )
    assert not any(OUTCOME in row.outcome for row in town.opened().timeline)


def test_erasing_a_data_set_destroys_its_keys(town: Town) -> None:
    with town.signed_in("governance") as governance:
        number = erasure.ask(governance, erasing.DATA_SET, "WMAS-CALLS", Reason(ReasonCode.RIGHTS, "Asked for."))
    with town.signed_in("supervisor") as supervisor:
        erasure.confirm(supervisor, number, Reason(ReasonCode.RIGHTS), also=())
    with town.raw() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM contact WHERE sealed IS NOT NULL").scalar_one() == 0
        left = connection.exec_driver_sql(
            "SELECT count(*) FROM compartment_key k JOIN import_batch b ON b.id = k.batch_id "
            "WHERE b.agreement_ref = 'WMAS-CALLS'"
        ).scalar_one()
    assert left == 0


def test_keys_leave_memory_when_the_store_closes(needled: Town) -> None:
    with needled.signed_in("coordinator") as session:
        held = list(session.compartments.privates.values())
        assert len(held) == 2
        assert all(any(key) for key in held)
    assert all(not any(key) for key in held)
    assert session.compartments.privates == {}
