"""The meeting: who is asked to it, what is on it, what each agency thought first, what was written in the room."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table, UniqueConstraint, text

from db.schema.common import NEVER_REUSED, PERSONAL, PLAIN, choice, day, instant, key, metadata, refers, words

#: Who is asked to a meeting, for which agency; somebody without an account is there by the name given.
panel_member = Table(
    "panel_member",
    metadata,
    key(),
    refers("panel_id", "panel.id"),
    Column("agency_code", String(20), nullable=False),
    Column("display_name", String(120), nullable=False),
    # Their account here; none for whoever has none.
    Column("user_name", String(60)),
    # member, deputy, observer
    choice("standing", default="member"),
    Column("deputy_for", String(120), nullable=False, server_default=""),
    # asked, present, apologies, absent
    choice("attendance", default="asked"),
    # Apologies may come with what the agency has to say: the day it came, else empty.
    day("information_on", nullable=True),
    # That what is said here stays here: by whose word, when.
    instant("confidentiality_at", nullable=True),
    Column("confidentiality_by", String(60), nullable=False, server_default=""),
    Column("version", Integer, nullable=False, server_default="1"),
    # Why somebody whom a signed decision names as present is written down as something else.
    Column("attendance_why", String(500), nullable=False, server_default=""),
    # Who asked them; and who of another hand, or of their own agency, wrote down that they are there.
    Column("named_by", String(60), nullable=False, server_default=""),
    Column("vouched_by", String(60), nullable=False, server_default=""),
    info=PLAIN,
    **NEVER_REUSED,
)

#: One case on a panel's agenda: in which place, for how long, for what purpose, and how it came there.
panel_case = Table(
    "panel_case",
    metadata,
    key(),
    refers("panel_id", "panel.id", index=False),
    refers("profile_id", "profile.id"),
    Column("place", Integer, nullable=False),
    Column("minutes", Integer, nullable=False, server_default="6"),
    # What the panel is asked, in words, and why now.
    words("question"),
    # flag, review, referral, proposal, action, urgent
    choice("brought_by"),
    Column("brought_id", Integer),
    Column("proposed_by", String(60), nullable=False),
    instant("proposed_at"),
    # listed, discussed, deferred, taken-off
    choice("status", default="listed"),
    words("status_why"),
    instant("opened_at", nullable=True),
    # Seconds for which it was before the panel.
    Column("seconds", Integer, nullable=False, server_default="0"),
    # When every agency's first view was shown to all, and by whom.
    instant("revealed_at", nullable=True),
    Column("revealed_by", String(60)),
    refers("decision_id", "decision.id", nullable=True),
    Column("version", Integer, nullable=False, server_default="1"),
    UniqueConstraint("panel_id", "profile_id"),
    Index("panel_case_in_order", "panel_id", "place"),
    info=PERSONAL,
    **NEVER_REUSED,
)

#: What an agency is asked to find out for a case, by when, and what it sent.
information_request = Table(
    "information_request",
    metadata,
    key(),
    refers("panel_case_id", "panel_case.id"),
    refers("profile_id", "profile.id"),
    Column("agency_code", String(20), nullable=False),
    words("question"),
    day("due_on"),
    Column("asked_by", String(60), nullable=False),
    instant("asked_at"),
    # asked, sent, nothing-held, refused, taken-back
    choice("status", default="asked"),
    words("answer"),
    Column("answered_by", String(60)),
    # Whose word it is, where somebody else enters it for them.
    Column("entered_for", String(120), nullable=False, server_default=""),
    instant("answered_at", nullable=True),
    Column("version", Integer, nullable=False, server_default="1"),
    info=PERSONAL,
    **NEVER_REUSED,
)

#: What an agency thinks of a case before it sees what the others think.
first_view = Table(
    "first_view",
    metadata,
    key(),
    refers("panel_case_id", "panel_case.id", index=False),
    refers("profile_id", "profile.id"),
    Column("agency_code", String(20), nullable=False),
    # {"known": ..., "worry": ..., "strengths": ..., "position": ...}
    words("document"),
    Column("written_by", String(60), nullable=False),
    Column("entered_for", String(120), nullable=False, server_default=""),
    instant("written_at"),
    Column("version", Integer, nullable=False, server_default="1"),
    UniqueConstraint("panel_case_id", "agency_code"),
    info=PERSONAL,
    **NEVER_REUSED,
)

#: That somebody has an interest in a case or in the whole meeting, and what was done about it.
conflict_of_interest = Table(
    "conflict_of_interest",
    metadata,
    key(),
    refers("panel_id", "panel.id"),
    refers("panel_member_id", "panel_member.id"),
    # The case it is about; none for the whole meeting.
    refers("profile_id", "profile.id", nullable=True),
    words("interest"),
    # stepped-out, stayed, none-needed
    choice("step"),
    Column("declared_by", String(60), nullable=False),
    instant("declared_at"),
    info=PERSONAL,
    **NEVER_REUSED,
)

#: What is written in the room, a field a row, as typed: two terminals merge by field and version.
panel_note = Table(
    "panel_note",
    metadata,
    key(),
    refers("panel_case_id", "panel_case.id", index=False),
    refers("profile_id", "profile.id"),
    Column("field", String(40), nullable=False),
    words("words"),
    Column("written_by", String(60), nullable=False),
    instant("written_at"),
    Column("version", Integer, nullable=False, server_default="1"),
    UniqueConstraint("panel_case_id", "field"),
    info=PERSONAL,
    **NEVER_REUSED,
)

#: What stood on the panel's screen: its digest, and the thing itself, sealed with the person's salt.
panel_seen = Table(
    "panel_seen",
    metadata,
    key(),
    refers("panel_case_id", "panel_case.id"),
    refers("profile_id", "profile.id"),
    Column("digest", String(64), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("pseudonym", String(20), nullable=False),
    Column("shown_by", String(60), nullable=False),
    instant("shown_at"),
    info=PERSONAL,
    **NEVER_REUSED,
)

#: The decisions of a meeting under one signature a member: by numbers and digests, no word of anybody.
manifest = Table(
    "manifest",
    metadata,
    key(),
    refers("panel_id", "panel.id"),
    words("document"),
    Column("made_by", String(60), nullable=False),
    instant("made_at"),
    # open, replaced
    choice("status", default="open"),
    info=PLAIN,
    **NEVER_REUSED,
)

manifest_signature = Table(
    "manifest_signature",
    metadata,
    key(),
    refers("manifest_id", "manifest.id", index=False),
    refers("panel_member_id", "panel_member.id"),
    Column("agency_code", String(20), nullable=False),
    # agrees, dissents, abstains
    choice("stance", default="agrees"),
    # Who signed; and, where a member has no account, for whom it was entered.
    Column("signed_by", String(60), nullable=False),
    Column("entered_for", String(120), nullable=False, server_default=""),
    words("document"),
    Column("signature", LargeBinary, nullable=False),
    instant("signed_at"),
    UniqueConstraint("manifest_id", "panel_member_id"),
    info=PLAIN,
    **NEVER_REUSED,
)

#: That the panel went on although a rule of its own said stop: why, and a second person.
going_on = Table(
    "going_on",
    metadata,
    key(),
    refers("panel_case_id", "panel_case.id", nullable=True),
    refers("panel_id", "panel.id", nullable=True),
    refers("profile_id", "profile.id"),
    # no-quorum, no-health-member, police-lead-on-crisis
    choice("stop"),
    words("why"),
    Column("asked_by", String(60), nullable=False),
    instant("asked_at"),
    Column("second_person", String(60)),
    instant("second_at", nullable=True),
    # asked, agreed, refused, spent
    choice("status", default="asked"),
    info=PERSONAL,
    **NEVER_REUSED,
)

#: A decision of two agencies between panels, which the next panel ratifies or not.
urgent_decision = Table(
    "urgent_decision",
    metadata,
    key(),
    refers("profile_id", "profile.id"),
    refers("decision_id", "decision.id"),
    words("why_urgent"),
    Column("first_agency", String(20), nullable=False),
    Column("first_by", String(60), nullable=False),
    Column("second_agency", String(20), nullable=False, server_default=""),
    Column("second_by", String(60)),
    Column("second_signature", LargeBinary),
    instant("second_at", nullable=True),
    # waiting, agreed, refused, ratified, not-ratified
    choice("status", default="waiting"),
    refers("panel_id", "panel.id", nullable=True),
    words("ratified_why"),
    Column("ratified_by", String(60)),
    instant("ratified_at", nullable=True),
    info=PERSONAL,
    **NEVER_REUSED,
)

#: What is written down of a meeting as a whole; each version stays.
minutes = Table(
    "minutes",
    metadata,
    key(),
    refers("panel_id", "panel.id", index=False),
    Column("version", Integer, nullable=False),
    # What is about no person: attendance, times, matters arising.
    words("document"),
    # draft, approved, replaced
    choice("status", default="draft"),
    Column("written_by", String(60), nullable=False),
    instant("written_at"),
    Column("approved_by", String(60)),
    instant("approved_at", nullable=True),
    Column("signature", LargeBinary),
    # When actions and when minutes went out to those they are for.
    instant("actions_sent_at", nullable=True),
    instant("minutes_sent_at", nullable=True),
    UniqueConstraint("panel_id", "version"),
    info=PLAIN,
    **NEVER_REUSED,
)

#: The part of one version of the minutes that is about one person.
minutes_part = Table(
    "minutes_part",
    metadata,
    key(),
    refers("minutes_id", "minutes.id", index=False),
    refers("panel_case_id", "panel_case.id"),
    refers("profile_id", "profile.id"),
    words("document"),
    # Its part of what the approval signs, which stays true when the person is erased.
    Column("digest", String(64), nullable=False),
    UniqueConstraint("minutes_id", "panel_case_id"),
    info=PERSONAL,
    **NEVER_REUSED,
)

#: A look at people whom no rule flagged, drawn at random by a recorded seed.
unflagged_sample = Table(
    "unflagged_sample",
    metadata,
    key(),
    # Hex: a hash of the trail's root as it stood, so that nobody chooses it.
    Column("seed", String(64), nullable=False),
    Column("drawn_from", Integer, nullable=False),
    Column("drawn_by", String(60), nullable=False),
    instant("drawn_at"),
    Column("purpose", String(60), nullable=False),
    info=PLAIN,
    **NEVER_REUSED,
)

unflagged_look = Table(
    "unflagged_look",
    metadata,
    key(),
    refers("unflagged_sample_id", "unflagged_sample.id"),
    refers("profile_id", "profile.id"),
    # waiting, should-have-been, rightly-not, cannot-tell
    choice("verdict", default="waiting"),
    words("why"),
    Column("judged_by", String(60)),
    instant("judged_at", nullable=True),
    info=PERSONAL,
    **NEVER_REUSED,
)

#: Whether people found a flag useful: one word a user a flag, the later over the earlier.
flag_judgement = Table(
    "flag_judgement",
    metadata,
    key(),
    Column("flag_id", Integer, nullable=False),
    refers("profile_id", "profile.id"),
    Column("rule_code", String(60), nullable=False),
    Column("rule_version", Integer, nullable=False),
    # useful, not-useful
    choice("verdict"),
    words("why"),
    Column("judged_by", String(60), nullable=False),
    instant("judged_at"),
    UniqueConstraint("flag_id", "judged_by"),
    Index("flag_judgement_by_rule", "rule_code", "rule_version", sqlite_where=text("verdict <> ''")),
    info=PERSONAL,
    **NEVER_REUSED,
)

GO_WITH_THEIR_PERSON = (
    "panel_case",
    "information_request",
    "first_view",
    "conflict_of_interest",
    "panel_note",
    "panel_seen",
    "going_on",
    "urgent_decision",
    "minutes_part",
    "unflagged_look",
    "flag_judgement",
)
"""Tables whose rows go along when one profile becomes part of another."""
