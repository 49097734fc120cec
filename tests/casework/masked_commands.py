"""What is asked of every command of panels and of what follows them, about somebody masked."""

from __future__ import annotations

import json
from pathlib import Path

WHY = "--why=It was agreed at the last meeting"
REASON = "--reason=It was agreed at the last meeting"

Asked = dict[tuple[str, ...], list[list[str]]]


def before_and_in_the_room(who: str) -> Asked:
    """Return what is asked of ``kingshurst panel``: a meeting with the masked person on its agenda as case 1."""
    return {
        ("panel", "new"): [
            [
                "coordinator", "--title=Masked", "--on=2026-05-06", "--chair=coordinator",
                "--minute-taker=practitioner",
                "--agencies=2",
            ]
        ],
        ("panel", "member"): [["coordinator", "1", "--agency=SCH", "--account=practitioner"]],
        ("panel", "candidates"): [["coordinator", "1"]],
        ("panel", "case"): [["coordinator", "1", who, "--question=Who should lead, and why now"]],
        ("panel", "propose"): [["practitioner", "1", who, WHY]],
        ("panel", "list"): [["practitioner"]],
        ("panel", "show"): [["coordinator", "1"], ["practitioner", "1"], ["supervisor", "1"]],
        ("panel", "change"): [["coordinator", "1", "--place=Room 2", "--over=1"]],
        ("panel", "ask"): [["coordinator", "1", "--agency=SCH", "--question=What is known", "--by=2026-05-05"]],
        ("panel", "asked"): [["practitioner"]],
        ("panel", "answer"): [["practitioner", "1", "--as=nothing-held"]],
        ("panel", "take-back"): [["coordinator", "1", REASON]],
        ("panel", "view"): [["practitioner", "1", "--known=little"], ["practitioner", "1"]],
        ("panel", "reveal"): [["coordinator", "1", REASON]],
        ("panel", "interest"): [["practitioner", "1", "--words=A neighbour", "--step=stayed", "--case=1"]],
        ("panel", "reword"): [["coordinator", "1", "--question=Who should lead now", "--over=1"]],
        ("panel", "move"): [["coordinator", "1", "--to=1"]],
        ("panel", "accept"): [["coordinator", "1"]],
        ("panel", "decline"): [["coordinator", "1", REASON]],
        ("panel", "take-off"): [["coordinator", "1", REASON]],
        ("panel", "put-back"): [["coordinator", "1"]],
        ("panel", "open"): [["coordinator", "1"]],
        ("panel", "confirm"): [["practitioner", "1"]],
        ("panel", "attend"): [["coordinator", "1", "present"]],
        ("panel", "all-present"): [["coordinator", "1"]],
        ("panel", "defer"): [["coordinator", "1", REASON]],
        ("panel", "close"): [["coordinator", "1", REASON]],
        ("panel", "call-off"): [["coordinator", "1", REASON]],
        ("panel", "leave-out"): [["coordinator", "1", REASON]],
        ("panel", "set"): [["coordinator"], ["practitioner", "panel.load"]],
    }  # fmt: skip


def afterwards(who: str, folder: Path) -> Asked:
    """Return what is asked of the commands of what follows a panel; ``folder`` is for files that go in and out."""
    out = folder / "out"
    out.mkdir()
    (folder / "progress.csv").write_text("action,status\n99,done\n", "utf-8")
    (folder / "letter.json").write_text(json.dumps({}), "utf-8")
    into = f"--into={out}"
    nobody = ["--forename=Xanthe", "--surname=Nobodyhere", "--date-of-birth=1931-01-09", "--own-reference=Q-1"]
    return {
        ("action", "list"): [["practitioner", "--which=every"]],
        ("action", "show"): [["practitioner", "99"]],
        ("action", "change"): [["coordinator", "99", WHY]],
        ("action", "accept"): [["practitioner", "99"]],
        ("action", "decline"): [["practitioner", "99", WHY]],
        ("action", "progress"): [["practitioner", "99", "--note=Rang twice"]],
        ("action", "brought-back"): [["coordinator", "99", "--note=Back to the panel"]],
        ("action", "import"): [["practitioner", str(folder / "progress.csv"), "--check"]],
        ("action", "export"): [["practitioner", str(out), "--agency=SCH", "--for=A Worker", WHY]],
        ("case", "list"): [["practitioner"], ["supervisor"]],
        ("case", "show"): [["practitioner", who]],
        ("case", "state"): [["coordinator", who, "monitoring", WHY]],
        ("case", "handovers"): [["practitioner"]],
        ("case", "hand-over"): [["coordinator", who, "--to=SCH", WHY, "--handover=All that is known"]],
        ("case", "take-over"): [["practitioner", "99"]],
        ("case", "decline"): [["practitioner", "99", "--note=We are not the right ones"]],
        ("case", "keep"): [["coordinator", "99", "--note=It stays where it is"]],
        ("case", "restrict"): [["coordinator", who, WHY]],
        ("case", "restricted"): [["coordinator"], ["supervisor"]],
        ("case", "let-in"): [["coordinator", who, "practitioner", WHY]],
        ("case", "take-off"): [["coordinator", who, "practitioner"]],
        ("case", "unrestrict"): [["coordinator", who, WHY]],
        ("referral", "send"): [
            [
                "practitioner", *nobody, WHY, "--asked=Look at it together", "--person-knows=yes",
                "--lawful-basis=Care Act 2014 section 6", "--disclosed=name and date of birth",
            ],
            ["practitioner", f"--profile={who}", WHY, "--asked=Look at it together", "--person-knows=yes",
             "--lawful-basis=Care Act 2014 section 6", "--disclosed=name and date of birth"],
        ],
        ("referral", "list"): [["practitioner"], ["coordinator"]],
        ("referral", "show"): [["practitioner", "1"]],
        ("referral", "received"): [["coordinator", "1"]],
        ("referral", "accept"): [["coordinator", "1", "--feedback-by=2026-06-01"]],
        ("referral", "waiting"): [["coordinator"], ["practitioner"]],
        ("referral", "settle"): [["coordinator", "1", f"--profile={who}"]],
        ("referral", "unsettle"): [["coordinator", "1"]],
        ("referral", "feedback"): [["coordinator", "1", "--note=It was discussed"]],
        ("referral", "reject"): [["coordinator", "1", "--note=It belongs elsewhere"]],
        ("referral", "done"): [["coordinator", "1", "--note=It is done"]],
        ("referral", "revoke"): [["practitioner", "1", "--note=It is settled"]],
        ("minutes", "draft"): [["practitioner", "1"]],
        ("minutes", "show"): [["coordinator", "1"], ["supervisor", "1"]],
        ("minutes", "edit"): [["practitioner", "1", "matters", f"--file={folder / 'note.txt'}"]],
        ("minutes", "add-missing"): [["coordinator", "1"]],
        ("minutes", "approve"): [["coordinator", "1"]],
        ("minutes", "correct"): [["practitioner", "1", WHY]],
        ("minutes", "circulate"): [["coordinator", "1", into, WHY]],
        ("disclose", "pack"): [["coordinator", "1", into, WHY]],
        ("disclose", "columns"): [["coordinator", "SCH-TENANCY", "--name=A Worker", into, WHY]],
        ("disclose", "letter"): [["coordinator", who, f"--file={folder / 'letter.json'}", into, WHY]],
        ("disclose", "summary"): [["coordinator", who, f"--file={folder / 'letter.json'}", into, WHY]],
        ("disclose", "list"): [["supervisor"], ["coordinator"]],
        ("disclose", "mark"): [["supervisor", "AAAA-BBBB-CCCC"]],
        ("disclose", "call-back"): [["supervisor", "99", WHY]],
        ("outcome", "show"): [["practitioner", who]],
        ("outcome", "due"): [["coordinator"]],
        ("outcome", "add"): [
            [
                "practitioner", "99", "--months=3", "--domain=housing", "--effect=unknown", "--measured-on=2026-05-04",
                "--person=not asked",
            ]
        ],
        ("learn", "works"): [["supervisor"], ["coordinator"]],
        ("learn", "rules"): [["governance"]],
        ("learn", "leads"): [["governance"], ["coordinator", "--by=rule"]],
        ("learn", "sample"): [["supervisor", "--draw=5"], ["coordinator", "--number=1"]],
        ("learn", "look"): [["coordinator", "1", "cannot-tell", REASON]],
        ("learn", "misses"): [["supervisor"]],
        ("learn", "judge"): [["coordinator", "1", "useful"]],
        ("learn", "basis"): [["governance", "sex", "--reason=Equality of treatment, DPA 2018 Schedule 1 paragraph 8"]],
        ("learn", "report"): [["governance", into, "--to=SMBC:Ada Board", REASON]],
        ("learn", "keep"): [["governance", "repeat-contact", REASON]],
        ("places", "overlap"): [["supervisor"], ["coordinator", "--priority-area=hate-crime", "--year=2025"]],
        ("places", "import"): [["governance", str(folder / "letter.json")]],
        ("places", "list"): [["practitioner"]],
        ("places", "show"): [["coordinator", "E01990000"]],
        ("places", "publish"): [["coordinator"]],
        ("places", "standing-out"): [["coordinator"], ["practitioner"]],
        ("places", "rule", "list"): [["practitioner"]],
        ("places", "rule", "propose"): [["governance", f"--file={folder / 'letter.json'}"]],
        ("places", "rule", "decide"): [["supervisor", "2", "refuse"]],
        ("places", "expect"): [["practitioner", "--record"]],
        ("places", "model", "show"): [["supervisor"]],
        ("places", "model", "answers"): [["governance"]],
        ("places", "model", "approve"): [["supervisor"]],
        ("places", "report"): [["governance", into, "--to=SMBC:Ada Board", REASON]],
    }  # fmt: skip
