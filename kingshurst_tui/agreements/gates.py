"""The gate of each data set: added, signed, opened and suspended; standing_today.py asks it.

Red is refused, and remembered. Green is live once the information governance officer signs it. Amber needs its
conditions met and the signature of a second person, a supervisor or another governance officer; so does, whatever its
colour says, what carries identifiable health data, what was ever refused as red, and what replaces a suspended version.
A lapse closes the gate that day by itself: the views compare the dates.
"""

from __future__ import annotations

import json
import re
import tomllib
from datetime import date
from typing import TYPE_CHECKING

import db.agreements
import db.users
from db.agreements import AgreementRow, GateRow
from kingshurst_tui.agreements import checks
from kingshurst_tui.agreements.document import Agreement, from_text
from kingshurst_tui.agreements.standing_today import (
    LAPSED,
    LIVE,
    SUSPENDED,
    WAITING,
    Standing,
    newest_of,
    row_that_counts,
    show,
)
from kingshurst_tui.clock import plain_date, stamp
from kingshurst_tui.errors import Changed, InputRejected, StaleRecord
from kingshurst_tui.permissions import ADDS_AGREEMENTS, SECOND_SIGNERS
from kingshurst_tui.vocabulary import HEALTH_KINDS, Operation, Rag, Thing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from kingshurst_tui.acts import Act, Reason
    from kingshurst_tui.session import Session

_SUSPENDED_BY = "suspended by {}: "


def problems_of(session: Session, text: str) -> tuple[Agreement, list[str]]:
    """Return an agreement and all that is wrong with it, in plain words; nothing is stored.

    Raises: InputRejected: it is not TOML at all.
    """
    return session.look(_problems, text, session.clock.today())


def _problems(connection: Connection, text: str, today: date) -> tuple[Agreement, list[str]]:
    found: list[str] = []
    agreement = from_text(text, found)
    found.extend(checks.problems(agreement, db.users.purposes(connection), today))
    known = db.users.agencies(connection).get(agreement.agency.code)
    if known is not None and known[1] != agreement.agency.kind:
        found.append(
            f"[agency] {agreement.agency.code} is of kind {known[1]} in this store, not {agreement.agency.kind}."
        )
    before = db.agreements.versions(connection, agreement.reference)
    if before and agreement.version <= before[-1].version:
        found.append(
            f"[agreement] version {before[-1].version} of {agreement.reference} is in the store:"
            f" a new text needs version {before[-1].version + 1}."
        )
    if before and agreement.starts <= agreement.expires < today:
        found.append(
            "[agreement] expires lies in the past: a lapsed agreement opens nothing, and cannot replace version"
            f" {before[-1].version}."
        )
    if before and before[-1].agency_code != agreement.agency.code:
        found.append(
            f"[agency] {agreement.reference} is a data set of {before[-1].agency_code}: its owner cannot change."
        )
    return agreement, found


def add(session: Session, text: str, *, reason: Reason) -> Standing:
    """Add an agreement with the first signature: that of the information governance officer who adds it.

    One whose term is over is recorded as lapsed and opens nothing, so that everybody sees why the data set is shut.

    Raises:
        InputRejected: something is wrong with it; all of it is said.
        Refused: it is red, or the role may not.
    """
    _remember_red(session, text)
    with session.act(Operation.ADMINISTER, Thing.AGREEMENT, reason=reason) as act:
        if session.user.role not in ADDS_AGREEMENTS:
            act.refuse("Only the information governance officer adds an agreement.", hint="Give the file to them.")
        agreement, found = act.read(_problems, text, session.clock.today())
        act.note(agreement=agreement.reference, version=agreement.version, step="add")
        if agreement.rag is Rag.RED and agreement.reference and not any("[agreement] rag" in line for line in found):
            act.refuse(
                f"{agreement.reference} is red: the partners have assessed that it must not be shared.",
                "It was not added and nothing can be imported under it.",
                "A new assessment by the partners comes before anything else.",
            )
        if found:
            raise InputRejected(
                f"The agreement has {len(found)} problem{'s' if len(found) != 1 else ''}.",
                "\n".join([*found, "Nothing was stored."]),
                "Correct the file; try it first with --check.",
                problems=tuple(found),
            )
        status, why = _after_first_signature(agreement, _why_two(act, agreement))
        now = stamp(session.clock.now())
        act.write(db.users.put_agency, agreement.agency.code, agreement.agency.name, agreement.agency.kind.value)
        agreement_id = act.write(
            db.agreements.add,
            _row(agreement, now) | {"status": status, "status_why": why},
        )
        _put_signature(act, agreement, agreement_id)
        if agreement.expires < session.clock.today():
            status = LAPSED
        elif status == LIVE:
            _open(act, agreement)
        act.note(status=status)
    return show(session, agreement.reference)


def _row(agreement: Agreement, added_at: str) -> dict[str, object]:
    return {
        "reference": agreement.reference,
        "version": agreement.version,
        "title": agreement.title,
        "agency_code": agreement.agency.code,
        "document": agreement.document,
        "document_digest": agreement.digest,
        "rag": agreement.rag.value,
        "granularity": agreement.granularity.value,
        "opens": agreement.starts.isoformat(),
        "closes": agreement.expires.isoformat(),
        "added_at": added_at,
    }


def _remember_red(session: Session, text: str) -> None:
    """Keep that a reference was brought as red, before it is refused: the same file in another colour is not new."""
    agreement, found = problems_of(session, text)
    is_red = agreement.rag is Rag.RED and not any(line.startswith("[agreement] r") for line in found)
    if is_red and session.user.role in ADDS_AGREEMENTS:
        row = _row(agreement, stamp(session.clock.now()))
        session.stage(Operation.ADMINISTER, Thing.AGREEMENT, db.agreements.remember_red, row)


def _why_two(act: Act, agreement: Agreement) -> str:
    """Return why one signature is not enough for an agreement, or nothing where it is."""
    if agreement.rag is Rag.AMBER:
        return "amber"
    if act.read(db.agreements.was_red, agreement.reference):
        return f"{agreement.rag} now, and refused as red before"
    if checks.is_identifiable_health(agreement):
        return f"{agreement.rag}, and identifiable health data"
    rows = act.read(db.agreements.versions, agreement.reference)
    if any(row.status == SUSPENDED and row.version < agreement.version for row in rows):
        return f"{agreement.rag}, and in place of a suspended version"
    return ""


def _after_first_signature(agreement: Agreement, why_two: str) -> tuple[str, str]:
    if not why_two:
        return LIVE, ""
    unmet = agreement.unmet_conditions
    if unmet:
        return WAITING, f"{why_two}; conditions not met: " + "; ".join(condition.text for condition in unmet)
    return WAITING, f"{why_two}; waits for the signature of a second person (supervisor or governance)"


def _put_signature(act: Act, agreement: Agreement, agreement_id: int) -> None:
    session = act.session
    now = stamp(session.clock.now())
    _, signature = session.sign(
        {"agreement": agreement.reference, "version": agreement.version, "digest": agreement.digest, "signed_at": now}
    )
    act.write(db.agreements.sign, agreement_id, session.user.name, now, signature)


def _open(act: Act, agreement: Agreement) -> None:
    sensitive = int(agreement.health or agreement.agency.kind in HEALTH_KINDS)
    rows = [
        GateRow(
            agreement.reference,
            purpose,
            agreement.agency.code,
            sensitive,
            agreement.starts.isoformat(),
            agreement.expires.isoformat(),
            LIVE,
        )
        for purpose in agreement.purposes
    ]
    act.write(db.agreements.open_gates, agreement.reference, rows, agreement.recipients)
    act.write(db.agreements.supersede, agreement.reference, agreement.version)
    act.write(db.users.bump, "sight")


def sign(session: Session, reference: str, *, reason: Reason, over: str | int | None = None) -> Standing:
    """Put the second signature under an agreement that needs two, or open a suspended one again.

    Args:
        session: who signs.
        reference: the data set's name.
        reason: why.
        over: the version that was read; None signs the newest, read or not.

    Raises: Refused: not the role, not a second person, who suspended it, conditions not met; NotFound; StaleRecord
        (there is a newer version than the one that was read).
    """
    with session.act(Operation.ADMINISTER, Thing.AGREEMENT, reason=reason) as act:
        rows = act.read(db.agreements.versions, reference)
        row = newest_of(rows, reference)
        agreement = from_text(row.document)
        if over is not None and over != row.version:
            raise _newer(rows, row, over)
        act.note(agreement=reference, version=row.version, step="sign")
        if session.user.role not in SECOND_SIGNERS:
            act.refuse("Only a supervisor or an information governance officer signs an agreement.")
        if row.status == LIVE:
            act.refuse(f"{reference} is live already.", "Nothing was changed.")
        if agreement.unmet_conditions:
            act.refuse(
                f"{reference} is {agreement.rag} and its conditions are not all met.",
                "; ".join(condition.text for condition in agreement.unmet_conditions) + ". Nothing was changed.",
                "When they are met, add the agreement again with the next version number and the evidence.",
            )
        signers = {signature.user_name for signature in act.read(db.agreements.signatures, row.id)}
        why_two = "waiting" if row.status == WAITING else _why_two(act, agreement)
        if why_two and signers <= {session.user.name}:
            act.refuse(
                f"{reference} needs a second person's signature.",
                "You signed it already. Nothing was changed.",
                "A supervisor or another information governance officer can sign it.",
            )
        if row.status == SUSPENDED and _SUSPENDED_BY.format(session.user.name) in row.status_why:
            act.refuse(
                f"{reference} is not opened again by whoever suspended it.",
                "You suspended it. Nothing was changed.",
                "A supervisor or another information governance officer can sign it.",
            )
        if agreement.expires < session.clock.today():
            act.refuse(f"{reference} lapsed on {plain_date(agreement.expires)}.", hint="A new version can extend it.")
        _put_signature(act, agreement, row.id)
        act.write(db.agreements.set_status, row.id, LIVE, "")
        _open(act, agreement)
        act.note(status=LIVE)
    return show(session, reference)


def without_words(status_why: str, users: Iterable[str]) -> str:
    """Return who suspended an agreement, without what each of them said of why.

    Args:
        status_why: as it is kept.
        users: every name of a user, also of those who left: nobody else suspends, whatever was typed.
    """
    names = sorted(users, key=len, reverse=True)
    signers = "|".join(re.escape(_SUSPENDED_BY.format(name)) for name in names)
    found = re.findall(rf"(?:^|; )({signers})", status_why) if names else []
    return "; ".join(f"{each}(taken away with whom it named)" for each in found)


def _newer(rows: list[AgreementRow], newest: AgreementRow, read: str | int) -> StaleRecord:
    """Say in what lines the newest version of an agreement differs from the one that somebody read."""
    before = next((row.document for row in rows if row.version == read), "")
    old, new = (tomllib.loads(text) if text else {} for text in (before, newest.document))
    names = dict.fromkeys([*old, *new])
    return StaleRecord(
        f"{newest.reference} has a newer version than the one you read.",
        f"You read version {read}, and would sign version {newest.version}. Nothing was signed.",
        "Read it, then sign it.",
        [
            Changed(name, name, _said(old.get(name)), _said(new.get(name)), _said(old.get(name)))
            for name in names
            if old.get(name) != new.get(name)
        ],
        over=newest.version,
    )


def _said(value: object) -> str:
    return "" if value is None else json.dumps(value, default=str, ensure_ascii=False)


def suspend(session: Session, reference: str, why: str, *, reason: Reason, over: str | int | None = None) -> Standing:
    """Close the gate of a data set at once, in every open process, until it is signed again.

    Args:
        session: who does it.
        reference: the data set's name.
        why: in words.
        reason: why one acts.
        over: what somebody else suspended it for, as one has seen it; both words are then kept.

    Raises: Refused, NotFound, InputRejected (no reason given), StaleRecord (somebody else suspended it).
    """
    if not why.strip():
        raise InputRejected("Say why the agreement is suspended.", "Nothing was changed.", "Use --reason.")
    with session.act(Operation.ADMINISTER, Thing.AGREEMENT, reason=reason) as act:
        row = row_that_counts(act.read(db.agreements.versions, reference), reference)
        act.note(agreement=reference, version=row.version, step="suspend")
        words = _SUSPENDED_BY.format(session.user.name) + why.strip()[:200]
        if row.status == SUSPENDED and row.status_why != words:
            if over != row.status_why:
                raise StaleRecord(
                    f"{reference} is suspended already.",
                    "Its gate is shut. Nothing was changed.",
                    "Over it, your words are put beside theirs.",
                    [Changed("why", "Why", "", row.status_why, why.strip())],
                    over=row.status_why,
                )
            words = f"{row.status_why}; {words}"
        act.write(db.agreements.set_status, row.id, SUSPENDED, words)
        act.write(db.agreements.set_gates, reference, SUSPENDED)
        act.write(db.users.bump, "sight")
    return show(session, reference)
