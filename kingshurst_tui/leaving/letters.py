"""A letter, or a summary of the meeting, to the person: who leads, why, what happens next, how to object.

Of the record only who leads, when it is looked at again, which agencies were there and whether all agreed goes into it.
Why, and what happens next, are written for the person by somebody: what the panel wrote for itself is never carried
over, and so no agency's rows, and no word about health, come with it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import db.agenda
import db.decisions
import db.disclosures
import db.dissents
import db.users
from kingshurst_tui.casework.decision_shown import DecisionShown, shown_decision
from kingshurst_tui.casework.profiles_found import open_row
from kingshurst_tui.dates import say_date
from kingshurst_tui.errors import InputRejected
from kingshurst_tui.intake.text import clean
from kingshurst_tui.leaving import gate, plain_words
from kingshurst_tui.leaving.gate import Copy, Recipient
from kingshurst_tui.leaving.packs import check_form
from kingshurst_tui.leaving.pages import Block, Document, Listed, Section, Words, draw
from kingshurst_tui.vocabulary import Operation, Thing

if TYPE_CHECKING:
    from db.case_reading import MaskedRow
    from kingshurst_tui.acts import Act, Reason
    from kingshurst_tui.session import Session

KINDS = ("letter", "summary")
LONGEST = 4_000

WRITTEN = {
    "because": "Why, in words for the person",
    "next_steps": "What happens next, a line each, in words for the person",
    "reply_to": "How the person reaches you: a name, a telephone number, an address",
}
"""What somebody writes for the person; nothing of it is prefilled."""


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the record gives to a letter."""

    name: str
    pseudonym: str
    lead: str
    review_on: date
    held_on: date | None
    agencies: tuple[str, ...]
    all_agreed: bool


def letter(
    session: Session,
    pseudonym: str,
    written: Mapping[str, str],
    *,
    kind: str = "letter",
    form: str,
    into: Path,
    why: str,
    reason: Reason,
    expires_on: date | None = None,
) -> tuple[Copy, ...]:
    """Let a letter, or a summary of the meeting, leave for the person themselves.

    Args:
        session: who writes it.
        pseudonym: to whom; their profile is open and a decision stands.
        written: by WRITTEN.
        kind: one of KINDS.
        form: one of pages.FORMS.
        into: the folder.
        why: why it is sent, for supervisors.
        reason: why one acts.
        expires_on: the last day on which the maker may keep it; the person keeps theirs as long as they like.

    Raises: InputRejected (with every word that is not for a person), NotFound, Refused (masked, under 18, not to be
        approached, or it was recorded that asking them is not safe; no decision).
    """
    check_form(form)
    words = _checked(written, kind)
    with session.act(Operation.CONSULT, Thing.DECISION, reason=reason) as act:
        row = open_row(act, pseudonym, "written to")
        _may_be_written_to(act, row)
        facts = _facts(act, row)
    document = drawn_up(facts.name, facts.lead, facts.review_on, words)
    if kind == "summary":
        document = _with_the_meeting(document, facts)
    return gate.release(
        session,
        kind=kind,
        form=form,
        body_for=lambda each: draw(form, document, each),
        recipients=[Recipient(facts.name, gate.PERSON)],
        why=why,
        subjects=[facts.pseudonym],
        data_sets=(),
        into=into,
        name=kind,
        reason=reason,
        expires_on=expires_on,
    )


def drawn_up(name: str, lead: str, review_on: date, words: Mapping[str, str]) -> Document:
    """Return a letter as it is drawn."""
    steps = [each for each in words["next_steps"].split("\n") if each]
    return Document(
        "What we decided, and what happens next",
        (f"Dear {name},", "Some services met to agree how best to help you."),
        (
            Section("Who leads", (Words(f"{lead} now leads. Talk to them first. The other services work with them."),)),
            Section("Why", (Words(words["because"]),)),
            Section("What happens next", (Listed((*steps, f"We look at this again on {say_date(review_on)}.")),)),
            Section("If you do not agree", (Words(_OBJECT), Words(f"You can reach us here: {words['reply_to']}"))),
            Section("Your information", (Words(_INFORMATION),)),
        ),
    )


_OBJECT = """You can say no to this plan. You can also object to how we use your information.
Tell us, and we will look at it again. We answer within one month.
It helps to say why, but you do not have to.
Saying no does not stop you from asking for help.
You can also complain to the Information Commissioner. Their number is 0303 123 1113."""

_INFORMATION = """Services told each other what they needed to know to help you.
You can ask us what we hold, who has seen it and why.
You can ask us to correct what is wrong."""


def _with_the_meeting(document: Document, facts: _Facts) -> Document:
    lines = []
    if facts.held_on:
        lines.append(f"The meeting was on {say_date(facts.held_on)}.")
    if facts.agencies:
        lines.append("These services were there:")
    blocks: list[Block] = [Words("\n".join(lines)), *([Listed(facts.agencies)] if facts.agencies else [])]
    blocks.append(Words("All of them agreed." if facts.all_agreed else "Not all of them agreed. We wrote down why."))
    return Document(
        "A summary of the meeting about you",
        document.lines,
        (Section("The meeting", tuple(blocks)), *document.sections),
    )


def _checked(written: Mapping[str, str], kind: str) -> dict[str, str]:
    words = {name: "\n".join(clean(line) for line in written.get(name, "").split("\n")).strip() for name in WRITTEN}
    wrong = [f"{title}: is missing" for name, title in WRITTEN.items() if not words[name]]
    wrong += [f"{WRITTEN[name]}: at most {LONGEST} letters" for name in WRITTEN if len(words[name]) > LONGEST]
    for name in ("because", "next_steps"):
        wrong += [f"{WRITTEN[name]}: {each}" for each in plain_words.problems(words[name])]
    if kind not in KINDS:
        wrong.append(f"kind: one of {', '.join(KINDS)}")
    if wrong:
        raise InputRejected(
            "This is not ready for the person.",
            "\n".join([*wrong, "Nothing was written."]),
            "Say it shorter and plainer.",
            tuple(wrong),
        )
    return words


def _may_be_written_to(act: Act, row: MaskedRow) -> None:
    if row.do_not_approach:
        act.refuse(
            "This person is not to be approached.", "A letter is an approach. Nothing was written.", "See why on F3."
        )
    if row.under_18:
        act.refuse(
            "This person is under 18.",
            "No letter goes to a child. Nothing was written.",
            "Whoever leads tells them, with an adult whom they trust.",
        )
    if act.read(db.disclosures.is_unsafe_to_ask, row.profile_id):
        act.refuse(
            "It is recorded that this person cannot safely be asked.",
            "A letter may be opened by somebody else. Nothing was written.",
            "Whoever leads decides how they are told.",
        )


def _facts(act: Act, row: MaskedRow) -> _Facts:
    rows = act.read(db.decisions.of_profile, row.profile_id)
    standing = next((each for each in rows if each.status == "signed" and each.purpose == act.session.purpose), None)
    if standing is None:
        act.refuse("No decision stands about this person.", "Nothing was written.", "Decide first.")
    decision: DecisionShown = shown_decision(act, standing)
    names = {code: name for code, (name, _) in act.read(db.users.agencies).items()}
    panel = decision.panel or {}
    held_on = str(panel.get("held_on", ""))
    there = sorted({str(each.get("agency", "")) for each in panel.get("present", ())})
    return _Facts(
        act.read(db.agenda.names, [row.profile_id]).get(row.profile_id, "Sir or Madam"),
        row.pseudonym,
        names.get(decision.lead_agency, decision.lead_agency),
        decision.review_on,
        date.fromisoformat(held_on) if re.fullmatch(r"\d{4}-\d\d-\d\d", held_on) else None,
        tuple(names.get(code, code) for code in there if code),
        not _disagreed(act, decision),
    )


def _disagreed(act: Act, decision: DecisionShown) -> bool:
    said: Sequence[object] = act.read(db.dissents.of_decision, decision.number)
    return bool(said) or bool(str(decision.fields.get("dissent", "")).strip())
