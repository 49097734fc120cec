"""The agreements of the invented town, one TOML file a data set, with their ALGO-CARE answers; all marked invented."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from kingshurst_tui.agreements.algo_care import QUESTIONS
from kingshurst_tui.demo.events import DAYS
from kingshurst_tui.demo.layouts import AGENCIES, DataSet
from kingshurst_tui.demo.registers import PURPOSE

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
    """

    people: str
    gateway: str = _CRIME
    regime: str = "uk-gdpr"
    article_6: str = "6(1)(e) public task"
    article_9: str = ""
    article_10: str = ""
    conditions_of_schedule: tuple[str, ...] = ()
    health: bool = False
    rag: str = "green"
    granularity: str = "individual"
    recipients: tuple[str, ...] = _EVERYONE
    months: int = 24
    refresh: int = 31
    tolerance: float = 2.0
    lapsed: bool = False


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
    "WMP-ASB": _POLICE,
    "WMP-DOMESTIC": _POLICE,
    "WMFS-VISITS": Terms(
        people="Residents who accepted a home safety visit", gateway="Fire and Rescue Services Act 2004 s.6"
    ),
    "WMFS-INCIDENTS": Terms(
        people="Occupiers, callers and casualties whose names were taken",
        gateway="Fire and Rescue Services Act 2004 s.7 and Crime and Disorder Act 1998 s.115",
    ),
    "WMAS-CALLS": _HEALTH,
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
    "SMBC-NOISE": Terms(people="Complainants", gateway="Environmental Protection Act 1990 s.79", recipients=_NO_SCHOOLS),
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
    "EDU-ATTENDANCE": _CHILDREN,
    "EDU-EXCLUSIONS": _CHILDREN,
    "WMP-CRIME-LSOA": Terms(people="Nobody: counts only", granularity="lsoa", gateway="Crime and Disorder Act 1998 s.17A"),
    "WMFS-FIRE-POSTCODE": Terms(
        people="Nobody: counts only", granularity="postcode", gateway="Crime and Disorder Act 1998 s.17A"
    ),
    "NHS-GP": Terms(
        people="Registered patients",
        gateway="None found",
        article_9="9(2)(h) health or social care",
        health=True,
        rag="red",
        recipients=("NHS",),
    ),
    "SMBC-SKILLS": Terms(
        people="Young people of 16 to 18", gateway="Education and Skills Act 2008 s.68", recipients=("SMBC", "EDU"), lapsed=True
    ),
}

_HEALTH_EVIDENCE = "Register of consents kept by NHS Birmingham and Solihull. " + INVENTED


def agreement_text(data_set: DataSet, today: date) -> str:
    """Return the agreement of a data set as TOML.

    Args:
        data_set: the extract it covers; its columns and codes become the mapping.
        today: the town's last day; the agreement is live on it unless it has lapsed.
    """
    terms = TERMS[data_set.reference]
    agency, kind = AGENCIES[data_set.agency]
    starts = today - timedelta(days=700 if terms.lapsed else 230)
    expires = today - timedelta(days=35) if terms.lapsed else today + timedelta(days=400)
    signed = starts - timedelta(days=12)
    consented = terms.health and terms.rag != "red"
    parts = [
        "# Invented for the demonstration: no such agreement exists, and none of the people it covers.",
        "[agreement]",
        _pair("reference", data_set.reference),
        _pair("version", 1),
        _pair("title", data_set.title),
        _pair("controllers", [_CONTROLLERS[data_set.agency]]),
        _pair("regime", terms.regime),
        _pair("purposes", [PURPOSE]),
        _pair("purpose", _PURPOSE_TEXT),
        _pair("gateway", terms.gateway),
        _pair("article_6", terms.article_6),
        _pair("article_9", terms.article_9),
        _pair("article_10", terms.article_10),
        _pair("schedule_conditions", list(terms.conditions_of_schedule)),
        _pair("confidentiality", "consent-register" if consented else "not-confidential"),
        _pair("confidentiality_evidence", _HEALTH_EVIDENCE if consented else ""),
        _pair("health", terms.health),
        _pair("consented_only", consented),
        _pair("rag", terms.rag),
        f"conditions = [{_conditions(terms, starts)}]",
        _pair("granularity", terms.granularity),
        _pair("coverage_from", today - timedelta(days=DAYS)),
        _pair("coverage_area", "Kingshurst (invented)"),
        _pair("coverage_people", terms.people),
        _pair("refresh_days", terms.refresh),
        _pair("retention_months", terms.months),
        f'dpia = {{ reference = "DPIA-{data_set.reference}", date = {signed - timedelta(days=45)} }}',
        f'isa = {{ reference = "ISA-{data_set.reference}", signed_on = {signed}, '
        f'signed_by = "The information asset owner, {agency} (invented)" }}',
        f'ethics = {{ advice = "Proceed for two years; report each quarter. {INVENTED}", date = {signed - timedelta(days=20)} }}',
        _pair("recipients", list(terms.recipients)),
        _pair("breach_contact", f"data.protection@{data_set.agency.lower()}.invalid"),
        _pair("withdrawal", "On 30 days' notice in writing; the data are recalled on the day it takes effect."),
        _pair("starts", starts),
        _pair("expires", expires),
        _pair("tolerance_percent", terms.tolerance),
        "",
        "[agency]",
        _pair("code", data_set.agency),
        _pair("name", agency),
        _pair("kind", kind),
        "",
        *_format(data_set),
        *_codes(data_set),
        *_answers(signed, today),
    ]
    return "\n".join(parts) + "\n"


_CONTROLLERS = {
    "WMP": "Chief Constable of West Midlands Police",
    "WMFS": "West Midlands Fire and Rescue Authority",
    "WMAS": "West Midlands Ambulance Service University NHS Foundation Trust",
    "NHS": "NHS Birmingham and Solihull Integrated Care Board",
    "SMBC": "Solihull Metropolitan Borough Council",
    "SCH": "Solihull Community Housing Limited",
    "EDU": "Governing bodies of the schools of Kingshurst",
}
_PURPOSE_TEXT = (
    "To find residents of Kingshurst whom several agencies keep meeting separately, so that a panel of people can decide which "
    "agency should lead, and to offer those residents help."
)


def _conditions(terms: Terms, starts: date) -> str:
    if terms.rag != "amber":
        return ""
    met = starts - timedelta(days=5)
    return (
        f'{{ text = "Only children whose risk is medium or high", met_on = {met}, evidence = "Extract query reviewed. {INVENTED}" }}, '
        f'{{ text = "Panel members are vetted", met_on = {met}, evidence = "Vetting list of the panel. {INVENTED}" }}'
    )


def _format(data_set: DataSet) -> list[str]:
    encoding = "utf-8" if data_set.encoding == "utf-8-sig" else data_set.encoding
    lines = ["[format]", _pair("shape", data_set.shape), _pair("kind", data_set.kind)]
    if data_set.kind == "csv":
        lines += [_pair("encoding", encoding), _pair("delimiter", data_set.delimiter)]
    if data_set.kind == "xlsx":
        lines += [_pair("sheet", data_set.sheet), _pair("header_row", data_set.header_row)]
    lines += [_pair("dates", data_set.dates), _pair("times", data_set.times)]
    if data_set.shape == "areas":
        lines.append(_pair("months", data_set.months))
    lines += [_pair("empty", sorted({"", "NULL", data_set.empty})), "", "[columns]"]
    lines += [_pair(theirs, ours) for theirs, ours in data_set.columns if not ours.startswith("-")]
    if data_set.constants:
        lines += ["", "[constants]", *(_pair(ours, word) for ours, word in data_set.constants.items())]
    return lines


def _codes(data_set: DataSet) -> list[str]:
    lines: list[str] = []
    if data_set.categories and "contact.category" in data_set.fields:
        lines += ["", "[codes.category]", *(_pair(word, list(pair)) for word, pair in data_set.categories.items())]
    if data_set.roles:
        lines += ["", "[codes.role]", *(_pair(word, role) for word, role in data_set.roles.items())]
    if {"person.sex", "counterpart.sex"} & set(data_set.fields):
        lines += ["", "[codes.sex]", *(_pair(word, letter) for letter, word in data_set.sex.items())]
    return lines


_REPLIES = {
    "Advisory": "Advice only: a flag puts a person before a panel; people decide, and no field of a decision is prefilled.",
    "Lawful": "To reduce repeat harm and repeat demand by acting together; only named fields, for one stated purpose, are used.",
    "Granularity": "The finest level is what the agreement allows; coarser data stay coarse; quality is reported with each batch.",
    "Ownership": "The partnership owns the rules; each controller owns its data; the source is open to all partners.",
    "Challenge": "The audit trail, dip samples and a yearly review by the ethics committee; no use in criminal justice disposals.",
    "Accuracy": "Links are tested against invented people whose truth is known; doubtful ones go to a reviewer; all can be undone.",
    "Responsible": "Help is offered, nothing is withheld; victims and callers are kept apart from suspects; notices are published.",
    "Explainable": "Every link and flag shows its evidence, its rule and its source, and what would clear it.",
}


def _answers(signed: date, today: date) -> list[str]:
    lines = ["", "[algo_care]", "answers = ["]
    for head, questions in QUESTIONS.items():
        for question in questions:
            lines.append(
                f"    {{ head = {_value(head)}, question = {_value(question)}, "
                f"answer = {_value(_REPLIES[head] + ' ' + INVENTED)}, owner = \"Data protection officer (invented)\", "
                f'evidence = "Minutes of the project board (invented)", date = {signed}, review = {today + timedelta(days=180)} }},'
            )
    return [*lines, "]"]


def _pair(key: str, value: object) -> str:
    plain = key.replace("_", "").isascii() and key.replace("_", "").isalnum()
    return f"{key if plain else _value(key)} = {_value(value)}"


def _value(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    # A JSON string, number, truth value or list of strings is TOML as well.
    return json.dumps(value, ensure_ascii=False)
