"""The linkage model's ALGO-CARE answers: filed with a store and approved by people, before anything is linked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kingshurst_tui.agreements import model_approval
from kingshurst_tui.agreements.model_approval import Answered
from kingshurst_tui.linkage import model

if TYPE_CHECKING:
    from db.rules import Approval
    from kingshurst_tui.session import Session

SUBJECT = "linkage-model"
"""What the answers are filed under; the version is the model's."""


def _answered(version: str) -> Answered:
    return Answered(
        SUBJECT, version, f"the linkage model {version}", "nothing is linked", "kingshurst model answers STORE"
    )


def shipped_answers(version: str = model.CURRENT) -> list[dict[str, str]]:
    """Return the answers that come with a shipped model; nobody has approved them yet."""
    return model_approval.shipped("kingshurst_tui.linkage", f"models/{version}.answers.toml")


def install(session: Session, version: str = model.CURRENT) -> None:
    """File a shipped model's answers with the store for people to read. Raises: Refused."""
    model_approval.put(session, _answered(version), shipped_answers(version))


def approve(session: Session, version: str = model.CURRENT) -> None:
    """Approve the answers filed for a model, signed by whoever approves; linking may then run with it.

    Raises: Refused (no permission, or a question of ALGO-CARE is not answered).
    """
    model_approval.approve(session, _answered(version))


def filed(session: Session, version: str = model.CURRENT) -> Approval | None:
    """Return the answers filed for a model and who approved them, or None."""
    return model_approval.filed(session, _answered(version))
