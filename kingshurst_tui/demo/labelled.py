"""A demonstration's source records with the truth about them, for training and for measuring the linkage model."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING

import db.profiles
from kingshurst_tui.acts import Reason
from kingshurst_tui.vocabulary import Operation, ReasonCode, Role, Thing

if TYPE_CHECKING:
    from db.profiles import LinkageRecord
    from kingshurst_tui.demo.build import DemoStore


@dataclass(frozen=True, slots=True)
class Labelled:
    """What linkage read, and who it was.

    Attributes:
        records: every gated source record, with the profile it has.
        truth: the true person of each record of whom that can be told.
    """

    records: list[LinkageRecord]
    truth: dict[int, str]


def labelled(demo: DemoStore) -> Labelled:
    """Return a demonstration's records with the truth that was kept beside them and never imported."""
    by_person, by_event = _truth(demo)
    truth: dict[int, str] = {}
    with (
        demo.signed_in(Role.COORDINATOR) as session,
        session.act(Operation.COMBINE, Thing.LINK, reason=Reason(ReasonCode.OVERSIGHT), combine=True) as act,
    ):
        records = act.read(db.profiles.for_linkage)
        for record, agreement, reference in act.read(db.profiles.record_references):
            if (agreement, reference) in by_person:
                truth[record] = by_person[agreement, reference]
        for record, agreement, reference in act.read(db.profiles.contact_references):
            if record not in truth and (agreement, reference) in by_event:
                truth[record] = by_event[agreement, reference]
    return Labelled(records, truth)


def _truth(demo: DemoStore) -> tuple[dict[tuple[str, str], str], dict[tuple[str, str], str]]:
    by_person: dict[tuple[str, str], str] = {}
    by_event: dict[tuple[str, str], str] = {}
    with (demo.folder / "truth" / "records.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["person_reference"]:
                by_person[row["agreement"], row["person_reference"]] = row["true_id"]
            elif row["part"] == "person":
                by_event[row["agreement"], row["contact_reference"]] = row["true_id"]
    return by_person, by_event
