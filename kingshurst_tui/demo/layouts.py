"""How each partner writes its extract: file, columns in the partner's own words, date and postcode style, codes.

One table serves both the extract and its agreement, so the two cannot differ. Column names follow real forms,
returns and models: police.uk and the Family Context model (police), the MARAC referral form, the Incident Recording
System (fire), the Ambulance and Emergency Care Data Sets, Brent's extracts (mental health), CORE and H-CLIC
(housing), the Supporting Families framework and the Standard Safeguarding Dataset.
"""

from __future__ import annotations

from dataclasses import dataclass, field

Codes = dict[str, tuple[str, str]]


@dataclass(frozen=True)
class DataSet:
    """One partner's data set.

    Attributes:
        columns: the partner's column and our field; what begins with "-" is in the file but not in the agreement.
        care: factor on the error rates (mistakes.ErrorRates).
        nhs_missing: share of its records without the NHS number, where it has a column for it; frozen as well.
        system: whose person references these are; data sets of one system share them; "" where the partner gives none.
        reference: how a contact reference looks; "{n}" is its number.
        kinds: our kind of event (events.py) to the partner's own words for it.
        categories: the partner's words to our category and priority area.
        roles: the partner's word to our role.
        sex: our letter to the partner's word.
        names: "as is", "upper" or "surname upper".
        postcodes: "spaced", "tight" or "lower".
        ascii: the system keeps no letter with a mark.
    """

    reference: str
    title: str
    file: str
    agency: str
    kind: str
    columns: tuple[tuple[str, str], ...]
    shape: str = "contacts"
    encoding: str = "utf-8"
    delimiter: str = ","
    sheet: str = ""
    header_row: int = 1
    dates: str = "%d/%m/%Y"
    times: str = "%H:%M"
    months: str = "%Y-%m"
    typed: bool = False
    empty: str = ""
    care: float = 1.0
    nhs_missing: float = 0.037
    system: str = ""
    person_reference: str = ""
    contact_reference: str = ""
    kinds: dict[str, tuple[str, ...]] = field(default_factory=dict)
    categories: Codes = field(default_factory=dict)
    roles: dict[str, str] = field(default_factory=dict)
    sex: dict[str, str] = field(default_factory=lambda: {"F": "F", "M": "M"})
    names: str = "as is"
    postcodes: str = "spaced"
    ascii: bool = False
    constants: dict[str, str] = field(default_factory=dict)

    @property
    def fields(self) -> tuple[str, ...]:
        """Our fields in the order of the file's columns."""
        return tuple(ours for _, ours in self.columns)

    @property
    def role_words(self) -> dict[str, str]:
        """Our role to the partner's word."""
        return {ours: theirs for theirs, ours in self.roles.items()}


AGENCIES = {
    "WMP": ("West Midlands Police", "police"),
    "WMFS": ("West Midlands Fire Service", "fire"),
    "WMAS": ("West Midlands Ambulance Service", "ambulance"),
    "NHS": ("NHS Birmingham and Solihull", "nhs"),
    "SMBC": ("Solihull Metropolitan Borough Council", "council"),
    "SCH": ("Solihull Community Housing", "housing"),
    "EDU": ("Schools of Kingshurst", "education"),
}
