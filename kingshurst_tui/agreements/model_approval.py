"""The ALGO-CARE answers of a model: filed with a store, read and approved by people, before the model does anything."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

import db.rules
from kingshurst_tui.acts import Reason
from kingshurst_tui.agreements.algo_care import QUESTIONS
from kingshurst_tui.clock import stamp
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing

if TYPE_CHECKING:
    from db.rules import Approval
    from kingshurst_tui.session import Session

_MAINTENANCE = Reason(ReasonCode.MAINTENANCE)


@dataclass(frozen=True, slots=True)
class Answered:
    """One version of a model, by what its answers are filed under.

    Attributes:
        subject: the kind of model.
        version: of the model.
        name: what sentences call it.
        idle: what is not done while nobody has approved it.
        files_them: the command that files the answers that come with it.
    """

    subject: str
    version: str
    name: str
    idle: str
    files_them: str


def shipped(package: str, file: str) -> list[dict[str, str]]:
    """Return the answers that come with a model, as a file of its package has them; nobody has approved them yet."""
    document = tomllib.loads((resources.files(package) / file).read_text("utf-8"))
    common: dict[str, str] = document["common"]
    return [{**common, **entry} for entry in document["answers"]]


def put(session: Session, model: Answered, answers: list[dict[str, str]]) -> None:
    """File answers with the store for people to read. Raises: Refused."""
    with session.act(Operation.ADMINISTER, Thing.MODEL, reason=_MAINTENANCE, facts={"model": model.version}) as act:
        act.write(db.rules.put_answers, model.subject, model.version, json.dumps(answers))


def approve(session: Session, model: Answered) -> None:
    """Approve the answers filed, signed by whoever approves; the model may then be used.

    Raises: Refused (no permission, nothing filed, or a question of ALGO-CARE is not answered).
    """
    with session.act(Operation.ADMINISTER, Thing.MODEL, reason=_MAINTENANCE, facts={"model": model.version}) as act:
        kept = act.read(db.rules.approval, model.subject, model.version)
        if kept is None:
            act.refuse(
                f"No ALGO-CARE answers are filed for {model.name}.",
                f"It was not approved, and {model.idle}.",
                f"File those that come with it: {model.files_them}",
            )
        answers = json.loads(kept.answers)
        answered = {entry["question"] for entry in answers if entry["answer"].strip()}
        missing = [question for asked in QUESTIONS.values() for question in asked if question not in answered]
        if missing:
            act.refuse(
                f"{len(missing)} questions of ALGO-CARE are not answered for {model.name}.",
                f"It was not approved, and {model.idle}. Open are: " + " | ".join(missing),
                "Answer them all and file the answers again.",
            )
        _, signature = session.sign({"subject": model.subject, "version": model.version, "answers": answers})
        now = stamp(session.clock.now())
        act.write(db.rules.approve, model.subject, model.version, session.user.name, now, signature)


def filed(session: Session, model: Answered) -> Approval | None:
    """Return the answers filed for a model and who approved them, or None."""
    return session.look(db.rules.approval, model.subject, model.version)
