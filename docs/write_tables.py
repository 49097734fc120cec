"""Write the tables that the documents take from the program: keys and roles.

usage: python docs/write_tables.py [--check]
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

ROLES_HEAD = """# Roles

Which role may do what. The program reads the same table; what is not in it is refused to everybody, and a
refusal is audited. A role opens a kind of act, not a person: whether a profile is open is decided by
agreements, consent and grounds. Who is given a role, and by whose two signatures: [role-grants.md](role-grants.md).

"""


GROUPS_HEAD = """
## Parts of a profile

Which role reads which part of what is held of a person, once the profile is open; the mask alone is there before. What
is cryptographic lies under keys of its own ([compartments.md](compartments.md)).

"""

KEYS_HEAD = """# Keys

Every key of the program, by where it works. `F1` in the program says the same for the place where you are.

"""

EVERYWHERE = {"Anywhere", "Every screen"}
"""The places whose keys the README shows."""


def readme() -> str:
    """Return README.md with its table of keys written anew."""
    from screens.bindings import key_table

    rows = key_table().splitlines()
    shown = [*rows[:2], *(row for row in rows[2:] if row.split("|")[1].strip() in EVERYWHERE)]
    table = "\n".join(shown)
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return re.sub(
        r"(<!-- keys: begin[^\n]*-->\n).*?(<!-- keys: end -->)",
        lambda match: f"{match[1]}\n{table}\n\n{match[2]}",
        text,
        flags=re.S,
    )


def keys() -> str:
    """Return docs/keys.md."""
    from screens.bindings import key_table

    return KEYS_HEAD + key_table()


def roles() -> str:
    """Return docs/roles.md."""
    from kingshurst_tui.permissions import acts_in_words, groups_in_words
    from kingshurst_tui.vocabulary import Role

    lines = [f"| Act | {' | '.join(Role)} |", f"|---|{'---|' * len(Role)}"]
    for act, allowed in acts_in_words():
        marks = " | ".join("yes" if role in allowed else "" for role in Role)
        lines.append(f"| {act} | {marks} |")
    groups = [f"| Part of a profile | {' | '.join(Role)} | Class of control |", f"|---|{'---|' * (len(Role) + 1)}"]
    for group, readers, kind in groups_in_words():
        marks = " | ".join("yes" if role in readers else "" for role in Role)
        groups.append(f"| {group} | {marks} | {kind} |")
    return ROLES_HEAD + "\n".join(lines) + "\n" + GROUPS_HEAD + "\n".join(groups) + "\n"


def main(arguments: list[str]) -> int:
    """Write the files, or with --check only say whether they are as the program has it."""
    wanted = {
        ROOT / "README.md": readme(),
        ROOT / "docs" / "keys.md": keys(),
        ROOT / "docs" / "roles.md": roles(),
    }
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    for path in stale:
        print(path.relative_to(ROOT))
        if "--check" not in arguments:
            path.write_text(wanted[path], encoding="utf-8")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
