"""The views of panels and of what follows from them; in the two sets of db/views.py."""

from __future__ import annotations

from db.view_parts import ON_ITS_LIST, OPEN, SEES, SIGHT, open_table, shown

_OPEN = OPEN.format(profile="t.profile_id")
_ON_LIST = ON_ITS_LIST.format(profile="t.profile_id")
_OWN_AGENCY = "t.agency_code = (SELECT agency FROM acting)"
# What an agency thinks first is its own until all are shown, and that of whoever entered it for an agency.
_ENTERED = "t.written_by = (SELECT user_name FROM acting)"
_REVEALED = "EXISTS (SELECT 1 FROM panel_case k WHERE k.id = t.panel_case_id AND k.revealed_at IS NOT NULL)"

_PARTY = (
    f"({SIGHT} = 'combine' OR t.to_agency = '' OR t.from_agency = (SELECT agency FROM acting) "
    "OR t.to_agency = (SELECT agency FROM acting))"
)

OPEN_PANEL_VIEWS = {
    "open_panel_case": open_table("panel_case"),
    "open_information_request": open_table("information_request"),
    "open_first_view": "SELECT t.id AS id, t.panel_case_id AS panel_case_id, t.profile_id AS profile_id, "
    f"t.agency_code AS agency_code, {shown('document', f'({_OWN_AGENCY} OR {_ENTERED} OR {_REVEALED})')}, "
    "t.written_by AS written_by, t.entered_for AS entered_for, t.written_at AS written_at, t.version AS version "
    f"FROM first_view t WHERE {_OPEN}",
    "open_panel_note": open_table("panel_note"),
    "open_panel_seen": open_table("panel_seen"),
    "open_urgent_decision": open_table("urgent_decision"),
    "open_minutes_part": open_table("minutes_part"),
    "open_dissent": open_table("dissent"),
    "open_dissent_step": open_table("dissent_step"),
    "open_action_step": open_table("action_step"),
    # What one agency disclosed to another was disclosed to nobody else; what it sent to the panel, to the panel.
    "open_referral": f"SELECT t.* FROM referral t WHERE {_OPEN} AND {_PARTY}",
    "open_referral_step": "SELECT s.* FROM referral_step s JOIN referral t ON t.id = s.referral_id "
    f"WHERE {OPEN.format(profile='s.profile_id')} AND {_PARTY}",
    "open_case_state": open_table("case_state"),
    "open_lead_transfer": open_table("lead_transfer"),
    "open_outcome": open_table("outcome"),
    # To which agencies everything that is held of somebody may go, data sets that the reader never sees counted too.
    "open_whole_to": "SELECT t.id AS profile_id, w.code AS agency_code FROM profile t CROSS JOIN "
    "(SELECT code FROM partner_agency UNION SELECT agency_code FROM gate_recipient) w "
    f"WHERE {OPEN.format(profile='t.id')} AND NOT EXISTS (SELECT 1 FROM profile_member m JOIN source_record r "
    "ON r.id = m.source_record_id WHERE m.profile_id = t.id AND r.agreement_ref NOT IN (SELECT g.agreement_ref "
    "FROM gate g, acting a WHERE g.purpose = a.purpose AND g.status = 'live' AND a.today BETWEEN g.opens AND g.closes "
    "AND (g.agency_code = w.code OR EXISTS (SELECT 1 FROM gate_recipient x WHERE x.agreement_ref = g.agreement_ref "
    "AND x.agency_code = w.code))))",
}

MASKED_PANEL_VIEWS = {
    # That a masked person came by a referral would tell the referrer who that is.
    "masked_panel_case": "SELECT t.id AS id, t.panel_id AS panel_id, t.profile_id AS profile_id, t.place AS place, "
    f"t.minutes AS minutes, {shown('question', _OPEN)}, {shown('brought_by', _OPEN)}, t.proposed_by AS proposed_by, "
    f"t.proposed_at AS proposed_at, t.status AS status, {shown('status_why', _OPEN)}, t.opened_at AS opened_at, "
    "t.seconds AS seconds, t.revealed_at AS revealed_at, t.revealed_by AS revealed_by, "
    "t.decision_id AS decision_id, t.version AS version "
    f"FROM panel_case t WHERE {SEES}",
    # An interest in the whole meeting is about nobody; one in a case is for whoever may open it.
    "masked_conflict_of_interest": "SELECT t.id AS id, t.panel_id AS panel_id, "
    "t.panel_member_id AS panel_member_id, t.profile_id AS profile_id, "
    f"{shown('interest', f'(t.profile_id IS NULL OR {_OPEN})')}, t.step AS step, t.declared_by AS declared_by, "
    f"t.declared_at AS declared_at FROM conflict_of_interest t WHERE {SEES}",
    # Why is for whoever is to agree, but not past the list of a restricted case, and for readers of the open profile.
    "masked_going_on": "SELECT t.id AS id, t.panel_case_id AS panel_case_id, t.panel_id AS panel_id, "
    "t.profile_id AS profile_id, t.stop AS stop, "
    f"{shown('why', f'''(t.status = 'asked' AND {_ON_LIST} OR {_OPEN})''')}, "
    "t.asked_by AS asked_by, t.asked_at AS asked_at, t.second_person AS second_person, t.second_at AS second_at, "
    f"t.status AS status FROM going_on t WHERE {SEES}",
    # What one's own agency sent or was sent; whom it was found to be stays out of its sight.
    "own_referral": "SELECT t.id AS id, t.purpose AS purpose, t.from_agency AS from_agency, "
    "t.to_agency AS to_agency, t.forename AS forename, t.surname AS surname, t.born AS born, "
    "t.postcode AS postcode, t.own_reference AS own_reference, t.document AS document, t.urgency AS urgency, "
    "t.lawful_basis AS lawful_basis, t.disclosed AS disclosed, t.sent_by AS sent_by, t.sent_at AS sent_at, "
    "t.status AS status, t.answer AS answer, t.answered_by AS answered_by, t.answered_at AS answered_at, "
    "t.feedback_due_on AS feedback_due_on, t.feedback AS feedback, t.feedback_by AS feedback_by, "
    "t.feedback_at AS feedback_at, t.version AS version FROM referral t "
    f"WHERE {SIGHT} = 'person' AND (t.from_agency = (SELECT agency FROM acting) "
    "OR t.to_agency = (SELECT agency FROM acting))",
    "own_referral_step": "SELECT s.id AS id, s.referral_id AS referral_id, s.step AS step, s.words AS words, "
    "s.made_by AS made_by, s.made_at AS made_at FROM referral_step s JOIN referral t ON t.id = s.referral_id "
    f"WHERE {SIGHT} = 'person' AND s.step <> 'reconciled' AND (t.from_agency = (SELECT agency FROM acting) "
    "OR t.to_agency = (SELECT agency FROM acting))",
    # For the act that finds out whose it is, and nothing else.
    "combined_referral": f"SELECT t.* FROM referral t WHERE {SIGHT} = 'combine'",
    "masked_referral": "SELECT t.id AS id, t.purpose AS purpose, t.from_agency AS from_agency, "
    "t.to_agency AS to_agency, t.urgency AS urgency, t.sent_by AS sent_by, t.sent_at AS sent_at, "
    "t.status AS status, t.feedback_due_on AS feedback_due_on, t.version AS version "
    f"FROM referral t WHERE {SEES}",
    "masked_case_state": "SELECT t.id AS id, t.profile_id AS profile_id, t.purpose AS purpose, t.state AS state, "
    f"{shown('why', _OPEN)}, {shown('lead_agency', _OPEN)}, t.panel_id AS panel_id, t.changed_by AS changed_by, "
    f"t.changed_at AS changed_at FROM case_state t WHERE {SEES}",
    "masked_case_restriction": f"SELECT t.id AS id, t.profile_id AS profile_id, {shown('why', _OPEN)}, "
    "t.made_by AS made_by, t.made_at AS made_at, t.ended_by AS ended_by, t.ended_at AS ended_at, "
    f"{shown('ended_why', _OPEN)}, t.status AS status FROM case_restriction t WHERE {SEES}",
    "masked_case_access": "SELECT t.id AS id, t.profile_id AS profile_id, t.user_name AS user_name, "
    f"{shown('why', _OPEN)}, t.given_by AS given_by, t.given_at AS given_at, t.ended_by AS ended_by, "
    f"t.ended_at AS ended_at, t.status AS status FROM case_access t WHERE {SEES}",
    "masked_flag_judgement": "SELECT t.id AS id, t.flag_id AS flag_id, t.profile_id AS profile_id, "
    f"t.rule_code AS rule_code, t.rule_version AS rule_version, t.verdict AS verdict, {shown('why', _OPEN)}, "
    f"t.judged_by AS judged_by, t.judged_at AS judged_at FROM flag_judgement t WHERE {SEES}",
    "masked_unflagged_look": "SELECT t.id AS id, t.unflagged_sample_id AS unflagged_sample_id, "
    f"t.profile_id AS profile_id, t.verdict AS verdict, {shown('why', _OPEN)}, t.judged_by AS judged_by, "
    f"t.judged_at AS judged_at FROM unflagged_look t WHERE {SEES}",
    # That a case has a part in the minutes and what its words digest to under a salt of their own; no word of it.
    "masked_minutes_part": "SELECT t.id AS id, t.minutes_id AS minutes_id, t.panel_case_id AS panel_case_id, "
    f"t.profile_id AS profile_id, t.digest AS digest FROM minutes_part t WHERE {SEES}",
    "masked_disclosure_subject": f"SELECT t.* FROM disclosure_subject t WHERE {SEES}",
}
