"""Tables for places: look-ups, published figures, what was shown of counts, what was expected."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "place_source",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("vintage", sa.String(length=20), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("file_digest", sa.String(length=64), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("left_out", sa.Integer(), server_default="0", nullable=False),
        sa.Column("imported_by", sa.String(length=60), nullable=False),
        sa.Column("imported_at", sa.String(length=32), nullable=False),
        sa.Column("status", sa.String(length=40), server_default="accepted", nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("place_source_that_stands", "place_source", ["kind", "vintage", "status"], unique=False)
    op.create_table(
        "place",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=120), server_default="", nullable=False),
        sa.Column("vintage", sa.String(length=20), nullable=False),
        sa.Column("begins_on", sa.String(length=10), nullable=True),
        sa.Column("ends_on", sa.String(length=10), nullable=True),
        sa.ForeignKeyConstraint(["source_id"], ["place_source.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("source_id", "level", "code", "vintage"),
    )
    op.create_index("place_by_code", "place", ["code", "level"], unique=False)
    op.create_table(
        "place_part",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("from_level", sa.String(length=40), nullable=False),
        sa.Column("from_code", sa.String(length=12), nullable=False),
        sa.Column("from_vintage", sa.String(length=20), nullable=False),
        sa.Column("to_level", sa.String(length=40), nullable=False),
        sa.Column("to_code", sa.String(length=12), nullable=False),
        sa.Column("to_vintage", sa.String(length=20), nullable=False),
        sa.Column("fit", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["place_source.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("source_id", "from_code", "to_code"),
    )
    op.create_index("place_part_down", "place_part", ["to_code", "from_level"], unique=False)
    op.create_index("place_part_up", "place_part", ["from_code", "to_level", "to_vintage"], unique=False)
    op.create_table(
        "place_postcode",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("postcode", sa.String(length=8), nullable=False),
        sa.Column("oa21", sa.String(length=12), nullable=True),
        sa.Column("lsoa11", sa.String(length=12), nullable=True),
        sa.Column("lsoa21", sa.String(length=12), nullable=True),
        sa.Column("ward", sa.String(length=12), nullable=True),
        sa.Column("ward_vintage", sa.String(length=20), server_default="", nullable=False),
        sa.Column("local_authority", sa.String(length=12), nullable=True),
        sa.Column("easting", sa.Integer(), nullable=True),
        sa.Column("northing", sa.Integer(), nullable=True),
        sa.Column("fit", sa.String(length=40), nullable=False),
        sa.Column("straddles", sa.Integer(), server_default="0", nullable=False),
        sa.Column("ended", sa.String(length=7), nullable=True),
        sa.ForeignKeyConstraint(["source_id"], ["place_source.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("source_id", "postcode"),
    )
    op.create_index("place_postcode_by_code", "place_postcode", ["postcode"], unique=False)
    op.create_index("place_postcode_in", "place_postcode", ["lsoa21", "lsoa11"], unique=False)
    op.create_table(
        "place_figure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("figure", sa.String(length=60), nullable=False),
        sa.Column("year", sa.String(length=20), nullable=False),
        sa.Column("value", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(["source_id"], ["place_source.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("source_id", "level", "code", "figure", "year"),
    )
    op.create_index("place_figure_by_place", "place_figure", ["code", "figure"], unique=False)
    op.create_table(
        "place_rule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), server_default="", nullable=False),
        sa.Column("starts_on", sa.String(length=10), nullable=False),
        sa.Column("ends_on", sa.String(length=10), nullable=True),
        sa.Column("status", sa.String(length=40), server_default="proposed", nullable=False),
        sa.Column("proposed_by", sa.String(length=60), nullable=False),
        sa.Column("proposed_at", sa.String(length=32), nullable=False),
        sa.Column("decided_by", sa.String(length=60), nullable=True),
        sa.Column("decided_at", sa.String(length=32), nullable=True),
        sa.Column("signature", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code", "version"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "publication",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agreement_ref", sa.String(length=60), nullable=False),
        sa.Column("purpose", sa.String(length=60), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("periods", sa.Text(), server_default="", nullable=False),
        sa.Column("categories", sa.Text(), server_default="", nullable=False),
        sa.Column("details", sa.Text(), server_default="", nullable=False),
        sa.Column("basis", sa.String(length=64), nullable=False),
        sa.Column("hidden_under", sa.Integer(), nullable=False),
        sa.Column("rounded_to", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.String(length=60), nullable=False),
        sa.Column("made_at", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("agreement_ref", "purpose", "number"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "published_place",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("publication_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("cells", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["publication_id"], ["publication.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("publication_id", "level", "code"),
    )
    op.create_table(
        "forecast",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agreement_ref", sa.String(length=60), nullable=False),
        sa.Column("purpose", sa.String(length=60), nullable=False),
        sa.Column("level", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("category", sa.String(length=80), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("ahead", sa.Integer(), nullable=False),
        sa.Column("known_to", sa.String(length=7), nullable=False),
        sa.Column("method", sa.String(length=60), nullable=False),
        sa.Column("expected", sa.Integer(), nullable=False),
        sa.Column("low", sa.Integer(), nullable=False),
        sa.Column("high", sa.Integer(), nullable=False),
        sa.Column("beats", sa.Integer(), nullable=False),
        sa.Column("record", sa.Text(), server_default="", nullable=False),
        sa.Column("made_by", sa.String(length=60), nullable=False),
        sa.Column("made_at", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("forecast_of_place", "forecast", ["agreement_ref", "code", "month"], unique=False)
    op.add_column("panel", sa.Column("confidentiality", sa.String(length=40), server_default="", nullable=False))
    op.add_column("panel_member", sa.Column("attendance_why", sa.String(length=500), server_default="", nullable=False))
    op.add_column("panel_member", sa.Column("named_by", sa.String(length=60), server_default="", nullable=False))
    op.add_column("panel_member", sa.Column("vouched_by", sa.String(length=60), server_default="", nullable=False))
