"""What the tests of erasures share: the store looked at past the program, somebody erased, two who may be one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

import db.profiles
from db.store import administering
from db.vault import StoreKeys, open_slot, read_header
from kingshurst_tui.acts import Reason
from kingshurst_tui.casework.people import PersonLine
from kingshurst_tui.demo.build import DemoStore
from kingshurst_tui.linkage.regrouping import opens_a_mask, regrouped
from kingshurst_tui.oversight import erasing, erasure
from kingshurst_tui.vocabulary import LinkState, Operation, ReasonCode, Thing
from tests.casework.conftest import Town
from tests.trust.test_erasure import ASKED

REVIEW = Reason(ReasonCode.REVIEW)
TENANTS, INCIDENTS = "SCH-TENANTS", "WMP-INCIDENTS"


def keys_of(demo: DemoStore) -> StoreKeys:
    """Return the store's keys."""
    return open_slot(read_header(demo.store), "administrator", demo.passphrases["administrator"])[2]


@contextmanager
def raw(demo: DemoStore) -> Iterator[Connection]:
    """Look at the tables of a store past the program."""
    with administering(demo.store, read_header(demo.store).generation, keys_of(demo).data) as connection:
        yield connection


def erased_by(town: Town, kind: str, subject: str) -> erasing.Erased:
    """Erase while everybody stays signed in."""
    number = erasure.ask(town.user("governance"), kind, subject, ASKED)
    return erasure.confirm(town.supervisor, number, ASKED, also=())


def joinable(town: Town, pseudonyms: set[str] | None = None) -> tuple[PersonLine, PersonLine]:
    """Two masked people whom nothing keeps from being one, the older first."""
    lines = [each for each in town.lines() if not each.is_open and (pseudonyms is None or each.pseudonym in pseudonyms)]
    for one in lines[:40]:
        for other in lines[:40]:
            if one.profile_id >= other.profile_id:
                continue
            with town.coordinator.act(Operation.CONSULT, Thing.LINK, reason=REVIEW, combine=True) as act:
                records = act.read(db.profiles.records_of, [one.profile_id, other.profile_id])
                first, second = (min(r for r, p in records.items() if p == each.profile_id) for each in (one, other))
                scene = regrouped(act, {(min(first, second), max(first, second)): LinkState.LINKED})
                if not scene.refused and not opens_a_mask(act, scene):
                    return one, other
    raise AssertionError("the town holds no such people")
