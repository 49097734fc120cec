"""Text that strangers could send: escapes, markup, reversed order, towers of marks, very long and very wide."""

from __future__ import annotations

import random
import re

HOSTILE = (
    "\x1b]52;c;aGVsbG8=\x07Smith",
    "\x1b[2J\x1b[31mred",
    "\x9b31mC1",
    "[@click=app.lock]press me[/]",
    "[/", "[DOB=1/2/2010]", "[bold]x", "[[nested]] $name {x}", "50% [10%]",
    "\u202eevird lataf\u202c",
    "zero\u200bwidth\u200djoined\ufeff",
    "\U000e0041\U000e0042tags",
    "Z\u0351\u036b\u0343\u036a\u0302\u036b\u033d\u034f\u0334\u0319\u0324alg",
    "李小龙" * 40,
    "tab\tand\nnew line\r\nand \x00 nul",
    "\ud800 lone surrogate",
    "👩‍👩‍👧 family",
    "x" * 5000,
    "'; DROP TABLE profile; --",
    "=HYPERLINK(1)",
    "",
)  # fmt: skip

MARK = "7777"
"""A number in every sequence made here, which nothing of the program's own ever writes after an escape."""

_ENDS = ("\x07", "\x1b\\", "\x9c", "", "\n")
_OPENERS = (
    "\x1b]",
    "\x9d",
    "\x1bP",
    "\x90",
    "\x1b_",
    "\x9f",
    "\x1b^",
    "\x9e",
    "\x1bX",
    "\x98",
    "\x1b[",
    "\x9b",
    "\x1bO",
)
_BODIES = (
    f"52;c;{MARK}",
    f"0;{MARK}",
    f"2;{MARK}",
    f"8;;http://{MARK}.invalid/",
    f"1337;File={MARK}",
    f"{MARK};1H",
    f"{MARK}m",
    f"?{MARK}h",
    f"{MARK}J",
    f"{MARK}t",
    f"{MARK} q",
    f"Ga=T;{MARK}",
    f"+q{MARK}",
    f"10;?{MARK}",
    f"4;1;#{MARK}",
    f"{MARK}n",
)
_MARKUP = (
    "[@click=app.lock]",
    "[@click=app.bell]here[/]",
    "[@click=screen.dismiss]",
    "[link=http://x.invalid]",
    "[bold",
    "[/bold]",
    "[/",
    "[]",
    "[[",
    "]]",
    "$text",
    "${x}",
    "{0}",
    "%s%n",
    "{{",
    "\\[",
    "[#ff0000 on #00ff00]",
    "[reverse]",
    ":warning:",
    "&nbsp;",
    "<b>",
    "`x`",
    "[on black]",
)
_LETTERS = (
    "Smith",
    "Ó Súilleabháin",
    "李小龙",
    "محمد",
    "Ω",
    "👩\u200d👩\u200d👧",
    "🏴\U000e0067\U000e0062\U000e007f",
    "e\u0301" * 3,
    "Z\u0351\u036b\u0343\u036a\u0302" * 4,
    "W" * 400,
    "\u202e",
    "\u2066",
    "\u2069",
    "\u200b",
    "\ufeff",
    "\u00ad",
    "\U000e0041",
    "\ud800",
    "\udfff",
    "\uffff",
    "\U0010ffff",
    "\x00",
    "\x08",
    "\x0c",
    "\x7f",
    "\x85",
    "\u2028",
    "\u2029",
    "\t",
    "\r",
    "\n",
    "\r\n",
    "\x0e",
    "\x0f",
    "\x11",
    "\x13",
    "\x1a",
    "\u3164",
    "\u115f",
    "\u034f",
    "ﷺ" * 30,
    " " * 50,
    "-",
    "=1+1",
    "'",
    '"',
)


def corpus(count: int, seed: int = 1) -> list[str]:
    """Return so many hostile strings: the list above, then pieces of all kinds put together by a seeded dice."""
    dice = random.Random(seed)
    found = list(HOSTILE)
    while len(found) < count:
        pieces = []
        for _ in range(dice.randint(1, 5)):
            kind = dice.random()
            if kind < 0.4:
                pieces.append(dice.choice(_OPENERS) + dice.choice(_BODIES) + dice.choice(_ENDS))
            elif kind < 0.6:
                pieces.append(dice.choice(_MARKUP))
            elif kind < 0.9:
                pieces.append(dice.choice(_LETTERS))
            else:
                pieces.append(
                    "".join(map(chr, (dice.randrange(0x20), dice.randrange(0x7F, 0xA0), dice.randrange(0x2FFFF))))
                )
        found.append("".join(pieces))
    return found[:count]


MARKED = re.compile("[\ue000-\ue0ff][\ue100-\ue13f]")
"""The number of a hostile string, as two letters of Unicode's private range: nothing else ever writes them."""


def marked(number: int, text: str) -> str:
    """Return a string with its number before it."""
    return chr(0xE000 + number // 64) + chr(0xE100 + number % 64) + text


def number_of(mark: str) -> int:
    """Return the number that two letters stand for."""
    return (ord(mark[0]) - 0xE000) * 64 + ord(mark[1]) - 0xE100
