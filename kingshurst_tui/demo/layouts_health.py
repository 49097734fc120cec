"""What the ambulance service and the NHS send; all three only for people on the register of consents."""

from __future__ import annotations

from kingshurst_tui.demo.layouts import Codes, DataSet

_OTHER = "other"

#: Our kinds of event as they reach emergency care, in the words of the chief complaint.
_COMPLAINTS: dict[str, tuple[str, ...]] = {
    "illness": ("Chest pain", "Abdominal pain", "Breathing problem", "Dizziness"),
    "injury": ("Fall", "Limb injury", "Head injury"),
    "violence": ("Assault", "Facial injury"),
    "youth_violence": ("Assault", "Stab wound"),
    "hate": ("Assault",),
    "domestic": ("Assault", "Head injury"),
    "mental": ("Self-harm", "Overdose"),
    "drugs": ("Alcohol intoxication", "Overdose"),
    "concern": ("Welfare concern", "Overdose"),
}


def _all_are(category: str) -> Codes:
    return {word: (category, _OTHER) for words in _COMPLAINTS.values() for word in words}


AMBULANCE = DataSet(
    reference="WMAS-CALLS",
    title="Ambulance calls",
    file="wmas_calls.csv",
    agency="WMAS",
    kind="csv",
    columns=(
        ("Incident Number", "contact.reference"),
        ("Call Date", "contact.date"),
        ("Call Time", "contact.time"),
        ("Chief Complaint", "contact.category"),
        ("Patient Surname", "person.surname"),
        ("Patient Forename", "person.forename"),
        ("Patient DOB", "person.date_of_birth"),
        ("Patient Gender", "person.sex"),
        ("NHS Number", "person.nhs_number"),
        ("Pick Up Address", "contact.address"),
        ("Pick Up Postcode", "contact.postcode"),
        ("Home Postcode", "person.postcode"),
        ("Disposition", "contact.outcome"),
        ("Acuity", "-acuity"),
    ),
    dates="%Y%m%d",
    times="%H%M",
    empty="n/k",
    care=1.6,
    nhs_missing=0.856,
    contact_reference="WM{n:08d}",
    kinds=_COMPLAINTS,
    categories=_all_are("ambulance-call"),
    sex={"F": "2", "M": "1"},
    names="upper",
    postcodes="tight",
    ascii=True,
    constants={"contact.role": "subject", "contact.standing": "fact"},
)

EMERGENCY = DataSet(
    reference="NHS-ED",
    title="Emergency department attendances",
    file="nhs_emergency_department.parquet",
    agency="NHS",
    kind="parquet",
    columns=(
        ("Attendance Identifier", "contact.reference"),
        ("Local Patient Identifier", "person.reference"),
        ("NHS Number", "person.nhs_number"),
        ("Person_Given_Name", "person.forename"),
        ("Person_Family_Name", "person.surname"),
        ("Birth Date", "person.date_of_birth"),
        ("Person Stated Gender", "person.sex"),
        ("Patient's Usual Address", "person.address"),
        ("Postcode of Usual Address", "person.postcode"),
        ("Arrival Date", "contact.date"),
        ("Arrival Time", "contact.time"),
        ("Chief Complaint", "contact.category"),
        ("Discharge Destination", "contact.outcome"),
        ("Safeguarding Concerns", "-safeguarding"),
    ),
    typed=True,
    care=0.8,
    nhs_missing=0.02,
    system="NHS-ED",
    person_reference="H{n:07d}",
    contact_reference="AE{n:08d}",
    kinds=_COMPLAINTS,
    categories=_all_are("emergency-attendance"),
    sex={"F": "Female", "M": "Male"},
    constants={"contact.role": "subject", "contact.standing": "fact"},
)

MENTAL_HEALTH = DataSet(
    reference="NHS-MENTAL-HEALTH",
    title="Community mental-health contacts",
    file="nhs_mental_health_contacts.parquet",
    agency="NHS",
    kind="parquet",
    columns=(
        ("Service Event No", "contact.reference"),
        ("CMS No", "person.reference"),
        ("Last Name", "person.surname"),
        ("First Name", "person.forename"),
        ("Date of Birth", "person.date_of_birth"),
        ("Gender", "person.sex"),
        ("NHS No", "person.nhs_number"),
        ("Address", "person.address"),
        ("Postcode", "person.postcode"),
        ("Service Event Desc", "contact.category"),
        ("Service Event Start", "contact.date"),
        ("Keyworker", "-keyworker"),
    ),
    typed=True,
    care=0.7,
    system="NHS-MH",
    person_reference="MH{n:06d}",
    contact_reference="SE{n:08d}",
    kinds={"mental": ("Crisis team contact", "Community team appointment", "Liaison psychiatry")},
    categories={
        "Crisis team contact": ("mental-health", _OTHER),
        "Community team appointment": ("mental-health", _OTHER),
        "Liaison psychiatry": ("mental-health", _OTHER),
    },
    postcodes="lower",
    constants={"contact.role": "subject", "contact.standing": "fact"},
)

DATA_SETS = (AMBULANCE, EMERGENCY, MENTAL_HEALTH)
