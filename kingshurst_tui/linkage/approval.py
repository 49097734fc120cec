"""The model's ALGO-CARE answers: filed with a store, read and approved by people, before anything is linked."""

from __future__ import annotations

import json
import tomllib
from importlib import resources
from typing import TYPE_CHECKING

import db.rules
from kingshurst_tui.acts import Reason
from kingshurst_tui.agreements.algo_care import QUESTIONS
from kingshurst_tui.clock import stamp
from kingshurst_tui.linkage import model
from kingshurst_tui.vocabulary import Operation, ReasonCode, Thing

if TYPE_CHECKING:
    from db.rules import Approval
    from kingshurst_tui.session import Session

SUBJECT = "linkage-model"
"""What the answers are filed under; the version is the model's."""

_MAINTENANCE = Reason(ReasonCode.MAINTENANCE)


def shipped_answers(version: str = model.CURRENT) -> list[dict[str, str]]:
    """Return the answers that come with a shipped model; nobody has approved them yet."""
    path = resources.files("kingshurst_tui.linkage") / "models" / f"{version}.answers.toml"
    document = tomllib.loads(path.read_text("utf-8"))
    common: dict[str, str] = document["common"]
    return [{**common, **entry} for entry in document["answers"]]


def install(session: Session, version: str = model.CURRENT) -> None:
    """File a shipped model's answers with the store for people to read. Raises: Refused."""
    with session.act(Operation.ADMINISTER, Thing.MODEL, reason=_MAINTENANCE, facts={"model": version}) as act:
        act.write(db.rules.put_answers, SUBJECT, version, json.dumps(shipped_answers(version)))


def approve(session: Session, version: str = model.CURRENT) -> None:
    """Approve the answers filed for a model, signed by whoever approves; linking may then run with it.

    Raises: Refused (no permission, or a question of ALGO-CARE is not answered).
    """
    with session.act(Operation.ADMINISTER, Thing.MODEL, reason=_MAINTENANCE, facts={"model": version}) as act:
        filed = act.read(db.rules.approval, SUBJECT, version)
        if filed is None:
            act.refuse(
                f"No ALGO-CARE answers are filed for the linkage model {version}.",
                "It was not approved, and nothing is linked.",
                "File those that come with it: kingshurst link answers STORE",
            )
        answers = json.loads(filed.answers)
        answered = {entry["question"] for entry in answers if entry["answer"].strip()}
        missing = [question for asked in QUESTIONS.values() for question in asked if question not in answered]
        if missing:
            act.refuse(
                f"{len(missing)} questions of ALGO-CARE are not answered for the linkage model {version}.",
                "It was not approved, and nothing is linked. Open are: " + " | ".join(missing),
                "Answer them all and file the answers again.",
            )
        _, signature = session.sign({"subject": SUBJECT, "version": version, "answers": answers})
        act.write(db.rules.approve, SUBJECT, version, session.user.name, stamp(session.clock.now()), signature)


def filed(session: Session, version: str = model.CURRENT) -> Approval | None:
    """Return the answers filed for a model and who approved them, or None."""
    return session.look(db.rules.approval, SUBJECT, version)
