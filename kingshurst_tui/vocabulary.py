"""The words every room uses: agencies, roles, categories, granularity, operations, reasons."""

from __future__ import annotations

from enum import StrEnum


class AgencyKind(StrEnum):
    """What a partner agency does; health kinds are shown as "another agency" on a mask."""

    POLICE = "police"
    FIRE = "fire"
    AMBULANCE = "ambulance"
    NHS = "nhs"
    COUNCIL = "council"
    HOUSING = "housing"
    EDUCATION = "education"
    PARTNERSHIP = "partnership"


HEALTH_KINDS = frozenset({AgencyKind.AMBULANCE, AgencyKind.NHS})
"""Kinds whose name alone would tell something about a person's health."""

ANOTHER_AGENCY = "another agency"
"""How such an agency reads on a mask."""


class Regime(StrEnum):
    """The data protection regime an agreement rests on."""

    UK_GDPR = "uk-gdpr"
    PART_3 = "dpa-2018-part-3"


class Rag(StrEnum):
    """The partners' red, amber, green assessment of sharing one data set."""

    RED = "red"
    AMBER = "amber"
    GREEN = "green"


class Granularity(StrEnum):
    """How fine the data may be, finest first."""

    INDIVIDUAL = "individual"
    ADDRESS = "address"
    POSTCODE = "postcode"
    LSOA = "lsoa"
    MSOA = "msoa"
    WARD = "ward"
    LOCAL_AUTHORITY = "local-authority"
    ORGANISATION = "organisation"
    """Counts at a health organisation, by its ODS code."""
    SCHOOL = "school"
    """Counts at a school, by its URN."""


class Confidentiality(StrEnum):
    """What lifts the common-law duty of confidence for identifiable health data."""

    NOT_CONFIDENTIAL = "not-confidential"
    CONSENT_REGISTER = "consent-register"
    STATUTE = "statute"
    SECTION_251 = "section-251"


class PriorityArea(StrEnum):
    """The partnership's four community safety priorities (briefing, 6 July 2022), and the rest."""

    ASB = "anti-social-behaviour"
    YOUTH_VIOLENCE = "youth-violence"
    VAWG = "violence-against-women-and-girls"
    HATE_CRIME = "hate-crime"
    OTHER = "other"


class Category(StrEnum):
    """What a contact was about."""

    ASB = "anti-social-behaviour"
    NOISE = "noise"
    VIOLENCE = "violence"
    DOMESTIC_ABUSE = "domestic-abuse"
    SEXUAL_OFFENCE = "sexual-offence"
    HATE = "hate"
    EXPLOITATION = "exploitation"
    MISSING = "missing"
    THEFT = "theft"
    DAMAGE = "damage"
    DRUGS_ALCOHOL = "drugs-alcohol"
    FIRE = "fire"
    FIRE_SAFETY_VISIT = "fire-safety-visit"
    AMBULANCE_CALL = "ambulance-call"
    EMERGENCY_ATTENDANCE = "emergency-attendance"
    MENTAL_HEALTH = "mental-health"
    CONCERN_FOR_SAFETY = "concern-for-safety"
    SAFEGUARDING = "safeguarding"
    HOMELESSNESS = "homelessness"
    TENANCY = "tenancy"
    SCHOOL_ABSENCE = "school-absence"
    SCHOOL_EXCLUSION = "school-exclusion"
    FAMILY_SUPPORT = "family-support"
    OTHER = "other"


PRIORITY_OF = {
    Category.ASB: PriorityArea.ASB,
    Category.NOISE: PriorityArea.ASB,
    Category.DOMESTIC_ABUSE: PriorityArea.VAWG,
    Category.SEXUAL_OFFENCE: PriorityArea.VAWG,
    Category.HATE: PriorityArea.HATE_CRIME,
}
"""The priority area of a category, where neither an agreement's codes nor a rule says otherwise."""


class Intervention(StrEnum):
    """What kind of thing an action does, so that what came of it can be told together."""

    HOME_VISIT = "home-visit"
    TENANCY = "tenancy-support"
    MENTAL_HEALTH = "mental-health-support"
    DRUGS_ALCOHOL = "drug-and-alcohol-support"
    FAMILY = "family-support"
    SCHOOL = "school-support"
    FIRE_SAFETY = "fire-safety"
    SAFEGUARDING = "safeguarding-enquiry"
    MEDIATION = "mediation"
    MONEY = "money-and-benefits"
    ONE_CONTACT = "single-point-of-contact"
    ENFORCEMENT = "enforcement"
    OTHER = "other"


class Domain(StrEnum):
    """What part of a life an outcome is about."""

    HOUSING = "housing"
    HEALTH = "health"
    SAFETY = "safety"
    MONEY = "money"
    FAMILY = "family"
    EDUCATION = "education"
    CONTACT = "contact-with-services"
    OTHER = "other"


class Effect(StrEnum):
    """What came of it; no effect and unknown are answers like any other."""

    BETTER = "better"
    NONE = "no-effect"
    WORSE = "worse"
    UNKNOWN = "unknown"


class ContactRole(StrEnum):
    """The part a person had in a contact."""

    VICTIM = "victim"
    WITNESS = "witness"
    SUSPECT = "suspect"
    CONVICTED = "convicted"
    CALLER = "caller"
    SUBJECT = "subject"


class Standing(StrEnum):
    """Whether a contact states what happened or what somebody thinks."""

    FACT = "fact"
    ASSESSMENT = "assessment"


class Role(StrEnum):
    """What a user is to the store."""

    COORDINATOR = "coordinator"
    PRACTITIONER = "practitioner"
    SUPERVISOR = "supervisor"
    GOVERNANCE = "governance"
    ADMINISTRATOR = "administrator"


class Operation(StrEnum):
    """What an act does to data; the first six are those of DPA 2018 s.62."""

    COLLECT = "collect"
    ALTER = "alter"
    CONSULT = "consult"
    DISCLOSE = "disclose"
    COMBINE = "combine"
    ERASE = "erase"
    ADMINISTER = "administer"


class Thing(StrEnum):
    """What an act is done to."""

    STORE = "store"
    USER = "user"
    GRANT = "role-grant"
    AUDIT = "audit"
    SAMPLE = "dip-sample"
    SAMPLE_ANSWER = "dip-sample-answer"
    AGREEMENT = "agreement"
    BATCH = "batch"
    AREA_MEASURE = "area-measure"
    MODEL = "model"
    LINK = "link"
    PROFILE = "profile"
    SEARCH = "search"
    CONSENT = "consent"
    GROUND = "ground"
    RULE = "rule"
    FLAG = "flag"
    AGENDA = "agenda"
    DECISION = "decision"
    ACTION = "action"
    NOTE = "restricted-note"
    COMPARTMENT = "compartment"
    PANEL = "panel"
    INFORMATION = "information-request"
    FIRST_VIEW = "first-view"
    GOING_ON = "going-on"
    MANIFEST = "manifest"
    DISSENT = "dissent"
    MINUTES = "minutes"
    REFERRAL = "referral"
    CASE = "case"
    OUTCOME = "outcome"
    JUDGEMENT = "flag-judgement"
    UNFLAGGED = "unflagged-sample"
    DISCLOSURE = "disclosure"
    PLACE = "place"
    PLACE_RULE = "place-rule"
    FORECAST = "forecast"
    OVERLAP = "overlap"
    BOARD_REPORT = "board-report"


class FieldGroup(StrEnum):
    """What of a person is shown together, whatever act shows it."""

    MASK = "mask"
    IDENTITY = "identity"
    CONTACT_DETAIL = "contact-detail"
    HEALTH_DETAIL = "health-detail"
    BASIS = "consents-and-grounds"
    DECISIONS = "decisions-and-actions"
    LINK_EVIDENCE = "link-evidence"
    RESTRICTED_NOTES = "restricted-notes"
    TYPED_WORDS = "words-typed-in-the-trail"


class ReasonCode(StrEnum):
    """Why an act was done; the usual ones by one key, words for the rest."""

    PANEL = "panel-business"
    CASELOAD = "own-caseload"
    FINDING = "finding-somebody"
    APPROACH = "approaching-the-person"
    REVIEW = "link-review"
    CONSENT = "consent-or-ground"
    SAFEGUARDING = "safeguarding"
    INTAKE = "intake"
    RIGHTS = "rights-request"
    OVERSIGHT = "oversight"
    MAINTENANCE = "maintenance"
    OTHER = "other"


class ConsentKind(StrEnum):
    """What a person said, when they were asked."""

    ENGAGE = "engage"
    """Agrees to engage with a plan: opens their profile for one purpose."""
    DECLINED = "declined"
    """Does not want to engage: stops the offer, and ends an earlier agreement."""
    CONFIDENTIALITY = "confidentiality"
    """Lifts confidentiality for one data set: lets its rows about them come in."""


class ExtractKind(StrEnum):
    """The kind of file an extract is."""

    CSV = "csv"
    XLSX = "xlsx"
    PARQUET = "parquet"


class LinkState(StrEnum):
    """Where a link stands, and who put it there."""

    CLEAR = "clear"
    REVIEW = "review"
    LINKED = "linked-by-person"
    APART = "kept-apart-by-person"
    UNDONE = "undone"
