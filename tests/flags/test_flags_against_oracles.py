"""The kept flags, after any run of imports, corrections, links, splits and recalls, against the same rules written
twice more: in SQL over everything, and in numpy day by day."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import Any

import numpy as np
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from tests.flags.conftest import Town

AGENCIES = ("WMP", "SCH", "SMBC", "NHS")
ROLES = ("victim", "victim", "caller", "suspect")
CATEGORIES = (
    ("anti-social-behaviour", "anti-social-behaviour"),
    ("noise", "anti-social-behaviour"),
    ("domestic-abuse", "violence-against-women-and-girls"),
    ("violence", "other"),
)

#: code: (at least, days, agencies at least, SQL of which contacts count, SQL of whose they are)
IN_SQL = {
    "repeat-contact": (3, 90, 2, "true", "0"),
    "asb-case-review-solihull": (
        3,
        183,
        1,
        "c.priority_area = 'anti-social-behaviour' AND c.role IN ('victim', 'caller') "
        "AND c.agency_code IN ('WMP', 'SCH', 'SMBC')",
        "0",
    ),
    "marac-repeat": (
        2,
        365,
        1,
        "c.category = 'domestic-abuse' AND c.role = 'victim' AND m.profile_id IS NOT NULL",
        "m.profile_id",
    ),
}

COUNTED = """
    SELECT c.profile_id AS profile, {pair} AS pair, coalesce(c.incident_id, -c.contact_id) AS incident,
        c.occurred_on AS day, c.agency_code AS agency
    FROM open_contact c LEFT JOIN profile_member m ON m.source_record_id = c.counterpart_id
    JOIN combined_age a ON a.profile_id = c.profile_id
    WHERE c.standing = 'fact' AND {counts}
    AND NOT (c.agency_code = 'WMP' AND a.adult_on IS NOT NULL AND c.occurred_on < date(a.adult_on, '-8 years'))
"""
HOLDS = """
    WITH counted AS ({counted}),
    first AS (SELECT profile, pair, incident, min(day) AS day FROM counted GROUP BY profile, pair, incident)
    SELECT f.profile, f.pair FROM first f JOIN counted c USING (profile, pair, incident)
    WHERE f.day > date(:as_of, :window) AND f.day <= :as_of
    GROUP BY f.profile, f.pair HAVING count(DISTINCT f.incident) >= :at_least AND count(DISTINCT c.agency) >= :agencies
"""

days_back = st.integers(0, 400)
person_numbers = st.integers(0, 4)


class Life(RuleBasedStateMachine):
    """Five people, four agencies, and whatever may happen to their records."""

    town: Town

    def __init__(self) -> None:
        super().__init__()
        self.town.empty()
        with self.town.acting():
            # The last is a child of nine or ten.
            born = [f"{self.town.clock.today().year - 20}-03-01"] * 4 + [f"{self.town.clock.today().year + 8}-01-15"]
            self.people = [self.town.person(adult_on=adult) for adult in born]
        self.batches: list[int] = []
        self.records: dict[int, tuple[str, int]] = {}
        self.contacts: dict[int, tuple[int, str, dict[str, Any]]] = {}

    def profile_of(self, record: int) -> int:
        ((profile,),) = self.town.ask("SELECT profile_id FROM profile_member WHERE source_record_id = ?", record)
        return int(profile)

    @rule(
        agency=st.sampled_from(AGENCIES),
        told=st.lists(
            st.tuples(
                person_numbers,
                days_back,
                st.sampled_from(ROLES),
                st.sampled_from(CATEGORIES),
                st.one_of(st.none(), person_numbers),
                st.sampled_from(["fact", "fact", "assessment"]),
            ),
            min_size=1,
            max_size=12,
        ),
        shared=st.booleans(),
    )
    def import_batch(self, agency: str, told: list[tuple[Any, ...]], shared: bool) -> None:
        town = self.town
        with town.acting():
            batch = town.batch(agency)
            self.batches.append(batch)
            records = {
                person: town.record(self.people[person], agency, batch)
                for person in sorted({row[0] for row in told} | {row[4] for row in told if row[4] is not None})
            }
            for person, back, role, (category, area), other, standing in told:
                values = {
                    "role": role,
                    "category": category,
                    "priority_area": area,
                    "standing": standing,
                    "counterpart_id": records[other] if other is not None and other != person else None,
                    "shared_reference": f"REF {back % 7}" if shared else None,
                    "partner_reference": f"REF {back % 5}",
                    "place_address": "1 Marston Drive",
                    "place_postcode": f"B37 {back % 3}AA",
                }
                contact = town.contact(records[person], agency, batch, town.day(back), **values)
                self.contacts[contact] = (records[person], agency, values)
            town.recompute(self.people)

    @precondition(lambda self: self.contacts)
    @rule(data=st.data(), back=days_back)
    def correct(self, data: st.DataObject, back: int) -> None:
        """A later extract says another day."""
        town = self.town
        contact = data.draw(st.sampled_from(sorted(self.contacts)))
        record, agency, values = self.contacts.pop(contact)
        with town.acting():
            batch = town.batch(agency)
            self.batches.append(batch)
            town.run("UPDATE contact SET superseded_by = ? WHERE id = ?", (batch, contact))
            newer = town.contact(record, agency, batch, town.day(back), **values)
            self.contacts[newer] = (record, agency, values)
            town.recompute([self.profile_of(record)])

    @precondition(lambda self: self.contacts)
    @rule(data=st.data(), person=person_numbers)
    def move_record(self, data: st.DataObject, person: int) -> None:
        """A link or a split: a record turns out to be somebody else's."""
        contact = data.draw(st.sampled_from(sorted(self.contacts)))
        record = self.contacts[contact][0]
        town = self.town
        with town.acting():
            before = self.profile_of(record)
            town.run(
                "UPDATE profile_member SET profile_id = ? WHERE source_record_id = ?", (self.people[person], record)
            )
            town.recompute([before, self.people[person]])

    @precondition(lambda self: self.batches)
    @rule(data=st.data())
    def recall_or_return(self, data: st.DataObject) -> None:
        town = self.town
        batch = data.draw(st.sampled_from(self.batches))
        with town.acting():
            town.run(
                "UPDATE import_batch SET status = CASE status WHEN 'accepted' THEN 'recalled' ELSE 'accepted' END "
                "WHERE id = ?",
                (batch,),
            )
            town.recompute(self.people)

    @precondition(lambda self: len(self.contacts) > 1)
    @rule(data=st.data(), same=st.booleans())
    def rule_on_an_incident(self, data: st.DataObject, same: bool) -> None:
        town = self.town
        left, right = data.draw(st.lists(st.sampled_from(sorted(self.contacts)), min_size=2, max_size=2, unique=True))
        with town.acting():
            town.run(
                "INSERT INTO incident_ruling (left_contact_id, right_contact_id, ruling, why, ruled_by, ruled_at) "
                "VALUES (?, ?, ?, '', 'coordinator', 'x') ON CONFLICT DO UPDATE SET ruling = excluded.ruling",
                (min(left, right), max(left, right), "same" if same else "separate"),
            )
            town.recompute({self.profile_of(self.contacts[left][0]), self.profile_of(self.contacts[right][0])})

    @invariant()
    def flags_are_what_the_oracles_say(self) -> None:
        with self.town.acting():
            again = self.town.recompute()
            assert (again.incidents, again.raised, again.corrected, again.withdrawn) == (0, 0, 0, 0)
            kept = self.kept()
            for code in IN_SQL:
                assert kept[code] == self.in_numpy(code), code
                for back in (0, 45, 200):
                    day = self.town.clock.today() - timedelta(days=back)
                    holding = {
                        (profile, pair)
                        for profile, pair, raised, lapses in kept[code]
                        if raised <= day.toordinal() < lapses
                    }
                    assert holding == self.in_sql(code, day), code

    def kept(self) -> dict[str, set[tuple[int, int, int, int]]]:
        found: dict[str, set[tuple[int, int, int, int]]] = defaultdict(set)
        for profile, code, raised, lapses, pair in self.town.ask(
            "SELECT profile_id, rule_code, raised_on, lapses_on, json_extract(evidence, '$.counterpart') "
            "FROM combined_flag WHERE status = 'standing'"
        ):
            days = date.fromisoformat(raised).toordinal(), date.fromisoformat(lapses).toordinal()
            found[code].add((profile, pair or 0, *days))
        return found

    def in_sql(self, code: str, day: date) -> set[tuple[int, int]]:
        at_least, window, agencies, counts, pair = IN_SQL[code]
        counted = COUNTED.format(counts=counts, pair=pair)
        with self.town.acting() as act:
            rows = act.connection.exec_driver_sql(
                HOLDS.format(counted=counted),
                {
                    "as_of": day.isoformat(),
                    "window": f"-{window} days",
                    "at_least": at_least,
                    "agencies": agencies,
                },
            ).fetchall()
        return {(profile, other or 0) for profile, other in rows}

    def in_numpy(self, code: str) -> set[tuple[int, int, int, int]]:
        at_least, window, agencies, counts, pair = IN_SQL[code]
        told: dict[tuple[int, int], list[tuple[int, int, str]]] = defaultdict(list)
        for profile, other, incident, day, agency in self.town.ask(COUNTED.format(counts=counts, pair=pair)):
            told[profile, other or 0].append((incident, date.fromisoformat(day).toordinal(), agency))
        origin = self.town.clock.today().toordinal() - 450
        found = set()
        for (profile, other), rows in told.items():
            incidents = sorted({incident for incident, _, _ in rows})
            active = np.zeros((len(incidents), 1000), dtype=bool)
            for place, incident in enumerate(incidents):
                first = min(day for one, day, _ in rows if one == incident) - origin
                active[place, first : first + window] = True
            agency_names = sorted({agency for _, _, agency in rows})
            from_agency = np.array(
                [[any(one == i and a == name for one, _, a in rows) for i in incidents] for name in agency_names]
            )
            enough = active.sum(axis=0) >= at_least
            several = (from_agency.astype(int) @ active.astype(int) > 0).sum(axis=0) >= agencies
            edges = np.flatnonzero(np.diff(np.r_[False, enough & several, False].astype(int)))
            for raised, lapses in edges.reshape(-1, 2).tolist():
                found.add((profile, other, raised + origin, lapses + origin))
        return found


def test_flags_are_the_same_written_three_ways_after_anything(town: Town) -> None:
    class Here(Life):
        pass

    Here.town = town
    # Not shrunk: a failing life takes minutes to shorten, and says enough as it is.
    kept = settings(
        settings.get_profile("repeatable"),
        max_examples=40,
        stateful_step_count=12,
        phases=[Phase.explicit, Phase.generate],
    )
    run_state_machine_as_test(Here, settings=kept)
