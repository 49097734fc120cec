"""One case as it stands before the panel: everything on the screen, as values that can be kept and drawn again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, is_dataclass
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints


@dataclass(frozen=True, slots=True)
class WhoLine:
    """Who the person is; the room shows the initials until somebody asks for the name."""

    initials: str
    name: str
    names: tuple[str, ...]
    born: tuple[str, ...]
    sexes: tuple[str, ...]
    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FlagLine:
    """A rule met, with what is cited for it; of a rule that may not be named, only that there is one."""

    title: str
    state: str
    rule: str
    threshold: str
    source: str
    raised_on: str
    lapses_on: str
    incidents: int
    by_role: tuple[str, ...]
    tell: str
    untested: str
    gaps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AgencyLine:
    """What one agency's data sets tell: distinct incidents and the reports behind them.

    Attributes:
        incidents: None where nothing is seen and nobody can say that there is nothing.
        coverage: what is known from when, as at when, a data set each.
        unknown: which of these are gaps.
    """

    agency: str
    incidents: int | None
    reports: int | None
    last: str
    coverage: tuple[str, ...]
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """One agency's report of an incident. Sealed detail of health contacts is never in it."""

    agency: str
    day: str
    role: str
    standing: str
    category: str
    outcome: str
    place: str
    counterpart: str


@dataclass(frozen=True, slots=True)
class IncidentLine:
    """One incident of the timeline: one line, however many told of it."""

    key: str
    day: str
    category: str
    reports: tuple[Report, ...]


@dataclass(frozen=True, slots=True)
class DecisionLine:
    """One earlier decision and what it said of itself."""

    number: int
    lead_agency: str
    why: str
    review_on: str
    review_trigger: str
    person_view: str
    status: str
    signed_by: str
    signed_on: str
    holds: bool


@dataclass(frozen=True, slots=True)
class OutcomeLine:
    """What came of a decision in one domain; no effect and unknown are said like any other."""

    decision: int
    domain: str
    months: int
    measured_on: str
    baseline: str
    now: str
    effect: str
    person_view: str


@dataclass(frozen=True, slots=True)
class ViewLine:
    """An agency's view of the case, written before it saw the others'.

    Attributes:
        is_written: whether there is one; its words are empty until all are shown.
    """

    agency: str
    is_written: bool
    is_shown: bool
    known: str
    worry: str
    strengths: str
    position: str
    written_by: str


@dataclass(frozen=True, slots=True)
class AskedLine:
    """What an agency was asked to find out, and what it sent."""

    agency: str
    question: str
    due_on: str
    status: str
    answer: str


@dataclass(frozen=True, slots=True)
class ActionLine:
    """One earlier action.

    Attributes:
        came_of: "open", "done", "circumstances-changed", "agency-did-not-act" or another reason.
    """

    number: int
    text: str
    owner: str
    due_on: str
    came_of: str
    overdue: bool
    note: str


@dataclass(frozen=True, slots=True)
class Matter:
    """What helps, or what matters to the person, and where that comes from."""

    words: str
    source: str


@dataclass(frozen=True, slots=True)
class RoomCase:
    """Everything of one case that the room's screen shows, for whoever acts.

    Restricted notes and the sealed detail of health contacts are in it for nobody: a room reads its screen together.

    Attributes:
        place: its number on the agenda, of ``of``.
        brought: what brought it, in words.
        is_masked: the profile is not open: pseudonym, counts and rules alone.
        approach: whether and how to approach the person; what begins with "!" is a warning.
        incidents: distinct incidents of all agencies together; None on a mask, where agencies' are not told apart.
        kept_back: how many restricted notes there are.
        sealed: how many health contacts have detail that the room is not shown.
        version: of the case on the agenda; with the profile's, what an edit is compared with.
    """

    panel_id: int
    case_id: int
    profile_id: int
    pseudonym: str
    place: int
    of: int
    minutes: int
    question: str
    brought_by: str
    brought: str
    is_masked: bool
    under_18: bool | None
    do_not_approach: bool
    approach: tuple[str, ...]
    who: WhoLine
    flags: tuple[FlagLine, ...]
    incidents: int | None
    agencies: tuple[AgencyLine, ...]
    timeline: tuple[IncidentLine, ...]
    unknown: tuple[str, ...]
    matters: tuple[Matter, ...]
    decisions: tuple[DecisionLine, ...]
    outcomes: tuple[OutcomeLine, ...]
    views: tuple[ViewLine, ...]
    asked: tuple[AskedLine, ...]
    actions: tuple[ActionLine, ...]
    kept_back: int
    sealed: int
    revealed_at: str
    status: str
    status_why: str
    decision_id: int | None
    version: int
    profile_version: int

    def document(self) -> dict[str, Any]:
        """Return it as JSON takes it; ``keys.canonical`` of it is the same for the same case."""
        return asdict(self)

    @classmethod
    def of_document(cls, document: Mapping[str, Any]) -> RoomCase:
        """Return the case that such a document was made of, so that it is drawn again as it stood.

        Raises: KeyError, TypeError (it is no such document).
        """
        made: RoomCase = _built(cls, document)
        return made


def _built(kind: Any, value: Any) -> Any:
    if is_dataclass(kind) and isinstance(kind, type):
        hints = get_type_hints(kind)
        return kind(**{each.name: _built(hints[each.name], value[each.name]) for each in fields(kind)})
    if get_origin(kind) is tuple:
        return tuple(_built(get_args(kind)[0], each) for each in value)
    if get_origin(kind) is UnionType:
        return value
    if not isinstance(value, kind):
        raise TypeError(f"a {kind.__name__} was kept as something else")
    return value
