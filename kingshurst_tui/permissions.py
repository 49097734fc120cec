"""Which role may do what to what: one table, read by Session, by the program's own page and by the documents."""

from __future__ import annotations

from kingshurst_tui.vocabulary import FieldGroup, Operation, Role, Thing

ADMINISTRATOR, COORDINATOR = Role.ADMINISTRATOR, Role.COORDINATOR
PRACTITIONER, SUPERVISOR, GOVERNANCE = Role.PRACTITIONER, Role.SUPERVISOR, Role.GOVERNANCE

CASE_READERS = frozenset({COORDINATOR, PRACTITIONER, SUPERVISOR, GOVERNANCE})
"""Roles that may see people at all; the administrator keeps users and keys and sees no case."""

PANEL_READERS = frozenset({COORDINATOR, PRACTITIONER, SUPERVISOR})
"""Roles that read what the panel says and does."""

PANEL_WRITERS = frozenset({COORDINATOR, PRACTITIONER})
"""Roles that say and do it."""

# What a role is asked about inside an act that several roles may do; the table says who may do the act at all.

ADDS_AGREEMENTS = frozenset({GOVERNANCE})
"""Whose signature is the first under an agreement."""

SECOND_SIGNERS = frozenset({SUPERVISOR, GOVERNANCE})
"""Whose signature may be the second under an agreement."""

COUNTS_ROWS = frozenset({COORDINATOR, SUPERVISOR, GOVERNANCE})
"""Who reads how many rows every extract held: who answers for what comes in, or reads it in the audit trail anyway.

Others are told of their own agency's extracts, and of another's roughly."""

KEEPS_EVERY_REGISTER = frozenset({COORDINATOR, GOVERNANCE})
"""Who answers for consents whoever they are about; others for people whom their agency knows."""

WITHDRAWS_ANY_CONSENT = KEEPS_EVERY_REGISTER | {SUPERVISOR}
"""Who may take anybody's consent back: it only ever shuts."""

SPEAKS_FOR_EVERY_AGENCY = frozenset({COORDINATOR})
"""Who sees to people, and records what to mind in approaching them, whom their own agency does not know."""

CONFIRMERS = frozenset({SUPERVISOR, GOVERNANCE, ADMINISTRATOR})
"""Whose signature may be the second under a grant of a role; never under one that they proposed or that is for them."""

WATCHES = frozenset({SUPERVISOR})
"""Whom the home screen tells what others did alone: vital interests, people triaged away."""

WATCHES_OPENINGS = WATCHES | {COORDINATOR}
"""Whom it tells what consents opened."""

TABLE: dict[tuple[Operation, Thing], frozenset[Role]] = {
    (Operation.ADMINISTER, Thing.STORE): frozenset({ADMINISTRATOR}),
    # Bringing a copy back, or trying one: for those to whom copies are sealed.
    (Operation.ALTER, Thing.STORE): frozenset({ADMINISTRATOR, GOVERNANCE}),
    # Entering what came before one's own signing in: wrong passphrases.
    (Operation.CONSULT, Thing.STORE): frozenset(Role),
    (Operation.ADMINISTER, Thing.USER): frozenset({ADMINISTRATOR}),
    # Proposing a role; confirming or refusing one that somebody else proposed, for somebody else.
    (Operation.ADMINISTER, Thing.GRANT): frozenset({ADMINISTRATOR}),
    (Operation.ALTER, Thing.GRANT): CONFIRMERS,
    # One's own passphrase and second factor.
    (Operation.ALTER, Thing.USER): frozenset(Role),
    (Operation.CONSULT, Thing.USER): frozenset(Role),
    (Operation.CONSULT, Thing.AUDIT): frozenset({SUPERVISOR, GOVERNANCE}),
    (Operation.ADMINISTER, Thing.AUDIT): frozenset({SUPERVISOR}),
    (Operation.DISCLOSE, Thing.AUDIT): frozenset({SUPERVISOR, GOVERNANCE}),
    # The rules of oversight compare names and addresses; what comes out is pseudonyms and entry numbers.
    (Operation.COMBINE, Thing.AUDIT): frozenset({SUPERVISOR, GOVERNANCE}),
    # Drawing and signing off; judging; being asked about one's own entries, whoever one is.
    (Operation.ADMINISTER, Thing.SAMPLE): frozenset({SUPERVISOR}),
    (Operation.ALTER, Thing.SAMPLE): frozenset({SUPERVISOR, GOVERNANCE}),
    (Operation.CONSULT, Thing.SAMPLE): frozenset({SUPERVISOR, GOVERNANCE}),
    (Operation.CONSULT, Thing.SAMPLE_ANSWER): frozenset(Role),
    (Operation.ALTER, Thing.SAMPLE_ANSWER): frozenset(Role),
    (Operation.ADMINISTER, Thing.AGREEMENT): frozenset({GOVERNANCE, SUPERVISOR}),
    (Operation.CONSULT, Thing.AGREEMENT): CASE_READERS,
    (Operation.COLLECT, Thing.BATCH): frozenset({COORDINATOR, GOVERNANCE}),
    (Operation.ERASE, Thing.BATCH): frozenset({COORDINATOR, GOVERNANCE}),
    (Operation.ERASE, Thing.PROFILE): frozenset({GOVERNANCE, SUPERVISOR}),
    (Operation.CONSULT, Thing.BATCH): CASE_READERS,
    (Operation.COLLECT, Thing.AREA_MEASURE): frozenset({COORDINATOR, GOVERNANCE}),
    (Operation.CONSULT, Thing.AREA_MEASURE): CASE_READERS,
    # Working out what of the counts may be shown, when newer ones have come in: whoever looks first.
    (Operation.COMBINE, Thing.AREA_MEASURE): CASE_READERS,
    (Operation.COLLECT, Thing.PLACE): frozenset({COORDINATOR, GOVERNANCE}),
    (Operation.CONSULT, Thing.PLACE): CASE_READERS,
    (Operation.ADMINISTER, Thing.PLACE_RULE): frozenset({GOVERNANCE, SUPERVISOR}),
    (Operation.CONSULT, Thing.PLACE_RULE): CASE_READERS,
    (Operation.COMBINE, Thing.FORECAST): frozenset({COORDINATOR, GOVERNANCE}),
    (Operation.CONSULT, Thing.FORECAST): CASE_READERS,
    # How many people several agencies know: everybody counted, nobody named.
    (Operation.COMBINE, Thing.OVERLAP): frozenset({COORDINATOR, SUPERVISOR, GOVERNANCE}),
    (Operation.DISCLOSE, Thing.AREA_MEASURE): frozenset({COORDINATOR, SUPERVISOR, GOVERNANCE}),
    (Operation.DISCLOSE, Thing.BOARD_REPORT): frozenset({COORDINATOR, SUPERVISOR, GOVERNANCE}),
    (Operation.ADMINISTER, Thing.MODEL): frozenset({GOVERNANCE, SUPERVISOR}),
    (Operation.COMBINE, Thing.LINK): frozenset({COORDINATOR, GOVERNANCE}),
    (Operation.CONSULT, Thing.LINK): frozenset({COORDINATOR, SUPERVISOR, GOVERNANCE}),
    (Operation.ALTER, Thing.LINK): frozenset({COORDINATOR, SUPERVISOR}),
    (Operation.CONSULT, Thing.PROFILE): CASE_READERS,
    (Operation.ALTER, Thing.PROFILE): frozenset({COORDINATOR, PRACTITIONER}),
    (Operation.CONSULT, Thing.SEARCH): CASE_READERS,
    (Operation.COLLECT, Thing.CONSENT): frozenset({COORDINATOR, PRACTITIONER, GOVERNANCE}),
    (Operation.CONSULT, Thing.CONSENT): frozenset({COORDINATOR, SUPERVISOR, GOVERNANCE}),
    (Operation.ALTER, Thing.CONSENT): CASE_READERS,
    (Operation.COLLECT, Thing.GROUND): frozenset({COORDINATOR, PRACTITIONER}),
    (Operation.ALTER, Thing.GROUND): frozenset({COORDINATOR, SUPERVISOR, GOVERNANCE}),
    (Operation.CONSULT, Thing.GROUND): frozenset({COORDINATOR, SUPERVISOR, GOVERNANCE}),
    (Operation.ADMINISTER, Thing.RULE): frozenset({GOVERNANCE, SUPERVISOR}),
    (Operation.CONSULT, Thing.RULE): CASE_READERS,
    (Operation.COMBINE, Thing.FLAG): frozenset({COORDINATOR, GOVERNANCE}),
    (Operation.CONSULT, Thing.FLAG): CASE_READERS,
    (Operation.CONSULT, Thing.AGENDA): frozenset({COORDINATOR, PRACTITIONER, SUPERVISOR}),
    (Operation.ALTER, Thing.AGENDA): frozenset({COORDINATOR}),
    (Operation.ALTER, Thing.DECISION): frozenset({COORDINATOR, PRACTITIONER}),
    # Speaking for a second agency in an urgent case, and for the panel that ratifies it.
    (Operation.COLLECT, Thing.DECISION): PANEL_READERS,
    (Operation.CONSULT, Thing.DECISION): frozenset({COORDINATOR, PRACTITIONER, SUPERVISOR}),
    (Operation.ALTER, Thing.ACTION): frozenset({COORDINATOR, PRACTITIONER}),
    (Operation.CONSULT, Thing.ACTION): frozenset({COORDINATOR, PRACTITIONER, SUPERVISOR}),
    (Operation.ALTER, Thing.NOTE): frozenset({COORDINATOR, PRACTITIONER, SUPERVISOR}),
    (Operation.CONSULT, Thing.NOTE): frozenset({COORDINATOR, PRACTITIONER, SUPERVISOR}),
    # The meeting: preparing and running it is the coordinator's; members write their own agency's part.
    (Operation.ALTER, Thing.PANEL): frozenset({COORDINATOR}),
    (Operation.CONSULT, Thing.PANEL): PANEL_READERS,
    # One's own word at a meeting: proposing somebody for it, an interest, that one keeps what is said there.
    (Operation.COLLECT, Thing.PANEL): PANEL_READERS,
    # The partnership's clocks, targets and loads.
    (Operation.ADMINISTER, Thing.PANEL): frozenset({COORDINATOR, GOVERNANCE}),
    (Operation.ALTER, Thing.INFORMATION): PANEL_WRITERS,
    (Operation.CONSULT, Thing.INFORMATION): PANEL_READERS,
    (Operation.ALTER, Thing.FIRST_VIEW): PANEL_WRITERS,
    (Operation.CONSULT, Thing.FIRST_VIEW): PANEL_READERS,
    # Asking to go on where the panel's own rule says stop; agreeing is another person's.
    (Operation.COLLECT, Thing.GOING_ON): PANEL_WRITERS,
    (Operation.ALTER, Thing.GOING_ON): PANEL_READERS,
    (Operation.CONSULT, Thing.GOING_ON): PANEL_READERS,
    # Whoever was there signs, and whoever chairs answers a dissent: a supervisor too.
    (Operation.ALTER, Thing.MANIFEST): PANEL_READERS,
    (Operation.CONSULT, Thing.MANIFEST): PANEL_READERS,
    (Operation.ALTER, Thing.DISSENT): PANEL_READERS,
    (Operation.CONSULT, Thing.DISSENT): PANEL_READERS,
    (Operation.ALTER, Thing.MINUTES): PANEL_WRITERS,
    # Approving them: the chair, or a member who was there, whatever their role.
    (Operation.ADMINISTER, Thing.MINUTES): PANEL_READERS,
    (Operation.CONSULT, Thing.MINUTES): PANEL_READERS,
    # Sending one, answering one; finding out whose it is, out of the referrer's sight.
    (Operation.COLLECT, Thing.REFERRAL): PANEL_WRITERS,
    (Operation.ALTER, Thing.REFERRAL): PANEL_WRITERS,
    (Operation.CONSULT, Thing.REFERRAL): PANEL_READERS,
    # For others than coordinators only what no coordinator can (casework/reconciling.py).
    (Operation.COMBINE, Thing.REFERRAL): frozenset({COORDINATOR, SUPERVISOR, GOVERNANCE}),
    (Operation.ALTER, Thing.CASE): PANEL_WRITERS,
    (Operation.CONSULT, Thing.CASE): PANEL_READERS,
    # Restricting a case, and who is on its list.
    (Operation.ADMINISTER, Thing.CASE): frozenset({COORDINATOR, SUPERVISOR}),
    (Operation.ALTER, Thing.OUTCOME): PANEL_WRITERS,
    (Operation.CONSULT, Thing.OUTCOME): PANEL_READERS,
    # What works, consistency, misses: everybody's figures together, suppressed, nobody named.
    (Operation.COMBINE, Thing.OUTCOME): frozenset({COORDINATOR, SUPERVISOR, GOVERNANCE}),
    (Operation.ALTER, Thing.JUDGEMENT): PANEL_WRITERS,
    (Operation.CONSULT, Thing.JUDGEMENT): CASE_READERS,
    (Operation.ADMINISTER, Thing.UNFLAGGED): frozenset({SUPERVISOR, GOVERNANCE}),
    (Operation.ALTER, Thing.UNFLAGGED): PANEL_READERS,
    (Operation.CONSULT, Thing.UNFLAGGED): CASE_READERS,
    # What leaves: packs, minutes, actions, letters and summaries, the partners' own columns; each through one gate.
    (Operation.DISCLOSE, Thing.PANEL): frozenset({COORDINATOR}),
    (Operation.DISCLOSE, Thing.MINUTES): frozenset({COORDINATOR}),
    (Operation.DISCLOSE, Thing.ACTION): PANEL_WRITERS,
    (Operation.DISCLOSE, Thing.DECISION): frozenset({COORDINATOR}),
    (Operation.DISCLOSE, Thing.PROFILE): PANEL_WRITERS,
    (Operation.DISCLOSE, Thing.OUTCOME): frozenset({COORDINATOR, SUPERVISOR, GOVERNANCE}),
    (Operation.CONSULT, Thing.DISCLOSURE): frozenset({COORDINATOR, SUPERVISOR, GOVERNANCE}),
    (Operation.ALTER, Thing.DISCLOSURE): frozenset({COORDINATOR, SUPERVISOR, GOVERNANCE}),
    # Making and passing on keys: whoever brings health data in makes the first; who holds one seals it to the entitled.
    (Operation.ADMINISTER, Thing.COMPARTMENT): frozenset(Role),
}
"""Everything that is not here is refused to everybody."""

WHILE_WAITING: frozenset[tuple[Operation, Thing]] = frozenset(
    {
        (Operation.CONSULT, Thing.STORE),
        (Operation.ALTER, Thing.USER),
        (Operation.ALTER, Thing.GRANT),
    }
)
"""What somebody may whose role waits for a second person: enter what came before they signed in, change their own
passphrase and second factor, and, where nobody else can, confirm somebody else's role."""

FIELD_GROUPS: dict[FieldGroup, frozenset[Role]] = {
    FieldGroup.MASK: CASE_READERS,
    FieldGroup.IDENTITY: CASE_READERS,
    FieldGroup.CONTACT_DETAIL: CASE_READERS,
    FieldGroup.HEALTH_DETAIL: frozenset({COORDINATOR, PRACTITIONER}),
    FieldGroup.BASIS: CASE_READERS,
    FieldGroup.DECISIONS: CASE_READERS,
    FieldGroup.LINK_EVIDENCE: TABLE[Operation.CONSULT, Thing.LINK],
    FieldGroup.RESTRICTED_NOTES: TABLE[Operation.CONSULT, Thing.NOTE],
    FieldGroup.TYPED_WORDS: TABLE[Operation.CONSULT, Thing.AUDIT],
}
"""Who may read which part of what is held of a person; all but the mask only where the profile is open."""

SEALED_GROUPS = frozenset({FieldGroup.HEALTH_DETAIL, FieldGroup.RESTRICTED_NOTES})
"""Parts that lie under keys of their own (kingshurst_tui/keyholding/compartments.py): a cryptographic control. The
others are kept by the program: client-enforced."""


def reads(role: Role, group: FieldGroup) -> bool:
    """Say whether a role may read this part of an open profile."""
    return role in FIELD_GROUPS[group]


COMBINED = frozenset(
    {
        (Operation.COLLECT, Thing.BATCH),
        (Operation.ERASE, Thing.BATCH),
        (Operation.COMBINE, Thing.LINK),
        (Operation.CONSULT, Thing.LINK),
        (Operation.ALTER, Thing.LINK),
        (Operation.COLLECT, Thing.CONSENT),
        (Operation.COMBINE, Thing.FLAG),
        (Operation.COMBINE, Thing.AUDIT),
        (Operation.COMBINE, Thing.REFERRAL),
        (Operation.COMBINE, Thing.OUTCOME),
        (Operation.COMBINE, Thing.OVERLAP),
        (Operation.COMBINE, Thing.AREA_MEASURE),
        (Operation.COMBINE, Thing.FORECAST),
    }
)
"""The acts in which the machine may see every gated row, whoever's act it is; no other act ever does."""


def allowed(role: Role, operation: Operation, thing: Thing) -> bool:
    """Say whether a role may do this operation to this kind of thing."""
    return role in TABLE.get((operation, thing), frozenset())


def may(role: Role) -> list[tuple[Operation, Thing]]:
    """Return everything a role may do, for the program's own page and the documents."""
    return [cell for cell, roles in TABLE.items() if role in roles]


def acts_in_words() -> list[tuple[str, frozenset[Role]]]:
    """Return every act with the roles that may do it, in the order in which documents and screens list them."""
    cells = sorted(TABLE.items(), key=lambda row: (row[0][1], row[0][0]))
    return [(f"{thing.replace('-', ' ')}: {operation}", roles) for (operation, thing), roles in cells]


def groups_in_words() -> list[tuple[str, frozenset[Role], str]]:
    """Return every part of a profile with the roles that may read it, and the class of the control that keeps it so."""
    return [
        (group.replace("-", " "), roles, "cryptographic" if group in SEALED_GROUPS else "client-enforced")
        for group, roles in FIELD_GROUPS.items()
    ]
