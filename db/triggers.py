"""What the database itself refuses, whoever asks: changed audit entries and changed signed decisions."""

from __future__ import annotations

_APPEND_ONLY = ("audit_entry", "audit_node", "audit_subject")


def statements() -> list[str]:
    """Return what makes every trigger."""
    made: list[str] = []
    for table in _APPEND_ONLY:
        for verb in ("UPDATE", "DELETE"):
            made.append(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, 'audit entries are never changed'); END"
            )
    made.append(
        "CREATE TRIGGER audit_entry_in_order BEFORE INSERT ON audit_entry "
        "WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM audit_entry) "
        "BEGIN SELECT RAISE(ABORT, 'audit entries are numbered in order'); END"
    )
    made.append(
        "CREATE TRIGGER decision_is_signed BEFORE UPDATE OF purpose, lead_agency, document, review_on, "
        "signed_by, signed_at, signature, supersedes_id ON decision "
        "BEGIN SELECT RAISE(ABORT, 'a signed decision is superseded, never edited'); END"
    )
    # A merged profile's decisions go on under the older id; what was signed names the pseudonym, which stays an alias.
    made.append(
        "CREATE TRIGGER decision_stays_with_its_person BEFORE UPDATE OF profile_id ON decision "
        "WHEN NOT EXISTS (SELECT 1 FROM profile p WHERE p.id = OLD.profile_id AND p.status = 'merged') "
        "BEGIN SELECT RAISE(ABORT, 'a decision stays with the person it is about'); END"
    )
    made.append(
        "CREATE TRIGGER decision_is_kept BEFORE DELETE ON decision "
        "WHEN EXISTS (SELECT 1 FROM profile p WHERE p.id = OLD.profile_id AND p.status <> 'erased') "
        "BEGIN SELECT RAISE(ABORT, 'a signed decision is kept until the person is erased'); END"
    )
    made.append(
        "CREATE TRIGGER note_is_signed BEFORE UPDATE OF compartment, epoch, sealed, written_by, written_at, pseudonym "
        "ON restricted_note BEGIN SELECT RAISE(ABORT, 'a restricted note is superseded, never edited'); END"
    )
    made.append(
        "CREATE TRIGGER note_stays_with_its_person BEFORE UPDATE OF profile_id ON restricted_note "
        "WHEN NOT EXISTS (SELECT 1 FROM profile p WHERE p.id = OLD.profile_id AND p.status = 'merged') "
        "BEGIN SELECT RAISE(ABORT, 'a note stays with the person it is about'); END"
    )
    made.append(
        "CREATE TRIGGER note_is_kept BEFORE DELETE ON restricted_note "
        "WHEN EXISTS (SELECT 1 FROM profile p WHERE p.id = OLD.profile_id AND p.status <> 'erased') "
        "BEGIN SELECT RAISE(ABORT, 'a restricted note is kept until the person is erased'); END"
    )
    return made


def names() -> list[str]:
    """Return the names of every trigger, for dropping before a migration."""
    return [statement.split()[2] for statement in statements()]
