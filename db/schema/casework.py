"""Consents and grounds, incidents, rules, flags, agenda, decisions, actions."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text, UniqueConstraint, text

from db.schema.common import NEVER_REUSED, PERSONAL, PLAIN, choice, day, instant, key, metadata, refers, words

#: What a person agreed to, as given. Waiting consents have no profile yet.
consent = Table(
    "consent",
    metadata,
    key(),
    refers("profile_id", "profile.id", nullable=True),
    # "engage" opens a profile for a purpose; "confidentiality" lifts it for one data set.
    choice("kind", default="engage"),
    Column("purpose", String(60)),
    Column("agreement_ref", String(60)),
    Column("forename", String(80)),
    Column("surname", String(80)),
    day("born", nullable=True),
    Column("postcode", String(8)),
    Column("nhs_number", String(10)),
    Column("given_by", String(120), nullable=False, server_default="self"),
    Column("authority", String(120), nullable=False, server_default="self"),
    day("given_on"),
    day("expires_on", nullable=True),
    Column("evidence", String(240)),
    # waiting, effective, refused, withdrawn, set-aside, reopened
    choice("status", default="waiting"),
    day("withdrawn_on", nullable=True),
    words("withdrawn_why"),
    Column("register_version", Integer, nullable=False, server_default="0"),
    Column("recorded_by", String(60), nullable=False),
    instant("recorded_at"),
    # The second person who said whose it is, where it waited for one.
    Column("settled_by", String(60)),
    instant("settled_at", nullable=True),
    # Who brought it back by withdrawing the refusal that had ended it; somebody else settles it.
    Column("reopened_by", String(60)),
    Index("consent_by_born", "born"),
    info=PERSONAL,
    **NEVER_REUSED,
)

#: Records of a "consented only" data set whose person is no longer on its register: from which day nobody sees them.
withheld_record = Table(
    "withheld_record",
    metadata,
    # No foreign key: ids are never used again, and a recall need not know of this table.
    Column("source_record_id", Integer, primary_key=True, autoincrement=False),
    Column("agreement_ref", String(60), nullable=False),
    Column("from_day", String(10), nullable=False),
    info=PERSONAL,
)

#: Why the partnership goes on without the person's agreement: who, why, until when, and a second person.
ground = Table(
    "ground",
    metadata,
    key(),
    refers("profile_id", "profile.id"),
    Column("purpose", String(60), nullable=False),
    # safeguarding, statutory-review, cannot-safely-be-asked, vital-interests
    choice("kind"),
    words("why"),
    day("until"),
    Column("recorded_by", String(60), nullable=False),
    instant("recorded_at"),
    Column("second_person", String(60)),
    instant("second_at", nullable=True),
    # proposed, effective, refused, ended, reopened
    choice("status", default="proposed"),
    info=PERSONAL,
    **NEVER_REUSED,
)

#: The one thing the open views ask: which profile is open for which purpose, from when until when.
opening = Table(
    "opening",
    metadata,
    key(),
    refers("profile_id", "profile.id", index=False),
    Column("purpose", String(60), nullable=False),
    day("opens"),
    day("closes"),
    # "consent" or "ground", and its id
    choice("basis"),
    Column("basis_id", Integer, nullable=False),
    # Vital interests: the moment at which it closes unless a second person has agreed.
    instant("unless_confirmed_by", nullable=True),
    Index("opening_by_profile", "profile_id", "purpose"),
    Index("opening_unconfirmed", "unless_confirmed_by", sqlite_where=text("unless_confirmed_by IS NOT NULL")),
    UniqueConstraint("basis", "basis_id"),
    info=PERSONAL,
)

incident = Table(
    "incident",
    metadata,
    key(),
    day("first_day"),
    # How the contacts came to be one: {"rule": "one-incident/1", "because": [...]}
    words("evidence"),
    info=PERSONAL,
    **NEVER_REUSED,
)

incident_contact = Table(
    "incident_contact",
    metadata,
    Column("contact_id", Integer, primary_key=True),
    refers("incident_id", "incident.id"),
    info=PERSONAL,
)

#: A person's word that two contacts are, or are not, one incident; it outlives recomputation.
incident_ruling = Table(
    "incident_ruling",
    metadata,
    key(),
    refers("left_contact_id", "contact.id"),
    refers("right_contact_id", "contact.id"),
    choice("ruling"),
    words("why"),
    Column("ruled_by", String(60), nullable=False),
    instant("ruled_at"),
    UniqueConstraint("left_contact_id", "right_contact_id"),
    info=PERSONAL,
)

#: A cited, versioned, dated threshold.
rule = Table(
    "rule",
    metadata,
    key(),
    Column("code", String(60), nullable=False),
    Column("version", Integer, nullable=False),
    Column("title", String(200), nullable=False),
    words("document"),
    # draft, live, retired
    choice("status", default="live"),
    Column("edited_by", String(60), nullable=False),
    instant("edited_at"),
    UniqueConstraint("code", "version"),
    info=PLAIN,
    **NEVER_REUSED,
)

#: A rule met by a profile: one row a run of days on which it held.
flag = Table(
    "flag",
    metadata,
    key(),
    refers("profile_id", "profile.id"),
    Column("rule_code", String(60), nullable=False),
    Column("rule_version", Integer, nullable=False),
    day("raised_on"),
    # The first day on which the rule no longer holds, as known from what the store holds.
    day("lapses_on"),
    # Incident ids and days, agencies, counterpart profile where the rule goes by pairs.
    words("evidence"),
    # standing, withdrawn (what it rested on was taken back)
    choice("status", default="standing"),
    Index("flag_by_rule", "rule_code", "lapses_on"),
    # Home and the agenda ask who is flagged today: an eighth of the flags that were ever raised.
    Index("flag_standing", "status", "lapses_on", "raised_on", "profile_id"),
    info=PERSONAL,
    **NEVER_REUSED,
)

#: Which data sets a flag rests on, so that a closed gate closes the flag too.
flag_agreement = Table(
    "flag_agreement",
    metadata,
    Column("flag_id", Integer, ForeignKey("flag.id"), primary_key=True),
    Column("agreement_ref", String(60), primary_key=True),
    # Which flags rest on a data set that is closed: nearly always none.
    Index("flag_agreement_by_data_set", "agreement_ref", "flag_id"),
    info=PERSONAL,
)

panel = Table(
    "panel",
    metadata,
    key(),
    day("held_on"),
    Column("title", String(200), nullable=False),
    Column("purpose", String(60), nullable=False),
    # What kind of meeting, in the partnership's own words.
    Column("kind", String(60), nullable=False, server_default=""),
    # JSON list of priority areas (kingshurst_tui/vocabulary.py).
    words("areas"),
    Column("place", String(200), nullable=False, server_default=""),
    # HH:MM
    Column("begins_at", String(5), nullable=False, server_default=""),
    Column("chair", String(60), nullable=False, server_default=""),
    Column("minute_taker", String(60), nullable=False, server_default=""),
    # {"agencies": how many, "must": [kinds of agency], "cap": most cases}
    words("quorum"),
    # Minutes without a key before the room's screen locks.
    Column("lock_minutes", Integer, nullable=False, server_default="10"),
    day("information_by", nullable=True),
    # preparing, open, closed, called-off
    choice("status", default="preparing"),
    instant("opened_at", nullable=True),
    instant("closed_at", nullable=True),
    # What became of the confidentiality statement as it opened: agreed, read, not-read; empty where nobody said.
    choice("confidentiality", default=""),
    Column("made_by", String(60), nullable=False, server_default=""),
    Column("version", Integer, nullable=False, server_default="1"),
    info=PLAIN,
)

agenda_item = Table(
    "agenda_item",
    metadata,
    key(),
    refers("profile_id", "profile.id"),
    Column("purpose", String(60), nullable=False),
    refers("panel_id", "panel.id", nullable=True),
    # untriaged, panel, another-panel, single-agency, not-now
    choice("triage", default="untriaged"),
    words("triage_why"),
    Column("triaged_by", String(60)),
    instant("triaged_at", nullable=True),
    # "Not now" reads as not triaged from this day on.
    day("back_on", nullable=True),
    Column("version", Integer, nullable=False, server_default="1"),
    UniqueConstraint("profile_id", "purpose"),
    info=PERSONAL,
)

caseload = Table(
    "caseload",
    metadata,
    Column("user_name", String(60), primary_key=True),
    Column("profile_id", Integer, primary_key=True),
    instant("since"),
    info=PERSONAL,
)

decision = Table(
    "decision",
    metadata,
    key(),
    refers("profile_id", "profile.id"),
    Column("purpose", String(60), nullable=False),
    Column("lead_agency", String(20), nullable=False),
    # Canonical JSON of everything decided: what the signature covers.
    words("document"),
    day("review_on"),
    # signed, superseded, reopened
    choice("status", default="signed"),
    refers("supersedes_id", "decision.id", nullable=True),
    Column("signed_by", String(60), nullable=False),
    instant("signed_at"),
    Column("signature", LargeBinary, nullable=False),
    info=PERSONAL,
    **NEVER_REUSED,
)

#: What somebody was writing when the screen locked, the power went or the process was killed.
draft = Table(
    "draft",
    metadata,
    key(),
    Column("user_name", String(60), nullable=False),
    choice("thing"),
    Column("thing_id", Integer, nullable=False),
    words("document"),
    instant("saved_at"),
    # The version of the profile it was written over.
    Column("over_version", Integer, nullable=False, server_default="0"),
    UniqueConstraint("user_name", "thing", "thing_id"),
    info=PERSONAL,
)

action = Table(
    "action",
    metadata,
    key(),
    refers("profile_id", "profile.id"),
    refers("decision_id", "decision.id", nullable=True),
    words("text"),
    Column("owner_agency", String(20), nullable=False),
    Column("owner_user", String(60)),
    day("due_on"),
    # open, done, not-done
    choice("status", default="open"),
    # circumstances-changed, agency-did-not-act, person-declined, no-resource
    Column("not_done_because", String(40)),
    Column("closing_note", Text),
    Column("closed_by", String(60)),
    instant("closed_at", nullable=True),
    words("outcome_sought"),
    # asked, accepted, declined
    choice("accepted", default="asked"),
    words("evidence"),
    # The case of the panel that gave it.
    Column("panel_case_id", Integer),
    # What the owner's own system calls it.
    Column("owner_reference", String(60), nullable=False, server_default=""),
    # What kind of thing is done, one of kingshurst_tui/vocabulary.py; empty where nobody said.
    Column("intervention", String(40), nullable=False, server_default=""),
    Column("version", Integer, nullable=False, server_default="1"),
    Index("action_by_owner", "owner_agency", "status", "due_on"),
    info=PERSONAL,
    **NEVER_REUSED,
)

#: What an agency says of approaching a person: one word of a kind an agency, never written over by another.
approach_word = Table(
    "approach_word",
    metadata,
    key(),
    refers("profile_id", "profile.id"),
    # do-not-approach, safe-contact
    choice("kind"),
    words("words"),
    Column("agency_code", String(20), nullable=False),
    Column("said_by", String(60), nullable=False),
    instant("said_at"),
    # standing, replaced, ended
    choice("status", default="standing"),
    # Somebody of another agency asks that it ends; a second person agrees, or it stands.
    Column("asked_by", String(60)),
    instant("asked_at", nullable=True),
    words("asked_why"),
    Column("ended_by", String(60)),
    instant("ended_at", nullable=True),
    info=PERSONAL,
    **NEVER_REUSED,
)

#: What somebody must be told, until they have seen it: one user, or whoever has a role.
notice = Table(
    "notice",
    metadata,
    key(),
    refers("profile_id", "profile.id"),
    choice("thing"),
    Column("thing_id", Integer, nullable=False),
    # superseded, own-agency-leads
    choice("what"),
    Column("for_user", String(60)),
    Column("for_role", String(40)),
    Column("made_by", String(60), nullable=False),
    instant("made_at"),
    Column("seen_by", String(60)),
    instant("seen_at", nullable=True),
    info=PERSONAL,
    **NEVER_REUSED,
)

#: Whose incidents and flags are still to be counted anew, in pieces, after what they rest on changed.
recount = Table(
    "recount",
    metadata,
    key(),
    # accepted, recalled, rules, flags
    choice("because"),
    # Whose people; none for everybody. No foreign key: it goes when it is done.
    Column("batch_id", Integer),
    # The last profile that was counted.
    Column("after", Integer, nullable=False, server_default="0"),
    instant("begun_at"),
    info=PLAIN,
    **NEVER_REUSED,
)
