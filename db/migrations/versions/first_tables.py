"""The first tables, as they were made; db/schema says what they are now."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make every table."""
    op.create_table(
        "agreement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=60), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("agency_code", sa.String(length=20), nullable=False),
        sa.Column("document", sa.Text(), server_default="", nullable=False),
        sa.Column("document_digest", sa.String(length=64), nullable=False),
        sa.Column("rag", sa.String(length=40), nullable=False),
        sa.Column("granularity", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=40), server_default="draft", nullable=False),
        sa.Column("status_why", sa.Text(), server_default="", nullable=False),
        sa.Column("opens", sa.String(length=10), nullable=False),
        sa.Column("closes", sa.String(length=10), nullable=False),
        sa.Column("added_at", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("reference", "version"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "agreement_signature",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("user_name", sa.String(length=60), nullable=False),
        sa.Column("signed_at", sa.String(length=32), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_agreement_signature_agreement_id"), "agreement_signature", ["agreement_id"], unique=False)
    op.create_table(
        "algo_care",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("version", sa.String(length=60), nullable=False),
        sa.Column("answers", sa.Text(), server_default="", nullable=False),
        sa.Column("status", sa.String(length=40), server_default="answered", nullable=False),
        sa.Column("approved_by", sa.String(length=60), nullable=True),
        sa.Column("approved_at", sa.String(length=32), nullable=True),
        sa.Column("signature", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("subject", "version"),
    )
    op.create_table(
        "audit_entry",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("operation", sa.String(length=40), nullable=False),
        sa.Column("thing", sa.String(length=40), nullable=False),
        sa.Column("result", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index(op.f("ix_audit_entry_actor"), "audit_entry", ["actor"], unique=False)
    op.create_table(
        "audit_node",
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "position"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "audit_subject",
        sa.Column("pseudonym", sa.String(length=20), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("pseudonym", "seq"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "audit_words",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_table(
        "caseload",
        sa.Column("user_name", sa.String(length=60), nullable=False),
        sa.Column("profile_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("user_name", "profile_id"),
    )
    op.create_table(
        "change_counter",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "consent_register",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("file_digest", sa.String(length=64), nullable=False),
        sa.Column("received_at", sa.String(length=32), nullable=False),
        sa.Column("rows", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("version"),
    )
    op.create_table(
        "draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_name", sa.String(length=60), nullable=False),
        sa.Column("thing", sa.String(length=40), nullable=False),
        sa.Column("thing_id", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), server_default="", nullable=False),
        sa.Column("saved_at", sa.String(length=32), nullable=False),
        sa.Column("over_version", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("user_name", "thing", "thing_id"),
    )
    op.create_table(
        "gate",
        sa.Column("agreement_ref", sa.String(length=60), nullable=False),
        sa.Column("purpose", sa.String(length=60), nullable=False),
        sa.Column("agency_code", sa.String(length=20), nullable=False),
        sa.Column("sensitive", sa.Integer(), server_default="0", nullable=False),
        sa.Column("opens", sa.String(length=10), nullable=False),
        sa.Column("closes", sa.String(length=10), nullable=False),
        sa.Column("status", sa.String(length=40), server_default="live", nullable=False),
        sa.PrimaryKeyConstraint("agreement_ref", "purpose"),
    )
    op.create_table(
        "gate_recipient",
        sa.Column("agreement_ref", sa.String(length=60), nullable=False),
        sa.Column("agency_code", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("agreement_ref", "agency_code"),
    )
    op.create_table(
        "incident",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.String(length=10), nullable=False),
        sa.Column("evidence", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "link_model",
        sa.Column("version", sa.String(length=60), nullable=False),
        sa.Column("document", sa.Text(), server_default="", nullable=False),
        sa.Column("installed_at", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("version"),
    )
    op.create_table(
        "panel",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("held_on", sa.String(length=10), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("purpose", sa.String(length=60), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "partner_agency",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("code"),
    )
    op.create_table(
        "profile",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pseudonym", sa.String(length=20), nullable=False),
        sa.Column("created_at", sa.String(length=32), nullable=False),
        sa.Column("adult_on", sa.String(length=10), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("status", sa.String(length=40), server_default="open", nullable=False),
        sa.Column("do_not_approach", sa.Integer(), server_default="0", nullable=False),
        sa.Column("safe_contact", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("pseudonym"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "purpose",
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("question", sa.Text(), server_default="", nullable=False),
        sa.Column("set_at", sa.String(length=32), nullable=False),
        sa.Column("set_by", sa.String(length=60), nullable=False),
        sa.PrimaryKeyConstraint("code"),
    )
    op.create_table(
        "rule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("document", sa.Text(), server_default="", nullable=False),
        sa.Column("status", sa.String(length=40), server_default="live", nullable=False),
        sa.Column("edited_by", sa.String(length=60), nullable=False),
        sa.Column("edited_at", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code", "version"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "setting",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "user",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("display_name", sa.String(length=120), nullable=False),
        sa.Column("agency_code", sa.String(length=20), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=40), server_default="active", nullable=False),
        sa.Column("signing_public", sa.LargeBinary(), nullable=False),
        sa.Column("sealing_public", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "withheld_record",
        sa.Column("source_record_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("agreement_ref", sa.String(length=60), nullable=False),
        sa.Column("from_day", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("source_record_id"),
    )
    op.create_table(
        "agenda_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("profile_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=60), nullable=False),
        sa.Column("panel_id", sa.Integer(), nullable=True),
        sa.Column("triage", sa.String(length=40), server_default="untriaged", nullable=False),
        sa.Column("triage_why", sa.Text(), server_default="", nullable=False),
        sa.Column("triaged_by", sa.String(length=60), nullable=True),
        sa.Column("triaged_at", sa.String(length=32), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(
            ["panel_id"],
            ["panel.id"],
        ),
        sa.ForeignKeyConstraint(
            ["profile_id"],
            ["profile.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("profile_id", "purpose"),
    )
    op.create_index(op.f("ix_agenda_item_panel_id"), "agenda_item", ["panel_id"], unique=False)
    op.create_index(op.f("ix_agenda_item_profile_id"), "agenda_item", ["profile_id"], unique=False)
    op.create_table(
        "consent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("profile_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=40), server_default="engage", nullable=False),
        sa.Column("purpose", sa.String(length=60), nullable=True),
        sa.Column("agreement_ref", sa.String(length=60), nullable=True),
        sa.Column("forename", sa.String(length=80), nullable=True),
        sa.Column("surname", sa.String(length=80), nullable=True),
        sa.Column("born", sa.String(length=10), nullable=True),
        sa.Column("postcode", sa.String(length=8), nullable=True),
        sa.Column("nhs_number", sa.String(length=10), nullable=True),
        sa.Column("given_by", sa.String(length=120), server_default="self", nullable=False),
        sa.Column("authority", sa.String(length=120), server_default="self", nullable=False),
        sa.Column("given_on", sa.String(length=10), nullable=False),
        sa.Column("expires_on", sa.String(length=10), nullable=True),
        sa.Column("evidence", sa.String(length=240), nullable=True),
        sa.Column("status", sa.String(length=40), server_default="waiting", nullable=False),
        sa.Column("withdrawn_on", sa.String(length=10), nullable=True),
        sa.Column("withdrawn_why", sa.Text(), server_default="", nullable=False),
        sa.Column("register_version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("recorded_by", sa.String(length=60), nullable=False),
        sa.Column("recorded_at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["profile_id"],
            ["profile.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("consent_by_born", "consent", ["born"], unique=False)
    op.create_index(op.f("ix_consent_profile_id"), "consent", ["profile_id"], unique=False)
    op.create_table(
        "decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("profile_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=60), nullable=False),
        sa.Column("lead_agency", sa.String(length=20), nullable=False),
        sa.Column("document", sa.Text(), server_default="", nullable=False),
        sa.Column("review_on", sa.String(length=10), nullable=False),
        sa.Column("status", sa.String(length=40), server_default="signed", nullable=False),
        sa.Column("supersedes_id", sa.Integer(), nullable=True),
        sa.Column("signed_by", sa.String(length=60), nullable=False),
        sa.Column("signed_at", sa.String(length=32), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["profile_id"],
            ["profile.id"],
        ),
        sa.ForeignKeyConstraint(
            ["supersedes_id"],
            ["decision.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_decision_profile_id"), "decision", ["profile_id"], unique=False)
    op.create_index(op.f("ix_decision_supersedes_id"), "decision", ["supersedes_id"], unique=False)
    op.create_table(
        "flag",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("profile_id", sa.Integer(), nullable=False),
        sa.Column("rule_code", sa.String(length=60), nullable=False),
        sa.Column("rule_version", sa.Integer(), nullable=False),
        sa.Column("raised_on", sa.String(length=10), nullable=False),
        sa.Column("lapses_on", sa.String(length=10), nullable=False),
        sa.Column("evidence", sa.Text(), server_default="", nullable=False),
        sa.Column("status", sa.String(length=40), server_default="standing", nullable=False),
        sa.ForeignKeyConstraint(
            ["profile_id"],
            ["profile.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("flag_by_rule", "flag", ["rule_code", "lapses_on"], unique=False)
    op.create_index(op.f("ix_flag_profile_id"), "flag", ["profile_id"], unique=False)
    op.create_table(
        "ground",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("profile_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.Column("until", sa.String(length=10), nullable=False),
        sa.Column("recorded_by", sa.String(length=60), nullable=False),
        sa.Column("recorded_at", sa.String(length=32), nullable=False),
        sa.Column("second_person", sa.String(length=60), nullable=True),
        sa.Column("second_at", sa.String(length=32), nullable=True),
        sa.Column("status", sa.String(length=40), server_default="proposed", nullable=False),
        sa.ForeignKeyConstraint(
            ["profile_id"],
            ["profile.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_ground_profile_id"), "ground", ["profile_id"], unique=False)
    op.create_table(
        "import_batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("agreement_ref", sa.String(length=60), nullable=False),
        sa.Column("file_digest", sa.String(length=64), nullable=False),
        sa.Column("register_version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("status", sa.String(length=40), server_default="staging", nullable=False),
        sa.Column("received_at", sa.String(length=32), nullable=False),
        sa.Column("accepted_at", sa.String(length=32), nullable=True),
        sa.Column("recalled_at", sa.String(length=32), nullable=True),
        sa.Column("recall_reason", sa.String(length=200), nullable=True),
        sa.Column("as_at", sa.String(length=10), nullable=True),
        sa.Column("first_day", sa.String(length=10), nullable=True),
        sa.Column("last_day", sa.String(length=10), nullable=True),
        sa.Column("rows_read", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rows_accepted", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rows_rejected", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rows_dropped", sa.Integer(), server_default="0", nullable=False),
        sa.Column("report", sa.Text(), server_default="", nullable=False),
        sa.Column("quality", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["agreement_id"],
            ["agreement.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_import_batch_agreement_id"), "import_batch", ["agreement_id"], unique=False)
    op.create_index(op.f("ix_import_batch_agreement_ref"), "import_batch", ["agreement_ref"], unique=False)
    op.create_index(op.f("ix_import_batch_file_digest"), "import_batch", ["file_digest"], unique=False)
    op.create_table(
        "incident_contact",
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"],
            ["incident.id"],
        ),
        sa.PrimaryKeyConstraint("contact_id"),
    )
    op.create_index(op.f("ix_incident_contact_incident_id"), "incident_contact", ["incident_id"], unique=False)
    op.create_table(
        "opening",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("profile_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=60), nullable=False),
        sa.Column("opens", sa.String(length=10), nullable=False),
        sa.Column("closes", sa.String(length=10), nullable=False),
        sa.Column("basis", sa.String(length=40), nullable=False),
        sa.Column("basis_id", sa.Integer(), nullable=False),
        sa.Column("unless_confirmed_by", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["profile_id"],
            ["profile.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("basis", "basis_id"),
    )
    op.create_index("opening_by_profile", "opening", ["profile_id", "purpose"], unique=False)
    op.create_index(
        "opening_unconfirmed",
        "opening",
        ["unless_confirmed_by"],
        unique=False,
        sqlite_where=sa.text("unless_confirmed_by IS NOT NULL"),
    )
    op.create_table(
        "profile_alias",
        sa.Column("pseudonym", sa.String(length=20), nullable=False),
        sa.Column("profile_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["profile_id"],
            ["profile.id"],
        ),
        sa.PrimaryKeyConstraint("pseudonym"),
    )
    op.create_index(op.f("ix_profile_alias_profile_id"), "profile_alias", ["profile_id"], unique=False)
    op.create_table(
        "profile_member",
        sa.Column("source_record_id", sa.Integer(), nullable=False),
        sa.Column("profile_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["profile_id"],
            ["profile.id"],
        ),
        sa.PrimaryKeyConstraint("source_record_id"),
    )
    op.create_index(op.f("ix_profile_member_profile_id"), "profile_member", ["profile_id"], unique=False)
    op.create_table(
        "reopening",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("profile_id", sa.Integer(), nullable=False),
        sa.Column("thing", sa.String(length=40), nullable=False),
        sa.Column("thing_id", sa.Integer(), nullable=False),
        sa.Column("because", sa.Text(), server_default="", nullable=False),
        sa.Column("reopened_at", sa.String(length=32), nullable=False),
        sa.Column("settled_by", sa.String(length=60), nullable=True),
        sa.Column("settled_at", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["profile_id"],
            ["profile.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_reopening_profile_id"), "reopening", ["profile_id"], unique=False)
    op.create_table(
        "action",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("profile_id", sa.Integer(), nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.Column("owner_agency", sa.String(length=20), nullable=False),
        sa.Column("owner_user", sa.String(length=60), nullable=True),
        sa.Column("due_on", sa.String(length=10), nullable=False),
        sa.Column("status", sa.String(length=40), server_default="open", nullable=False),
        sa.Column("not_done_because", sa.String(length=40), nullable=True),
        sa.Column("closing_note", sa.Text(), nullable=True),
        sa.Column("closed_by", sa.String(length=60), nullable=True),
        sa.Column("closed_at", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["decision_id"],
            ["decision.id"],
        ),
        sa.ForeignKeyConstraint(
            ["profile_id"],
            ["profile.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_action_decision_id"), "action", ["decision_id"], unique=False)
    op.create_index(op.f("ix_action_profile_id"), "action", ["profile_id"], unique=False)
    op.create_table(
        "area_measure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("agreement_ref", sa.String(length=60), nullable=False),
        sa.Column("area_level", sa.String(length=40), nullable=False),
        sa.Column("area_code", sa.String(length=60), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("category", sa.String(length=80), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("completeness", sa.String(length=40), server_default="complete", nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["import_batch.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("area_measure_by_place", "area_measure", ["agreement_ref", "area_code", "month"], unique=False)
    op.create_index(op.f("ix_area_measure_batch_id"), "area_measure", ["batch_id"], unique=False)
    op.create_table(
        "flag_agreement",
        sa.Column("flag_id", sa.Integer(), nullable=False),
        sa.Column("agreement_ref", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["flag_id"],
            ["flag.id"],
        ),
        sa.PrimaryKeyConstraint("flag_id", "agreement_ref"),
    )
    op.create_table(
        "rejected_row",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("row_number", sa.Integer(), nullable=False),
        sa.Column("column_name", sa.String(length=120), server_default="", nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["import_batch.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_rejected_row_batch_id"), "rejected_row", ["batch_id"], unique=False)
    op.create_table(
        "source_record",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agreement_ref", sa.String(length=60), nullable=False),
        sa.Column("agency_code", sa.String(length=20), nullable=False),
        sa.Column("person_key", sa.String(length=24), nullable=False),
        sa.Column("partner_reference", sa.String(length=120), nullable=True),
        sa.Column("first_batch_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["first_batch_id"],
            ["import_batch.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("person_key"),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_source_record_first_batch_id"), "source_record", ["first_batch_id"], unique=False)
    op.create_index("source_record_by_data_set", "source_record", ["agreement_ref"], unique=False)
    op.create_table(
        "contact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("superseded_by", sa.Integer(), nullable=True),
        sa.Column("source_record_id", sa.Integer(), nullable=False),
        sa.Column("agreement_ref", sa.String(length=60), nullable=False),
        sa.Column("contact_key", sa.String(length=24), nullable=False),
        sa.Column("row_digest", sa.String(length=24), server_default="", nullable=False),
        sa.Column("partner_reference", sa.String(length=120), nullable=True),
        sa.Column("shared_reference", sa.String(length=120), nullable=True),
        sa.Column("occurred_on", sa.String(length=10), nullable=False),
        sa.Column("occurred_at", sa.String(length=5), nullable=True),
        sa.Column("reported_on", sa.String(length=10), nullable=True),
        sa.Column("category", sa.String(length=40), server_default="other", nullable=False),
        sa.Column("priority_area", sa.String(length=40), server_default="other", nullable=False),
        sa.Column("role", sa.String(length=40), server_default="subject", nullable=False),
        sa.Column("standing", sa.String(length=40), server_default="fact", nullable=False),
        sa.Column("outcome", sa.String(length=200), nullable=True),
        sa.Column("place_postcode", sa.String(length=8), nullable=True),
        sa.Column("place_address", sa.String(length=240), nullable=True),
        sa.Column("counterpart_id", sa.Integer(), nullable=True),
        sa.Column("measure", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["import_batch.id"],
        ),
        sa.ForeignKeyConstraint(
            ["counterpart_id"],
            ["source_record.id"],
        ),
        sa.ForeignKeyConstraint(
            ["source_record_id"],
            ["source_record.id"],
        ),
        sa.ForeignKeyConstraint(
            ["superseded_by"],
            ["import_batch.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "contact_by_counterpart",
        "contact",
        ["counterpart_id"],
        unique=False,
        sqlite_where=sa.text("counterpart_id IS NOT NULL"),
    )
    op.create_index("contact_by_key", "contact", ["contact_key"], unique=False)
    op.create_index(
        "contact_by_place",
        "contact",
        ["place_postcode", "occurred_on"],
        unique=False,
        sqlite_where=sa.text("place_address IS NOT NULL"),
    )
    op.create_index(
        "contact_by_reference",
        "contact",
        ["partner_reference"],
        unique=False,
        sqlite_where=sa.text("partner_reference IS NOT NULL"),
    )
    op.create_index(
        "contact_by_shared",
        "contact",
        ["shared_reference"],
        unique=False,
        sqlite_where=sa.text("shared_reference IS NOT NULL"),
    )
    op.create_index(
        "contact_replaced",
        "contact",
        ["superseded_by"],
        unique=False,
        sqlite_where=sa.text("superseded_by IS NOT NULL"),
    )
    op.create_index(op.f("ix_contact_batch_id"), "contact", ["batch_id"], unique=False)
    op.create_index(op.f("ix_contact_source_record_id"), "contact", ["source_record_id"], unique=False)
    op.create_table(
        "link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("left_record_id", sa.Integer(), nullable=False),
        sa.Column("right_record_id", sa.Integer(), nullable=False),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.Column("comparison_vector", sa.Text(), server_default="", nullable=False),
        sa.Column("model_version", sa.String(length=60), nullable=False),
        sa.Column("guards", sa.Text(), server_default="", nullable=False),
        sa.Column("rival_weight", sa.Float(), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("decided_by", sa.String(length=60), nullable=True),
        sa.Column("decided_at", sa.String(length=32), nullable=True),
        sa.Column("decided_why", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["left_record_id"],
            ["source_record.id"],
        ),
        sa.ForeignKeyConstraint(
            ["right_record_id"],
            ["source_record.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("left_record_id", "right_record_id"),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_link_right_record_id"), "link", ["right_record_id"], unique=False)
    op.create_table(
        "record_detail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_record_id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("superseded_by", sa.Integer(), nullable=True),
        sa.Column("forename", sa.String(length=80), nullable=True),
        sa.Column("middle_names", sa.String(length=120), nullable=True),
        sa.Column("surname", sa.String(length=80), nullable=True),
        sa.Column("former_surname", sa.String(length=80), nullable=True),
        sa.Column("born", sa.String(length=10), nullable=True),
        sa.Column("born_quality", sa.String(length=40), server_default="stated", nullable=False),
        sa.Column("sex", sa.String(length=1), nullable=True),
        sa.Column("nhs_number", sa.String(length=10), nullable=True),
        sa.Column("upn", sa.String(length=13), nullable=True),
        sa.Column("uprn", sa.String(length=12), nullable=True),
        sa.Column("address", sa.String(length=240), nullable=True),
        sa.Column("postcode", sa.String(length=8), nullable=True),
        sa.Column("household_ref", sa.String(length=120), nullable=True),
        sa.Column("detail_digest", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["import_batch.id"],
        ),
        sa.ForeignKeyConstraint(
            ["source_record_id"],
            ["source_record.id"],
        ),
        sa.ForeignKeyConstraint(
            ["superseded_by"],
            ["import_batch.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_record_detail_batch_id"), "record_detail", ["batch_id"], unique=False)
    op.create_index(op.f("ix_record_detail_source_record_id"), "record_detail", ["source_record_id"], unique=False)
    op.create_index("record_detail_by_born", "record_detail", ["born"], unique=False)
    op.create_index(
        "record_detail_replaced",
        "record_detail",
        ["superseded_by"],
        unique=False,
        sqlite_where=sa.text("superseded_by IS NOT NULL"),
    )
    op.create_table(
        "relationship",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("superseded_by", sa.Integer(), nullable=True),
        sa.Column("from_record_id", sa.Integer(), nullable=False),
        sa.Column("to_record_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["import_batch.id"],
        ),
        sa.ForeignKeyConstraint(
            ["from_record_id"],
            ["source_record.id"],
        ),
        sa.ForeignKeyConstraint(
            ["superseded_by"],
            ["import_batch.id"],
        ),
        sa.ForeignKeyConstraint(
            ["to_record_id"],
            ["source_record.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("from_record_id", "to_record_id", "kind", "batch_id"),
    )
    op.create_index(op.f("ix_relationship_batch_id"), "relationship", ["batch_id"], unique=False)
    op.create_index(op.f("ix_relationship_to_record_id"), "relationship", ["to_record_id"], unique=False)
    op.create_index(
        "relationship_replaced",
        "relationship",
        ["superseded_by"],
        unique=False,
        sqlite_where=sa.text("superseded_by IS NOT NULL"),
    )
    op.create_table(
        "incident_ruling",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("left_contact_id", sa.Integer(), nullable=False),
        sa.Column("right_contact_id", sa.Integer(), nullable=False),
        sa.Column("ruling", sa.String(length=40), nullable=False),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.Column("ruled_by", sa.String(length=60), nullable=False),
        sa.Column("ruled_at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["left_contact_id"],
            ["contact.id"],
        ),
        sa.ForeignKeyConstraint(
            ["right_contact_id"],
            ["contact.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("left_contact_id", "right_contact_id"),
    )
    op.create_index(op.f("ix_incident_ruling_left_contact_id"), "incident_ruling", ["left_contact_id"], unique=False)
    op.create_index(op.f("ix_incident_ruling_right_contact_id"), "incident_ruling", ["right_contact_id"], unique=False)
