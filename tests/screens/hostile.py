"""Text that strangers could send: escapes, markup, reversed order, towers of marks, very long and very wide."""

from __future__ import annotations

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
