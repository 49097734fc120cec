"""What somebody was writing in a form when the screen locked: theirs alone, until it is sent or given up."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import db.decisions
from kingshurst_tui.clock import stamp

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kingshurst_tui.session import Session
    from kingshurst_tui.vocabulary import Operation, Thing


def keep(session: Session, operation: Operation, thing: Thing, thing_id: int, answers: Mapping[str, str]) -> None:
    """Keep the answers of a form so far; call it as people type.

    Args:
        session: whose draft.
        operation: what sending the form will do; who may not do it keeps no draft of it.
        thing: to what kind of thing.
        thing_id: about whom (a profile's id), 0 where nobody is known yet.
        answers: by name of the question.

    Raises: Refused, StoreUnavailable.
    """
    document = json.dumps(dict(answers), ensure_ascii=False)
    now = stamp(session.clock.now())
    session.stage(
        operation, thing, db.decisions.save_draft, session.user.name, f"form-{thing}", thing_id, document, now, 0
    )


def kept(session: Session, thing: Thing, thing_id: int) -> dict[str, str]:
    """Return what the user had written in that form, or nothing."""
    found = session.look(db.decisions.draft, f"form-{thing}", thing_id)
    return {str(name): str(answer) for name, answer in json.loads(found.document).items()} if found else {}


def forget(session: Session, operation: Operation, thing: Thing, thing_id: int) -> None:
    """Forget what the user had written in that form. Raises: Refused, StoreUnavailable."""
    session.stage(operation, thing, db.decisions.drop_draft, session.user.name, f"form-{thing}", thing_id)
