"""A person's word that contacts are, or are not, one incident; it stands whatever the rule would say."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, product
from typing import TYPE_CHECKING

import db.case_reading
import db.case_writing
import db.incidents
from kingshurst_tui.acts import Reason
from kingshurst_tui.casework.recompute import Recomputed, recompute
from kingshurst_tui.clock import stamp
from kingshurst_tui.errors import InputRejected, NotFound, StaleRecord, differing
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing

if TYPE_CHECKING:
    from kingshurst_tui.acts import Act
    from kingshurst_tui.session import Session


def rule_on(
    session: Session,
    contact_ids: Sequence[int],
    *,
    same: bool,
    why: str,
    against: Sequence[int] = (),
    over: str | int | None = None,
) -> Recomputed:
    """Say that contacts are one incident, or that each is another; flags follow in the same act.

    A later word on the same contacts replaces this one. Only contacts of profiles that are open may be ruled on.

    Args:
        session: who says so.
        contact_ids: two or more contacts.
        same: one incident, or as many as there are contacts.
        why: in words.
        against: other contacts; where there are any, it is said of each of the first with each of
            these, and nothing of the first among themselves.
        over: somebody else's word on them that one has seen, as their StaleRecord handed it over.

    Raises: StaleRecord (somebody else has ruled on them, unseen), Refused, NotFound (a contact that is not there or not
        open), InputRejected (no reason, fewer than two).
    """
    these, those = sorted(set(contact_ids)), sorted(set(against) - set(contact_ids))
    chosen = sorted({*these, *those})
    pairs = [(min(pair), max(pair)) for pair in (product(these, those) if those else combinations(these, 2))]
    if len(chosen) < 2 or not why.strip():
        raise InputRejected(
            "Two contacts and a reason are needed.",
            "Nothing was changed.",
            "Say why they are, or are not, one incident.",
        )
    reason = Reason(ReasonCode.OTHER, why.strip())
    facts = {"contacts": len(chosen), "incident": "one" if same else "several"}
    with session.act(Operation.ALTER, Thing.PROFILE, reason=reason, facts=dict(facts)) as act:
        seen = act.read(db.incidents.seen, chosen)
        if set(seen) != set(chosen):
            raise NotFound("There is no such contact.", "Nothing was changed.")
        owners = set(seen.values())
        act.concerns(row.pseudonym for row in act.read(db.case_reading.by_ids, owners).values())
        _nobody_unseen(act, pairs, "same" if same else "separate", why.strip(), over)
        now = stamp(session.clock.now())
        for left, right in pairs:
            act.write(
                db.incidents.put_ruling,
                left,
                right,
                "same" if same else "separate",
                why.strip(),
                session.user.name,
                now,
            )
        done = recompute(act, owners)
        act.write(db.case_writing.raise_version, owners)
    return done


def _nobody_unseen(act: Act, pairs: Sequence[tuple[int, int]], ruling: str, why: str, over: str | int | None) -> None:
    theirs = [row for row in act.read(db.incidents.rulings_on, pairs) if row[2] != act.session.user.name]
    if not theirs:
        return
    said, words, by, at = theirs[0]
    seen = f"{len(theirs)} {said} {by} {at}"
    if over == seen:
        return
    raise StaleRecord(
        "Somebody else has ruled on these contacts.",
        "Nothing was changed.",
        "Over it, yours stands; theirs stays in the trail, with its reason.",
        differing(
            {"ruling": "They are", "why": "Why"},
            theirs={"ruling": _SAID[said], "why": words},
            mine={"ruling": _SAID[ruling], "why": why},
        ),
        by=by,
        over=seen,
    )


_SAID = {"same": "one incident", "separate": "several incidents"}
