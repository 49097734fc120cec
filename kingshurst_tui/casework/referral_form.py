"""What a referral is asked for, and what is wrong with what was given; it looks at nobody who is known here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from kingshurst_tui.casework.words_needed import is_a_reason
from kingshurst_tui.dates import read_date
from kingshurst_tui.intake.text import clean

PANEL = "panel"
"""How a referral to the panel names where it goes; others name a partner's code."""

URGENCY = {"routine": "in the ordinary course", "soon": "within days", "today": "today"}
KNOWS = {
    "agreed": "the person knows of it and agrees",
    "told": "the person knows of it and has not agreed",
    "not-told": "the person has not been told",
    "cannot-safely": "the person cannot safely be told",
}

FIELDS = {
    "to": "To the panel, or which agency",
    "forename": "Forename",
    "surname": "Surname",
    "date_of_birth": "Date of birth",
    "postcode": "Postcode",
    "own_reference": "Your own reference of them",
    "why": "Why somebody should take them on",
    "asked": "What is asked for",
    "person_knows": "What the person knows of it",
    "urgency": "How soon",
    "lawful_basis": "On which basis you disclose this",
    "disclosed": "What else you disclose with it",
}
"""Every field, and how it is asked for."""

_LONGEST = {"forename": 80, "surname": 80, "own_reference": 60}
_WORDS = 2_000
_SHORTEST_BASIS = 4


@dataclass(frozen=True, slots=True)
class ReferralGiven:
    """One referral as it was written, checked."""

    to_agency: str
    forename: str
    surname: str
    born: date | None
    postcode: str
    own_reference: str
    why: str
    asked: str
    person_knows: str
    urgency: str
    lawful_basis: str
    disclosed: str


def checked(
    fields: Mapping[str, str], agencies: Mapping[str, object], from_agency: str, today: date
) -> tuple[ReferralGiven | None, list[str]]:
    """Return a referral and what is wrong with it; with anything wrong there is none.

    Args:
        fields: by FIELDS.
        agencies: the partners' codes.
        from_agency: who sends it.
        today: nobody is born after it.
    """
    given = {name: clean(fields.get(name, "")) for name in FIELDS}
    wrong: list[str] = []

    def say(name: str, what: str) -> None:
        wrong.append(f"{name}: {what}")

    if given["to"] not in (PANEL, *agencies):
        say("to", f"“{PANEL}”, or a partner agency's code")
    elif given["to"] == from_agency:
        say("to", "is the agency that sends it")
    if not given["surname"]:
        say("surname", "is missing")
    born = read_date(given["date_of_birth"]) if given["date_of_birth"] else None
    if given["date_of_birth"] and (born is None or not date(1900, 1, 1) <= born <= today):
        say("date_of_birth", "is no day on which anybody here was born")
    postcode = _postcode(given["postcode"])
    if given["postcode"] and not postcode:
        say("postcode", "is not a whole UK postcode")
    if not (born or postcode or given["own_reference"]):
        wrong.append("date_of_birth: who is meant? A date of birth, a postcode or your own reference besides the name")
    for name, longest in _LONGEST.items():
        if len(given[name]) > longest:
            say(name, f"at most {longest} letters")
    for name in ("why", "asked"):
        if not is_a_reason(given[name]):
            say(name, "in words that somebody else can weigh")
    # "Care Act 2014 s.42" is all that is to be said.
    if sum(letter.isalpha() for letter in given["lawful_basis"]) < _SHORTEST_BASIS:
        say("lawful_basis", "is missing")
    for name in ("why", "asked", "lawful_basis", "disclosed"):
        if len(given[name]) > _WORDS:
            say(name, f"at most {_WORDS} letters")
    if given["person_knows"] not in KNOWS:
        say("person_knows", f"one of: {', '.join(KNOWS)}")
    if given["urgency"] not in URGENCY:
        say("urgency", f"one of: {', '.join(URGENCY)}")
    if wrong:
        return None, wrong
    to_agency = "" if given["to"] == PANEL else given["to"]
    words = {name: given[name] for name in (*_LONGEST, "why", "asked", "person_knows", "urgency", "lawful_basis")}
    return ReferralGiven(to_agency=to_agency, born=born, postcode=postcode, disclosed=given["disclosed"], **words), []


def _postcode(text: str) -> str:
    if not text:
        return ""
    from kingshurst_tui.intake.values import postcode

    return postcode(text) or ""
