"""What the panel saw when it decided: kept by its digest, sealed with the person's salt, drawn again from itself."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import db.case_reading
import db.manifests
import db.panel_room
import db.panel_seen
from db.keys import SealBroken, canonical
from kingshurst_tui.clock import stamp
from kingshurst_tui.errors import NotFound
from kingshurst_tui.vocabulary import Operation, Thing

if TYPE_CHECKING:
    from kingshurst_tui.acts import Act, Reason
    from kingshurst_tui.session import Session


@dataclass(frozen=True, slots=True)
class Seen:
    """One picture of a case.

    Attributes:
        document: what ``room.RoomCase.of_document`` draws the screen from.
        digest: SHA-256 of its canonical JSON; a decision names it.
        holds: whether it opened and is what its digest says.
        problem: why it does not open; empty where it does.
        named_by: the decision that names this digest, if one does.
    """

    case: int
    pseudonym: str
    digest: str
    shown_by: str
    shown_at: str
    document: dict[str, Any]
    holds: bool
    problem: str = ""
    named_by: int | None = None


def keep(act: Act, case_id: int) -> str:
    """Keep what the room shows of a case now and return its digest; for the act that signs its decision."""
    from kingshurst_tui.panels import room

    shown = room.shown(act, case_id)
    plain = canonical(shown.document())
    digest = hashlib.sha256(plain).hexdigest()
    session = act.session
    act.write(
        db.panel_seen.add,
        panel_case_id=case_id,
        profile_id=shown.profile_id,
        digest=digest,
        sealed=db.panel_seen.sealed_for(shown.pseudonym, plain, session.key_with_person),
        pseudonym=shown.pseudonym,
        shown_by=session.user.name,
        shown_at=stamp(session.clock.now()),
    )
    return digest


def again(session: Session, case_id: int, reason: Reason) -> tuple[Seen, ...]:
    """Return what was kept of a case, the latest first; its person's profile must be open to the reader.

    Raises: NotFound (nothing was kept, or it is not to be seen), Refused (one stepped out of the case).
    """
    with session.act(Operation.CONSULT, Thing.PANEL, reason=reason) as act:
        case = act.read(db.manifests.case, case_id)
        person = act.read(db.case_reading.by_id, case.profile_id) if case else None
        rows = act.read(db.panel_seen.of_case, case_id)
        if case is None or person is None or not rows:
            raise NotFound(
                "There is no picture of such a case to be seen.",
                "Nothing was shown.",
                "One is kept whenever a panel's decision is signed; a closed profile closes it.",
            )
        act.concerns([person.pseudonym])
        if act.read(db.panel_room.steps_out, case.panel_id, case.profile_id, session.user.name):
            act.refuse("You stepped out of this case.", "What the panel saw of it is not for you. Nothing was shown.")
        named = _named(act, case.profile_id)
        found = tuple(_opened(session, row, named.get(row.digest)) for row in rows)
        act.note(panel=case.panel_id, pictures=len(found))
    return found


def _named(act: Act, profile_id: int) -> dict[str, int]:
    import db.decisions

    named = {}
    for row in act.read(db.decisions.of_profile, profile_id):
        part = json.loads(row.document).get("panel")
        if part:
            named[str(part.get("seen", ""))] = row.id
    return named


def _opened(session: Session, row: db.panel_seen.SeenRow, named_by: int | None) -> Seen:
    document: dict[str, Any] = {}
    problem = ""
    try:
        plain = db.panel_seen.opened(row.pseudonym, bytes(row.sealed), session.key_with_person)
        document = json.loads(plain)
        if hashlib.sha256(plain).hexdigest() != row.digest:
            problem = "it is not what its digest says"
    except (SealBroken, ValueError):
        problem = "it does not open: the person was erased, or it is not what was sealed here"
    return Seen(
        row.panel_case_id,
        row.pseudonym,
        row.digest,
        row.shown_by,
        row.shown_at,
        document,
        not problem,
        problem,
        named_by,
    )
