"""Who may act, what was done, and the settings of the store."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table, Text, UniqueConstraint, text

from db.schema.common import AUDIT, NEVER_REUSED, PLAIN, choice, instant, key, metadata, words

setting = Table(
    "setting",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("value", Text, nullable=False),
    info=PLAIN,
)

#: Which migration the store is at; Alembic writes it, every opening reads it.
alembic_version = Table("alembic_version", metadata, Column("version_num", String(32), primary_key=True), info=PLAIN)

#: Counters that a reader compares to know whether what it holds is stale: "sight", "profiles", "rules".
change_counter = Table(
    "change_counter",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", Integer, nullable=False, server_default="0"),
    info=PLAIN,
)

user = Table(
    "user",
    metadata,
    key(),
    Column("name", String(60), nullable=False, unique=True),
    Column("display_name", String(120), nullable=False),
    Column("agency_code", String(20), nullable=False),
    choice("role"),
    choice("status", default="active"),
    Column("signing_public", LargeBinary, nullable=False),
    Column("sealing_public", LargeBinary, nullable=False),
    instant("added_at"),
    # The user's signature over their sealing key: nothing of a compartment is sealed to a key without it.
    Column("sealing_proof", LargeBinary),
    info=PLAIN,
    **NEVER_REUSED,
)

audit_entry = Table(
    "audit_entry",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("body", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    # Copies of fields of the body, for filtering; verification compares them with the body.
    instant("at"),
    Column("actor", String(60), nullable=False, index=True),
    Column("operation", String(40), nullable=False, index=True),
    choice("thing"),
    Column("result", String(20), nullable=False),
    Column("purpose", String(60), nullable=False, server_default="", index=True),
    # Every index holds the number too, so each is one of (what is looked for, seq).
    Index("ix_audit_entry_refused", "result", sqlite_where=text("result = 'refused'")),
    # Who was introduced and who was granted what: every opening reads these few.
    Index("ix_audit_entry_people", "seq", sqlite_where=text("thing IN ('user', 'role-grant')")),
    info=AUDIT,
)

#: How many entries of which kind each complete run of 4,096 entries holds, and from when to when: any filter of the
#: trail is counted, and any place in it found, without reading entries. ``*`` stands for whatever it is; a kind is in
#: every row it fits, so each filter is one range of this table. Verification compares it with the entries.
audit_block = Table(
    "audit_block",
    metadata,
    Column("actor", String(60), primary_key=True),
    Column("operation", String(40), primary_key=True),
    Column("result", String(20), primary_key=True),
    Column("purpose", String(60), primary_key=True),
    Column("block", Integer, primary_key=True, autoincrement=False),
    Column("entries", Integer, nullable=False),
    instant("first_at"),
    instant("last_at"),
    info=AUDIT,
    sqlite_with_rowid=False,
)

#: Which entries name which subject, so that "who has looked at this profile" needs no scan.
audit_subject = Table(
    "audit_subject",
    metadata,
    Column("pseudonym", String(20), primary_key=True),
    Column("seq", Integer, primary_key=True),
    info=AUDIT,
    sqlite_with_rowid=False,
)

#: Hashes of complete subtrees of the RFC 6962 tree: level 0 is the leaves.
audit_node = Table(
    "audit_node",
    metadata,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, nullable=False),
    info=AUDIT,
    sqlite_with_rowid=False,
)

#: What was typed (a reason, a search), sealed; the entry holds a salted commitment to it.
audit_words = Table(
    "audit_words",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    info=AUDIT,
)

partner_agency = Table(
    "partner_agency",
    metadata,
    Column("code", String(20), primary_key=True),
    Column("name", String(120), nullable=False),
    choice("kind"),
    info=PLAIN,
)

purpose = Table(
    "purpose",
    metadata,
    Column("code", String(60), primary_key=True),
    words("question"),
    instant("set_at"),
    Column("set_by", String(60), nullable=False),
    info=PLAIN,
)

#: One row a version of an agreement; the whole document is kept as it was signed.
agreement = Table(
    "agreement",
    metadata,
    key(),
    Column("reference", String(60), nullable=False),
    Column("version", Integer, nullable=False),
    Column("title", String(200), nullable=False),
    Column("agency_code", String(20), nullable=False),
    words("document"),
    Column("document_digest", String(64), nullable=False),
    choice("rag"),
    choice("granularity"),
    choice("status", default="draft"),
    words("status_why"),
    Column("opens", String(10), nullable=False),
    Column("closes", String(10), nullable=False),
    instant("added_at"),
    UniqueConstraint("reference", "version"),
    info=PLAIN,
    **NEVER_REUSED,
)

agreement_signature = Table(
    "agreement_signature",
    metadata,
    key(),
    Column("agreement_id", Integer, nullable=False, index=True),
    Column("user_name", String(60), nullable=False),
    instant("signed_at"),
    Column("signature", LargeBinary, nullable=False),
    info=PLAIN,
)

#: The gate every read passes: which data set is live for which purpose, from when until when.
gate = Table(
    "gate",
    metadata,
    Column("agreement_ref", String(60), primary_key=True),
    Column("purpose", String(60), primary_key=True),
    Column("agency_code", String(20), nullable=False),
    Column("sensitive", Integer, nullable=False, server_default="0"),
    Column("opens", String(10), nullable=False),
    Column("closes", String(10), nullable=False),
    choice("status", default="live"),
    info=PLAIN,
)

#: Which agencies a data set may go to, besides the one it comes from.
gate_recipient = Table(
    "gate_recipient",
    metadata,
    Column("agreement_ref", String(60), primary_key=True),
    Column("agency_code", String(20), primary_key=True),
    info=PLAIN,
)

#: Approval of what decides by rule: the linkage model and each rule set, with their ALGO-CARE answers.
algo_care = Table(
    "algo_care",
    metadata,
    key(),
    choice("subject"),
    Column("version", String(60), nullable=False),
    words("answers"),
    choice("status", default="answered"),
    Column("approved_by", String(60)),
    instant("approved_at", nullable=True),
    Column("signature", LargeBinary),
    UniqueConstraint("subject", "version"),
    info=PLAIN,
)
