"""Tables for panels and for what follows from them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Widen panels and actions, and make the tables."""
    for column in (
        sa.Column("kind", sa.String(length=60), server_default="", nullable=False),
        sa.Column("areas", sa.Text(), server_default="", nullable=False),
        sa.Column("place", sa.String(length=200), server_default="", nullable=False),
        sa.Column("begins_at", sa.String(length=5), server_default="", nullable=False),
        sa.Column("chair", sa.String(length=60), server_default="", nullable=False),
        sa.Column("minute_taker", sa.String(length=60), server_default="", nullable=False),
        sa.Column("quorum", sa.Text(), server_default="", nullable=False),
        sa.Column("lock_minutes", sa.Integer(), server_default="10", nullable=False),
        sa.Column("information_by", sa.String(length=10), nullable=True),
        sa.Column("status", sa.String(length=40), server_default="preparing", nullable=False),
        sa.Column("opened_at", sa.String(length=32), nullable=True),
        sa.Column("closed_at", sa.String(length=32), nullable=True),
        sa.Column("made_by", sa.String(length=60), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
    ):
        op.add_column("panel", column)
    for column in (
        sa.Column("outcome_sought", sa.Text(), server_default="", nullable=False),
        sa.Column("accepted", sa.String(length=40), server_default="asked", nullable=False),
        sa.Column("evidence", sa.Text(), server_default="", nullable=False),
        sa.Column("panel_case_id", sa.Integer(), nullable=True),
        sa.Column("owner_reference", sa.String(length=60), server_default="", nullable=False),
        sa.Column("intervention", sa.String(length=40), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
    ):
        op.add_column("action", column)
    op.create_index("action_by_owner", "action", ["owner_agency", "status", "due_on"])
    op.create_table(
        "unflagged_sample",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seed", sa.String(length=64), nullable=False),
        sa.Column("drawn_from", sa.Integer(), nullable=False),
        sa.Column("drawn_by", sa.String(length=60), nullable=False),
        sa.Column("drawn_at", sa.String(length=32), nullable=False),
        sa.Column("purpose", sa.String(length=60), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "case_access",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("profile_id", sa.Integer(), nullable=False),
        sa.Column("user_name", sa.String(length=60), nullable=False),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.Column("given_by", sa.String(length=60), nullable=False),
        sa.Column("given_at", sa.String(length=32), nullable=False),
        sa.Column("ended_by", sa.String(length=60), nullable=True),
        sa.Column("ended_at", sa.String(length=32), nullable=True),
        sa.Column("status", sa.String(length=40), server_default="standing", nullable=False),
        sa.ForeignKeyConstraint(
            ["profile_id"],
            ["profile.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("case_access_by_user", "case_access", ["user_name", "profile_id"], unique=False)
    op.create_index(op.f("ix_case_access_profile_id"), "case_access", ["profile_id"], unique=False)
    op.create_table(
        "case_restriction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("profile_id", sa.Integer(), nullable=False),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.Column("made_by", sa.String(length=60), nullable=False),
        sa.Column("made_at", sa.String(length=32), nullable=False),
        sa.Column("ended_by", sa.String(length=60), nullable=True),
        sa.Column("ended_at", sa.String(length=32), nullable=True),
        sa.Column("ended_why", sa.Text(), server_default="", nullable=False),
        sa.Column("status", sa.String(length=40), server_default="standing", nullable=False),
        sa.ForeignKeyConstraint(
            ["profile_id"],
            ["profile.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_case_restriction_profile_id"), "case_restriction", ["profile_id"], unique=False)
    op.create_table(
        "case_state",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("profile_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.Column("lead_agency", sa.String(length=20), server_default="", nullable=False),
        sa.Column("panel_id", sa.Integer(), nullable=True),
        sa.Column("changed_by", sa.String(length=60), nullable=False),
        sa.Column("changed_at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["panel_id"],
            ["panel.id"],
        ),
        sa.ForeignKeyConstraint(
            ["profile_id"],
            ["profile.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("case_state_latest", "case_state", ["profile_id", "purpose", "id"], unique=False)
    op.create_index(op.f("ix_case_state_panel_id"), "case_state", ["panel_id"], unique=False)
    op.create_table(
        "disclosure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("form", sa.String(length=10), nullable=False),
        sa.Column("panel_id", sa.Integer(), nullable=True),
        sa.Column("purpose", sa.String(length=60), nullable=False),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.Column("data_sets", sa.Text(), server_default="", nullable=False),
        sa.Column("made_by", sa.String(length=60), nullable=False),
        sa.Column("made_at", sa.String(length=32), nullable=False),
        sa.Column("expires_on", sa.String(length=10), nullable=False),
        sa.Column("status", sa.String(length=40), server_default="standing", nullable=False),
        sa.Column("called_back_by", sa.String(length=60), nullable=True),
        sa.Column("called_back_at", sa.String(length=32), nullable=True),
        sa.Column("called_back_why", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["panel_id"],
            ["panel.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_disclosure_panel_id"), "disclosure", ["panel_id"], unique=False)
    op.create_table(
        "flag_judgement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("flag_id", sa.Integer(), nullable=False),
        sa.Column("profile_id", sa.Integer(), nullable=False),
        sa.Column("rule_code", sa.String(length=60), nullable=False),
        sa.Column("rule_version", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(length=40), nullable=False),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.Column("judged_by", sa.String(length=60), nullable=False),
        sa.Column("judged_at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["profile_id"],
            ["profile.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("flag_id", "judged_by"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "flag_judgement_by_rule",
        "flag_judgement",
        ["rule_code", "rule_version"],
        unique=False,
        sqlite_where=sa.text("verdict <> ''"),
    )
    op.create_index(op.f("ix_flag_judgement_profile_id"), "flag_judgement", ["profile_id"], unique=False)
    op.create_table(
        "lead_transfer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("profile_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=60), nullable=False),
        sa.Column("from_agency", sa.String(length=20), nullable=False),
        sa.Column("to_agency", sa.String(length=20), nullable=False),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.Column("handover", sa.Text(), server_default="", nullable=False),
        sa.Column("asked_by", sa.String(length=60), nullable=False),
        sa.Column("asked_at", sa.String(length=32), nullable=False),
        sa.Column("status", sa.String(length=40), server_default="asked", nullable=False),
        sa.Column("answer", sa.Text(), server_default="", nullable=False),
        sa.Column("answered_by", sa.String(length=60), nullable=True),
        sa.Column("answered_at", sa.String(length=32), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(
            ["profile_id"],
            ["profile.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_lead_transfer_profile_id"), "lead_transfer", ["profile_id"], unique=False)
    op.create_table(
        "manifest",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("panel_id", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), server_default="", nullable=False),
        sa.Column("made_by", sa.String(length=60), nullable=False),
        sa.Column("made_at", sa.String(length=32), nullable=False),
        sa.Column("status", sa.String(length=40), server_default="open", nullable=False),
        sa.ForeignKeyConstraint(
            ["panel_id"],
            ["panel.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_manifest_panel_id"), "manifest", ["panel_id"], unique=False)
    op.create_table(
        "minutes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("panel_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), server_default="", nullable=False),
        sa.Column("status", sa.String(length=40), server_default="draft", nullable=False),
        sa.Column("written_by", sa.String(length=60), nullable=False),
        sa.Column("written_at", sa.String(length=32), nullable=False),
        sa.Column("approved_by", sa.String(length=60), nullable=True),
        sa.Column("approved_at", sa.String(length=32), nullable=True),
        sa.Column("signature", sa.LargeBinary(), nullable=True),
        sa.Column("actions_sent_at", sa.String(length=32), nullable=True),
        sa.Column("minutes_sent_at", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["panel_id"],
            ["panel.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("panel_id", "version"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "panel_member",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("panel_id", sa.Integer(), nullable=False),
        sa.Column("agency_code", sa.String(length=20), nullable=False),
        sa.Column("display_name", sa.String(length=120), nullable=False),
        sa.Column("user_name", sa.String(length=60), nullable=True),
        sa.Column("standing", sa.String(length=40), server_default="member", nullable=False),
        sa.Column("deputy_for", sa.String(length=120), server_default="", nullable=False),
        sa.Column("attendance", sa.String(length=40), server_default="asked", nullable=False),
        sa.Column("information_on", sa.String(length=10), nullable=True),
        sa.Column("confidentiality_at", sa.String(length=32), nullable=True),
        sa.Column("confidentiality_by", sa.String(length=60), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(
            ["panel_id"],
            ["panel.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_panel_member_panel_id"), "panel_member", ["panel_id"], unique=False)
    op.create_table(
        "referral",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("profile_id", sa.Integer(), nullable=True),
        sa.Column("purpose", sa.String(length=60), nullable=False),
        sa.Column("from_agency", sa.String(length=20), nullable=False),
        sa.Column("to_agency", sa.String(length=20), server_default="", nullable=False),
        sa.Column("forename", sa.String(length=80), nullable=True),
        sa.Column("surname", sa.String(length=80), nullable=True),
        sa.Column("born", sa.String(length=10), nullable=True),
        sa.Column("postcode", sa.String(length=8), nullable=True),
        sa.Column("own_reference", sa.String(length=60), nullable=True),
        sa.Column("document", sa.Text(), server_default="", nullable=False),
        sa.Column("urgency", sa.String(length=40), server_default="routine", nullable=False),
        sa.Column("lawful_basis", sa.Text(), server_default="", nullable=False),
        sa.Column("disclosed", sa.Text(), server_default="", nullable=False),
        sa.Column("sent_by", sa.String(length=60), nullable=False),
        sa.Column("sent_at", sa.String(length=32), nullable=False),
        sa.Column("status", sa.String(length=40), server_default="sent", nullable=False),
        sa.Column("answer", sa.Text(), server_default="", nullable=False),
        sa.Column("answered_by", sa.String(length=60), nullable=True),
        sa.Column("answered_at", sa.String(length=32), nullable=True),
        sa.Column("feedback_due_on", sa.String(length=10), nullable=True),
        sa.Column("feedback", sa.Text(), server_default="", nullable=False),
        sa.Column("feedback_by", sa.String(length=60), nullable=True),
        sa.Column("feedback_at", sa.String(length=32), nullable=True),
        sa.Column("reconciled", sa.String(length=40), server_default="waiting", nullable=False),
        sa.Column("reconciled_by", sa.String(length=60), nullable=True),
        sa.Column("reconciled_at", sa.String(length=32), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(
            ["profile_id"],
            ["profile.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_referral_profile_id"), "referral", ["profile_id"], unique=False)
    op.create_index("referral_by_agencies", "referral", ["from_agency", "to_agency"], unique=False)
    op.create_table(
        "unflagged_look",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unflagged_sample_id", sa.Integer(), nullable=False),
        sa.Column("profile_id", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(length=40), server_default="waiting", nullable=False),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.Column("judged_by", sa.String(length=60), nullable=True),
        sa.Column("judged_at", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["profile_id"],
            ["profile.id"],
        ),
        sa.ForeignKeyConstraint(
            ["unflagged_sample_id"],
            ["unflagged_sample.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_unflagged_look_profile_id"), "unflagged_look", ["profile_id"], unique=False)
    op.create_index(
        op.f("ix_unflagged_look_unflagged_sample_id"), "unflagged_look", ["unflagged_sample_id"], unique=False
    )
    op.create_table(
        "conflict_of_interest",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("panel_id", sa.Integer(), nullable=False),
        sa.Column("panel_member_id", sa.Integer(), nullable=False),
        sa.Column("profile_id", sa.Integer(), nullable=True),
        sa.Column("interest", sa.Text(), server_default="", nullable=False),
        sa.Column("step", sa.String(length=40), nullable=False),
        sa.Column("declared_by", sa.String(length=60), nullable=False),
        sa.Column("declared_at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["panel_id"],
            ["panel.id"],
        ),
        sa.ForeignKeyConstraint(
            ["panel_member_id"],
            ["panel_member.id"],
        ),
        sa.ForeignKeyConstraint(
            ["profile_id"],
            ["profile.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_conflict_of_interest_panel_id"), "conflict_of_interest", ["panel_id"], unique=False)
    op.create_index(
        op.f("ix_conflict_of_interest_panel_member_id"), "conflict_of_interest", ["panel_member_id"], unique=False
    )
    op.create_index(op.f("ix_conflict_of_interest_profile_id"), "conflict_of_interest", ["profile_id"], unique=False)
    op.create_table(
        "disclosure_recipient",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("disclosure_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("agency_code", sa.String(length=20), nullable=False),
        sa.Column("mark", sa.String(length=20), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["disclosure_id"],
            ["disclosure.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("mark"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_disclosure_recipient_disclosure_id"), "disclosure_recipient", ["disclosure_id"], unique=False
    )
    op.create_table(
        "disclosure_subject",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("disclosure_id", sa.Integer(), nullable=False),
        sa.Column("profile_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["disclosure_id"],
            ["disclosure.id"],
        ),
        sa.ForeignKeyConstraint(
            ["profile_id"],
            ["profile.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("disclosure_id", "profile_id"),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_disclosure_subject_profile_id"), "disclosure_subject", ["profile_id"], unique=False)
    op.create_table(
        "dissent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("profile_id", sa.Integer(), nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=False),
        sa.Column("agency_code", sa.String(length=20), nullable=False),
        sa.Column("document", sa.Text(), server_default="", nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("made_by", sa.String(length=60), nullable=False),
        sa.Column("entered_for", sa.String(length=120), server_default="", nullable=False),
        sa.Column("made_at", sa.String(length=32), nullable=False),
        sa.Column("level", sa.Integer(), server_default="0", nullable=False),
        sa.Column("due_at", sa.String(length=32), nullable=False),
        sa.Column("status", sa.String(length=40), server_default="open", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
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
    op.create_index(op.f("ix_dissent_decision_id"), "dissent", ["decision_id"], unique=False)
    op.create_index(op.f("ix_dissent_profile_id"), "dissent", ["profile_id"], unique=False)
    op.create_table(
        "manifest_signature",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("manifest_id", sa.Integer(), nullable=False),
        sa.Column("panel_member_id", sa.Integer(), nullable=False),
        sa.Column("agency_code", sa.String(length=20), nullable=False),
        sa.Column("stance", sa.String(length=40), server_default="agrees", nullable=False),
        sa.Column("signed_by", sa.String(length=60), nullable=False),
        sa.Column("entered_for", sa.String(length=120), server_default="", nullable=False),
        sa.Column("document", sa.Text(), server_default="", nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("signed_at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["manifest_id"],
            ["manifest.id"],
        ),
        sa.ForeignKeyConstraint(
            ["panel_member_id"],
            ["panel_member.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("manifest_id", "panel_member_id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_manifest_signature_panel_member_id"), "manifest_signature", ["panel_member_id"], unique=False
    )
    op.create_table(
        "outcome",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("profile_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=60), nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=False),
        sa.Column("domain", sa.String(length=40), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("measured_on", sa.String(length=10), nullable=False),
        sa.Column("baseline", sa.Text(), server_default="", nullable=False),
        sa.Column("now", sa.Text(), server_default="", nullable=False),
        sa.Column("effect", sa.String(length=40), nullable=False),
        sa.Column("person_view", sa.Text(), server_default="", nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("recorded_by", sa.String(length=60), nullable=False),
        sa.Column("recorded_at", sa.String(length=32), nullable=False),
        sa.Column("status", sa.String(length=40), server_default="standing", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
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
    op.create_index(op.f("ix_outcome_decision_id"), "outcome", ["decision_id"], unique=False)
    op.create_index(op.f("ix_outcome_profile_id"), "outcome", ["profile_id"], unique=False)
    op.create_table(
        "panel_case",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("panel_id", sa.Integer(), nullable=False),
        sa.Column("profile_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), server_default="6", nullable=False),
        sa.Column("question", sa.Text(), server_default="", nullable=False),
        sa.Column("brought_by", sa.String(length=40), nullable=False),
        sa.Column("brought_id", sa.Integer(), nullable=True),
        sa.Column("proposed_by", sa.String(length=60), nullable=False),
        sa.Column("proposed_at", sa.String(length=32), nullable=False),
        sa.Column("status", sa.String(length=40), server_default="listed", nullable=False),
        sa.Column("status_why", sa.Text(), server_default="", nullable=False),
        sa.Column("opened_at", sa.String(length=32), nullable=True),
        sa.Column("seconds", sa.Integer(), server_default="0", nullable=False),
        sa.Column("revealed_at", sa.String(length=32), nullable=True),
        sa.Column("revealed_by", sa.String(length=60), nullable=True),
        sa.Column("decision_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(
            ["decision_id"],
            ["decision.id"],
        ),
        sa.ForeignKeyConstraint(
            ["panel_id"],
            ["panel.id"],
        ),
        sa.ForeignKeyConstraint(
            ["profile_id"],
            ["profile.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("panel_id", "profile_id"),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_panel_case_decision_id"), "panel_case", ["decision_id"], unique=False)
    op.create_index(op.f("ix_panel_case_profile_id"), "panel_case", ["profile_id"], unique=False)
    op.create_index("panel_case_in_order", "panel_case", ["panel_id", "place"], unique=False)
    op.create_table(
        "referral_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("referral_id", sa.Integer(), nullable=False),
        sa.Column("profile_id", sa.Integer(), nullable=True),
        sa.Column("step", sa.String(length=40), nullable=False),
        sa.Column("words", sa.Text(), server_default="", nullable=False),
        sa.Column("made_by", sa.String(length=60), nullable=False),
        sa.Column("made_at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["profile_id"],
            ["profile.id"],
        ),
        sa.ForeignKeyConstraint(
            ["referral_id"],
            ["referral.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_referral_step_profile_id"), "referral_step", ["profile_id"], unique=False)
    op.create_index(op.f("ix_referral_step_referral_id"), "referral_step", ["referral_id"], unique=False)
    op.create_table(
        "urgent_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("profile_id", sa.Integer(), nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=False),
        sa.Column("why_urgent", sa.Text(), server_default="", nullable=False),
        sa.Column("first_agency", sa.String(length=20), nullable=False),
        sa.Column("first_by", sa.String(length=60), nullable=False),
        sa.Column("second_agency", sa.String(length=20), server_default="", nullable=False),
        sa.Column("second_by", sa.String(length=60), nullable=True),
        sa.Column("second_signature", sa.LargeBinary(), nullable=True),
        sa.Column("second_at", sa.String(length=32), nullable=True),
        sa.Column("status", sa.String(length=40), server_default="waiting", nullable=False),
        sa.Column("panel_id", sa.Integer(), nullable=True),
        sa.Column("ratified_why", sa.Text(), server_default="", nullable=False),
        sa.Column("ratified_by", sa.String(length=60), nullable=True),
        sa.Column("ratified_at", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["decision_id"],
            ["decision.id"],
        ),
        sa.ForeignKeyConstraint(
            ["panel_id"],
            ["panel.id"],
        ),
        sa.ForeignKeyConstraint(
            ["profile_id"],
            ["profile.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_urgent_decision_decision_id"), "urgent_decision", ["decision_id"], unique=False)
    op.create_index(op.f("ix_urgent_decision_panel_id"), "urgent_decision", ["panel_id"], unique=False)
    op.create_index(op.f("ix_urgent_decision_profile_id"), "urgent_decision", ["profile_id"], unique=False)
    op.create_table(
        "action_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("action_id", sa.Integer(), nullable=False),
        sa.Column("profile_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=40), nullable=False),
        sa.Column("words", sa.Text(), server_default="", nullable=False),
        sa.Column("made_by", sa.String(length=60), nullable=False),
        sa.Column("entered_for", sa.String(length=120), server_default="", nullable=False),
        sa.Column("made_at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["action_id"],
            ["action.id"],
        ),
        sa.ForeignKeyConstraint(
            ["profile_id"],
            ["profile.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_action_step_action_id"), "action_step", ["action_id"], unique=False)
    op.create_index(op.f("ix_action_step_profile_id"), "action_step", ["profile_id"], unique=False)
    op.create_table(
        "dissent_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dissent_id", sa.Integer(), nullable=False),
        sa.Column("profile_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=40), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), server_default="", nullable=False),
        sa.Column("made_by", sa.String(length=60), nullable=False),
        sa.Column("made_at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["dissent_id"],
            ["dissent.id"],
        ),
        sa.ForeignKeyConstraint(
            ["profile_id"],
            ["profile.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_dissent_step_dissent_id"), "dissent_step", ["dissent_id"], unique=False)
    op.create_index(op.f("ix_dissent_step_profile_id"), "dissent_step", ["profile_id"], unique=False)
    op.create_table(
        "first_view",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("panel_case_id", sa.Integer(), nullable=False),
        sa.Column("profile_id", sa.Integer(), nullable=False),
        sa.Column("agency_code", sa.String(length=20), nullable=False),
        sa.Column("document", sa.Text(), server_default="", nullable=False),
        sa.Column("written_by", sa.String(length=60), nullable=False),
        sa.Column("entered_for", sa.String(length=120), server_default="", nullable=False),
        sa.Column("written_at", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(
            ["panel_case_id"],
            ["panel_case.id"],
        ),
        sa.ForeignKeyConstraint(
            ["profile_id"],
            ["profile.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("panel_case_id", "agency_code"),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_first_view_profile_id"), "first_view", ["profile_id"], unique=False)
    op.create_table(
        "going_on",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("panel_case_id", sa.Integer(), nullable=True),
        sa.Column("panel_id", sa.Integer(), nullable=True),
        sa.Column("profile_id", sa.Integer(), nullable=False),
        sa.Column("stop", sa.String(length=40), nullable=False),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.Column("asked_by", sa.String(length=60), nullable=False),
        sa.Column("asked_at", sa.String(length=32), nullable=False),
        sa.Column("second_person", sa.String(length=60), nullable=True),
        sa.Column("second_at", sa.String(length=32), nullable=True),
        sa.Column("status", sa.String(length=40), server_default="asked", nullable=False),
        sa.ForeignKeyConstraint(
            ["panel_case_id"],
            ["panel_case.id"],
        ),
        sa.ForeignKeyConstraint(
            ["panel_id"],
            ["panel.id"],
        ),
        sa.ForeignKeyConstraint(
            ["profile_id"],
            ["profile.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_going_on_panel_case_id"), "going_on", ["panel_case_id"], unique=False)
    op.create_index(op.f("ix_going_on_panel_id"), "going_on", ["panel_id"], unique=False)
    op.create_index(op.f("ix_going_on_profile_id"), "going_on", ["profile_id"], unique=False)
    op.create_table(
        "information_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("panel_case_id", sa.Integer(), nullable=False),
        sa.Column("profile_id", sa.Integer(), nullable=False),
        sa.Column("agency_code", sa.String(length=20), nullable=False),
        sa.Column("question", sa.Text(), server_default="", nullable=False),
        sa.Column("due_on", sa.String(length=10), nullable=False),
        sa.Column("asked_by", sa.String(length=60), nullable=False),
        sa.Column("asked_at", sa.String(length=32), nullable=False),
        sa.Column("status", sa.String(length=40), server_default="asked", nullable=False),
        sa.Column("answer", sa.Text(), server_default="", nullable=False),
        sa.Column("answered_by", sa.String(length=60), nullable=True),
        sa.Column("entered_for", sa.String(length=120), server_default="", nullable=False),
        sa.Column("answered_at", sa.String(length=32), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(
            ["panel_case_id"],
            ["panel_case.id"],
        ),
        sa.ForeignKeyConstraint(
            ["profile_id"],
            ["profile.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_information_request_panel_case_id"), "information_request", ["panel_case_id"], unique=False
    )
    op.create_index(op.f("ix_information_request_profile_id"), "information_request", ["profile_id"], unique=False)
    op.create_table(
        "minutes_part",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("minutes_id", sa.Integer(), nullable=False),
        sa.Column("panel_case_id", sa.Integer(), nullable=False),
        sa.Column("profile_id", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), server_default="", nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["minutes_id"],
            ["minutes.id"],
        ),
        sa.ForeignKeyConstraint(
            ["panel_case_id"],
            ["panel_case.id"],
        ),
        sa.ForeignKeyConstraint(
            ["profile_id"],
            ["profile.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("minutes_id", "panel_case_id"),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_minutes_part_panel_case_id"), "minutes_part", ["panel_case_id"], unique=False)
    op.create_index(op.f("ix_minutes_part_profile_id"), "minutes_part", ["profile_id"], unique=False)
    op.create_table(
        "panel_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("panel_case_id", sa.Integer(), nullable=False),
        sa.Column("profile_id", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("words", sa.Text(), server_default="", nullable=False),
        sa.Column("written_by", sa.String(length=60), nullable=False),
        sa.Column("written_at", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(
            ["panel_case_id"],
            ["panel_case.id"],
        ),
        sa.ForeignKeyConstraint(
            ["profile_id"],
            ["profile.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("panel_case_id", "field"),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_panel_note_profile_id"), "panel_note", ["profile_id"], unique=False)
    op.create_table(
        "panel_seen",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("panel_case_id", sa.Integer(), nullable=False),
        sa.Column("profile_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("pseudonym", sa.String(length=20), nullable=False),
        sa.Column("shown_by", sa.String(length=60), nullable=False),
        sa.Column("shown_at", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["panel_case_id"],
            ["panel_case.id"],
        ),
        sa.ForeignKeyConstraint(
            ["profile_id"],
            ["profile.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_panel_seen_panel_case_id"), "panel_seen", ["panel_case_id"], unique=False)
    op.create_index(op.f("ix_panel_seen_profile_id"), "panel_seen", ["profile_id"], unique=False)
