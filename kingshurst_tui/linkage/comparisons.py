"""How two records are compared: the fields, and the levels of agreement of each.

A comparison is a list of levels in order; the first that holds is the one that counts. A level is a
condition in DuckDB's SQL over the two prepared records (``x_l``, ``x_r``; see prepare.py). What each level
weighs is learned (training.py) except where a level is too rare or too dangerous to learn from a sample: there
its ``m`` or ``u`` is stated here, with the reason.

Surname, address and postcode are one comparison: people who live together share all three for one reason, and
three comparisons would count that reason three times (LINKAGE.md finding 2).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

#: How a level's ``u`` moves with the number of records: "size" as 1/N, "steady" not at all.
Scale = Literal["steady", "size"]

WRONG_IDENTIFIER_SHARE = 1e-3
"""The share of records that carry somebody else's NHS number or UPN. Stated, not learned: LINKAGE.md section 6."""

RECORDS_PER_PERSON = 3.0
"""Records of one person, roughly, for the chance that two people's identifiers agree by error."""


@dataclass(frozen=True, slots=True)
class Level:
    """One way in which two records may agree or differ in a field.

    Attributes:
        key: a short stable word; guards and tests name levels by it.
        label: the same in words a panel reads.
        sql: the condition; empty for "anything else".
        missing: one side does not say; counts neither for nor against.
        tf: the column whose common values count for less (term frequency), or empty.
        scale: how ``u`` moves with the number of records.
        m: probability of this level for one person's two records, where stated.
        u: the same for two people's, where stated, at the number of records trained on.
    """

    key: str
    label: str
    sql: str = ""
    missing: bool = False
    tf: str = ""
    scale: Scale = "steady"
    m: float | None = None
    u: float | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """One field, or several that state one fact, with its levels from most to least agreement."""

    name: str
    title: str
    levels: tuple[Level, ...]


def _jaro(column: str, at_least: float) -> str:
    return f"jaro_winkler_similarity({column}_l, {column}_r) >= {at_least}"


FORENAME = Comparison(
    "forename",
    "Forename",
    (
        Level("missing", "forename missing", "forename_l is null or forename_r is null", missing=True),
        Level("same", "forename is the same", "forename_l = forename_r", tf="forename"),
        # Far too rare in random pairs to be sampled; the figure is LINKAGE.md section 6's.
        Level(
            "swapped",
            "forename and surname are swapped",
            "forename_l = surname_r and surname_l = forename_r",
            u=2e-7,
        ),
        Level("short", "one is a short form or another spelling of the other", "list_has_any(forms_l, forms_r)"),
        # Apart from slips: brothers and sisters may differ by an ending (Daniel, Danielle).
        Level(
            "longer",
            "one forename goes on where the other ends",
            "least(length(forename_l), length(forename_r)) >= 3 and "
            "(starts_with(forename_l, forename_r) or starts_with(forename_r, forename_l))",
        ),
        Level("close", "forename differs by a slip", _jaro("forename", 0.92)),
        Level(
            "middle",
            "forename is the other's middle name",
            "forename_l = middle_r or forename_r = middle_l",
        ),
        Level(
            "initial",
            "only an initial, and it agrees",
            "(length(forename_l) = 1 or length(forename_r) = 1) and f1_l = f1_r",
        ),
        Level("sound", "same consonants, spelt otherwise", "sound_l = sound_r"),
        Level("like", "forenames are alike", _jaro("forename", 0.8)),
        Level("differs", "forename differs"),
    ),
)

_SURNAME = "surname_l = surname_r"
_FORMER = "(former_l = surname_r or former_r = surname_l or former_l = former_r)"
_ALIKE = f"({_jaro('surname', 0.9)})"
_POSTCODE = "postcode_l = postcode_r"
# A house number decides; where neither side has one, the words of the address do.
_DWELLING = (
    "(uprn_l = uprn_r or dwelling_l = dwelling_r or "
    f"({_POSTCODE} and dwelling_l is null and dwelling_r is null and {_jaro('address', 0.94)}))"
)
_NO_PLACE = "((postcode_l is null and address_l is null) or (postcode_r is null and address_r is null))"

SURNAME_PLACE = Comparison(
    "surname_place",
    "Surname and home",
    (
        Level("missing", "surname missing", "surname_l is null or surname_r is null", missing=True),
        Level("same-dwelling", "same surname, same dwelling", f"{_SURNAME} and {_DWELLING}", scale="size"),
        Level("same-postcode", "same surname, same postcode", f"{_SURNAME} and {_POSTCODE}", scale="size"),
        Level(
            "same-address",
            "same surname and address line, postcode missing or different",
            f"{_SURNAME} and address_l = address_r",
            scale="size",
        ),
        Level(
            "former-place",
            "former surname agrees, same dwelling or postcode",
            f"{_FORMER} and ({_DWELLING} or {_POSTCODE})",
            scale="size",
        ),
        Level("alike-dwelling", "surnames alike, same dwelling", f"{_ALIKE} and {_DWELLING}", scale="size"),
        Level("same-no-place", "same surname, a home is missing", f"{_SURNAME} and {_NO_PLACE}", tf="surname"),
        Level("same-moved", "same surname, another home", _SURNAME, tf="surname"),
        Level("former", "former surname agrees, another home", _FORMER),
        Level("dwelling", "same dwelling, other surname", _DWELLING, scale="size"),
        Level("alike-postcode", "surnames alike, same postcode", f"{_ALIKE} and {_POSTCODE}", scale="size"),
        Level("postcode", "same postcode, other surname", _POSTCODE, scale="size"),
        Level("alike", "surnames alike, another home", _ALIKE),
        Level("differs", "surname and home differ"),
    ),
)

_YEAR = "dob_y_l = dob_y_r"
_MONTH = "substr(dob_md_l, 1, 2) = substr(dob_md_r, 1, 2)"
_DAY = "substr(dob_md_l, 4, 2) = substr(dob_md_r, 4, 2)"

BORN = Comparison(
    "born",
    "Date of birth",
    (
        Level("missing", "date of birth missing", "dob_l is null or dob_r is null", missing=True),
        Level(
            "same-default",
            "both say 1 January of the same year, which may stand for not known",
            "dob_l = dob_r and dob_md_l = '01-01'",
        ),
        Level("same", "date of birth is the same", "dob_l = dob_r"),
        Level("one-figure", "one figure of the date differs", "levenshtein(dob_l, dob_r) <= 1"),
        Level(
            "swapped",
            "day and month are swapped",
            f"{_YEAR} and substr(dob_md_l, 1, 2) = substr(dob_md_r, 4, 2) "
            "and substr(dob_md_l, 4, 2) = substr(dob_md_r, 1, 2)",
        ),
        Level(
            "default",
            "same year, and one says 1 January",
            f"{_YEAR} and (dob_md_l = '01-01' or dob_md_r = '01-01')",
        ),
        Level(
            "two-parts",
            "two of day, month and year agree",
            f"({_YEAR} and {_MONTH}) or ({_YEAR} and {_DAY}) or ({_MONTH} and {_DAY})",
        ),
        Level("differs", "date of birth differs"),
    ),
)

MIDDLE = Comparison(
    "middle",
    "Middle name",
    (
        Level("missing", "middle name missing", "middle_l is null or middle_r is null", missing=True),
        Level("same", "middle name is the same", "middle_l = middle_r"),
        Level(
            "initial",
            "middle initial agrees",
            "substr(middle_l, 1, 1) = substr(middle_r, 1, 1) and (length(middle_l) = 1 or length(middle_r) = 1 "
            f"or {_jaro('middle', 0.9)})",
        ),
        Level(
            "forename",
            "middle name is the other's forename",
            "middle_l = forename_r or middle_r = forename_l",
        ),
        Level("differs", "middle name differs"),
    ),
)

SEX = Comparison(
    "sex",
    "Sex",
    (
        Level("missing", "sex missing", "sex_l is null or sex_r is null", missing=True),
        Level("same", "sex is the same", "sex_l = sex_r"),
        Level("differs", "sex differs"),
    ),
)


def _identifier(name: str, title: str) -> Comparison:
    # Sampled u would count true matches among "random" pairs and call agreement worthless (LINKAGE.md finding 3);
    # the chance that two people share a number is the chance of an error, over the number of records.
    return Comparison(
        name,
        title,
        (
            Level(
                "missing",
                f"{title} missing on one side",
                f"{name}_l is null or {name}_r is null",
                missing=True,
            ),
            Level("same", f"{title} is the same", f"{name}_l = {name}_r", scale="size", m=0.98),
            Level(
                "one-figure",
                f"{title}: one figure differs",
                f"levenshtein({name}_l, {name}_r) <= 1",
                m=0.01,
                u=1e-6,
            ),
            Level("differs", f"{title} differs", m=0.01, u=1 - 1e-6),
        ),
    )


NHS = _identifier("nhs", "NHS number")
UPN = _identifier("upn", "UPN")

COMPARISONS: tuple[Comparison, ...] = (FORENAME, SURNAME_PLACE, BORN, MIDDLE, SEX, NHS, UPN)
"""All comparisons, in the order in which a person reads them."""

BLOCKING: tuple[tuple[str, str, int], ...] = (
    ("NHS number", "nhs", 200),
    ("UPN", "upn", 200),
    ("surname start, date of birth", "s4 || '|' || dob", 200),
    ("forename, date of birth", "forename || '|' || dob", 200),
    ("date of birth, postcode", "dob || '|' || postcode", 200),
    ("date of birth, initials", "dob || '|' || least(f1, s1) || greatest(f1, s1)", 200),
    ("surname, initial, postcode", "surname || '|' || f1 || '|' || postcode", 200),
    ("forename, postcode", "forename || '|' || postcode", 100),
    ("forename, dwelling", "forename || '|' || coalesce(dwelling, address)", 200),
    ("surname, dwelling", "surname || '|' || coalesce(dwelling, address)", 30),
    ("forename, surname, year", "forename || '|' || surname || '|' || dob_y", 200),
    ("forename, surname, day and month", "forename || '|' || surname || '|' || dob_md", 200),
    ("postcode, year, forename", "postcode || '|' || dob_y || '|' || forename", 200),
    ("postcode, year, surname", "postcode || '|' || dob_y || '|' || surname", 200),
    (
        "names in either order, year",
        "least(forename, surname) || '|' || greatest(forename, surname) || '|' || dob_y",
        200,
    ),
    ("rare names, and a date of birth is missing", "forename || '|' || surname", 30),
)
"""Which pairs are looked at: two records that agree on any of these, and the most records that may share one key.

All are equalities, so the work grows with the number of records and not with its square. A key that more records
share says little about a person, and its pairs grow as its square: it is left out, and the run says how many were.
"""

BLOCKING_CONDITION = {"rare names, and a date of birth is missing": "(l.dob is null or r.dob is null)"}
"""What else a pair must meet under a key. Names alone would bring in every namesake of a borough."""
