"""What the forms of a meeting and of its members ask, and how their answers go to their rooms."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from kingshurst_tui.dates import read_date
from kingshurst_tui.errors import InputRejected
from kingshurst_tui.panels import meeting_checks, meetings, members
from kingshurst_tui.panels.records import ATTENDANCES, STANDINGS, PanelFacts, QuorumRule
from kingshurst_tui.vocabulary import AgencyKind, PriorityArea
from screens.widgets.fields_form import Field, Kind

if TYPE_CHECKING:
    from kingshurst_tui.panels.records import Panel
    from kingshurst_tui.session import Session
    from screens.drafting import Begun

Options = tuple[tuple[str, str], ...]
Send = Callable[[dict[str, str]], object]

KINDS = ", ".join(kind for kind in AgencyKind if kind is not AgencyKind.PARTNERSHIP)


def panel_fields(officers: Options) -> tuple[Field, ...]:
    """Return what is asked of a meeting."""
    return (
        Field("title", "Title", required=True, longest=meeting_checks.LONGEST_TITLE),
        Field("held_on", "Date", Kind.DAY, required=True),
        Field("begins_at", "Begins at", hint="A time like 14:00; slots are counted from it.", longest=5),
        Field("place", "Where", longest=meeting_checks.LONGEST_TITLE),
        Field("chair", "Chair", Kind.CHOICE, options=officers),
        Field("minute_taker", "Minute-taker", Kind.CHOICE, options=officers, hint="Somebody else than the chair."),
        Field("quorum", "Quorum: how many agencies", required=True, hint="Different partner agencies.", longest=2),
        Field("must", "Quorum: kinds that must be there", hint=f"With commas between: {KINDS}."),
        Field("cap", "The panel's load, in cases", required=True, hint="More ask for a reason.", longest=2),
        Field("information_by", "Information by", Kind.DAY, hint="By when agencies are to have sent it."),
        Field("kind", "Kind of meeting", longest=60),
        Field("areas", "Priority areas", hint=f"With commas between: {', '.join(PriorityArea)}."),
        Field("lock_minutes", "Minutes without a key before the room locks", required=True, longest=3),
    )


def panel_values(facts: PanelFacts) -> dict[str, str]:
    """Return what a meeting's form begins with."""
    return {
        "title": facts.title,
        "held_on": facts.held_on.isoformat(),
        "begins_at": facts.begins_at,
        "place": facts.place,
        "chair": facts.chair,
        "minute_taker": facts.minute_taker,
        "quorum": str(facts.quorum.agencies),
        "must": ", ".join(facts.quorum.must),
        "cap": str(facts.quorum.cap),
        "information_by": facts.information_by.isoformat() if facts.information_by else "",
        "kind": facts.kind,
        "areas": ", ".join(facts.areas),
        "lock_minutes": str(facts.lock_minutes),
    }


def _facts(answers: dict[str, str]) -> PanelFacts:
    held_on = read_date(answers["held_on"])
    figures = {name: figure_of(answers[name]) for name in ("quorum", "cap", "lock_minutes")}
    wrong = tuple(f"{name}: a whole number" for name, figure in figures.items() if figure is None)
    if wrong or held_on is None:
        raise InputRejected("The panel cannot be kept so.", "Nothing was changed.", "Correct these.", wrong)
    return PanelFacts(
        title=answers["title"],
        held_on=held_on,
        kind=answers["kind"],
        areas=words_of(answers["areas"]),
        place=answers["place"],
        begins_at=answers["begins_at"],
        chair=answers["chair"],
        minute_taker=answers["minute_taker"],
        quorum=QuorumRule(figures["quorum"] or 0, words_of(answers["must"]), figures["cap"] or 0),
        lock_minutes=figures["lock_minutes"] or 0,
        information_by=read_date(answers["information_by"]),
    )


def figure_of(text: str) -> int | None:
    """Return a whole number, or None where none was written."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else None


def words_of(text: str) -> tuple[str, ...]:
    """Return the words between commas."""
    return tuple(part.strip().lower() for part in text.replace(";", ",").split(",") if part.strip())


def called(session: Session) -> Send:
    """Return what calls a meeting with a form's answers."""
    return lambda answers: meetings.new(session, _facts(answers))


def changed(session: Session, panel: Panel, begun: Begun) -> Send:
    """Return what changes a meeting."""
    return lambda answers: meetings.change(session, panel.number, _facts(answers), over=int(begun.over or 0))


MEMBER = "For whoever signs in here, name the account; their name then follows from it."


def member_fields(agencies: Options, accounts: Options) -> tuple[Field, ...]:
    """Return what is asked of somebody who is to be asked to a meeting."""
    return (
        Field("agency", "Agency", Kind.CHOICE, required=True, options=agencies),
        Field("user_name", "Account here", Kind.CHOICE, options=accounts, hint=MEMBER),
        Field("name", "Name", hint="For whoever has no account here.", longest=members.LONGEST_NAME),
        Field("standing", "Asked as", Kind.CHOICE, required=True, options=tuple(STANDINGS.items())),
        Field("deputy_for", "Deputy for", longest=members.LONGEST_NAME),
    )


def invited(session: Session, panel: Panel) -> Send:
    """Return what asks somebody to a meeting."""
    return lambda answers: members.invite(
        session,
        panel.number,
        agency=answers["agency"],
        name=answers["name"],
        user_name=answers["user_name"],
        standing=answers["standing"],
        deputy_for=answers["deputy_for"],
    )


CAME = tuple((word, ATTENDANCES[word]) for word in ("present", "apologies", "absent", "asked"))
"""Whether somebody came, what is most often so at the top."""

AGREES = "agrees"
CAME_AND_AGREES = (CAME[0], (AGREES, "present, and confirms that what is said stays here"), *CAME[1:])
"""The same of somebody who has not confirmed confidentiality yet."""
