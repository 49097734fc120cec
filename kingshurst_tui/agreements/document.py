"""An agreement as its TOML file states it, in frozen records. What it must state is in `checks`."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from kingshurst_tui.agreements.algo_care import Answer
from kingshurst_tui.agreements.toml_table import TomlTable
from kingshurst_tui.errors import InputRejected
from kingshurst_tui.intake.text import is_clean
from kingshurst_tui.places.vocabulary import BESIDE, MONTH, RELATIONS, UNKNOWN
from kingshurst_tui.vocabulary import AgencyKind, Confidentiality, ExtractKind, Granularity, Rag, Regime

MEASURE = "area.measure:"
"""Begins the field of a further number of a row."""
LARGEST_FILE = 1_000_000
"""Bytes. An agreement of a million bytes is not an agreement."""


@dataclass(frozen=True, slots=True)
class Condition:
    """What an amber agreement asks for, and how and when it was met."""

    text: str
    met_on: date | None
    evidence: str


@dataclass(frozen=True, slots=True)
class Paper:
    """A signed paper behind the agreement: its reference, day and signatory (empty where it has none)."""

    reference: str
    day: date | None
    signed_by: str


@dataclass(frozen=True, slots=True)
class Agency:
    """The partner agency whose data set it is."""

    code: str
    name: str
    kind: AgencyKind


@dataclass(frozen=True, slots=True)
class Format:
    """How the partner writes its files.

    Attributes:
        shape: ``persons``, ``contacts`` or ``areas``.
        kind: ``csv``, ``xlsx`` or ``parquet``.
        dates: the strict form of dates, as strptime reads it; `date_of` overrides it column by column.
        months: the strict form of ``area.month``.
        span: what a count of areas is of: a month, or a financial, academic or calendar year.
        unlisted: whether a category in which an organisation has no row at all is one that it does not have.
        empty: the values that mean "not known", besides the empty cell.
        born_from: dates of birth before this day are out of range.
    """

    shape: str
    kind: str
    encoding: str
    delimiter: str
    sheet: str
    header_row: int
    dates: str
    times: str
    months: str
    empty: tuple[str, ...]
    born_from: date
    date_of: Mapping[str, str]
    span: str = MONTH
    unlisted: str = UNKNOWN


@dataclass(frozen=True, slots=True)
class Agreement:
    """The information sharing agreement for one data set, as signed."""

    reference: str
    version: int
    title: str
    controllers: tuple[str, ...]
    regime: Regime
    purposes: tuple[str, ...]
    purpose: str
    gateway: str
    article_6: str
    article_9: str
    article_10: str
    schedule_conditions: tuple[str, ...]
    confidentiality: Confidentiality
    confidentiality_evidence: str
    health: bool
    consented_only: bool
    rag: Rag
    conditions: tuple[Condition, ...]
    granularity: Granularity
    coverage_from: date | None
    coverage_area: str
    coverage_people: str
    refresh_days: int
    retention_months: int
    dpia: Paper
    isa: Paper
    ethics_advice: str
    ethics_date: date | None
    recipients: tuple[str, ...]
    breach_contact: str
    withdrawal: str
    starts: date
    expires: date
    tolerance_percent: float
    agency: Agency
    format: Format
    columns: Mapping[str, str]
    category_codes: Mapping[str, tuple[str, str]]
    role_codes: Mapping[str, str]
    sex_codes: Mapping[str, str]
    standing_codes: Mapping[str, str]
    constants: Mapping[str, str]
    algo_care: tuple[Answer, ...]
    document: str
    """The file's text, kept as it was signed."""
    recipients_most: int = 0
    """How many named people may hold something of it at one time; 0 where it does not say (leaving/holders.py)."""
    suppress_under: int = 0
    """Figures below this are hidden where they leave; 0 where it does not say (leaving/suppression_terms.py)."""
    round_to: int = 0
    """What the others are rounded to; 0 where it does not say."""
    measures: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Further numbers of a row by the partner's column: what each is called, and what it is to ``area.count``."""

    @property
    def digest(self) -> str:
        """The SHA-256 of the document: what a signature covers."""
        return hashlib.sha256(self.document.encode()).hexdigest()

    @property
    def unmet_conditions(self) -> tuple[Condition, ...]:
        """The conditions that nobody has met yet."""
        return tuple(condition for condition in self.conditions if condition.met_on is None)


def _codes(raw: TomlTable, name: str) -> dict[str, str]:
    table = raw.table(name)
    return {key: table.text(key) for key in table.keys()}  # noqa: SIM118 - a TomlTable is not a dict


def _category_codes(raw: TomlTable) -> dict[str, tuple[str, str]]:
    table = raw.table("category")
    found: dict[str, tuple[str, str]] = {}
    for key in table.keys():  # noqa: SIM118 - a TomlTable is not a dict
        pair = table.texts(key)
        if len(pair) == 2:
            found[key] = (pair[0], pair[1])
        else:
            table.wrong(key, "must be two words: [our category, our priority area]")
    return found


def _format(raw: TomlTable, overrides: TomlTable) -> Format:
    return Format(
        shape=raw.word("shape", ("persons", "contacts", "areas"), "contacts"),
        kind=raw.word("kind", tuple(kind.value for kind in ExtractKind), ExtractKind.CSV.value),
        encoding=raw.text("encoding", "utf-8"),
        delimiter=raw.text("delimiter", ","),
        sheet=raw.text("sheet", ""),
        header_row=raw.number("header_row", 1),
        dates=raw.text("dates", "%Y-%m-%d"),
        times=raw.text("times", "%H:%M"),
        months=raw.text("months", "%Y-%m"),
        empty=raw.texts("empty", ()),
        born_from=raw.day("born_from", required=False) or date(1900, 1, 1),
        date_of={key: overrides.text(key) for key in overrides.keys()},  # noqa: SIM118 - not a dict
        span=raw.text("span", MONTH),
        unlisted=raw.text("unlisted", UNKNOWN),
    )


def _measures(raw: TomlTable) -> dict[str, tuple[str, str]]:
    found = {}
    for column in raw.keys():  # noqa: SIM118 - not a dict
        one = raw.table(column)
        found[column] = (" ".join(one.text("name").split()), one.word("is", RELATIONS, BESIDE))
    return found


def _answers(raw: TomlTable) -> tuple[Answer, ...]:
    return tuple(
        Answer(
            head=one.text("head"),
            question=one.text("question"),
            answer=one.text("answer"),
            owner=one.text("owner", ""),
            evidence=one.text("evidence", ""),
            date=one.day("date", required=False),
            review=one.day("review", required=False),
        )
        for one in raw.tables("answers")
    )


def _paper(raw: TomlTable, name: str, day_name: str) -> Paper:
    table = raw.table(name, required=True)
    return Paper(table.text("reference"), table.day(day_name), table.text("signed_by", ""))


def _build(document: Mapping[str, Any], text: str, problems: list[str]) -> Agreement:
    root = TomlTable("", document, problems)
    top, agency, codes = (
        root.table("agreement", required=True),
        root.table("agency", required=True),
        root.table("codes"),
    )
    ethics = top.table("ethics", required=True)
    far = date(2000, 1, 1)
    measures = _measures(root.table("measures"))
    agreement = Agreement(
        reference=top.text("reference"),
        version=top.number("version", 1),
        title=top.text("title"),
        controllers=top.texts("controllers"),
        regime=top.choice("regime", Regime, Regime.UK_GDPR),
        purposes=top.texts("purposes"),
        purpose=top.text("purpose"),
        gateway=top.text("gateway"),
        article_6=top.text("article_6", ""),
        article_9=top.text("article_9", ""),
        article_10=top.text("article_10", ""),
        schedule_conditions=top.texts("schedule_conditions", ()),
        confidentiality=top.choice("confidentiality", Confidentiality, Confidentiality.NOT_CONFIDENTIAL),
        confidentiality_evidence=top.text("confidentiality_evidence", ""),
        health=top.flag("health"),
        consented_only=top.flag("consented_only"),
        rag=top.choice("rag", Rag, Rag.RED),
        conditions=tuple(
            Condition(one.text("text"), one.day("met_on", required=False), one.text("evidence", ""))
            for one in top.tables("conditions")
        ),
        granularity=top.choice("granularity", Granularity, Granularity.LOCAL_AUTHORITY),
        coverage_from=top.day("coverage_from"),
        coverage_area=top.text("coverage_area"),
        coverage_people=top.text("coverage_people"),
        refresh_days=top.number("refresh_days", 0),
        retention_months=top.number("retention_months", 0),
        dpia=_paper(top, "dpia", "date"),
        isa=_paper(top, "isa", "signed_on"),
        ethics_advice=ethics.text("advice"),
        ethics_date=ethics.day("date"),
        recipients=top.texts("recipients"),
        breach_contact=top.text("breach_contact"),
        withdrawal=top.text("withdrawal"),
        starts=top.day("starts") or far,
        expires=top.day("expires") or far,
        tolerance_percent=top.share("tolerance_percent", 0.0),
        agency=Agency(
            code=agency.text("code"),
            name=agency.text("name"),
            kind=agency.choice("kind", AgencyKind, AgencyKind.PARTNERSHIP),
        ),
        format=_format(root.table("format", required=True), root.table("dates")),
        columns=_codes(root, "columns") | {column: f"{MEASURE}{name}" for column, (name, _) in measures.items()},
        category_codes=_category_codes(codes),
        role_codes=_codes(codes, "role"),
        sex_codes=_codes(codes, "sex"),
        standing_codes=_codes(codes, "standing"),
        constants=_codes(root, "constants"),
        algo_care=_answers(root.table("algo_care")),
        document=text,
        recipients_most=top.number("recipients_most", 0),
        suppress_under=top.number("suppress_under", 0),
        round_to=top.number("round_to", 0),
        measures=measures,
    )
    root.done()
    return agreement


def _texts(value: object) -> Iterator[str]:
    """Yield every text in a document, keys as well."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield name
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def from_text(text: str, problems: list[str] | None = None) -> Agreement:
    """Return the agreement a TOML text states.

    Args:
        text: the whole file.
        problems: where to put all that is wrong with its form; without it, anything wrong raises.

    Raises:
        InputRejected: it is not TOML, or `problems` was not given and something is wrong.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as wrong:
        raise InputRejected(
            "The agreement is not TOML.", f"The file was not read further: {wrong}.", "Correct the file and try again."
        ) from None
    except RecursionError:
        raise InputRejected(
            "The agreement is nested too deeply.", "The file was not read further.", "Correct the file and try again."
        ) from None
    found: list[str] = []
    if any(not is_clean(part) for part in _texts(document)):
        found.append("The agreement holds characters that steer a terminal or cannot be seen.")
    agreement = _build(document, text, found)
    if problems is not None:
        problems.extend(found)
    elif found:
        raise InputRejected(
            "The agreement is not complete.", hint="Correct the file and try again.", problems=tuple(found)
        )
    return agreement


def read_text(path: Path) -> str:
    """Return the text of an agreement's file. Raises: InputRejected."""
    try:
        with path.open("rb") as handle:
            raw = handle.read(LARGEST_FILE + 1)
    except OSError as wrong:
        raise InputRejected(f"The agreement cannot be read: {wrong.strerror}.", "Nothing was stored.") from None
    if len(raw) > LARGEST_FILE:
        raise InputRejected(
            "The agreement's file is over 1 MB.", "It was not read.", "Give the TOML file of one agreement."
        )
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputRejected("The agreement's file is not UTF-8.", "It was not read.", "Save it as UTF-8.") from None
