"""The first tables."""

from __future__ import annotations

from alembic import op

import db.schema

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make every table."""
    db.schema.metadata.create_all(op.get_bind())
