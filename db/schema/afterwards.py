"""What follows from a panel: dissent, progress, referrals, the state of a case, outcomes, and what left the store."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table, UniqueConstraint

from db.schema.common import NEVER_REUSED, PERSONAL, PLAIN, choice, day, instant, key, metadata, refers, words

#: An agency disagrees with a decision: on what grounds, what the chair answers, how far it has gone up.
dissent = Table(
    "dissent",
    metadata,
    key(),
    refers("profile_id", "profile.id"),
    refers("decision_id", "decision.id"),
    Column("agency_code", String(20), nullable=False),
    # {"position": ..., "grounds": ..., "missing": ..., "alternative": ...}, as signed
    words("document"),
    Column("signature", LargeBinary, nullable=False),
    Column("made_by", String(60), nullable=False),
    Column("entered_for", String(120), nullable=False, server_default=""),
    instant("made_at"),
    # 0: with the chair; 1, 2, 3: escalated so far
    Column("level", Integer, nullable=False, server_default="0"),
    instant("due_at"),
    # open, resolved, withdrawn, stands
    choice("status", default="open"),
    Column("version", Integer, nullable=False, server_default="1"),
    info=PERSONAL,
    **NEVER_REUSED,
)

#: What was answered, escalated or settled of a dissent, in order.
dissent_step = Table(
    "dissent_step",
    metadata,
    key(),
    refers("dissent_id", "dissent.id"),
    refers("profile_id", "profile.id"),
    # answered, escalated, resolved, withdrawn, stands
    choice("step"),
    Column("level", Integer, nullable=False),
    words("words"),
    Column("made_by", String(60), nullable=False),
    instant("made_at"),
    info=PERSONAL,
    **NEVER_REUSED,
)

#: What came of an action so far: accepted, declined, in hand, evidence, closed, brought back.
action_step = Table(
    "action_step",
    metadata,
    key(),
    refers("action_id", "action.id"),
    refers("profile_id", "profile.id"),
    # accepted, declined, progress, evidence, done, not-done, brought-back, changed
    choice("step"),
    words("words"),
    Column("made_by", String(60), nullable=False),
    Column("entered_for", String(120), nullable=False, server_default=""),
    instant("made_at"),
    info=PERSONAL,
    **NEVER_REUSED,
)

#: One agency asks another, or the panel, to take somebody on; who it is may be unknown here.
referral = Table(
    "referral",
    metadata,
    key(),
    # Whose referral it is, once somebody of the panel has said so; the referrer is not told.
    refers("profile_id", "profile.id", nullable=True),
    Column("purpose", String(60), nullable=False),
    Column("from_agency", String(20), nullable=False),
    # A partner's code; empty for the panel.
    Column("to_agency", String(20), nullable=False, server_default=""),
    # Who is meant, as the referrer wrote it.
    Column("forename", String(80)),
    Column("surname", String(80)),
    day("born", nullable=True),
    Column("postcode", String(8)),
    Column("own_reference", String(60)),
    # {"why": ..., "asked": ..., "person_knows": ...}
    words("document"),
    # routine, soon, today
    choice("urgency", default="routine"),
    # On which basis what is said here was disclosed, and which fields.
    words("lawful_basis"),
    words("disclosed"),
    Column("sent_by", String(60), nullable=False),
    instant("sent_at"),
    # sent, received, accepted, rejected, done, revoked
    choice("status", default="sent"),
    words("answer"),
    Column("answered_by", String(60)),
    instant("answered_at", nullable=True),
    day("feedback_due_on", nullable=True),
    words("feedback"),
    Column("feedback_by", String(60)),
    instant("feedback_at", nullable=True),
    # unknown, matched, new: how it was reconciled, out of the referrer's sight
    choice("reconciled", default="waiting"),
    Column("reconciled_by", String(60)),
    instant("reconciled_at", nullable=True),
    Column("version", Integer, nullable=False, server_default="1"),
    Index("referral_by_agencies", "from_agency", "to_agency"),
    info=PERSONAL,
    **NEVER_REUSED,
)

referral_step = Table(
    "referral_step",
    metadata,
    key(),
    refers("referral_id", "referral.id"),
    refers("profile_id", "profile.id", nullable=True),
    # sent, received, accepted, rejected, feedback, done, revoked, reconciled
    choice("step"),
    words("words"),
    Column("made_by", String(60), nullable=False),
    instant("made_at"),
    info=PERSONAL,
    **NEVER_REUSED,
)

#: Where a case stands for a purpose: every change is a row with its reason, the latest holds.
case_state = Table(
    "case_state",
    metadata,
    key(),
    refers("profile_id", "profile.id", index=False),
    Column("purpose", String(60), nullable=False),
    # open, monitoring, closed, reopened, stood-down
    choice("state"),
    words("why"),
    Column("lead_agency", String(20), nullable=False, server_default=""),
    refers("panel_id", "panel.id", nullable=True),
    Column("changed_by", String(60), nullable=False),
    instant("changed_at"),
    Index("case_state_latest", "profile_id", "purpose", "id"),
    info=PERSONAL,
    **NEVER_REUSED,
)

#: The lead passes from one agency to another, with what the other must know.
lead_transfer = Table(
    "lead_transfer",
    metadata,
    key(),
    refers("profile_id", "profile.id"),
    Column("purpose", String(60), nullable=False),
    Column("from_agency", String(20), nullable=False),
    Column("to_agency", String(20), nullable=False),
    words("why"),
    words("handover"),
    Column("asked_by", String(60), nullable=False),
    instant("asked_at"),
    # asked, accepted, declined, withdrawn
    choice("status", default="asked"),
    words("answer"),
    Column("answered_by", String(60)),
    instant("answered_at", nullable=True),
    Column("version", Integer, nullable=False, server_default="1"),
    info=PERSONAL,
    **NEVER_REUSED,
)

#: A case that only those on its list may open, until the restriction ends.
case_restriction = Table(
    "case_restriction",
    metadata,
    key(),
    refers("profile_id", "profile.id"),
    words("why"),
    Column("made_by", String(60), nullable=False),
    instant("made_at"),
    Column("ended_by", String(60)),
    instant("ended_at", nullable=True),
    words("ended_why"),
    # standing, ended
    choice("status", default="standing"),
    info=PERSONAL,
    **NEVER_REUSED,
)

case_access = Table(
    "case_access",
    metadata,
    key(),
    refers("profile_id", "profile.id"),
    Column("user_name", String(60), nullable=False),
    words("why"),
    Column("given_by", String(60), nullable=False),
    instant("given_at"),
    Column("ended_by", String(60)),
    instant("ended_at", nullable=True),
    # standing, ended
    choice("status", default="standing"),
    Index("case_access_by_user", "user_name", "profile_id"),
    info=PERSONAL,
    **NEVER_REUSED,
)

#: What was measured of a person's life at 3, 6 and 12 months, against their own before.
outcome = Table(
    "outcome",
    metadata,
    key(),
    refers("profile_id", "profile.id"),
    Column("purpose", String(60), nullable=False),
    refers("decision_id", "decision.id"),
    # housing, health, safety, money, family, education, contact-with-services, other
    choice("domain"),
    Column("months", Integer, nullable=False),
    day("measured_on"),
    words("baseline"),
    words("now"),
    # better, no-effect, worse, unknown
    choice("effect"),
    words("person_view"),
    words("source"),
    Column("recorded_by", String(60), nullable=False),
    instant("recorded_at"),
    # standing, replaced
    choice("status", default="standing"),
    Column("version", Integer, nullable=False, server_default="1"),
    info=PERSONAL,
    **NEVER_REUSED,
)

#: Everything that left the store through its one gate: what kind, why, how long it may be kept, whether called back.
disclosure = Table(
    "disclosure",
    metadata,
    key(),
    # pack, minutes, actions, calendar, summary, letter, columns, report
    choice("kind"),
    # html, pdf, docx, csv, ics, txt
    Column("form", String(10), nullable=False),
    refers("panel_id", "panel.id", nullable=True),
    Column("purpose", String(60), nullable=False),
    words("why"),
    # JSON list of the data sets whose rows are in it, and how many recipients each allows
    words("data_sets"),
    Column("made_by", String(60), nullable=False),
    instant("made_at"),
    day("expires_on"),
    # standing, called-back
    choice("status", default="standing"),
    Column("called_back_by", String(60)),
    instant("called_back_at", nullable=True),
    words("called_back_why"),
    info=PLAIN,
    **NEVER_REUSED,
)

#: Each recipient has a copy of their own, with a mark of its own.
disclosure_recipient = Table(
    "disclosure_recipient",
    metadata,
    key(),
    refers("disclosure_id", "disclosure.id"),
    Column("name", String(120), nullable=False),
    Column("agency_code", String(20), nullable=False),
    Column("mark", String(20), nullable=False, unique=True),
    # Of the very bytes that were handed over.
    Column("digest", String(64), nullable=False),
    info=PLAIN,
    **NEVER_REUSED,
)

#: About whom it was; a letter to the person themselves names them as recipient here and not above.
disclosure_subject = Table(
    "disclosure_subject",
    metadata,
    key(),
    refers("disclosure_id", "disclosure.id", index=False),
    refers("profile_id", "profile.id"),
    UniqueConstraint("disclosure_id", "profile_id"),
    info=PERSONAL,
    **NEVER_REUSED,
)

GO_WITH_THEIR_PERSON = (
    "dissent",
    "dissent_step",
    "action_step",
    "referral",
    "referral_step",
    "case_state",
    "lead_transfer",
    "case_restriction",
    "case_access",
    "outcome",
    "disclosure_subject",
)
"""Tables whose rows go along when one profile becomes part of another."""
