"""Forbidden acts about the audit trail, links and leaks."""

from __future__ import annotations

import argparse
import os
from datetime import timedelta

import db.attempts
import db.case_reading
import db.consents
import db.decisions
import db.profiles
import db.search
from db.decisions import NewDecision
from kingshurst_tui import vaults
from kingshurst_tui.acts import Reason
from kingshurst_tui.casework import decision_shown, profiles, search
from kingshurst_tui.commands.common import passphrase_from
from kingshurst_tui.demo.attempting import (
    CLIENT,
    CRYPTOGRAPHIC,
    WORDS,
    Forbidden,
    Stopped,
    World,
    later,
    sql,
)
from kingshurst_tui.demo.forbidden_data import decide
from kingshurst_tui.keyholding import users
from kingshurst_tui.linkage import pairs_shown, review
from kingshurst_tui.linkage.review import Verdict
from kingshurst_tui.oversight.trail import TrailFilter, open_trail
from kingshurst_tui.vocabulary import Operation, ReasonCode, Role, Thing


def _no_reason(world: World) -> None:
    flagged = {line.pseudonym for line in world.lines("flagged")}
    other = next(line for line in world.lines("everybody") if line.pseudonym not in flagged)
    profiles.open_profile(world.coordinator, other.pseudonym, Reason(ReasonCode.CASELOAD))


def _empty_words(world: World) -> None:
    profiles.open_profile(world.coordinator, world.masked().pseudonym, Reason(ReasonCode.OTHER, "  "))


def _administrator_reads(world: World) -> None:
    profiles.open_profile(world.user("administrator"), world.masked().pseudonym, WORDS)


def _coordinator_reads_trail(world: World) -> None:
    open_trail(world.coordinator, TrailFilter())


def _look_without_entry(world: World) -> None:
    if not world.coordinator.look(db.search.named) and not world.coordinator.look(db.search.own_references):
        raise Stopped("A read without an entry sees no row about any person.")


def _suspended_goes_on(world: World) -> None:
    session = later(world, "practitioner", timedelta())
    users.set_user_status(world.user("administrator"), "practitioner", "suspended")
    try:
        search.search(session, "smith", WORDS)
    finally:
        users.set_user_status(world.user("administrator"), "practitioner", "active")


def _rewrite(world: World) -> None:
    found = db.attempts.rewrite_history(world.demo.store, "administrator", world.demo.passphrases["administrator"])
    if not found.holds:
        raise Stopped(f"The change was made, and verification names it: entry {found.first_bad}, {found.problem}")


def _speak_for_another(world: World) -> None:
    session = world.coordinator
    signed = decide(world, world.open().pseudonym)
    with session.act(Operation.ALTER, Thing.DECISION, reason=WORDS) as act:
        row = act.read(db.decisions.by_id, signed.number)
        if row is None:
            return
        forged = row.document.replace('"signed_by":"coordinator"', '"signed_by":"supervisor"')
        number = act.write(
            db.decisions.add,
            NewDecision(
                row.profile_id,
                row.purpose,
                row.lead_agency,
                forged,
                row.review_on,
                row.id,
                "supervisor",
                row.signed_at,
                row.signature,
            ),
        )
        kept = act.read(db.decisions.by_id, number)
        holds = kept is not None and decision_shown.shown_decision(act, kept).signature_holds
    if not holds:
        raise Stopped("The decision reads “signature does not hold”: only its signer's own key can sign it.")


def _link_without_reason(world: World) -> None:
    review.decide(world.coordinator, pairs_shown.queue(world.coordinator)[0][0].link_id, Verdict.LINK, " ")


def _see_pairs(world: World) -> None:
    pairs = pairs_shown.queue(world.coordinator)[0]
    if not any(pair.masked and (pair.left.fields or {}) and (pair.right.fields or {}) for pair in pairs):
        raise Stopped("Of a masked record the queue shows how fields compare, never what they hold.")


def _wrong_passphrase(world: World) -> None:
    clock = world.demo.clock
    vaults.open_session(world.demo.store, "coordinator", "correct horse battery staple", clock=clock).close()


def _passphrase_for_all(world: World) -> None:
    path = world.demo.folder / "shared-passphrase"
    path.write_text("anything\n", encoding="utf-8")
    os.chmod(path, 0o644)
    passphrase_from(argparse.Namespace(passphrase_file=str(path)), "")


def _weak_passphrase(world: World) -> None:
    users.add_user(world.user("administrator"), "weak", "Weak", "SMBC", Role.PRACTITIONER, "password1")


def _names_on_disk(world: World) -> None:
    # Shorter ones come up by chance in so many random bytes.
    words = [surname for _, surname, _ in world.masked_names(400) if len(surname) > 6]
    if not db.attempts.names_in_the_open(world.demo.store, sorted(set(words))):
        raise Stopped(f"None of {len(set(words))} surnames lies readable in any file of the store.")


TRAIL = (
    Forbidden(5, "Open somebody off the agenda without a reason (coordinator)", CLIENT, "Say why you open", _no_reason),
    Forbidden(5, "Give blanks for a reason (coordinator)", CLIENT, "A reason is missing", _empty_words),
    Forbidden(
        5,
        "Read people without an entry in the trail (coordinator)",
        CLIENT,
        "no row about any person",
        _look_without_entry,
    ),
    Forbidden(
        5,
        "Read names with SQL, past the views (coordinator)",
        CLIENT,
        "prohibited",
        sql("read names past the views"),
    ),
    Forbidden(
        5,
        "Drop the views that mask (coordinator)",
        CLIENT,
        "not authorized",
        sql("drop the views and make others"),
    ),
    Forbidden(
        5,
        "Change an audit entry with SQL (coordinator)",
        CLIENT,
        "not authorized",
        sql("change an audit entry"),
    ),
    Forbidden(
        5,
        "Delete the audit trail with SQL (coordinator)",
        CLIENT,
        "not authorized",
        sql("delete the audit trail"),
    ),
    Forbidden(
        5,
        "Rewrite an entry with the data key in hand, past every trigger",
        CRYPTOGRAPHIC,
        "verification names it",
        _rewrite,
    ),
    Forbidden(
        5,
        "Sign a decision in a supervisor's name (coordinator)",
        CRYPTOGRAPHIC,
        "does not hold",
        _speak_for_another,
    ),
    Forbidden(5, "Read a case as the administrator", CLIENT, "may not consult", _administrator_reads),
    Forbidden(
        5,
        "Read the trail to see who looked at what (coordinator)",
        CLIENT,
        "may not consult",
        _coordinator_reads_trail,
    ),
    Forbidden(5, "Go on working after being suspended (practitioner)", CLIENT, "may no longer act", _suspended_goes_on),
    Forbidden(6, "Link two records without saying why (coordinator)", CLIENT, "Say why", _link_without_reason),
    Forbidden(
        6,
        "Read a masked person's fields in the review queue (coordinator)",
        CLIENT,
        "never what they hold",
        _see_pairs,
    ),
    Forbidden(9, "Open the store with a wrong passphrase", CRYPTOGRAPHIC, "do not open this store", _wrong_passphrase),
    Forbidden(9, "Find a name in the store's files without a key", CRYPTOGRAPHIC, "lies readable", _names_on_disk),
    Forbidden(9, "Use a passphrase file that others can read", CLIENT, "can be read by others", _passphrase_for_all),
    Forbidden(
        9,
        "Add a user with an easily guessed passphrase (administrator)",
        CLIENT,
        "easily guessed",
        _weak_passphrase,
    ),
    Forbidden(9, "Export a plain copy with SQL (coordinator)", CLIENT, "not authorized", sql("export a plain copy")),
    Forbidden(
        9,
        "Attach another database with SQL (coordinator)",
        CLIENT,
        "not authorized",
        sql("attach another database"),
    ),
    Forbidden(9, "Change the store's key with SQL (coordinator)", CLIENT, "not authorized", sql("change the key")),
)
