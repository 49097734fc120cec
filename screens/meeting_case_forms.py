"""What the forms of a meeting's cases ask, and how answers go to their rooms: requests, first views, interests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kingshurst_tui.dates import read_date
from kingshurst_tui.errors import InputRejected
from kingshurst_tui.panels import cases, conflicts, first_views, information, proposals
from kingshurst_tui.panels.records import STEPS
from screens.meeting_forms import Options, Send, figure_of, words_of
from screens.widgets.fields_form import Field, Kind

if TYPE_CHECKING:
    from kingshurst_tui.panels.records import Case, OnePanel, Panel, Request
    from kingshurst_tui.session import Session
    from screens.drafting import Begun


def case_fields(*, with_whom: bool, is_open: bool = True, is_over: bool = False) -> tuple[Field, ...]:
    """Return what is asked of a case; of whom, where it is not there yet, and why where the load is gone over."""
    over = Field("why_over_cap", "The load is reached: why this one all the same?", required=True, longest=400)
    whom = (Field("pseudonym", "Pseudonym", required=True, hint="Like KH-3X9K-77QD.", longest=20),)
    question = (
        Field(
            "question",
            "What is the panel asked, and why now?",
            Kind.WORDS,
            required=True,
            longest=cases.LONGEST_QUESTION,
        ),
    )
    minutes = (Field("minutes", "Minutes", required=True, longest=3),)
    return (*(whom if with_whom else ()), *(question if is_open else ()), *minutes, *((over,) if is_over else ()))


def added(session: Session, panel: Panel) -> Send:
    """Return what puts somebody on a meeting's agenda by pseudonym."""

    def send(answers: dict[str, str]) -> int:
        minutes = figure_of(answers["minutes"])
        if minutes is None:
            raise InputRejected("The case cannot be kept so.", problems=("minutes: a whole number",))
        return cases.add(
            session,
            panel.number,
            answers["pseudonym"],
            question=answers["question"],
            minutes=minutes,
            why_over_cap=answers.get("why_over_cap", ""),
        )

    return send


PROPOSAL = (
    Field("pseudonym", "Pseudonym", required=True, hint="Like KH-3X9K-77QD.", longest=20),
    Field(
        "question",
        "What should the panel be asked, and why now?",
        Kind.WORDS,
        required=True,
        longest=cases.LONGEST_QUESTION,
    ),
)


def proposed(session: Session, panel: Panel) -> Send:
    """Return what proposes somebody for a meeting."""
    return lambda answers: proposals.propose(session, panel.number, answers["pseudonym"], answers["question"])


def reworded(session: Session, case: Case, begun: Begun) -> Send:
    """Return what changes a case's question and minutes."""

    def send(answers: dict[str, str]) -> bool:
        minutes = figure_of(answers["minutes"])
        if minutes is None:
            raise InputRejected("The case cannot be kept so.", problems=("minutes: a whole number",))
        question = answers.get("question", "")
        cases.reword(session, case.number, question=question, minutes=minutes, over=int(begun.over or 0))
        return True

    return send


def request_fields(shown: OnePanel, agencies: Options) -> tuple[Field, ...]:
    """Return what is asked of a request for information."""
    codes = ", ".join(code for code, _ in agencies)
    return (
        Field("case", "About", Kind.CHOICE, required=True, options=(EVERY_CASE, *case_options(shown.listed))),
        Field("agencies", "Whom", required=True, hint=f"Codes with commas between: {codes}."),
        Field("question", "What do you need to know?", Kind.WORDS, required=True, longest=information.LONGEST_QUESTION),
        Field("due", "By", Kind.DAY, required=True),
    )


EVERY_CASE = ("every", "Every open case on the agenda")
"""Asks the same about all of them."""


def requested(session: Session, panel: Panel) -> Send:
    """Return what asks agencies for information."""

    def send(answers: dict[str, str]) -> object:
        due = read_date(answers["due"])
        if due is None:
            raise InputRejected("Nobody was asked.", problems=("due: no day",))
        codes = tuple(code.upper() for code in words_of(answers["agencies"]))
        if answers["case"] == EVERY_CASE[0]:
            return information.ask_all(session, panel.number, codes, answers["question"], due) or True
        return information.ask(session, int(answers["case"]), codes, answers["question"], due) or True

    return send


def answer_fields(*, is_own: bool) -> tuple[Field, ...]:
    """Return what is asked of an agency's answer; whose word it is, where somebody else enters it."""
    options = (("sent", "this is known"), ("nothing-held", "nothing is held"), ("refused", "it will not be shared"))
    whose = () if is_own else (Field("entered_for", "Whose word is it?", required=True, longest=120),)
    return (
        Field("status", "Answer", Kind.CHOICE, required=True, options=options),
        Field("answer", "In words", Kind.WORDS, longest=information.LONGEST_ANSWER),
        *whose,
    )


def answered(session: Session, request: Request, begun: Begun) -> Send:
    """Return what answers a request."""

    def send(answers: dict[str, str]) -> bool:
        information.answer(
            session,
            request.number,
            answers["status"],
            answers["answer"],
            entered_for=answers.get("entered_for", ""),
            over=int(begun.over or 0),
        )
        return True

    return send


def view_fields(agencies: Options = ()) -> tuple[Field, ...]:
    """Return what is asked of a first view; for which agency, where the coordinator enters it."""
    whose = (
        Field("agency", "Agency", Kind.CHOICE, required=True, options=agencies),
        Field("entered_for", "Whose word is it?", required=True, longest=120),
    )
    asked = (Field(name, title, Kind.WORDS, longest=first_views.LONGEST) for name, title in first_views.FIELDS.items())
    return (*(whose if agencies else ()), *asked)


def viewed(session: Session, case: Case, begun: Begun) -> Send:
    """Return what keeps a first view."""

    def send(answers: dict[str, str]) -> bool:
        first_views.write(
            session,
            case.number,
            {name: answers[name] for name in first_views.FIELDS},
            agency=answers.get("agency", ""),
            entered_for=answers.get("entered_for", ""),
            over=int(begun.over) if begun.over is not None else None,
        )
        return True

    return send


def interest_fields(shown: OnePanel) -> tuple[Field, ...]:
    """Return what is asked of an interest."""
    who = tuple((str(each.number), f"{each.name} ({each.agency})") for each in shown.members)
    return (
        Field("member", "Whose", Kind.CHOICE, required=True, options=who),
        Field("case", "In which case", Kind.CHOICE, options=case_options(shown.listed), hint="None: the whole panel."),
        Field("interest", "What it is", required=True, longest=conflicts.LONGEST),
        Field("step", "What was done", Kind.CHOICE, required=True, options=tuple(STEPS.items())),
    )


def declared(session: Session) -> Send:
    """Return what keeps an interest."""
    return lambda answers: conflicts.declare(
        session,
        int(answers["member"]),
        answers["interest"],
        answers["step"],
        case_id=int(answers["case"]) if answers["case"] else None,
    )


def case_options(listed: Sequence[Case]) -> Options:
    """Return the cases of an agenda, to choose one."""
    return tuple((str(each.number), f"{each.place}. {each.who}") for each in listed)
