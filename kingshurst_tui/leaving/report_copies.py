"""A report across cases or places as it leaves: drawn for each named recipient, with nobody's row in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from kingshurst_tui.leaving import gate
from kingshurst_tui.leaving.pages import draw

if TYPE_CHECKING:
    from kingshurst_tui.acts import Reason
    from kingshurst_tui.leaving.gate import Copy, Recipient
    from kingshurst_tui.leaving.pages import Document
    from kingshurst_tui.session import Session


def release_drawn(
    session: Session,
    document: Document,
    *,
    kind: str,
    name: str,
    form: str,
    into: Path,
    recipients: Sequence[Recipient],
    why: str,
    reason: Reason,
    expires_on: date | None = None,
) -> tuple[Copy, ...]:
    """Let a report leave, a copy a named recipient.

    Args:
        session: who lets it leave.
        document: what it says; about nobody, and of no data set's rows.
        kind: one of the gate's.
        name: how the files' names begin.
        form: one of FORMS.
        into: the folder.
        recipients: whom it is for.
        why: in words, for supervisors.
        reason: why one acts.
        expires_on: the last day on which copies may be kept; None says what the partnership set.

    Raises: what the gate raises.
    """
    return gate.release(
        session,
        kind=kind,
        form=form,
        body_for=lambda recipient: draw(form, document, recipient),
        recipients=recipients,
        why=why,
        subjects=(),
        data_sets=(),
        into=into,
        name=name,
        reason=reason,
        expires_on=expires_on,
    )
