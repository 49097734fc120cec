"""Area counts, and two data sets whose gate stays shut: one assessed red, one whose agreement has lapsed."""

from __future__ import annotations

from kingshurst_tui.demo.layouts import DataSet

CRIME_BY_AREA = DataSet(
    reference="WMP-CRIME-LSOA",
    title="Recorded crime and anti-social behaviour by small area and month",
    file="wmp_crime_by_lsoa.csv",
    agency="WMP",
    kind="csv",
    shape="areas",
    columns=(
        ("lsoa_code", "area.code"),
        ("lsoa_name", "-name"),
        ("category", "area.category"),
        ("year", "area.year"),
        ("month", "area.month_number"),
        ("crime_count", "area.count"),
    ),
)

FIRE_BY_POSTCODE = DataSet(
    reference="WMFS-FIRE-POSTCODE",
    title="Fire incidents by postcode and month",
    file="wmfs_fires_by_postcode.csv",
    agency="WMFS",
    kind="csv",
    shape="areas",
    encoding="latin-1",
    delimiter="\t",
    columns=(
        ("postcode_full", "area.code"),
        ("month", "area.month"),
        ("incident_group", "area.category"),
        ("incidents", "area.count"),
        ("pumps", "-pumps"),
    ),
    months="%m/%Y",
)

REPORTS_BY_AREA = DataSet(
    reference="SMBC-STREET-LSOA",
    title="Reports to street services by small area and month",
    file="smbc_street_reports_by_lsoa.csv",
    agency="SMBC",
    kind="csv",
    shape="areas",
    columns=(
        ("LSOA21CD", "area.code"),
        ("LSOA21NM", "-name"),
        ("Report Type", "area.category"),
        ("Month", "area.month"),
        ("Reports", "area.count"),
    ),
    months="%m/%Y",
)

GP = DataSet(
    reference="NHS-GP",
    title="General practice records",
    file="nhs_gp_registrations.csv",
    agency="NHS",
    kind="csv",
    shape="persons",
    columns=(
        ("Practice Patient No", "person.reference"),
        ("NHS No", "person.nhs_number"),
        ("Last Name", "person.surname"),
        ("First Name", "person.forename"),
        ("Date of Birth", "person.date_of_birth"),
        ("Address", "person.address"),
        ("Postcode", "person.postcode"),
        ("Name of GP", "-gp"),
    ),
    care=0.5,
    system="NHS-GP",
    person_reference="GP{n:06d}",
)

SKILLS = DataSet(
    reference="SMBC-SKILLS",
    title="School leavers and young adults: employment and skills",
    file="smbc_school_leavers.csv",
    agency="SMBC",
    kind="csv",
    columns=(
        ("Record", "contact.reference"),
        ("YP ID", "person.reference"),
        ("Forename", "person.forename"),
        ("Surname", "person.surname"),
        ("DOB", "person.date_of_birth"),
        ("Postcode", "person.postcode"),
        ("Status Date", "contact.date"),
        ("Current Situation", "contact.category"),
    ),
    dates="%d-%m-%Y",
    care=0.9,
    system="SMBC-NEET",
    person_reference="YP{n:05d}",
    contact_reference="NT{n:06d}",
    kinds={"leaver": ("NEET - available", "In education", "In employment", "Unknown situation")},
    categories={
        "NEET - available": ("other", "other"),
        "In education": ("other", "other"),
        "In employment": ("other", "other"),
        "Unknown situation": ("other", "other"),
    },
    constants={"contact.role": "subject", "contact.standing": "fact"},
)

AREAS = (CRIME_BY_AREA, FIRE_BY_POSTCODE, REPORTS_BY_AREA)
SHUT = (GP, SKILLS)
