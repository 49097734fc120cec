"""What an agreement must say before anybody may sign it; all that is wrong at once, in plain words."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import suppress
from datetime import date, datetime

from kingshurst_tui.agreements import algo_care
from kingshurst_tui.agreements.document import MEASURE, Agreement
from kingshurst_tui.agreements.fields import ALL_FIELDS, SHAPES
from kingshurst_tui.dates import MONTHS
from kingshurst_tui.places.vocabulary import NOT_THERE, OF, SPANS, UNLISTED
from kingshurst_tui.vocabulary import (
    HEALTH_KINDS,
    Category,
    Confidentiality,
    ContactRole,
    ExtractKind,
    Granularity,
    PriorityArea,
    Rag,
    Standing,
)

ENCODINGS = ("utf-8", "utf-16", "windows-1252", "latin-1")

_REFERENCE = re.compile(r"[A-Z0-9][A-Z0-9-]{1,59}")
_AGENCY = re.compile(r"[A-Z0-9][A-Z0-9-]{0,19}")
_MANY_TO_ONE = {"person.address", "contact.address", "counterpart.address"}


def problems(agreement: Agreement, purposes: Collection[str], today: date) -> list[str]:
    """Return all that is wrong with an agreement, empty when it may be signed.

    Args:
        agreement: as read from its file.
        purposes: the codes that the partnership has set.
        today: nothing was signed later. A term that is over is no mistake: the agreement is recorded as lapsed.
    """
    return [
        *_terms(agreement, purposes, today),
        *_health(agreement, today),
        *_rag(agreement),
        *_format(agreement),
        *_mapping(agreement),
        *_codes(agreement),
        *_algo_care(agreement),
    ]


def _terms(agreement: Agreement, purposes: Collection[str], today: date) -> Iterator[str]:
    if agreement.reference and not _REFERENCE.fullmatch(agreement.reference):
        yield "[agreement] reference must be 2 to 60 capital letters, digits and hyphens."
    if agreement.agency.code and not _AGENCY.fullmatch(agreement.agency.code):
        yield "[agency] code must be up to 20 capital letters, digits and hyphens."
    for purpose in agreement.purposes:
        if purpose not in purposes:
            known = ", ".join(sorted(purposes)) or "none yet"
            yield f"purpose {purpose!r} has not been set by the partnership (set: {known})."
    if agreement.expires < agreement.starts:
        yield "[agreement] expires lies before starts."
    if agreement.isa.day and agreement.isa.day > today:
        yield "[agreement] isa.signed_on lies in the future."
    if not agreement.isa.signed_by.strip():
        yield "[agreement] isa.signed_by is missing: an unsigned agreement is a draft."
    if agreement.dpia.day and agreement.dpia.day > today:
        yield "[agreement] dpia.date lies in the future."
    if agreement.regime == "uk-gdpr" and not agreement.article_6.strip():
        yield "[agreement] article_6 is missing: UK GDPR needs a lawful basis."
    if agreement.regime == "dpa-2018-part-3" and not agreement.schedule_conditions:
        yield "[agreement] schedule_conditions is missing: Part 3 needs a condition of DPA 2018 Schedule 8."
    if not agreement.retention_months:
        yield "[agreement] retention_months is missing: say how many months the data may be kept."
    for name, most in (("recipients_most", 10_000), ("suppress_under", 1_000), ("round_to", 1_000)):
        if not 0 <= getattr(agreement, name) <= most:
            yield f"[agreement] {name} must be from 1 to {most:,}, or left out."
    if not agreement.refresh_days:
        yield "[agreement] refresh_days is missing: without it nobody can tell a stale source from a quiet one."


def is_identifiable_health(agreement: Agreement) -> bool:
    """Say whether an agreement is about people's health: it says so, or comes from an agency of health."""
    about_health = agreement.health or agreement.agency.kind in HEALTH_KINDS
    return about_health and agreement.granularity in (Granularity.INDIVIDUAL, Granularity.ADDRESS)


def _evidence(text: str, today: date) -> Iterator[str]:
    """Yield what is missing of evidence for lifting confidentiality: something that exists, by reference and date.

    Accepted: a reference that holds a figure ("22/CAG/0012", "s.251", "REG-2026-04") beside a day on or before today
    ("2026-03-01", "1 March 2026", "01/03/2026"), and no word that says it is still to come ("applied for", "pending").
    """
    where = "[agreement] confidentiality_evidence"
    if pending := _PENDING.search(text):
        yield f"{where} says {pending[0].lower()!r}: what is not granted yet lifts nothing."
    dates = list(_dates_in(text))
    rest = _DATE.sub(" ", text)
    if not any(_NUMBERED.fullmatch(word.strip(".,;:()")) for word in rest.split()):
        yield f"{where} names no reference of the register, statute or approval, such as 22/CAG/0012."
    if not dates:
        yield f"{where} names no date on which it was granted, such as 2026-03-01."
    elif min(dates) > today:
        yield f"{where} is dated in the future."


def _dates_in(text: str) -> Iterator[date]:
    for found in _DATE.finditer(text):
        named = found["named"]
        month = MONTHS.index(named.capitalize()) + 1 if named else int(found["iso_month"] or found["month"])
        year = found["iso_year"] or found["named_year"] or found["year"]
        with suppress(ValueError):
            yield date(int(year), month, int(found["iso_day"] or found["named_day"] or found["day"]))


_DATE = re.compile(
    r"\b(?:(?P<iso_year>\d{4})-(?P<iso_month>\d{2})-(?P<iso_day>\d{2})"
    r"|(?P<day>\d{1,2})/(?P<month>\d{1,2})/(?P<year>\d{4})"
    rf"|(?P<named_day>\d{{1,2}})\s+(?P<named>{'|'.join(MONTHS)})\s+(?P<named_year>\d{{4}}))\b",
    re.IGNORECASE | re.ASCII,
)
_NUMBERED = re.compile(r"(?!\d{4}$)(?=.*\d)[\w./()-]{3,}")
_PENDING = re.compile(
    r"\b(?:appl(?:y|ied|ying) for|pending|await\w*|requested|submitted|to be (?:confirmed|agreed)|to follow|tb[acd]"
    r"|not yet|in progress|draft|expected|hoped)\b",
    re.IGNORECASE,
)


def _health(agreement: Agreement, today: date) -> Iterator[str]:
    identifiable = agreement.granularity is Granularity.INDIVIDUAL
    if identifiable and agreement.agency.kind in HEALTH_KINDS and not agreement.health:
        yield f"[agreement] health must be true: records of people from {agreement.agency.name} tell of their health."
    lifted = agreement.confidentiality is not Confidentiality.NOT_CONFIDENTIAL
    if agreement.health and identifiable and not lifted:
        yield (
            "identifiable health data needs what lifts the duty of confidence: confidentiality must be"
            " consent-register, statute or section-251."
        )
    if agreement.health and identifiable and agreement.regime == "uk-gdpr" and not agreement.article_9.strip():
        yield "[agreement] article_9 is missing: health data is special category data."
    if lifted and not agreement.confidentiality_evidence.strip():
        yield "[agreement] confidentiality_evidence is missing: name the register, statute or approval."
    elif lifted:
        yield from _evidence(agreement.confidentiality_evidence, today)
    if agreement.confidentiality is Confidentiality.CONSENT_REGISTER and identifiable and not agreement.consented_only:
        yield "confidentiality by consent register holds only for those on it: consented_only must be true."
    if agreement.consented_only and not identifiable:
        yield "consented_only needs individual granularity: nobody can be looked up on a register by place."


def _rag(agreement: Agreement) -> Iterator[str]:
    if agreement.rag is Rag.AMBER and not agreement.conditions:
        yield "an amber agreement names the conditions on which the data may be shared: conditions is empty."
    for number, condition in enumerate(agreement.conditions, start=1):
        if condition.met_on and not condition.evidence.strip():
            yield f"condition {number} is said to be met, without evidence."


def _strict_form(form: str, *, of_time: bool) -> bool:
    """Return whether a strptime form reads back what it writes, and holds all that is asked of it."""
    probe = datetime(2003, 11, 29, 13, 47)  # noqa: DTZ001 - a wall-clock form, not a moment
    try:
        back = datetime.strptime(probe.strftime(form), form)  # noqa: DTZ007
    except ValueError:
        return False
    if of_time:
        return (back.hour, back.minute) == (13, 47)
    return back.date() == probe.date()


def _format(agreement: Agreement) -> Iterator[str]:
    form = agreement.format
    if form.kind == ExtractKind.CSV:
        if form.encoding.lower() not in ENCODINGS:
            yield f"[format] encoding must be one of {', '.join(ENCODINGS)}."
        else:
            codecs.lookup(form.encoding)
        if len(form.delimiter) != 1 or form.delimiter in '"\r\n\0':
            yield "[format] delimiter must be one character, and no quote or line break."
    forms = {"[format] dates": form.dates} | {f"[dates] {column!r}": one for column, one in form.date_of.items()}
    for where, text in forms.items():
        if not _strict_form(text, of_time=False):
            yield f"{where} must name day, month and year, such as %d/%m/%Y."
    if not _strict_form(form.times, of_time=True):
        yield "[format] times must name hour and minute, such as %H:%M."
    if form.span not in SPANS:
        yield f"[format] span must be one of {', '.join(SPANS)}."
    if form.unlisted not in UNLISTED:
        yield f"[format] unlisted must be one of {', '.join(UNLISTED)}."
    elif form.unlisted == NOT_THERE and agreement.granularity not in (Granularity.ORGANISATION, Granularity.SCHOOL):
        yield "[format] unlisted: only an organisation or a school can be without a category; a place of people cannot."
    for column in form.date_of:
        if column not in agreement.columns:
            yield f"[dates] {column!r} is not among the agreement's columns."


def _mapping(agreement: Agreement) -> Iterator[str]:
    shape, meant = agreement.format.shape, SHAPES[agreement.format.shape]
    individual = agreement.granularity is Granularity.INDIVIDUAL
    if shape != "areas" and not individual:
        yield (
            f"person data under an agreement at {agreement.granularity} level: shape {shape} needs individual"
            " granularity; coarser data come in as shape areas."
        )
    if shape == "areas" and individual:
        yield (
            "shape areas needs a granularity of address, postcode, lsoa, msoa, ward, local-authority, organisation"
            " or school."
        )
    if not agreement.columns:
        yield "[columns] is empty: a column that is not listed is dropped, so nothing would come in."
    for where, table in (("[columns]", agreement.columns), ("[constants]", {v: v for v in agreement.constants})):
        for column, field in table.items():
            if field.startswith(MEASURE) and column in agreement.measures:
                continue
            if field not in ALL_FIELDS:
                yield f"{where} {column!r}: there is no field {field!r}."
            elif field not in meant and individual:
                yield f"{where} {column!r}: {field} means nothing in an extract of shape {shape}."
    twice = Counter(field for field in agreement.columns.values() if field not in _MANY_TO_ONE)
    for field, count in twice.items():
        if count > 1:
            yield f"[columns] names {count} columns for {field}; only addresses may come in parts."
    for field in agreement.constants:
        if field in agreement.columns.values():
            yield f"[constants] {field} is also read from a column."
    yield from _needed(agreement)
    yield from _measures(agreement)


def _measures(agreement: Agreement) -> Iterator[str]:
    names = Counter(name.casefold() for name, _ in agreement.measures.values())
    if names and (agreement.format.shape != "areas" or "area.count" not in agreement.columns.values()):
        yield "[measures] are further numbers beside area.count, in an extract of shape areas: map area.count."
    for column, (name, _) in agreement.measures.items():
        if not 0 < len(name) <= LONGEST_MEASURE or OF in name or name.startswith(("not: ", "the others of: ")):
            yield f"[measures] {column!r}: its name must have 1 to {LONGEST_MEASURE} characters, and no {OF!r} in it."
        elif names[name.casefold()] > 1:
            yield f"[measures] {column!r}: another column is called {name!r} too."


LONGEST_MEASURE = 40
"""Characters; a measure stands behind the name of a category."""


def _needed(agreement: Agreement) -> Iterator[str]:
    have = set(agreement.columns.values()) | set(agreement.constants)
    shape = agreement.format.shape
    if shape == "contacts":
        if "contact.date" not in agreement.columns.values():
            yield "[columns] has no contact.date: a contact is a dated event."
        for field in ("contact.category", "contact.standing"):
            if field not in have:
                yield f"{field} comes from no column and is no constant."
        if not have & {"contact.role", "person.role"}:
            yield "the person's role in the contact comes from no column and is no constant: map contact.role."
    if shape in ("contacts", "persons") and not have & {"person.reference", "person.surname", "person.full_name"}:
        yield "[columns] names nobody: map person.reference, person.surname or person.full_name."
    if shape == "areas":
        if "area.code" not in have:
            yield "[columns] has no area.code."
        if "area.month" not in have and not {"area.year", "area.month_number"} <= have:
            yield "[columns] has no area.month, nor area.year with area.month_number."
        if "area.category" not in have:
            yield "area.category comes from no column and is no constant."
        if "area.rate" in have:
            if not {"area.denominator", "area.per"} <= have:
                yield "area.rate without area.denominator and area.per (1000, if it is per 1,000) tells no count."
            if "area.count" in have:
                yield "area.count and area.rate both say how many: map one of them."
        elif have & {"area.denominator", "area.per"}:
            yield "area.denominator and area.per mean nothing without area.rate."


def _codes(agreement: Agreement) -> Iterator[str]:
    for value, (category, priority) in agreement.category_codes.items():
        if category not in set(Category):
            yield f"[codes.category] {value!r}: there is no category {category!r}."
        if priority not in set(PriorityArea):
            yield f"[codes.category] {value!r}: there is no priority area {priority!r}."
    for value, role in agreement.role_codes.items():
        if role not in set(ContactRole):
            yield f"[codes.role] {value!r}: there is no role {role!r}."
    for value, sex in agreement.sex_codes.items():
        if sex not in ("F", "M", ""):
            yield f"[codes.sex] {value!r}: must be F, M or empty."
    for value, standing in agreement.standing_codes.items():
        if standing not in set(Standing):
            yield f"[codes.standing] {value!r}: must be fact or assessment."
    closed: dict[str, Collection[str]] = {
        "contact.role": set(ContactRole),
        "person.role": set(ContactRole),
        "counterpart.role": set(ContactRole),
        "contact.standing": set(Standing),
    }
    for field, words in closed.items():
        constant = agreement.constants.get(field)
        if constant is not None and constant not in words:
            yield f"[constants] {field}: must be one of {', '.join(sorted(words))}."
    fixed = agreement.constants.get("contact.category")
    if fixed is not None and fixed not in set(Category) and fixed not in agreement.category_codes:
        yield f"[constants] contact.category: there is no category {fixed!r}."
    if "contact.category" in agreement.columns.values() and not agreement.category_codes:
        yield "[codes.category] is empty: say what each of the partner's categories means."
    mapped_roles = {"contact.role", "person.role", "counterpart.role"} & set(agreement.columns.values())
    if mapped_roles and not agreement.role_codes:
        yield "[codes.role] is empty: say what each of the partner's roles means."


def _algo_care(agreement: Agreement) -> Iterator[str]:
    yield from algo_care.problems(agreement.algo_care)
    missing = algo_care.unanswered(agreement.algo_care)
    if missing and agreement.granularity is Granularity.INDIVIDUAL:
        yield f"ALGO-CARE: nothing is answered under {', '.join(missing)}."
