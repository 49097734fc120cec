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
