"""Boundaries of places as published, and since when a place stands out by which version of the rule."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the tables, and the index by which flags on closed data sets are left out."""
    op.create_index("flag_agreement_by_data_set", "flag_agreement", ["agreement_ref", "flag_id"])
    op.create_table(
        "place_boundary",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("outline", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["place_source.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("source_id", "level", "code"),
    )
    op.create_table(
        "place_standing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=60), nullable=False),
        sa.Column("agency_code", sa.String(length=20), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("rule_code", sa.String(length=40), nullable=False),
        sa.Column("rule_version", sa.Integer(), nullable=False),
        sa.Column("first_on", sa.String(length=10), nullable=False),
        sa.Column("first_by", sa.String(length=60), nullable=False),
        sa.Column("last_on", sa.String(length=10), nullable=False),
        sa.Column("evidence_first", sa.Text(), server_default="", nullable=False),
        sa.Column("evidence_last", sa.Text(), server_default="", nullable=False),
        sa.Column("cleared_on", sa.String(length=10), nullable=True),
        sa.Column("cleared_by", sa.String(length=60), server_default="", nullable=False),
        sa.Column("cleared_why", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("purpose", "agency_code", "code", "rule_code", "rule_version", "first_on"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "place_look",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=60), nullable=False),
        sa.Column("agency_code", sa.String(length=20), nullable=False),
        sa.Column("looked_on", sa.String(length=10), nullable=False),
        sa.Column("looked_by", sa.String(length=60), nullable=False),
        sa.Column("basis", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("purpose", "agency_code"),
    )
