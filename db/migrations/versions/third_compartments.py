"""Sealed detail of health contacts, and until when a role was granted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the columns; contacts that are there keep what they say as it is."""
    op.add_column("contact", sa.Column("sealed", sa.LargeBinary(), nullable=True))
    op.add_column("contact", sa.Column("sealed_under", sa.Integer(), nullable=True))
    op.add_column("role_grant", sa.Column("ended_at", sa.String(length=32), nullable=True))
    op.add_column("role_grant", sa.Column("ended_by", sa.String(length=60), nullable=True))
    op.add_column("role_grant", sa.Column("confirmed_entry", sa.Integer(), nullable=True))
    op.create_index(
        "ix_audit_entry_people", "audit_entry", ["seq"], sqlite_where=sa.text("thing IN ('user', 'role-grant')")
    )
    op.add_column("compartment", sa.Column("made_by", sa.String(length=60), server_default="", nullable=False))
    op.add_column(
        "compartment", sa.Column("signature", sa.LargeBinary(), server_default=sa.text("x''"), nullable=False)
    )
    op.add_column("compartment_key", sa.Column("batch_id", sa.Integer(), nullable=True))
    op.add_column("restricted_note", sa.Column("pseudonym", sa.String(length=20), server_default="", nullable=False))
    op.create_table(
        "recount",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("because", sa.String(length=40), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=True),
        sa.Column("after", sa.Integer(), server_default="0", nullable=False),
        sa.Column("begun_at", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.add_column("user", sa.Column("sealing_proof", sa.LargeBinary(), nullable=True))
    op.create_index("flag_standing", "flag", ["status", "lapses_on", "raised_on", "profile_id"])
