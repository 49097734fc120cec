"""The ALGO-CARE answers for what is expected of places: filed, read and approved by people, before any is shown."""

from __future__ import annotations

import json
import tomllib
from importlib import resources
from typing import TYPE_CHECKING

import db.rules
from kingshurst_tui.acts import Reason
from kingshurst_tui.agreements.algo_care import QUESTIONS
from kingshurst_tui.clock import stamp
from kingshurst_tui.places.expecting import METHOD
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing

if TYPE_CHECKING:
    from db.rules import Approval
    from kingshurst_tui.session import Session

SUBJECT = "place-forecast"
"""What the answers are filed under; the version is the method's."""

_MAINTENANCE = Reason(ReasonCode.MAINTENANCE)


def shipped_answers() -> list[dict[str, str]]:
    """Return the answers that come with the method; nobody has approved them yet."""
    document = tomllib.loads((resources.files("kingshurst_tui.places") / "forecast_answers.toml").read_text("utf-8"))
    common: dict[str, str] = document["common"]
    return [{**common, **entry} for entry in document["answers"]]


def install(session: Session) -> None:
    """File the answers with the store for people to read. Raises: Refused."""
    with session.act(Operation.ADMINISTER, Thing.MODEL, reason=_MAINTENANCE, facts={"model": METHOD}) as act:
        act.write(db.rules.put_answers, SUBJECT, METHOD, json.dumps(shipped_answers()))


def approve(session: Session) -> None:
    """Approve the answers filed, signed by whoever approves; what is expected may then be shown.

    Raises: Refused (no permission, nothing filed, or a question of ALGO-CARE is not answered).
    """
    with session.act(Operation.ADMINISTER, Thing.MODEL, reason=_MAINTENANCE, facts={"model": METHOD}) as act:
        kept = act.read(db.rules.approval, SUBJECT, METHOD)
        if kept is None:
            act.refuse(
                f"No ALGO-CARE answers are filed for {METHOD}.",
                "It was not approved, and nothing is expected of any place.",
                "File those that come with it: kingshurst places model answers STORE",
            )
        answers = json.loads(kept.answers)
        answered = {entry["question"] for entry in answers if entry["answer"].strip()}
        missing = [question for asked in QUESTIONS.values() for question in asked if question not in answered]
        if missing:
            act.refuse(
                f"{len(missing)} questions of ALGO-CARE are not answered for {METHOD}.",
                "It was not approved. Open are: " + " | ".join(missing),
                "Answer them all and file the answers again.",
            )
        _, signature = session.sign({"subject": SUBJECT, "version": METHOD, "answers": answers})
        act.write(db.rules.approve, SUBJECT, METHOD, session.user.name, stamp(session.clock.now()), signature)


def filed(session: Session) -> Approval | None:
    """Return the answers filed and who approved them, or None."""
    return session.look(db.rules.approval, SUBJECT, METHOD)


def is_approved(session: Session) -> bool:
    """Say whether what is expected may be shown."""
    found = filed(session)
    return found is not None and found.status == "approved"
