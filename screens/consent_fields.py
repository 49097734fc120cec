"""The form of a consent, the same wherever one is taken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kingshurst_tui.acts import Reason
from kingshurst_tui.casework import consent_receiving
from kingshurst_tui.vocabulary import ConsentKind, Operation, ReasonCode, Thing
from screens.drafting import Draft
from screens.form_dialog import FormDialog
from screens.widgets.fields_form import Field, Kind

if TYPE_CHECKING:
    from kingshurst_tui.casework.register import Known
    from kingshurst_tui.session import Session

ON_CONSENT = Reason(ReasonCode.CONSENT)


@dataclass(frozen=True, slots=True)
class ConsentForm:
    """What the form needs from the store: what a consent may refer to, and what was typed before."""

    known: Known
    draft: Draft


def prepare(session: Session) -> ConsentForm:
    """Return what the form needs; runs on the store's thread."""
    return ConsentForm(consent_receiving.known_to(session), Draft(Operation.COLLECT, Thing.CONSENT).load(session))


def consent_dialog(session: Session, prepared: ConsentForm) -> FormDialog:
    """Return the box that takes one consent and answers with its receipt."""
    known = prepared.known
    return FormDialog(
        "A consent, as it was given",
        _fields(known),
        lambda given: consent_receiving.add(session, given, ON_CONSENT),
        words="Write what the person gave; nothing is filled in. The answer is the same whoever it is for.",
        draft=prepared.draft,
    )


def _fields(known: Known) -> tuple[Field, ...]:
    kinds = (
        (ConsentKind.ENGAGE.value, "agrees to engage: opens their profile for a purpose"),
        (ConsentKind.CONFIDENTIALITY.value, "lifts confidentiality for a data set"),
    )
    return (
        Field("kind", "What they agree to", Kind.CHOICE, required=True, options=kinds),
        Field("purpose", "For which purpose", Kind.CHOICE, options=_same(known.purposes), hint="If they engage."),
        Field("agreement", "For which data set", Kind.CHOICE, options=_same(known.data_sets), hint="If they lift it."),
        Field("forename", "Forename", required=True, longest=80),
        Field("surname", "Surname", required=True, longest=80),
        Field("date_of_birth", "Date of birth", Kind.DAY, required=True),
        Field("postcode", "Postcode", longest=10),
        Field("nhs_number", "NHS number", longest=14),
        Field(
            "given_by",
            "Given by",
            required=True,
            hint="“self”, or the name of whoever agreed for the person.",
            longest=120,
        ),
        Field(
            "authority",
            "With which authority",
            required=True,
            hint="“self”, or what lets that other person agree: parental responsibility, a power of attorney.",
            longest=120,
        ),
        Field("given_on", "Given on", Kind.DAY, required=True),
        Field("expires_on", "Until", Kind.DAY),
        Field("evidence", "What shows it", required=True, hint="A form, a note of a conversation.", longest=240),
    )


def _same(values: frozenset[str]) -> tuple[tuple[str, str], ...]:
    return tuple((value, value) for value in sorted(values))
