"""What the place screen calls its parts, and a line on what each shows."""

from __future__ import annotations

from screens.widgets.section_bar import Section

AGENCIES, MONTHS, MAP, POSTCODES = "agencies", "months", "map", "postcodes"
STANDING_OUT, AHEAD = "standing-out", "ahead"
PARTS = (
    Section("a", AGENCIES, "Agencies"),
    Section("m", MONTHS, "Months"),
    Section("t", MAP, "Map"),
    Section("c", POSTCODES, "Postcodes"),
    Section("o", STANDING_OUT, "Standing out"),
    Section("x", AHEAD, "Ahead"),
)
EVERYTHING = "every priority area"
IN_LINE = 3
"""What is said of a place over everything else; the rest stands beside the first line of the list."""


EXPLAINED = {
    AGENCIES: "Counted: the newest whole months, 12 at most · — no clear difference",
    POSTCODES: "Calendar years, all categories together, 10 or more · Enter shows the postcode",
    STANDING_OUT: "By the rule in force, in all the borough · Least: times what residents explain",
    AHEAD: "(95 % interval) · * plain figure, nothing beats it · Before: how earlier did",
}
"""One line on what a part shows."""
AT_A_POSTCODE = "Calendar years, all categories together, 10 or more; nothing is compared"

TOOLTIPS = (
    "What each agency meets here.",
    "The months of the data set at the cursor, a picture for each category.",
    "The data set at the cursor on a map of LSOAs.",
    "Postcodes of which a calendar year may be shown.",
    "Places where several agencies meet the same need, by a stated rule, since when, and what cleared.",
    "What to expect of the next months, and how earlier expectations did.",
)
"""What `?` says of each part."""

HELP = """One place at a time. Each line is a data set: its newest twelve months, its months as shades, whether
that is more or fewer than elsewhere and than a year before. A word for a difference stands only where the interval has
it; counts under the line are hidden, others rounded, and what is worked out here is worked out from those. ? is a month
that did not come in whole; it is never nought. / goes to a place by name, code or postcode, w chooses one, u goes to
the larger place, n and p to the next and the one before. i keeps to one priority area. m draws the categories of the
data set at the cursor month by month, or every data set where the cursor is on none; t is its map, d takes another. c
are the postcodes of which a year may be shown, o the places where several agencies meet the same need, since when, and
which cleared; x what to expect, beside how earlier expectations did. Nobody is named here, and no count leads to a
person. The words of the line at the cursor go on below: Tab goes there, the arrows read on."""
"""What F1 says."""
