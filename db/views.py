"""The two view sets: what may be read of people, and when.

Every connection carries one TEMP row, ``acting``: who acts, for which agency and purpose, on which day, with which
sight. The views look at it, so a row that may not be seen is not there for any statement, whoever wrote it.

* open views: everything of a profile that is open for the acting purpose today;
* masked views: a pseudonym, counts by agency and month, the rules met; and what the acting agency contributed itself,
  under its own reference.

Both ask the gate first: a data set without a live agreement for the purpose, or whose agreement does not name the
acting agency as a recipient, is in neither. ``sight`` is ``none`` for
those who see no case, ``person`` for those who do, and ``combine`` while an act of the machine (linking, evaluating
rules, matching consents) needs all gated rows; that act is audited as such.
"""

from __future__ import annotations

from db import typed_words
from db.panel_views import MASKED_PANEL_VIEWS, OPEN_PANEL_VIEWS
from db.view_parts import OPEN, OPENED, SEES, SIGHT, open_table

ACTING_TABLE = """
CREATE TEMP TABLE acting (
    user_name TEXT NOT NULL, agency TEXT NOT NULL, purpose TEXT NOT NULL, today TEXT NOT NULL, sight TEXT NOT NULL
)"""

#: A set of ids that a statement works through; belongs to whoever fills it, within one act.
PICKED_TABLE = "CREATE TEMP TABLE picked (id INTEGER PRIMARY KEY)"

# Uncorrelated IN, not EXISTS: SQLite makes each short list once a statement instead of looking it up for every row.
_GATED = """{ref} IN (SELECT gate.agreement_ref FROM gate, acting WHERE gate.purpose = acting.purpose
        AND gate.status = 'live' AND acting.today BETWEEN gate.opens AND gate.closes)"""

# The same, and the agreement names the acting agency as a recipient, or it is that agency's own.
_LIVE = """{ref} IN (SELECT gate.agreement_ref FROM gate, acting WHERE gate.purpose = acting.purpose
        AND gate.status = 'live' AND acting.today BETWEEN gate.opens AND gate.closes
        AND (acting.sight = 'combine' OR gate.agency_code = acting.agency OR EXISTS (SELECT 1 FROM gate_recipient x
            WHERE x.agreement_ref = gate.agreement_ref AND x.agency_code = acting.agency)))"""

_STANDS = """{row}.batch_id IN (SELECT id FROM import_batch WHERE status = 'accepted')
    AND ({row}.superseded_by IS NULL
        OR {row}.superseded_by NOT IN (SELECT id FROM import_batch WHERE status = 'accepted'))"""

# Confidentiality of a "consented only" data set is lifted person by person, and comes down again with the consent.
# (Asked for the day as a value: joined with ``acting``, the list takes twice as long to make.)
_LIFTED = """{record} NOT IN (SELECT w.source_record_id FROM withheld_record w
        WHERE w.from_day <= (SELECT today FROM acting))"""

_RECORD = """
    r.id AS record_id, m.profile_id AS profile_id, r.agreement_ref AS agreement_ref, r.agency_code AS agency_code,
    r.partner_reference AS partner_reference, r.person_key AS person_key,
    d.forename AS forename, d.middle_names AS middle_names, d.surname AS surname,
    d.former_surname AS former_surname, d.born AS born, d.born_quality AS born_quality, d.sex AS sex,
    d.nhs_number AS nhs_number, d.upn AS upn, d.uprn AS uprn, d.address AS address, d.postcode AS postcode,
    d.household_ref AS household_ref, d.batch_id AS batch_id, d.detail_digest AS detail_digest
    FROM record_detail d JOIN source_record r ON r.id = d.source_record_id
    LEFT JOIN profile_member m ON m.source_record_id = r.id"""

_CONTACT = """
    c.id AS contact_id, m.profile_id AS profile_id, c.source_record_id AS record_id, c.batch_id AS batch_id,
    c.agreement_ref AS agreement_ref, r.agency_code AS agency_code, c.contact_key AS contact_key,
    c.partner_reference AS partner_reference, c.shared_reference AS shared_reference, c.occurred_on AS occurred_on,
    c.occurred_at AS occurred_at, c.reported_on AS reported_on, c.category AS category,
    c.priority_area AS priority_area, c.role AS role, c.standing AS standing, c.outcome AS outcome,
    c.place_postcode AS place_postcode, c.place_address AS place_address, c.counterpart_id AS counterpart_id,
    c.measure AS measure, c.row_digest AS row_digest, c.sealed AS sealed, c.sealed_under AS sealed_under,
    i.incident_id AS incident_id
    FROM contact c JOIN source_record r ON r.id = c.source_record_id
    LEFT JOIN profile_member m ON m.source_record_id = c.source_record_id
    LEFT JOIN incident_contact i ON i.contact_id = c.id"""

_OWN = f"{SIGHT} = 'person' AND r.agency_code = (SELECT agency FROM acting)"

_AGENCY_SHOWN = """CASE WHEN r.agency_code = (SELECT agency FROM acting) THEN r.agency_code
        WHEN EXISTS (SELECT 1 FROM gate g WHERE g.agreement_ref = c.agreement_ref AND g.sensitive = 1)
        THEN 'another agency' ELSE r.agency_code END"""


# A flag rests on data sets; when one's gate closes, so does the flag.
# By the few data sets that are closed, once a statement, and not flag by flag: home asks it of every flag there is.
_RESTS_ON_LIVE = (
    "t.id NOT IN (SELECT fa.flag_id FROM flag_agreement fa WHERE fa.agreement_ref IN "
    f"(SELECT a.reference FROM agreement a WHERE NOT {_GATED.format(ref='a.reference')}))"
)

# So it does on the day on which confidentiality comes down again for a record that it counts.
_RESTS_ON_LIFTED = """NOT (t.profile_id IN (SELECT m.profile_id FROM withheld_record w
        JOIN profile_member m ON m.source_record_id = w.source_record_id
        WHERE w.from_day <= (SELECT today FROM acting))
        AND EXISTS (SELECT 1 FROM json_each(t.evidence, '$.incidents') n, json_each(n.value, '$.contacts') k
            JOIN contact c ON c.id = k.value WHERE c.source_record_id IN (SELECT w.source_record_id
            FROM withheld_record w WHERE w.from_day <= (SELECT today FROM acting))))"""

# What it rests on may be read by the acting agency; otherwise its evidence stays out of sight on an open profile too.
_RESTS_ON_SHARED = (
    "NOT EXISTS (SELECT 1 FROM flag_agreement fa WHERE fa.flag_id = t.id AND NOT "
    f"{_LIVE.format(ref='fa.agreement_ref')})"
)
# A rule that rests on sensitive data sets alone would tell by its name what the person is treated for.
_RULE_MAY_BE_NAMED = """EXISTS (SELECT 1 FROM flag_agreement fa JOIN gate g ON g.agreement_ref = fa.agreement_ref
        WHERE fa.flag_id = t.id AND (g.sensitive = 0 OR g.agency_code = (SELECT agency FROM acting)))"""

# A health agency that says how to approach somebody would tell by its name that it knows them.
_SAYER_NAMED = f"""(t.agency_code = (SELECT agency FROM acting) OR {OPEN.format(profile="t.profile_id")}
        OR t.agency_code NOT IN (SELECT agency_code FROM gate WHERE sensitive = 1))"""
_SAID_TO_READER = f"(t.agency_code = (SELECT agency FROM acting) OR {OPEN.format(profile='t.profile_id')})"


# How two records compare is said only while both data sets may be seen.
_BOTH_RECORDS = "JOIN source_record x ON x.id = t.left_record_id JOIN source_record y ON y.id = t.right_record_id"
_BOTH_LIVE = f"{_LIVE.format(ref='x.agreement_ref')} AND {_LIVE.format(ref='y.agreement_ref')}"

OPEN_VIEWS = {
    "open_record": f"SELECT {_RECORD} WHERE {_STANDS.format(row='d')} AND {_LIVE.format(ref='r.agreement_ref')}"
    f" AND {_LIFTED.format(record='r.id')} AND {OPEN.format(profile='m.profile_id')}",
    "open_contact": f"SELECT {_CONTACT} WHERE {_STANDS.format(row='c')} AND {_LIVE.format(ref='c.agreement_ref')}"
    f" AND {_LIFTED.format(record='c.source_record_id')} AND {OPEN.format(profile='m.profile_id')}",
    "open_relationship": "SELECT t.id AS relationship_id, t.from_record_id AS from_record_id, "
    "t.to_record_id AS to_record_id, t.kind AS kind, m.profile_id AS profile_id FROM relationship t "
    "JOIN profile_member m ON m.source_record_id = t.from_record_id "
    "JOIN source_record r ON r.id = t.from_record_id "
    f"WHERE {_STANDS.format(row='t')} AND {_LIVE.format(ref='r.agreement_ref')}"
    f" AND {_LIFTED.format(record='t.from_record_id')} AND {_LIFTED.format(record='t.to_record_id')}"
    f" AND {OPEN.format(profile='m.profile_id')}",
    "open_link": "SELECT t.*, m.profile_id AS profile_id FROM link t "
    "JOIN profile_member m ON m.source_record_id = t.left_record_id "
    f"{_BOTH_RECORDS} WHERE {OPEN.format(profile='m.profile_id')} AND {_BOTH_LIVE}",
    "open_consent": open_table("consent"),
    "open_ground": open_table("ground"),
    "open_flag": "SELECT t.id AS id, t.profile_id AS profile_id, "
    f"CASE WHEN {_RESTS_ON_SHARED} OR {_RULE_MAY_BE_NAMED} THEN t.rule_code ELSE '' END AS rule_code, "
    f"CASE WHEN {_RESTS_ON_SHARED} OR {_RULE_MAY_BE_NAMED} THEN t.rule_version ELSE 0 END AS rule_version, "
    "t.raised_on AS raised_on, t.lapses_on AS lapses_on, t.status AS status, "
    f"CASE WHEN {_RESTS_ON_SHARED} THEN t.evidence ELSE '' END AS evidence "
    f"FROM flag t WHERE {OPEN.format(profile='t.profile_id')} AND {_RESTS_ON_LIVE} AND {_RESTS_ON_LIFTED}",
    "open_decision": open_table("decision"),
    "open_action": open_table("action"),
    # As they lie: who may open them holds the compartment's key (db/compartments.py).
    "open_note": open_table("restricted_note"),
    # The day each person turns 18, for the ages that rules ask for.
    "combined_age": f"SELECT t.id AS profile_id, t.adult_on AS adult_on FROM profile t WHERE {SIGHT} = 'combine'",
    # Flags as they are kept, behind closed gates too, so that computing them anew changes only what changed.
    "combined_flag": f"SELECT t.* FROM flag t WHERE {SIGHT} = 'combine'",
    # Whose standing flags count what may be counted no longer, until they are computed anew.
    "combined_overtaken": f"SELECT DISTINCT t.profile_id AS profile_id FROM flag t WHERE {SIGHT} = 'combine' "
    f"AND t.status = 'standing' AND NOT {_RESTS_ON_LIFTED}",
    # Where incidents were, counted: one of each data set at the place and month of its first contact there. No row is
    # about one of them, nor leads to anybody.
    "combined_incident_place": "SELECT e.agreement_ref AS agreement_ref, e.month AS month, e.category AS category, "
    "e.priority_area AS priority_area, coalesce(p.lsoa21, p.lsoa11, '') AS lsoa, "
    "p.postcode IS NULL AND e.place_postcode IS NULL AS no_postcode, count(*) AS incidents "
    "FROM (SELECT c.agreement_ref, coalesce(i.incident_id, -c.id) AS event, "
    "min(c.occurred_on || printf('%012d', c.id)) AS first, "
    "substr(c.occurred_on, 1, 7) AS month, c.category, c.priority_area, c.place_postcode "
    "FROM contact c LEFT JOIN incident_contact i ON i.contact_id = c.id "
    f"WHERE {SIGHT} = 'combine' AND {_STANDS.format(row='c')} AND {_GATED.format(ref='c.agreement_ref')}"
    f" AND {_LIFTED.format(record='c.source_record_id')} GROUP BY c.agreement_ref, event) e "
    "LEFT JOIN place_postcode p ON p.postcode = e.place_postcode AND p.source_id = (SELECT max(s.id) "
    "FROM place_source s WHERE s.kind = 'postcodes' AND s.status = 'accepted') GROUP BY 1, 2, 3, 4, 5, 6",
    "open_incident": "SELECT t.* FROM incident t WHERE EXISTS (SELECT 1 FROM incident_contact i "
    "JOIN contact c ON c.id = i.contact_id JOIN profile_member m ON m.source_record_id = c.source_record_id "
    f"WHERE i.incident_id = t.id AND {OPEN.format(profile='m.profile_id')})",
    "open_incident_ruling": "SELECT t.*, m.profile_id AS profile_id FROM incident_ruling t "
    "JOIN contact c ON c.id = t.left_contact_id JOIN profile_member m ON m.source_record_id = c.source_record_id "
    f"WHERE {OPEN.format(profile='m.profile_id')}",
} | OPEN_PANEL_VIEWS
"""Full columns, only of profiles that are open; all gated rows under sight ``combine``."""

MASKED_VIEWS = {
    "masked_profile": "SELECT t.id AS profile_id, t.pseudonym AS pseudonym, t.version AS version, t.status AS status, "
    "CASE WHEN t.adult_on IS NULL THEN NULL WHEN t.adult_on > (SELECT today FROM acting) THEN 1 ELSE 0 END "
    "AS under_18, t.do_not_approach AS do_not_approach, "
    f"{OPENED.format(profile='t.id')} AS is_open, t.created_at AS created_at "
    f"FROM profile t WHERE {SEES}",
    "masked_alias": f"SELECT t.pseudonym AS pseudonym, t.profile_id AS profile_id FROM profile_alias t WHERE {SEES}",
    "masked_contact": f"SELECT c.id AS contact_id, m.profile_id AS profile_id, {_AGENCY_SHOWN} AS agency_shown, "
    "substr(c.occurred_on, 1, 7) AS month, i.incident_id AS incident_id, "
    "r.agency_code = (SELECT agency FROM acting) AS is_own "
    "FROM contact c JOIN source_record r ON r.id = c.source_record_id "
    "JOIN profile_member m ON m.source_record_id = c.source_record_id "
    "LEFT JOIN incident_contact i ON i.contact_id = c.id "
    f"WHERE {SEES} AND {_STANDS.format(row='c')} AND {_LIVE.format(ref='c.agreement_ref')}"
    f" AND {_LIFTED.format(record='c.source_record_id')}",
    "masked_flag": "SELECT t.id AS id, t.profile_id AS profile_id, "
    f"CASE WHEN {_RULE_MAY_BE_NAMED} THEN t.rule_code ELSE '' END AS rule_code, "
    f"CASE WHEN {_RULE_MAY_BE_NAMED} THEN t.rule_version ELSE 0 END AS rule_version, "
    "t.raised_on AS raised_on, t.lapses_on AS lapses_on, t.status AS status "
    f"FROM flag t WHERE {SEES} AND {_RESTS_ON_LIVE} AND {_RESTS_ON_LIFTED}",
    "masked_link": "SELECT t.id AS id, t.left_record_id AS left_record_id, t.right_record_id AS right_record_id, "
    "t.weight AS weight, t.comparison_vector AS comparison_vector, t.model_version AS model_version, "
    "t.guards AS guards, t.rival_weight AS rival_weight, t.state AS state, t.decided_by AS decided_by, "
    "t.decided_at AS decided_at, t.proposed_by AS proposed_by "
    f"FROM link t {_BOTH_RECORDS} WHERE {SEES} AND {_BOTH_LIVE}",
    "masked_opening": "SELECT t.profile_id AS profile_id, t.purpose AS purpose, t.opens AS opens, t.closes AS closes, "
    f"t.basis AS basis, t.basis_id AS basis_id FROM opening t WHERE {SEES}",
    "masked_agenda_item": f"SELECT t.* FROM agenda_item t WHERE {SEES}",
    "masked_caseload": f"SELECT t.* FROM caseload t WHERE {SEES}",
    "masked_reopening": f"SELECT t.* FROM reopening t WHERE {SEES}",
    "own_record": "SELECT r.id AS record_id, m.profile_id AS profile_id, r.agreement_ref AS agreement_ref, "
    "r.partner_reference AS partner_reference FROM source_record r "
    "LEFT JOIN profile_member m ON m.source_record_id = r.id "
    f"WHERE {_OWN} AND {_LIVE.format(ref='r.agreement_ref')}",
    "own_contact": "SELECT c.id AS contact_id, m.profile_id AS profile_id, c.source_record_id AS record_id, "
    "c.agreement_ref AS agreement_ref, c.partner_reference AS partner_reference, c.occurred_on AS occurred_on, "
    "c.category AS category, c.priority_area AS priority_area, c.role AS role, i.incident_id AS incident_id "
    "FROM contact c JOIN source_record r ON r.id = c.source_record_id "
    "LEFT JOIN profile_member m ON m.source_record_id = c.source_record_id "
    "LEFT JOIN incident_contact i ON i.contact_id = c.id "
    f"WHERE {_OWN} AND {_STANDS.format(row='c')} AND {_LIVE.format(ref='c.agreement_ref')}",
    # A draft belongs to whoever writes it, and to nobody else.
    "own_draft": "SELECT t.* FROM draft t WHERE t.user_name = (SELECT user_name FROM acting)",
    # What everybody is writing, for the erasure of whom it names.
    "combined_draft": f"SELECT t.* FROM draft t WHERE {SIGHT} = 'combine'",
    # What was typed of everybody, for the erasure of somebody else whom it names.
    "combined_words": typed_words.view(),
    # Consents that have found no profile: for the reviewer's matching act only, out of the giver's sight.
    "waiting_consent": f"SELECT t.* FROM consent t WHERE {SIGHT} = 'combine'",
    # Who is whom in a "consented only" data set, withheld or not, for comparing with its register and nothing else.
    "registered_record": "SELECT r.id AS record_id, m.profile_id AS profile_id, r.agreement_ref AS agreement_ref, "
    "d.forename AS forename, d.surname AS surname, d.born AS born, d.nhs_number AS nhs_number, "
    "d.postcode AS postcode, r.agency_code AS agency_code, r.partner_reference AS partner_reference "
    "FROM record_detail d JOIN source_record r ON r.id = d.source_record_id "
    "LEFT JOIN profile_member m ON m.source_record_id = r.id "
    f"WHERE {SIGHT} = 'combine' AND {_STANDS.format(row='d')}",
    # Who was asked and does not want to engage: nobody need ask again.
    "masked_refusal": "SELECT t.profile_id AS profile_id, t.purpose AS purpose, t.given_on AS given_on FROM consent t "
    f"WHERE {SEES} AND t.kind = 'declined' AND t.status = 'refused'",
    # Why, as somebody typed it, is for whoever is to agree, and for readers of the open profile.
    "waiting_ground": "SELECT t.id AS id, t.profile_id AS profile_id, t.purpose AS purpose, t.kind AS kind, "
    "CASE WHEN t.status IN ('proposed', 'unconfirmed', 'reopened') OR "
    f"{OPEN.format(profile='t.profile_id')} THEN t.why ELSE '' END AS why, "
    "t.until AS until, t.recorded_by AS recorded_by, t.recorded_at AS recorded_at, t.second_person AS second_person, "
    f"t.second_at AS second_at, t.status AS status FROM ground t WHERE {SEES}",
    # Whether and how to reach a person safely, and who says so. The words may name somebody: they are for the agency
    # that wrote them, and for readers of the open profile.
    "masked_approach": "SELECT t.id AS id, t.profile_id AS profile_id, t.kind AS kind, "
    f"CASE WHEN {_SAID_TO_READER} THEN t.words ELSE '' END AS words, "
    f"CASE WHEN {_SAYER_NAMED} THEN t.agency_code ELSE 'another agency' END AS agency_shown, "
    f"CASE WHEN {_SAYER_NAMED} THEN t.said_by ELSE '' END AS said_by, t.said_at AS said_at, t.status AS status, "
    "t.agency_code = (SELECT agency FROM acting) AS is_own, t.asked_by AS asked_by, t.asked_at AS asked_at, "
    "t.asked_why AS asked_why, t.ended_by AS ended_by, t.ended_at AS ended_at "
    f"FROM approach_word t WHERE {SEES}",
    "masked_notice": f"SELECT t.* FROM notice t WHERE {SEES}",
    # What opened on whose word: by numbers and users, never by what the consent says of the person.
    "masked_consent": "SELECT t.id AS id, t.profile_id AS profile_id, t.kind AS kind, t.purpose AS purpose, "
    "t.given_on AS given_on, t.expires_on AS expires_on, t.status AS status, t.recorded_by AS recorded_by, "
    "t.recorded_at AS recorded_at, t.settled_by AS settled_by, t.settled_at AS settled_at "
    f"FROM consent t WHERE {SEES} AND t.kind IN ('engage', 'declined')",
} | MASKED_PANEL_VIEWS
"""What may be seen of anybody, and what is the acting user's or agency's own."""

VIEWS = OPEN_VIEWS | MASKED_VIEWS


def statements() -> list[str]:
    """Return what makes the view sets on a new connection, in order."""
    made = [f"CREATE TEMP VIEW {name} AS {query}" for name, query in VIEWS.items()]
    return [ACTING_TABLE, "INSERT INTO acting VALUES ('', '', '', '', 'none')", PICKED_TABLE, *made]
