"""How soon does the program know who is flagged, on opening a store of a million contacts?

Flags are kept, not counted: an import, a link and a recall bring them up to date, so opening only reads them. Measured
inside one act, as home and the agenda read: who is flagged (the ids), and every standing flag as the agenda lists it;
beside them the same two through the driver without any view, which is what keeping alone costs. Asked: at most 5 ms.

usage: python -m benchmarks.flags_at_open [--people N] [--rows N] [--runs N]
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from functools import partial

from sqlalchemy import Connection

from benchmarks.flags import large_town
from benchmarks.measure import Times, bound, timed
from benchmarks.stores import town
from db.bare_rows import bare

BARE_IDS = "SELECT DISTINCT profile_id FROM flag WHERE status = 'standing' AND raised_on <= ?1 AND lapses_on > ?1"


def alone(connection: Connection, day: str) -> Sequence[object]:
    return list(bare(connection).execute(BARE_IDS, (day,)))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=142_000)
    parser.add_argument("--rows", type=int, default=810_000, help="with the town's own about a million")
    parser.add_argument("--runs", type=int, default=15)
    options = parser.parse_args()
    import db.agenda
    import db.search
    from kingshurst_tui import vaults
    from kingshurst_tui.acts import Reason
    from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing

    place = large_town(options.people, options.rows) if options.rows else town(options.people)
    for user in ("coordinator", "practitioner"):
        session = vaults.open_session(place.store, user, place.passphrase(user))
        day = session.clock.today().isoformat()
        taken: dict[str, list[float]] = {"who is flagged": [], "every standing flag": [], "the rows alone": []}
        counts: dict[str, int] = {}
        for _ in range(options.runs):
            with session.act(Operation.CONSULT, Thing.AGENDA, reason=Reason(ReasonCode.PANEL)) as act:
                works: dict[str, Callable[[], Sequence[object]]] = {
                    "who is flagged": partial(db.search.ids, act.connection, "flagged"),
                    "every standing flag": partial(db.agenda.flagged, act.connection, day, day),
                    "the rows alone": partial(alone, act.connection, day),
                }
                for name, work in works.items():
                    counts[name] = len(work())
                    taken[name].append(timed(work))
        session.close()
        for name, seconds in taken.items():
            bound(Times(f"{user}, {name} ({counts[name]:,})", tuple(seconds)), 0.005)


if __name__ == "__main__":
    main()
