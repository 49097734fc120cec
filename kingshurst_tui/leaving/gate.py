"""The one way out: who may, why, for which named people, how many, marked, for how long, and kept for supervisors.

A copy is made for one named person of one agency. Every data set whose rows are in it must be live and name that
agency as a recipient; how many named people may hold something of it at one time is the agreement's own number, or so
many of each agency that it names (holders.py). Nothing is written before the entry is committed; what then cannot be
written is called back at once. Class: client-enforced; whoever has a copy can copy it, and its mark says whose it was.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import db.case_access
import db.case_reading
import db.disclosures
import db.users
from db.disclosures import CopyRow, NewDisclosure
from kingshurst_tui.casework.words_needed import HINT, is_a_reason
from kingshurst_tui.clock import plain_date, stamp
from kingshurst_tui.errors import InputRejected, KingshurstError
from kingshurst_tui.intake.text import clean
from kingshurst_tui.leaving import files, formula_guard, holders, marks
from kingshurst_tui.panels import settings
from kingshurst_tui.vocabulary import Operation, Role, Thing

if TYPE_CHECKING:
    from kingshurst_tui.acts import Act, Reason
    from kingshurst_tui.session import Session

THING_OF = {
    "pack": Thing.PANEL,
    "minutes": Thing.MINUTES,
    "actions": Thing.ACTION,
    "calendar": Thing.ACTION,
    "columns": Thing.ACTION,
    "summary": Thing.PROFILE,
    "letter": Thing.PROFILE,
    "report": Thing.OUTCOME,
    "board-report": Thing.BOARD_REPORT,
}
"""What each kind of leaving is asked about in the table of roles (permissions.py)."""

FORMS = frozenset({"html", "pdf", "docx", "csv", "xlsx", "ics", "txt"})
_NO_LETTER = re.compile(r"[^A-Za-z0-9]+")
_TEXT = frozenset({"html", "csv", "xlsx", "ics", "txt"})
FOR_THE_PERSON = frozenset({"letter", "summary"})
FOR_MEMBERS = frozenset({"pack", "minutes"})
"""Kinds that go to whoever is asked to the panel and to nobody else."""

PERSON = ""
"""Stands for an agency where the copy is for the person themselves."""
THE_PERSON = "the person"
"""What is kept as their name beside the copy: who it is stands where erasure reaches it."""

KEPT_FOR = "panel.copy-days"
"""The setting that says how long a copy may be kept unless its maker says otherwise."""
LONGEST = timedelta(days=366)
LONGEST_NAME = 120
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,59}")


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom one copy is for.

    Attributes:
        name: as they are called; what is kept and what the copy says.
        agency: their agency's code; PERSON for the person themselves.
        user_name: their account here, where they have one; a restricted case asks for it.
        mark: drawn by the gate, in every part of the copy.
        keep_until: set by the gate: the last day on which the copy may be kept.
    """

    name: str
    agency: str
    user_name: str = ""
    mark: str = ""
    keep_until: date | None = None


@dataclass(frozen=True, slots=True)
class Copy:
    """One file as it left: for whom, where it lies, the SHA-256 of its bytes, and the number of the leaving."""

    recipient: Recipient
    path: Path
    digest: str
    disclosure: int


Told = Collection[str] | Callable[[Recipient], Collection[str]]
"""The same for every recipient, or by recipient."""


@dataclass(frozen=True, slots=True)
class _Made:
    recipient: Recipient
    body: bytes
    subjects: frozenset[str]
    data_sets: frozenset[str]
    path: Path

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.body).hexdigest()


def release(
    session: Session,
    *,
    kind: str,
    form: str,
    body_for: Callable[[Recipient], bytes],
    recipients: Sequence[Recipient],
    why: str,
    subjects: Told,
    data_sets: Told,
    into: Path,
    name: str,
    reason: Reason,
    expires_on: date | None = None,
    panel: int | None = None,
) -> tuple[Copy, ...]:
    """Let one copy for each recipient leave, in one act of its own.

    Args:
        session: who lets it leave.
        kind: one of THING_OF.
        form: one of FORMS.
        body_for: makes one recipient's copy; their mark must be in it. It reads nothing: it is called outside an act.
        recipients: whom it is for, each by name and agency.
        why: in words, for supervisors.
        subjects: whom it is about, by pseudonym.
        data_sets: references of the agreements whose rows are in it.
        into: the folder.
        name: how the files' names begin.
        reason: why one acts.
        expires_on: the last day on which copies may be kept; None says what KEPT_FOR is set to.
        panel: whose meeting it belongs to.

    Raises: Refused (with all that stands in the way), InputRejected (a file or a folder), NotFound, StoreUnavailable.
    """
    folder = files.check_folder(into, session.store.folder)
    last = expires_on or session.clock.today() + timedelta(days=settings.value_of(session, KEPT_FOR))
    _check_words(session, kind, form, why, recipients, name, last)
    marked = [replace(each, name=clean(each.name), mark=marks.draw(), keep_until=last) for each in recipients]
    with session.act(Operation.DISCLOSE, THING_OF[kind], reason=reason) as act:
        # Who may is asked, and a refusal entered, before anything is made.
        _check(act, kind, marked, subjects, data_sets, panel)
        act.note(step="asked", kind=kind, copies=len(marked))
    made = [_one(each, form, body_for, subjects, data_sets, folder, name) for each in marked]
    with session.act(Operation.DISCLOSE, THING_OF[kind], reason=reason) as act:
        profile_ids = _check(act, kind, marked, subjects, data_sets, panel)
        kept = {each: [one.recipient.mark for one in made if each in one.data_sets] for each in _every(made)}
        number = act.write(
            db.disclosures.add,
            NewDisclosure(
                kind,
                form,
                panel,
                session.purpose,
                clean(why),
                json.dumps(kept, sort_keys=True),
                session.user.name,
                stamp(session.clock.now()),
                last.isoformat(),
            ),
            [CopyRow(0, _kept_name(one), one.recipient.agency, one.recipient.mark, one.digest) for one in made],
            profile_ids,
        )
        act.note(disclosure=number, kind=kind, form=form, copies=len(made), panel=panel, until=last.isoformat())
        act.note(agencies=",".join(sorted({one.recipient.agency for one in made if one.recipient.agency})) or None)
        act.note(data_sets=",".join(sorted(kept)) or None, digest=_over_all(made))
    _write(session, kind, number, made, reason)
    return tuple(Copy(one.recipient, one.path, one.digest, number) for one in made)


def in_copy_of(act: Act, agency: str) -> frozenset[str]:
    """Return the data sets with a live gate for the acting purpose that an agency may receive, or owns."""
    return frozenset(act.read(db.disclosures.may_receive, agency))


def _check_words(
    session: Session, kind: str, form: str, why: str, recipients: Sequence[Recipient], name: str, last: date
) -> None:
    today = session.clock.today()
    wrong = []
    if kind not in THING_OF:
        wrong.append(f"kind: one of {', '.join(THING_OF)}")
    if form not in FORMS:
        wrong.append(f"form: one of {', '.join(sorted(FORMS))}")
    if not is_a_reason(why):
        wrong.append(f"why: {HINT}")
    if not recipients:
        wrong.append("recipients: nobody is named")
    if len({(clean(each.name).casefold(), each.agency) for each in recipients}) < len(recipients):
        wrong.append("recipients: somebody is named twice; each has one copy")
    for each in recipients:
        if not clean(each.name) or len(clean(each.name)) > LONGEST_NAME:
            wrong.append("recipients: each is named, in at most 120 letters")
    if not _FILE_NAME.fullmatch(name):
        wrong.append("file name: letters, digits and hyphens, at most 60")
    if not today <= last <= today + LONGEST:
        wrong.append(f"until: from today, and at most {LONGEST.days} days away")
    if wrong:
        raise InputRejected(
            "This cannot leave as it was asked for.",
            "\n".join([*wrong, files.NOTHING]),
            "Correct these.",
            tuple(wrong),
        )


def _check(
    act: Act, kind: str, marked: Sequence[Recipient], subjects: Told, data_sets: Told, panel: int | None
) -> set[int]:
    """Refuse what may not leave, everything at once; return whom it is about."""
    wrong: list[str] = []
    agencies = act.read(db.disclosures.agencies)
    profile_ids: set[int] = set()
    seats = act.read(db.disclosures.seats, panel) if panel is not None else set()
    for each in marked:
        about = frozenset(_of(subjects, each))
        refs = frozenset(_of(data_sets, each))
        wrong += _who(act, kind, each, agencies, about, refs)
        if kind in FOR_MEMBERS and (each.name.casefold(), each.agency) not in seats:
            wrong.append(f"{each.name} ({each.agency}): is not asked to this panel")
        for pseudonym in sorted(about):
            wrong += _whom(act, kind, each, pseudonym, profile_ids)
        may = in_copy_of(act, each.agency) if each.agency else frozenset()
        wrong += [_why_not(act, ref, each) for ref in sorted(refs - may)]
    wrong += holders.too_many(act, marked, {each.mark: frozenset(_of(data_sets, each)) for each in marked})
    if wrong:
        lines = list(dict.fromkeys(wrong))
        act.refuse(
            "This may not leave.",
            "\n".join([*lines, files.NOTHING, "The refusal is in the audit trail."]),
            "Leave out whoever is named, or what they may not have; agreements are changed by the partners.",
        )
    return profile_ids


def _who(
    act: Act, kind: str, each: Recipient, agencies: Collection[str], about: frozenset[str], refs: frozenset[str]
) -> list[str]:
    if each.agency == PERSON:
        wrong = []
        if kind not in FOR_THE_PERSON:
            wrong.append(f"{each.name}: a {kind} does not go to the person themselves")
        if len(about) != 1:
            wrong.append(f"{each.name}: what goes to a person is about them alone")
        if refs:
            wrong.append(f"{each.name}: rows of {', '.join(sorted(refs))} go to partners; ask their agency for them")
        return wrong
    if each.agency not in agencies:
        return [f"{each.name} ({each.agency}): is no partner agency"]
    if act.session.user.role is Role.PRACTITIONER and each.agency != act.session.user.agency:
        return [f"{each.name} ({each.agency}): a practitioner lets only what goes to their own agency leave"]
    return []


def _whom(act: Act, kind: str, each: Recipient, pseudonym: str, profile_ids: set[int]) -> list[str]:
    row = act.read(db.case_reading.by_pseudonym, pseudonym)
    if row is None:
        return [f"{pseudonym}: is nobody here"]
    act.concerns([row.pseudonym])
    profile_ids.add(row.profile_id)
    if kind in FOR_THE_PERSON and not row.is_open:
        return [f"{pseudonym}: is masked, and nothing is written to or about them"]
    # A letter is the person's own; anybody else reads a restricted case by being on its list.
    if each.agency and act.read(db.case_access.standing, row.profile_id) is not None:
        on_list = {one.user_name for one in act.read(db.case_access.on_list, row.profile_id)}
        if each.user_name not in on_list or not _is_theirs(act, kind, each):
            return [f"{each.name} ({each.agency}): is not on the list of the restricted case {pseudonym}"]
    return []


def _is_theirs(act: Act, kind: str, each: Recipient) -> bool:
    """Say whether the account that is given for a reader is theirs, and not somebody's who is on the list."""
    user = act.read(db.users.by_name, each.user_name)
    if user is None or user.status != "active" or user.agency_code != each.agency:
        return False
    # Whoever is asked to a panel may be called otherwise there; their seat says whose account it is.
    return kind in FOR_MEMBERS or each.name.casefold() in (user.name.casefold(), user.display_name.casefold())


def _why_not(act: Act, reference: str, each: Recipient) -> str:
    found = act.read(db.disclosures.gate_of, reference)
    who = f"{each.name} ({each.agency or 'the person'})"
    if found is None:
        return f"{who}: {reference} has no agreement for this purpose"
    is_live, closes, _ = found
    if not is_live:
        lapsed = closes < act.session.clock.today().isoformat()
        return f"{who}: {reference} {f'lapsed on {plain_date(closes)}' if lapsed else 'is not live'}"
    return f"{who}: the agreement {reference} does not name {each.agency} as a recipient"


def _of(told: Told, each: Recipient) -> Collection[str]:
    return told(each) if callable(told) else told


def _one(
    each: Recipient,
    form: str,
    body_for: Callable[[Recipient], bytes],
    subjects: Told,
    data_sets: Told,
    folder: Path,
    name: str,
) -> _Made:
    body = body_for(each)
    fault = formula_guard.faults(form, body) if form in _TEXT else ""
    if not fault and not marks.is_in(each.mark, form, body):
        fault = "it does not bear its mark"
    if fault:
        raise InputRejected("A copy is not fit to leave.", f"For {each.name}: {fault}. {files.NOTHING}")
    path = folder / f"{name}-{_NO_LETTER.sub('-', each.agency) or 'person'}-{each.mark}.{form}"
    return _Made(each, body, frozenset(_of(subjects, each)), frozenset(_of(data_sets, each)), path)


def _kept_name(one: _Made) -> str:
    return one.recipient.name if one.recipient.agency else THE_PERSON


def _every(made: Sequence[_Made]) -> list[str]:
    return sorted({ref for one in made for ref in one.data_sets})


def _over_all(made: Sequence[_Made]) -> str:
    """The digest that the entry holds: of every mark with its copy's digest, so that none is changed unseen."""
    lines = sorted(f"{one.recipient.mark} {one.digest}\n" for one in made)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _write(session: Session, kind: str, number: int, made: Sequence[_Made], reason: Reason) -> None:
    written: list[Path] = []
    try:
        for one in made:
            files.put_new(one.path, one.body)
            written.append(one.path)
    except KingshurstError as failed:
        files.drop(written)
        with session.act(Operation.DISCLOSE, THING_OF[kind], reason=reason) as act:
            now = stamp(session.clock.now())
            act.write(db.disclosures.call_back, number, session.user.name, now, "It could not be written.")
            act.note(disclosure=number, step="not written")
        failed.detail = f"{failed.detail}\nNo copy was left behind, and disclosure {number} is called back.".strip()
        raise
