"""Which records are one person, and why."""

from __future__ import annotations

from sqlalchemy import Column, Float, Integer, String, Table, Text, UniqueConstraint

from db.schema.common import NEVER_REUSED, PERSONAL, PLAIN, choice, day, instant, key, metadata, refers, words

link_model = Table(
    "link_model",
    metadata,
    Column("version", String(60), primary_key=True),
    words("document"),
    instant("installed_at"),
    info=PLAIN,
)

#: The linked person. Ids are never used again; a merge keeps the older one and leaves an alias.
profile = Table(
    "profile",
    metadata,
    key(),
    Column("pseudonym", String(20), nullable=False, unique=True),
    instant("created_at"),
    # The day the person turns 18 by the best stated date of birth; null when none is known.
    day("adult_on", nullable=True),
    # Raised whenever anything shown of the profile changes; stale edits compare it.
    Column("version", Integer, nullable=False, server_default="1"),
    choice("status", default="open"),
    # Whether any agency says so (casework.approach_word).
    Column("do_not_approach", Integer, nullable=False, server_default="0"),
    info=PERSONAL,
    **NEVER_REUSED,
)

profile_alias = Table(
    "profile_alias",
    metadata,
    Column("pseudonym", String(20), primary_key=True),
    refers("profile_id", "profile.id"),
    instant("since"),
    info=PERSONAL,
)

profile_member = Table(
    "profile_member",
    metadata,
    Column("source_record_id", Integer, primary_key=True),
    refers("profile_id", "profile.id"),
    info=PERSONAL,
)

#: Two source records, with weight and evidence; left is the lower id.
link = Table(
    "link",
    metadata,
    key(),
    refers("left_record_id", "source_record.id", index=False),
    refers("right_record_id", "source_record.id"),
    Column("weight", Float, nullable=False),
    # {"forename": 5, ...}: the level of the model each comparison reached.
    words("comparison_vector"),
    Column("model_version", String(60), nullable=False),
    words("guards"),
    Column("rival_weight", Float),
    # See vocabulary.LinkState.
    choice("state"),
    Column("decided_by", String(60)),
    instant("decided_at", nullable=True),
    Column("decided_why", Text),
    # Who would link it, where a second person must agree because a masked profile would open.
    Column("proposed_by", String(60)),
    instant("proposed_at", nullable=True),
    UniqueConstraint("left_record_id", "right_record_id"),
    info=PERSONAL,
    **NEVER_REUSED,
)

#: What a split, an unlink or a recall reopened, and who has looked at it since.
reopening = Table(
    "reopening",
    metadata,
    key(),
    refers("profile_id", "profile.id"),
    choice("thing"),
    Column("thing_id", Integer, nullable=False),
    words("because"),
    instant("reopened_at"),
    Column("settled_by", String(60)),
    instant("settled_at", nullable=True),
    info=PERSONAL,
)
