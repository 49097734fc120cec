"""What a meeting is made of, as the rooms and the screens hand it round."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

STATUSES = {
    "preparing": "being prepared",
    "open": "being held",
    "closed": "held",
    "called-off": "called off",
}
"""Where a meeting stands, and how it reads."""

CASE_STATUSES = {
    "proposed": "proposed",
    "listed": "on the agenda",
    "discussed": "discussed",
    "deferred": "put off",
    "taken-off": "taken off",
}
"""Where a case stands at one meeting."""

ON_THE_AGENDA = ("listed", "discussed")

BROUGHT_BY = {
    "flag": "a flag",
    "review": "a review that is due",
    "referral": "a referral",
    "proposal": "somebody's proposal",
    "action": "an action that came back",
    "urgent": "an urgent decision to ratify",
}
"""How a case comes before a panel."""

STANDINGS = {"member": "member", "deputy": "deputy", "observer": "observer"}
"""As what somebody is asked."""

ATTENDANCES = {"asked": "asked", "present": "present", "apologies": "apologies", "absent": "absent"}
"""Whether they came."""

STATEMENT = (
    "What is said here is confidential. It is used for what this panel is for, told to nobody who does not need it "
    "for that, and not passed on without the agency that brought it."
)
"""What is read out as a panel opens; a partnership with words of its own reads those."""

CONFIDENTIALITY = {
    "agreed": "read out at the opening; everybody who was present agreed",
    "read": "read out at the opening; each agrees for themselves",
    "not-read": "not read out at the opening",
}
"""What became of the confidentiality statement as the panel opened, and how it reads."""

STEPS = {
    "stepped-out": "stepped out",
    "stayed": "stayed, with the panel's leave",
    "none-needed": "no step needed",
}
"""What was done about an interest."""

REQUEST_STATUSES = {
    "asked": "asked",
    "sent": "sent",
    "nothing-held": "nothing held",
    "refused": "will not share",
    "taken-back": "taken back",
}
"""What came of a request for information."""

FEWEST_AGENCIES = 2
"""A panel of one agency decides nothing together."""

USUAL_MINUTES = 6
"""Minutes a case: a meeting of two hours with twenty cases."""

MOST_MINUTES = 240


@dataclass(frozen=True, slots=True)
class QuorumRule:
    """Who must be there for the panel to decide.

    Attributes:
        agencies: how many different partner agencies; the partnership's own staff and observers do not count.
        must: kinds of agency (vocabulary.AgencyKind) of which one must be there, each.
        cap: how many cases are the panel's load; more ask for a reason.
    """

    agencies: int = FEWEST_AGENCIES
    must: tuple[str, ...] = ()
    cap: int = 20


@dataclass(frozen=True, slots=True)
class PanelFacts:
    """What people write of a meeting when they call it.

    Attributes:
        kind: what kind of meeting, in the partnership's own words.
        areas: priority areas (vocabulary.PriorityArea).
        begins_at: HH:MM, or empty.
        chair: the name of a user; empty while nobody is named.
        minute_taker: the name of another user.
        lock_minutes: minutes without a key before the room's screen locks.
        information_by: by when agencies are to have sent what they were asked for.
    """

    title: str
    held_on: date
    kind: str = ""
    areas: tuple[str, ...] = ()
    place: str = ""
    begins_at: str = ""
    chair: str = ""
    minute_taker: str = ""
    quorum: QuorumRule = field(default_factory=QuorumRule)
    lock_minutes: int = 10
    information_by: date | None = None


@dataclass(frozen=True, slots=True)
class Panel(PanelFacts):
    """One meeting as it stands.

    Attributes:
        number: by which every room names it.
        status: one of STATUSES.
        opened_at: a stamp, or empty.
        closed_at: a stamp, or empty.
        confidentiality: one of CONFIDENTIALITY; empty before it opens, and where nobody said.
        version: rises with every change of what is written above; not with its cases.
    """

    number: int = 0
    purpose: str = ""
    status: str = "preparing"
    opened_at: str = ""
    closed_at: str = ""
    confidentiality: str = ""
    made_by: str = ""
    version: int = 0

    @property
    def is_settled(self) -> bool:
        """Whether nothing of it can be changed any more."""
        return self.status in ("closed", "called-off")


@dataclass(frozen=True, slots=True)
class PanelLine:
    """One line of the list of meetings."""

    panel: Panel
    cases: int
    discussed: int
    proposed: int
    members: int
    agencies: int


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who is asked to a meeting.

    Attributes:
        user_name: their account here; empty for whoever has none.
        standing: one of STANDINGS.
        attendance: one of ATTENDANCES.
        information_on: apologies may come with what the agency has to say: the day it came.
        confidentiality_at: since when it is confirmed that what is said here stays here; empty where it is not.
        confidentiality_by: by whose hand it was entered.
        attendance_why: why they are written down as not present, where a signed decision says that they were.
        vouched_by: who stands behind it that they are there, where they have no account; empty where it is the word of
            whoever asked them alone.
    """

    number: int
    panel: int
    agency: str
    agency_kind: str
    name: str
    user_name: str
    standing: str
    deputy_for: str
    attendance: str
    information_on: date | None
    confidentiality_at: str
    confidentiality_by: str
    version: int
    attendance_why: str = ""
    vouched_by: str = ""

    @property
    def is_known(self) -> bool:
        """Whether more than one person's word stands behind it that they are who they are said to be."""
        return bool(self.user_name or self.vouched_by)

    @property
    def counts(self) -> bool:
        """Whether they count for the quorum: present, and not to look on."""
        return self.attendance == "present" and self.standing != "observer"


@dataclass(frozen=True, slots=True)
class Case:
    """One case on a meeting's agenda.

    Attributes:
        name: empty while the profile is masked.
        slot: HH:MM at which it is planned to begin; empty where the meeting has no time, or the case no place.
        slot_ends: HH:MM.
        question: what the panel is asked; empty while masked.
        brought_by: one of BROUGHT_BY; empty while masked.
        brought_id: the flag's, decision's, referral's or action's number; None while masked.
        status: one of CASE_STATUSES.
        seconds: for how long it was before the panel.
        revealed_at: since when everybody's first view is shown to all; empty where it is not.
    """

    number: int
    panel: int
    profile_id: int
    pseudonym: str
    name: str
    is_open: bool
    under_18: bool | None
    do_not_approach: bool
    place: int
    minutes: int
    slot: str
    slot_ends: str
    question: str
    brought_by: str
    brought_id: int | None
    proposed_by: str
    proposed_at: str
    status: str
    status_why: str
    opened_at: str
    seconds: int
    revealed_at: str
    revealed_by: str
    decision: int | None
    version: int

    @property
    def who(self) -> str:
        """The name of an open profile, the pseudonym of a masked one."""
        return self.name or self.pseudonym

    @property
    def is_listed(self) -> bool:
        """Whether it has a place on the agenda."""
        return self.status in ON_THE_AGENDA


@dataclass(frozen=True, slots=True)
class Request:
    """What an agency is asked to find out for a case.

    Attributes:
        status: one of REQUEST_STATUSES.
        entered_for: whose word it is, where somebody else entered it for them.
        overdue: nothing came and its day has passed.
    """

    number: int
    case: int
    panel: int
    pseudonym: str
    agency: str
    question: str
    due_on: date
    asked_by: str
    asked_at: str
    status: str
    answer: str
    answered_by: str
    entered_for: str
    answered_at: str
    overdue: bool
    version: int


@dataclass(frozen=True, slots=True)
class FirstView:
    """What an agency thinks of a case before it sees what the others think.

    Attributes:
        is_shown: whether its words may be read by whoever asks; they are empty otherwise.
    """

    case: int
    agency: str
    is_shown: bool
    known: str
    worry: str
    strengths: str
    position: str
    written_by: str
    entered_for: str
    written_at: str
    version: int


@dataclass(frozen=True, slots=True)
class Conflict:
    """An interest that somebody has in a case, or in the whole meeting.

    Attributes:
        case: None for the whole meeting.
        interest: empty while the case's profile is masked.
        step: one of STEPS.
    """

    number: int
    member: int
    member_name: str
    agency: str
    case: int | None
    pseudonym: str
    interest: str
    step: str
    declared_by: str
    declared_at: str


@dataclass(frozen=True, slots=True)
class Quorum:
    """Whether the panel may decide.

    Attributes:
        problems: what is missing, in sentences; empty where it is met.
        agencies: those that count, by code.
    """

    met: bool
    problems: tuple[str, ...]
    agencies: tuple[str, ...]
    rule: QuorumRule


@dataclass(frozen=True, slots=True)
class OnePanel:
    """A meeting with everything that is prepared for it."""

    panel: Panel
    members: tuple[Member, ...]
    cases: tuple[Case, ...]
    requests: tuple[Request, ...]
    views: tuple[FirstView, ...]
    conflicts: tuple[Conflict, ...]
    quorum: Quorum

    def case(self, number: int) -> Case | None:
        """Return one of its cases, or None."""
        return next((each for each in self.cases if each.number == number), None)

    @property
    def listed(self) -> tuple[Case, ...]:
        """The cases that have a place on the agenda, in order."""
        return tuple(each for each in self.cases if each.is_listed)
