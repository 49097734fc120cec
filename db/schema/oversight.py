"""Grants of roles, compartments, what the rows must add up to, dip samples, erasures, copies, crashes."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, LargeBinary, String, Table, UniqueConstraint, text

from db.schema.common import NEVER_REUSED, PERSONAL, PLAIN, choice, instant, key, metadata, refers, words

#: Who was given which role: signed by an administrator, confirmed by a second person, both over ``document``.
role_grant = Table(
    "role_grant",
    metadata,
    key(),
    Column("user_name", String(60), nullable=False, index=True),
    choice("role"),
    # Canonical JSON of who, which role, and since when: what both signatures cover.
    words("document"),
    Column("granted_by", String(60), nullable=False),
    instant("granted_at"),
    Column("signature", LargeBinary, nullable=False),
    Column("confirmed_by", String(60)),
    instant("confirmed_at", nullable=True),
    Column("confirmation", LargeBinary),
    # The entry of the trail that confirmed it: its signature covers the number.
    Column("confirmed_entry", Integer),
    # proposed, effective, refused, ended
    choice("status", default="proposed"),
    instant("ended_at", nullable=True),
    Column("ended_by", String(60)),
    info=PLAIN,
    **NEVER_REUSED,
)

#: A compartment's public half: anybody may seal into it. Each epoch has a key pair of its own.
compartment = Table(
    "compartment",
    metadata,
    choice("name"),
    Column("epoch", Integer, nullable=False),
    Column("sealing_public", LargeBinary, nullable=False),
    instant("made_at"),
    # Who made it, and their signature: a pair that nobody answers for is not written into.
    Column("made_by", String(60), nullable=False, server_default=""),
    Column("signature", LargeBinary, nullable=False, server_default=text("x''")),
    UniqueConstraint("name", "epoch"),
    info=PLAIN,
)

#: The private half, sealed to each person entitled.
compartment_seal = Table(
    "compartment_seal",
    metadata,
    choice("name"),
    Column("epoch", Integer, nullable=False),
    Column("user_name", String(60), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    UniqueConstraint("name", "epoch", "user_name"),
    info=PLAIN,
)

#: One key for many rows (those of an import batch), sealed to a compartment.
compartment_key = Table(
    "compartment_key",
    metadata,
    key(),
    choice("name"),
    Column("epoch", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    # Whose rows lie under it: it is destroyed when they are gone.
    Column("batch_id", Integer),
    info=PLAIN,
    **NEVER_REUSED,
)

#: A note that only those entitled to its compartment can open.
restricted_note = Table(
    "restricted_note",
    metadata,
    key(),
    refers("profile_id", "profile.id"),
    choice("compartment"),
    Column("epoch", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("written_by", String(60), nullable=False),
    instant("written_at"),
    # standing, superseded
    choice("status", default="standing"),
    Column("superseded_by", Integer, ForeignKey("restricted_note.id")),
    # Whose salt it lies under as well, so that destroying the salt ends it in every copy.
    Column("pseudonym", String(20), nullable=False, server_default=""),
    info=PERSONAL,
    **NEVER_REUSED,
)

#: What the rows of each table add up to (db/commitments.py); the entry of every act that changes them says the same.
committed_total = Table(
    "committed_total",
    metadata,
    Column("table_name", String(60), primary_key=True),
    Column("total", LargeBinary, nullable=False),
    Column("rows", Integer, nullable=False, server_default="0"),
    # The salt of the commitment in the latest entry that states this total; whether one states it yet.
    Column("salt", LargeBinary, nullable=False),
    Column("said", Integer, nullable=False, server_default="0"),
    info=PLAIN,
)

#: Entries of the trail drawn at random by a recorded seed, to be answered and signed off.
dip_sample = Table(
    "dip_sample",
    metadata,
    key(),
    # Canonical JSON: the seed, from which entries it was drawn, and how many.
    words("document"),
    Column("drawn_by", String(60), nullable=False),
    instant("drawn_at"),
    Column("signed_off_by", String(60)),
    instant("signed_off_at", nullable=True),
    Column("signature", LargeBinary),
    info=PLAIN,
    **NEVER_REUSED,
)

dip_item = Table(
    "dip_item",
    metadata,
    key(),
    refers("sample_id", "dip_sample.id"),
    Column("seq", Integer, nullable=False),
    Column("asked_of", String(60), nullable=False),
    # What the person acting answered, sealed like every typed word.
    Column("answer", LargeBinary),
    Column("answered_by", String(60)),
    instant("answered_at", nullable=True),
    # open, answered, justified, not-justified
    choice("status", default="open"),
    Column("judgement", LargeBinary),
    Column("judged_by", String(60)),
    instant("judged_at", nullable=True),
    UniqueConstraint("sample_id", "seq"),
    info=PLAIN,
    **NEVER_REUSED,
)

#: What is to be destroyed, by whose signatures, and how far it has come; completed on opening where it was cut off.
erasure = Table(
    "erasure",
    metadata,
    key(),
    # person, data-set, partner
    choice("kind"),
    # A pseudonym, the reference of a data set, or the code of a partner agency.
    Column("subject", String(60), nullable=False),
    # Canonical JSON of what, why by code, and when: what both signatures cover.
    words("document"),
    Column("asked_by", String(60), nullable=False),
    instant("asked_at"),
    Column("signature", LargeBinary, nullable=False),
    Column("confirmed_by", String(60)),
    instant("confirmed_at", nullable=True),
    Column("confirmation", LargeBinary),
    # asked, refused, confirmed, done
    choice("status", default="asked"),
    instant("done_at", nullable=True),
    info=PLAIN,
    **NEVER_REUSED,
)

#: That somebody or something was erased: a pseudonym that no longer leads to anybody, and counts. No personal data.
tombstone = Table(
    "tombstone",
    metadata,
    key(),
    refers("erasure_id", "erasure.id"),
    Column("subject", String(60), nullable=False, index=True),
    words("counts"),
    instant("erased_at"),
    info=PLAIN,
    **NEVER_REUSED,
)

#: Copies made of this store: which tree they hold, and whether they were restored to try them.
backup_copy = Table(
    "backup_copy",
    metadata,
    key(),
    instant("made_at"),
    Column("made_by", String(60), nullable=False),
    Column("file_digest", String(64), nullable=False),
    Column("entries", Integer, nullable=False),
    Column("root", String(64), nullable=False),
    instant("verified_at", nullable=True),
    # made, verified, drilled
    choice("status", default="made"),
    info=PLAIN,
    **NEVER_REUSED,
)

#: What went wrong, sealed; the person at the terminal saw its reference only.
crash_report = Table(
    "crash_report",
    metadata,
    Column("reference", String(20), primary_key=True),
    instant("at"),
    Column("user_name", String(60), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    info=PLAIN,
)
