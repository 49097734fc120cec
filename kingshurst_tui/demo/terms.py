"""What each invented agreement says beyond its format: gateway, lawful basis, RAG, recipients, whom it covers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

INVENTED = "Invented for the demonstration."

_CRIME = "Crime and Disorder Act 1998 s.115"
_EVERYONE = ("WMP", "WMFS", "SMBC", "SCH", "EDU", "KTP")
_NO_SCHOOLS = ("WMP", "SMBC", "SCH", "KTP")


@dataclass(frozen=True)
class Terms:
    """What one agreement says beyond its format.

    Attributes:
        people: whom the extract covers.
        lapsed: it ran out before the town's last day.
        months: how many months of retention.
        covers: how many days before the town's last it begins to cover, where more than people's contacts need.
    """

    people: str
    gateway: str = _CRIME
    regime: str = "uk-gdpr"
    article_6: str = "6(1)(e) public task"
    article_9: str = ""
    article_10: str = ""
    conditions_of_schedule: tuple[str, ...] = ()
    health: bool = False
    confidentiality: str = "not-confidential"
    confidentiality_evidence: str = ""
    rag: str = "green"
    granularity: str = "individual"
    recipients: tuple[str, ...] = _EVERYONE
    months: int = 24
    refresh: int = 31
    tolerance: float = 2.0
    lapsed: bool = False
    covers: int = 0


_POLICE = Terms(
    people="Everyone recorded as involved",
    regime="dpa-2018-part-3",
    article_6="",
    conditions_of_schedule=("DPA 2018 Sch 8 para 1", "DPA 2018 Sch 8 para 4"),
    recipients=_NO_SCHOOLS,
)
_HEALTH = Terms(
    people="Patients who are on the register of consents",
    gateway="The patient's explicit consent",
    article_9="9(2)(a) explicit consent",
    health=True,
    confidentiality="consent-register",
    confidentiality_evidence="Register CR-7 of NHS Birmingham and Solihull, opened on 3 June 2024. " + INVENTED,
    recipients=("NHS", "WMAS", "SMBC", "KTP"),
)
_CHILDREN = Terms(
    people="Children and young people known to the council or a school of Kingshurst",
    gateway="Children Act 2004 s.10 and s.11",
    article_9="9(2)(g) substantial public interest",
    conditions_of_schedule=("DPA 2018 Sch 1 para 18 safeguarding of children",),
    recipients=("EDU", "SMBC", "WMP", "KTP"),
)
_HOUSING = Terms(people="Tenants, members of their households and complainants", recipients=_NO_SCHOOLS)

TERMS: Mapping[str, Terms] = {
    "WMP-INCIDENTS": _POLICE,
    # Callers give a name and hang up.
    "WMP-ASB": replace(_POLICE, tolerance=5.0),
    "WMP-DOMESTIC": _POLICE,
    "WMFS-VISITS": Terms(
        people="Residents who accepted a home safety visit", gateway="Fire and Rescue Services Act 2004 s.6"
    ),
    "WMFS-INCIDENTS": Terms(
        people="Occupiers, callers and casualties whose names were taken",
        gateway="Fire and Rescue Services Act 2004 s.7 and Crime and Disorder Act 1998 s.115",
    ),
    # Crews often leave without a name and a date of birth.
    "WMAS-CALLS": replace(_HEALTH, tolerance=5.0),
    "NHS-ED": _HEALTH,
    "NHS-MENTAL-HEALTH": _HEALTH,
    "SCH-TENANTS": _HOUSING,
    "SCH-TENANCY": _HOUSING,
    "SCH-HOMELESS": Terms(people="Main applicants", gateway="Housing Act 1996 Part 7", recipients=_NO_SCHOOLS),
    "SMBC-ASB": Terms(
        people="Complainants and those complained of",
        gateway="Anti-social Behaviour, Crime and Policing Act 2014 Sch 4 para 7",
        recipients=_NO_SCHOOLS,
    ),
    "SMBC-NOISE": Terms(
        people="Complainants", gateway="Environmental Protection Act 1990 s.79", recipients=_NO_SCHOOLS
    ),
    "SMBC-EXPLOITATION": Terms(
        people="Children on the tracker",
        gateway="Children Act 2004 s.10 and s.11",
        article_9="9(2)(g) substantial public interest",
        conditions_of_schedule=("DPA 2018 Sch 1 para 18 safeguarding of children",),
        recipients=("SMBC", "WMP", "EDU", "KTP"),
        rag="amber",
        tolerance=5.0,
    ),
    "SMBC-FAMILIES": Terms(
        people="Families on the programme", gateway="Children Act 2004 s.10", recipients=("SMBC", "EDU", "KTP")
    ),
    "EDU-ATTENDANCE": replace(_CHILDREN, refresh=92),
    "EDU-EXCLUSIONS": _CHILDREN,
    "WMP-CRIME-LSOA": Terms(
        people="Nobody: counts only", granularity="lsoa", gateway="Crime and Disorder Act 1998 s.17A"
    ),
    "WMFS-FIRE-POSTCODE": Terms(
        people="Nobody: counts only", granularity="postcode", gateway="Crime and Disorder Act 1998 s.17A"
    ),
    "SMBC-STREET-LSOA": Terms(
        people="Nobody: counts only",
        granularity="lsoa",
        gateway="Crime and Disorder Act 1998 s.17A",
        covers=1_300,
        months=60,
    ),
    "NHS-GP": Terms(
        people="Registered patients",
        gateway="None found",
        article_9="9(2)(h) health or social care",
        health=True,
        confidentiality="section-251",
        confidentiality_evidence="Support applied for. " + INVENTED,
        rag="red",
        recipients=("NHS",),
    ),
    "SMBC-SKILLS": Terms(
        people="Young people of 16 to 19",
        gateway="Education and Skills Act 2008 s.68",
        recipients=("SMBC", "EDU"),
        lapsed=True,
    ),
}

CONTROLLERS = {
    "WMP": "Chief Constable of West Midlands Police",
    "WMFS": "West Midlands Fire and Rescue Authority",
    "WMAS": "West Midlands Ambulance Service University NHS Foundation Trust",
    "NHS": "NHS Birmingham and Solihull Integrated Care Board",
    "SMBC": "Solihull Metropolitan Borough Council",
    "SCH": "Solihull Community Housing Limited",
    "EDU": "Governing bodies of the schools of Kingshurst",
}
