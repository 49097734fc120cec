"""The agreements of the invented town, one TOML file a data set, with their ALGO-CARE answers; all marked invented."""

from __future__ import annotations

import json
from datetime import date, timedelta

from kingshurst_tui.agreements.algo_care import QUESTIONS
from kingshurst_tui.demo.algo_answers import ANSWERS
from kingshurst_tui.demo.events import DAYS
from kingshurst_tui.demo.layouts import AGENCIES, DataSet
from kingshurst_tui.demo.registers import PURPOSE
from kingshurst_tui.demo.terms import CONTROLLERS, INVENTED, TERMS, Terms


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
    parts = [
        "# Invented for the demonstration: no such agreement exists, and none of the people it covers.",
        "[agreement]",
        _pair("reference", data_set.reference),
        _pair("version", 1),
        _pair("title", data_set.title),
        _pair("controllers", [CONTROLLERS[data_set.agency]]),
        _pair("regime", terms.regime),
        _pair("purposes", [PURPOSE]),
        _pair("purpose", _PURPOSE_TEXT),
        _pair("gateway", terms.gateway),
        _pair("article_6", terms.article_6),
        _pair("article_9", terms.article_9),
        _pair("article_10", terms.article_10),
        _pair("schedule_conditions", list(terms.conditions_of_schedule)),
        _pair("confidentiality", terms.confidentiality),
        _pair("confidentiality_evidence", terms.confidentiality_evidence),
        _pair("health", terms.health),
        _pair("consented_only", terms.confidentiality == "consent-register"),
        _pair("rag", terms.rag),
        f"conditions = [{_conditions(terms, starts)}]",
        _pair("granularity", terms.granularity),
        _pair("coverage_from", today - timedelta(days=max(DAYS, terms.covers))),
        _pair("coverage_area", "Kingshurst (invented)"),
        _pair("coverage_people", terms.people),
        _pair("refresh_days", terms.refresh),
        _pair("retention_months", terms.months),
        f'dpia = {{ reference = "DPIA-{data_set.reference}", date = {signed - timedelta(days=45)} }}',
        f'isa = {{ reference = "ISA-{data_set.reference}", signed_on = {signed}, '
        f'signed_by = "The information asset owner, {agency} (invented)" }}',
        f'ethics = {{ advice = "Proceed for two years; report each quarter. {INVENTED}", '
        f"date = {signed - timedelta(days=20)} }}",
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


_PURPOSE_TEXT = (
    "To find residents of Kingshurst whom several agencies keep meeting separately, so that a panel of people can"
    " decide which agency should lead, and to offer those residents help."
)


def _conditions(terms: Terms, starts: date) -> str:
    if terms.rag != "amber":
        return ""
    met = starts - timedelta(days=5)
    conditions = (
        ("Only children whose risk is medium or high", "Extract query reviewed."),
        ("Panel members are vetted", "Vetting list of the panel."),
    )
    return ", ".join(
        f'{{ text = "{text}", met_on = {met}, evidence = "{evidence} {INVENTED}" }}' for text, evidence in conditions
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


def _answers(signed: date, today: date) -> list[str]:
    review = today + timedelta(days=180)
    lines = ["", "[algo_care]", "answers = ["]
    for head, questions in QUESTIONS.items():
        for question, answer in zip(questions, ANSWERS[head], strict=True):
            said = f"head = {_value(head)}, question = {_value(question)}, answer = {_value(f'{answer} {INVENTED}')}"
            by = f'owner = "{_OWNER}", evidence = "{_EVIDENCE}", date = {signed}, review = {review}'
            lines.append(f"    {{ {said}, {by} }},")
    return [*lines, "]"]


_OWNER = "Data protection officer (invented)"
_EVIDENCE = "Minutes of the project board (invented)"


def _pair(key: str, value: object) -> str:
    plain = key.replace("_", "").isascii() and key.replace("_", "").isalnum()
    return f"{key if plain else _value(key)} = {_value(value)}"


def _value(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    # A JSON string, number, truth value or list of strings is TOML as well.
    return json.dumps(value, ensure_ascii=False)
