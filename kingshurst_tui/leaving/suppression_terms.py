"""Below which number figures are hidden, and to what they are rounded, as the agreements behind them say."""

from __future__ import annotations

import secrets
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import db.agreements
import db.users
from kingshurst_tui.agreements.document import from_text
from kingshurst_tui.leaving.suppression import BASE, UNDER

if TYPE_CHECKING:
    from collections.abc import Collection

    from kingshurst_tui.acts import Act


class Terms(NamedTuple):
    """Under which number a figure is hidden, and what the others are rounded to."""

    under: int
    base: int


def terms_of(act: Act, references: Collection[str] | None = None) -> Terms:
    """Return the strictest of what agreements ask for; one that does not say asks for UNDER and BASE.

    Args:
        act: the act under way.
        references: the data sets behind the figures; None for every one that is live for the acting purpose.
    """
    purpose = act.session.purpose
    asked = []
    for row in act.read(db.agreements.every):
        if row.status != "live" or (references is not None and row.reference not in references):
            continue
        purposes, terms = _stated(row.document)
        if purpose in purposes:
            asked.append(terms)
    if not asked:
        return Terms(UNDER, BASE)
    return Terms(max(each.under for each in asked), max(each.base for each in asked))


LOT_KEY = "places.lots"
"""The setting that holds the store's own secret: what is hidden beside small counts is drawn with it."""


def new_lot_key() -> str:
    """Return a secret for a store that has none, as its setting holds it."""
    return secrets.token_hex(32)


def lot_key(act: Act) -> bytes:
    """Return the store's own secret with which it is drawn what is hidden beside small counts.

    Args:
        act: the act under way.
    """
    return bytes.fromhex(act.read(db.users.get_setting, LOT_KEY) or "")


@lru_cache(maxsize=256)
def _stated(document: str) -> tuple[tuple[str, ...], Terms]:
    """Return the purposes and the terms of one agreement; a report asks for all of them several times."""
    agreement = from_text(document)
    return tuple(agreement.purposes), Terms(agreement.suppress_under or UNDER, agreement.round_to or BASE)
