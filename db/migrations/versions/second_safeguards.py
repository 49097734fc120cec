"""Tables for grants, compartments, commitments, samples, erasures, copies, crashes, approaching people, notices."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "backup_copy",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.String(length=32), nullable=False),
        sa.Column("made_by", sa.String(length=60), nullable=False),
        sa.Column("file_digest", sa.String(length=64), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.Column("verified_at", sa.String(length=32), nullable=True),
        sa.Column("status", sa.String(length=40), server_default="made", nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "committed_total",
        sa.Column("table_name", sa.String(length=60), nullable=False),
        sa.Column("total", sa.LargeBinary(), nullable=False),
        sa.Column("rows", sa.Integer(), server_default="0", nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("said", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("table_name"),
    )
    op.create_table(
        "compartment",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("sealing_public", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.String(length=32), nullable=False),
        sa.UniqueConstraint("name", "epoch"),
    )
    op.create_table(
        "compartment_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "compartment_seal",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("user_name", sa.String(length=60), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.UniqueConstraint("name", "epoch", "user_name"),
    )
    op.create_table(
        "crash_report",
        sa.Column("reference", sa.String(length=20), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("user_name", sa.String(length=60), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("reference"),
    )
    op.create_table(
        "dip_sample",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), server_default="", nullable=False),
        sa.Column("drawn_by", sa.String(length=60), nullable=False),
        sa.Column("drawn_at", sa.String(length=32), nullable=False),
        sa.Column("signed_off_by", sa.String(length=60), nullable=True),
        sa.Column("signed_off_at", sa.String(length=32), nullable=True),
        sa.Column("signature", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "erasure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("document", sa.Text(), server_default="", nullable=False),
        sa.Column("asked_by", sa.String(length=60), nullable=False),
        sa.Column("asked_at", sa.String(length=32), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("confirmed_by", sa.String(length=60), nullable=True),
        sa.Column("confirmed_at", sa.String(length=32), nullable=True),
        sa.Column("confirmation", sa.LargeBinary(), nullable=True),
        sa.Column("status", sa.String(length=40), server_default="asked", nullable=False),
        sa.Column("done_at", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "role_grant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_name", sa.String(length=60), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("document", sa.Text(), server_default="", nullable=False),
        sa.Column("granted_by", sa.String(length=60), nullable=False),
        sa.Column("granted_at", sa.String(length=32), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("confirmed_by", sa.String(length=60), nullable=True),
        sa.Column("confirmed_at", sa.String(length=32), nullable=True),
        sa.Column("confirmation", sa.LargeBinary(), nullable=True),
        sa.Column("status", sa.String(length=40), server_default="proposed", nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_role_grant_user_name"), "role_grant", ["user_name"], unique=False)
    op.create_table(
        "dip_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sample_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("asked_of", sa.String(length=60), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column("answered_by", sa.String(length=60), nullable=True),
        sa.Column("answered_at", sa.String(length=32), nullable=True),
        sa.Column("status", sa.String(length=40), server_default="open", nullable=False),
        sa.Column("judgement", sa.LargeBinary(), nullable=True),
        sa.Column("judged_by", sa.String(length=60), nullable=True),
        sa.Column("judged_at", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["sample_id"],
            ["dip_sample.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("sample_id", "seq"),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_dip_item_sample_id"), "dip_item", ["sample_id"], unique=False)
    op.create_table(
        "restricted_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("profile_id", sa.Integer(), nullable=False),
        sa.Column("compartment", sa.String(length=40), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("written_by", sa.String(length=60), nullable=False),
        sa.Column("written_at", sa.String(length=32), nullable=False),
        sa.Column("status", sa.String(length=40), server_default="standing", nullable=False),
        sa.Column("superseded_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["profile_id"],
            ["profile.id"],
        ),
        sa.ForeignKeyConstraint(
            ["superseded_by"],
            ["restricted_note.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_restricted_note_profile_id"), "restricted_note", ["profile_id"], unique=False)
    op.create_table(
        "tombstone",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("erasure_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("counts", sa.Text(), server_default="", nullable=False),
        sa.Column("erased_at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["erasure_id"],
            ["erasure.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_tombstone_erasure_id"), "tombstone", ["erasure_id"], unique=False)
    op.create_index(op.f("ix_tombstone_subject"), "tombstone", ["subject"], unique=False)
    op.create_table(
        "approach_word",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("profile_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("words", sa.Text(), server_default="", nullable=False),
        sa.Column("agency_code", sa.String(length=20), nullable=False),
        sa.Column("said_by", sa.String(length=60), nullable=False),
        sa.Column("said_at", sa.String(length=32), nullable=False),
        sa.Column("status", sa.String(length=40), server_default="standing", nullable=False),
        sa.Column("asked_by", sa.String(length=60), nullable=True),
        sa.Column("asked_at", sa.String(length=32), nullable=True),
        sa.Column("asked_why", sa.Text(), server_default="", nullable=False),
        sa.Column("ended_by", sa.String(length=60), nullable=True),
        sa.Column("ended_at", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["profile_id"],
            ["profile.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_approach_word_profile_id"), "approach_word", ["profile_id"], unique=False)
    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("profile_id", sa.Integer(), nullable=False),
        sa.Column("thing", sa.String(length=40), nullable=False),
        sa.Column("thing_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("for_user", sa.String(length=60), nullable=True),
        sa.Column("for_role", sa.String(length=40), nullable=True),
        sa.Column("made_by", sa.String(length=60), nullable=False),
        sa.Column("made_at", sa.String(length=32), nullable=False),
        sa.Column("seen_by", sa.String(length=60), nullable=True),
        sa.Column("seen_at", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["profile_id"],
            ["profile.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_notice_profile_id"), "notice", ["profile_id"], unique=False)
    op.create_table(
        "audit_block",
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("operation", sa.String(length=40), nullable=False),
        sa.Column("result", sa.String(length=20), nullable=False),
        sa.Column("purpose", sa.String(length=60), nullable=False),
        sa.Column("block", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.String(length=32), nullable=False),
        sa.Column("last_at", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("actor", "operation", "result", "purpose", "block"),
        sqlite_with_rowid=False,
    )
    op.add_column("audit_entry", sa.Column("purpose", sa.String(length=60), server_default="", nullable=False))
    op.create_index(op.f("ix_audit_entry_operation"), "audit_entry", ["operation"], unique=False)
    op.create_index(op.f("ix_audit_entry_purpose"), "audit_entry", ["purpose"], unique=False)
    op.create_index(
        "ix_audit_entry_refused", "audit_entry", ["result"], unique=False, sqlite_where=sa.text("result = 'refused'")
    )
    op.execute("UPDATE audit_entry SET purpose = json_extract(CAST(body AS TEXT), '$.purpose')")
    # Complete runs of 4,096 entries, counted by every choice of these four; * where one is not chosen.
    kinds = ("actor", "operation", "result", "purpose")
    for chosen in range(16):
        shown = ", ".join(name if chosen >> at & 1 else f"'*' AS {name}" for at, name in enumerate(kinds))
        op.execute(
            "INSERT INTO audit_block (actor, operation, result, purpose, block, entries, first_at, last_at) "
            f"SELECT {shown}, (seq - 1) / 4096 AS block, count(*), min(at), max(at) FROM audit_entry "
            "WHERE seq <= (SELECT max(seq) FROM audit_entry) / 4096 * 4096 "
            f"GROUP BY {', '.join(name for at, name in enumerate(kinds) if chosen >> at & 1) or 'block'}, block"
        )
    op.add_column("consent", sa.Column("settled_by", sa.String(length=60), nullable=True))
    op.add_column("consent", sa.Column("settled_at", sa.String(length=32), nullable=True))
    op.add_column("consent", sa.Column("reopened_by", sa.String(length=60), nullable=True))
    op.add_column("link", sa.Column("proposed_by", sa.String(length=60), nullable=True))
    op.add_column("link", sa.Column("proposed_at", sa.String(length=32), nullable=True))
    op.add_column("agenda_item", sa.Column("back_on", sa.String(length=10), nullable=True))
    # Who said it was not kept then: it stands as the partnership's, so that lifting it needs a second person.
    for kind, words, where in (
        ("do-not-approach", "''", "do_not_approach = 1"),
        ("safe-contact", "safe_contact", "safe_contact <> ''"),
    ):
        op.execute(
            "INSERT INTO approach_word (profile_id, kind, words, agency_code, said_by, said_at) "
            f"SELECT id, '{kind}', {words}, '', '', created_at FROM profile WHERE {where}"
        )
    op.drop_column("profile", "safe_contact")
