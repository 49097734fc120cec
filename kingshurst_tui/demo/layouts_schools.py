"""What the schools send."""

from __future__ import annotations

from kingshurst_tui.demo.layouts import DataSet

_OTHER = "other"

ATTENDANCE = DataSet(
    reference="EDU-ATTENDANCE",
    title="School attendance by period, pupils missing 8 % of sessions or more",
    file="edu_attendance.csv",
    agency="EDU",
    kind="csv",
    columns=(
        ("Record No", "contact.reference"),
        ("Admission No", "person.reference"),
        ("UPN", "person.upn"),
        ("Legal Surname", "person.surname"),
        ("Legal Forename", "person.forename"),
        ("Middle Name(s)", "person.middle_names"),
        ("DOB", "person.date_of_birth"),
        ("Gender", "person.sex"),
        ("Postcode", "person.postcode"),
        ("Period Ending", "contact.date"),
        ("Percentage of Sessions Missed", "contact.measure"),
        ("FSM", "-fsm"),
    ),
    care=0.4,
    system="EDU",
    person_reference="A{n:06d}",
    contact_reference="ATT{n:07d}",
    kinds={"absence": ("Attendance",)},
    constants={"contact.category": "school-absence", "contact.role": "subject", "contact.standing": "fact"},
)

EXCLUSIONS = DataSet(
    reference="EDU-EXCLUSIONS",
    title="School suspensions and exclusions",
    file="edu_exclusions.csv",
    agency="EDU",
    kind="csv",
    encoding="utf-8-sig",
    columns=(
        ("Exclusion ID", "contact.reference"),
        ("Admission No", "person.reference"),
        ("UPN", "person.upn"),
        ("Surname", "person.surname"),
        ("Forename", "person.forename"),
        ("DOB", "person.date_of_birth"),
        ("Gender", "person.sex"),
        ("Exclusion Start Date", "contact.date"),
        ("Exclusion Category", "-type"),
        ("Exclusion Reason", "contact.category"),
        ("Actual Number of Sessions", "contact.measure"),
    ),
    dates="%Y-%m-%d",
    care=0.4,
    system="EDU",
    person_reference="A{n:06d}",
    contact_reference="EX{n:06d}",
    kinds={
        "exclusion": ("Persistent disruptive behaviour", "Verbal abuse against an adult"),
        "youth_violence": ("Physical assault against a pupil", "Use or threat of an offensive weapon"),
        "drugs": ("Drug and alcohol related",),
    },
    categories={
        "Persistent disruptive behaviour": ("school-exclusion", _OTHER),
        "Verbal abuse against an adult": ("school-exclusion", _OTHER),
        "Physical assault against a pupil": ("school-exclusion", "youth-violence"),
        "Use or threat of an offensive weapon": ("school-exclusion", "youth-violence"),
        "Drug and alcohol related": ("school-exclusion", _OTHER),
    },
    constants={"contact.role": "subject", "contact.standing": "fact"},
)

DATA_SETS = (ATTENDANCE, EXCLUSIONS)
