"""``kingshurst user``: who may open the store, and as what."""

from __future__ import annotations

import argparse
from datetime import date
from typing import TYPE_CHECKING, Any

from kingshurst_tui.commands.common import (
    Answer,
    Subparsers,
    passphrase_from,
    session_from,
    store_parser,
    user_from,
)
from kingshurst_tui.commands.recovery_words import add_option, check_somebody_can_keep_it, set_up
from kingshurst_tui.dates import say_date
from kingshurst_tui.errors import InputRejected, StoreUnavailable
from kingshurst_tui.vocabulary import Role

if TYPE_CHECKING:
    from kingshurst_tui.granting.role_lines import RoleLine
    from kingshurst_tui.session import Session


def add_parser(commands: Subparsers) -> None:
    """Add the command and its verbs."""
    user = commands.add_parser("user", help="add, list, suspend users; propose and confirm roles; change a passphrase")
    verbs = user.add_subparsers(metavar="VERB", required=True)
    add = store_parser(verbs, "add", help="add a user with a passphrase of their own")
    add.add_argument("name", metavar="NAME")
    add.add_argument("--role", required=True, choices=[role.value for role in Role])
    add.add_argument("--agency", required=True, metavar="CODE")
    add.add_argument("--display-name", default="", metavar="TEXT")
    add.add_argument("--new-passphrase-file", metavar="FILE", help="the new user's passphrase, in a private file")
    add.set_defaults(run=_add)
    for verb, run, words in (
        ("confirm", _confirm, "be the second person for a role that somebody else proposed for somebody else"),
        ("refuse", _refuse, "say no to it, or take back what you proposed"),
    ):
        second = store_parser(verbs, verb, help=words)
        second.add_argument("name", metavar="NAME")
        second.set_defaults(run=run)
    role = store_parser(verbs, "role", help="propose another role for a user")
    role.add_argument("name", metavar="NAME")
    role.add_argument("--role", required=True, choices=[role.value for role in Role])
    role.set_defaults(run=_role)
    listing = store_parser(verbs, "list", help="list users, their roles, who signed for these, and what waits")
    listing.set_defaults(run=_list)
    for verb, status in (("suspend", "suspended"), ("restore", "active")):
        change = store_parser(verbs, verb, help=f"make a user {status}")
        change.add_argument("name", metavar="NAME")
        change.set_defaults(run=_set_status, status=status)
    leaving = store_parser(verbs, "leave", help="take a leaver's way in away, and end what they were granted")
    leaving.add_argument("name", metavar="NAME")
    leaving.set_defaults(run=_leave)
    recovery = store_parser(verbs, "recovery", help="make a new printed recovery key; an earlier one ends")
    add_option(recovery)
    recovery.set_defaults(run=_recovery)
    factor = store_parser(verbs, "factor", help="want your keyring's secret beside your passphrase, or no longer")
    factor.add_argument("state", choices=["on", "off"])
    factor.set_defaults(run=_factor)
    passphrase = store_parser(verbs, "passphrase", help="change your own passphrase")
    passphrase.add_argument("--new-passphrase-file", metavar="FILE")
    passphrase.set_defaults(run=_passphrase)


def _new_passphrase(args: argparse.Namespace, name: str) -> str:
    chosen = passphrase_from(args, f"New passphrase of {name}: ", option="new_passphrase_file")
    if args.new_passphrase_file is None:
        again = passphrase_from(args, "Once more: ", option="new_passphrase_file")
        if again != chosen:
            raise InputRejected("The two passphrases differ.", "Nothing was changed.", "Try again.")
    return chosen


def _add(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.keyholding import users

    with session_from(args) as session:
        passphrase = _new_passphrase(args, args.name)
        users.add_user(session, args.name, args.display_name or args.name, args.agency, Role(args.role), passphrase)
        line = _line_of(session, args.name, f"{args.name} is added and proposed as {args.role}")
    return Answer(
        {"agency": args.agency, **_proposed(line)},
        (f"Added {args.name} of {args.agency}, and proposed them as {args.role}.", *_still_to_do(args, line)),
    )


def _line_of(session: Session, name: str, done: str) -> RoleLine:
    """Return what stands of somebody after something was done, which that it cannot be read does not undo."""
    from kingshurst_tui.granting import role_lines

    try:
        return next(line for line in role_lines.listing(session) if line.user == name)
    except StoreUnavailable as failed:
        raise StoreUnavailable(
            f"{done}, and that could not be read back.",
            f"It stands and is in the trail. {failed.title}",
            "See to the store's disk, then look: kingshurst user list STORE",
        ) from failed


def _proposed(line: RoleLine) -> dict[str, Any]:
    return {
        "user": line.user,
        "role": line.waits_role,
        "waits": True,
        "grant": line.waits_grant,
        "confirmers": list(line.confirmers),
    }


def _still_to_do(args: argparse.Namespace, line: RoleLine) -> tuple[str, ...]:
    """Say who has to sign before the role is one."""
    if line.confirmers:
        who = f"Until one of these confirms it, it is no role: {', '.join(line.confirmers)}."
    else:
        who = (
            "Until a second person confirms it, it is no role, and nobody can yet: add a supervisor and an information "
            "governance officer, who confirm each other."
        )
    return who, f"They do it with: kingshurst user confirm {args.store} {line.user}"


def _role(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.granting import grants

    with session_from(args) as session:
        grants.propose(session, args.name, Role(args.role))
        line = _line_of(session, args.name, f"{args.name} is proposed as {args.role}")
    stays = f"{args.name} stays {line.role} until then." if line.role else f"{args.name} has no role until then."
    return Answer(_proposed(line), (f"Proposed {args.name} as {args.role}. {stays}", *_still_to_do(args, line)))


def _confirm(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.granting import grants

    with session_from(args) as session:
        role = grants.confirm(session, args.name)
        line = _line_of(session, args.name, f"{args.name} is {role} from now on")
    return Answer(
        {"user": args.name, "role": role, "grant": line.grant, "confirmed_by": line.confirmed_by},
        (f"{args.name} is {role} from now on: {line.words}.",),
    )


def _refuse(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.granting import grants

    with session_from(args) as session:
        role = grants.refuse(session, args.name)
    return Answer({"user": args.name, "role": role, "refused": True}, (f"{args.name} does not become {role}.",))


def _list(args: argparse.Namespace) -> Answer:
    from db.vault import read_header
    from kingshurst_tui.granting import role_lines
    from kingshurst_tui.keyholding import users

    with session_from(args) as session:
        found = role_lines.listing(session)
        due = users.rotation_due_since(session)
        header = read_header(session.store.folder)
    slots = {slot.user: slot for slot in header.users}
    rows = [
        {
            "name": each.user,
            **{name: value for name, value in each.as_json().items() if name != "user"},
            "factor": slots[each.user].factor if each.user in slots else "",
        }
        for each in found
    ]
    recovery = header.recovery.user if header.recovery is not None else None
    lines = []
    for each in found:
        factor = "passphrase and keyring" if each.user in slots and slots[each.user].factor else ""
        lines.append(
            f"{each.user:<20} {each.role or 'no role':<14} {each.agency:<8} {each.status:<10} {factor}".rstrip()
        )
        lines.extend(f"    {words}" for words in (each.words, each.waits_words) if words)
    lines.append(
        f"Recovery key: {recovery}." if recovery else "No recovery key: make one with kingshurst user recovery STORE"
    )
    if due:
        day = say_date(date.fromisoformat(due[:10]))
        lines.append(f"Somebody left on {day}: the keys are due to be renewed with kingshurst rotate STORE")
    return Answer({"users": rows, "recovery_key": recovery, "rotation_due_since": due or None}, lines)


def _set_status(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.keyholding import users

    with session_from(args) as session:
        users.set_user_status(session, args.name, args.status)
    return Answer({"user": args.name, "status": args.status}, (f"{args.name} is {args.status}.",))


def _passphrase(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.keyholding import users

    with session_from(args) as session:
        users.change_passphrase(session, _new_passphrase(args, session.user.name))
        name = session.user.name
    return Answer({"user": name}, ("Your passphrase is changed. The old one opens old copies of the store still.",))


def _factor(args: argparse.Namespace) -> Answer:
    from kingshurst_tui import vaults
    from kingshurst_tui.keyholding import factor

    user = user_from(args)
    passphrase = passphrase_from(args, f"Passphrase of {user}: ")
    session = vaults.open_session(args.store, user, passphrase, purpose=args.purpose)
    try:
        (factor.turn_on if args.state == "on" else factor.turn_off)(session, passphrase)
    finally:
        session.close()
    lines = {
        "on": (
            "From now on your passphrase opens the store only where this login's keyring is.",
            "A lost keyring is a case for the recovery key: kingshurst recover STORE --user NAME",
        ),
        "off": ("Your passphrase alone opens the store again; the secret was taken out of the keyring.",),
    }
    return Answer({"user": user, "factor": "keyring" if args.state == "on" else ""}, lines[args.state])


def _leave(args: argparse.Namespace) -> Answer:
    from kingshurst_tui.keyholding import users

    with session_from(args) as session:
        users.leave(session, args.name)
    return Answer(
        {"user": args.name, "status": "left", "rotation_due": True},
        (
            f"{args.name} has no way in any more, and what they were granted has ended.",
            "A copy of the store taken before still opens with their passphrase, and they may hold its keys.",
            f"So the keys are due to be renewed: kingshurst rotate {args.store}",
        ),
    )


def _recovery(args: argparse.Namespace) -> Answer:
    check_somebody_can_keep_it(args)
    with session_from(args) as session:
        name = set_up(session, args)
    return Answer(
        {"recovery_key": name},
        (f"The recovery key was tried and opens the store; the trail knows it as {name}.", "An earlier one has ended."),
    )
