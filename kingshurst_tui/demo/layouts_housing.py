"""What the council's housing company sends."""

from __future__ import annotations

from kingshurst_tui.demo.layouts import DataSet

_OTHER = "other"
_ASB = "anti-social-behaviour"

TENANTS = DataSet(
    reference="SCH-TENANTS",
    title="Council tenants and the members of their households",
    file="sch_tenants.csv",
    agency="SCH",
    kind="csv",
    shape="persons",
    encoding="windows-1252",
    columns=(
        ("Person Ref", "person.reference"),
        ("Tenancy Ref", "person.household"),
        ("Relationship to Main Tenant", "-relation"),
        ("Title", "-title"),
        ("First Name", "person.forename"),
        ("Middle Name", "person.middle_names"),
        ("Last Name", "person.surname"),
        ("Previous Surname", "person.former_surname"),
        ("Date Of Birth", "person.date_of_birth"),
        ("Sex", "person.sex"),
        ("UPRN", "person.uprn"),
        ("Address Line 1", "person.address"),
        ("Postcode", "person.postcode"),
        ("Rent Balance", "-balance"),
    ),
    care=0.4,
    system="SCH",
    person_reference="PER{n:06d}",
    sex={"F": "Female", "M": "Male"},
)

TENANCY = DataSet(
    reference="SCH-TENANCY",
    title="Tenancy enforcement and complaints to Solihull Community Housing",
    file="sch_tenancy_cases.csv",
    agency="SCH",
    kind="csv",
    encoding="windows-1252",
    columns=(
        ("Case Ref", "contact.reference"),
        ("Date Opened", "contact.date"),
        ("Case Type", "contact.category"),
        ("Party", "contact.role"),
        ("Person Ref", "person.reference"),
        ("Tenancy Ref", "person.household"),
        ("First Name", "person.forename"),
        ("Last Name", "person.surname"),
        ("Date Of Birth", "person.date_of_birth"),
        ("UPRN", "person.uprn"),
        ("Address Line 1", "person.address"),
        ("Postcode", "person.postcode"),
        ("Outcome", "contact.outcome"),
        ("Police Ref", "contact.shared_reference"),
        ("Housing Officer", "-officer"),
    ),
    care=0.4,
    system="SCH",
    person_reference="PER{n:06d}",
    contact_reference="TC{n:06d}",
    kinds={
        "arrears": ("Rent arrears over 6 weeks", "Notice seeking possession"),
        "asb": ("ASB - harassment", "ASB - rowdy behaviour"),
        "noise": ("ASB - noise",),
        "hate": ("ASB - hate related",),
        "damage": ("ASB - vandalism",),
        "domestic": ("Domestic abuse disclosure",),
    },
    categories={
        "Rent arrears over 6 weeks": ("tenancy", _OTHER),
        "Notice seeking possession": ("tenancy", _OTHER),
        "ASB - harassment": (_ASB, _ASB),
        "ASB - rowdy behaviour": (_ASB, _ASB),
        "ASB - noise": ("noise", _ASB),
        "ASB - hate related": ("hate", "hate-crime"),
        "ASB - vandalism": ("damage", _ASB),
        "Domestic abuse disclosure": ("domestic-abuse", "violence-against-women-and-girls"),
    },
    roles={"Tenant": "subject", "Complainant": "caller", "Victim": "victim", "Alleged perpetrator": "suspect"},
    constants={"contact.standing": "fact"},
)

HOMELESS = DataSet(
    reference="SCH-HOMELESS",
    title="Homelessness applications",
    file="sch_homelessness_applications.xlsx",
    agency="SCH",
    kind="xlsx",
    sheet="H-CLIC cases",
    header_row=4,
    columns=(
        ("Unique case identifier", "contact.reference"),
        ("Date of application", "contact.date"),
        ("Main applicant ref", "person.reference"),
        ("Main applicant forename(s)", "person.forename"),
        ("Main applicant surname", "person.surname"),
        ("Main applicant date of birth", "person.date_of_birth"),
        ("Main applicant gender", "person.sex"),
        ("Last settled address", "person.address"),
        ("Last settled postcode", "person.postcode"),
        ("Reason for loss of last settled home", "contact.category"),
        ("Outcome of duty", "contact.outcome"),
        ("Support needs", "-support"),
    ),
    typed=True,
    care=1.1,
    system="SCH-HOMELESS",
    person_reference="HA{n:05d}",
    contact_reference="HCLIC{n:06d}",
    kinds={
        "homeless": ("End of private tenancy", "Family no longer willing to accommodate", "Rough sleeping"),
        "domestic": ("Domestic abuse",),
    },
    categories={
        "End of private tenancy": ("homelessness", _OTHER),
        "Family no longer willing to accommodate": ("homelessness", _OTHER),
        "Rough sleeping": ("homelessness", _OTHER),
        "Domestic abuse": ("homelessness", "violence-against-women-and-girls"),
    },
    sex={"F": "Female", "M": "Male"},
    constants={"contact.role": "subject", "contact.standing": "fact"},
)

DATA_SETS = (TENANTS, TENANCY, HOMELESS)
