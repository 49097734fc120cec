"""A mark of each source record that dies with it: by it an erasure finds the record in a copy made before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Give every record a mark; in copies made before, which have none, records are not found by it."""
    op.add_column("source_record", sa.Column("record_mark", sa.String(length=24), nullable=True))
    op.execute("UPDATE source_record SET record_mark = lower(hex(randomblob(12)))")
