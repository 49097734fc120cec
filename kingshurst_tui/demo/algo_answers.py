"""The invented partnership's answers to the ALGO-CARE questions, in the order in which the briefing asks them."""

from __future__ import annotations

ANSWERS: dict[str, tuple[str, ...]] = {
    "Advisory": (
        "Yes. A flag puts a person before a panel and does nothing else.",
        "Yes. The panel decides in words; no field of a decision is prefilled and no agency is proposed.",
    ),
    "Lawful": (
        "To prevent crime and disorder and to protect people who are often harmed, by agencies acting together.",
        "Only the fields listed here, for one purpose; profiles are masked until the person agrees or a ground holds.",
        "Today each agency sees its own part; the share of repeat contacts found by hand is measured before and after.",
        "Yes: under this agreement, its gateway and its retention; what is not listed is dropped before it is stored.",
        "Yes, as far as guidance exists: APP on information management and the ICO's data sharing code.",
    ),
    "Granularity": (
        "It names incidents and dates, at the level this agreement allows and no finer.",
        "Categories are the partner's own, mapped one by one; roles keep victims and callers apart from suspects.",
        "Yes: gaps are shown as unknown, never as zero, beside every count.",
        "Each batch has a quality report; incomplete months are named.",
        "As often as refresh_days says; a stale source is shown as stale.",
        "A doubtful link is left to a reviewer: missing somebody is put right later, a wrong link may harm at once.",
    ),
    "Ownership": (
        "The partnership owns its rules; each controller owns its data; the program is open source.",
        "All partners have the source and may amend it; rules change only by a signed version.",
        "None.",
        "An encrypted store on one machine with no network; keys per user; every read is recorded.",
    ),
    "Challenge": (
        "A signed audit trail, dip samples by supervisors, and a yearly report to the ethics committee.",
        "It does not inform criminal justice disposals.",
    ),
    "Accuracy": (
        "Yes: rules are cited thresholds on distinct incidents, stated in words.",
        "Yes: each quarter on a clerical sample, and on invented people whose truth is known.",
        "Clear links are made only where errors are rarer than the record says; the rest waits for a reviewer.",
        "It was measured against exact matching and two other methods on the same data.",
        "Nothing is forecast. A wrong flag costs a panel some minutes; a wrong link is undone with all built on it.",
        "Yes, while profiles stay masked and a person can say that it is the wrong person.",
        "Reviewers' decisions are kept and compared with the model each quarter before it may change.",
        "Incidents leave the window by themselves; a recalled batch takes its flags with it.",
    ),
    "Responsible": (
        "Yes: it offers help, withholds none, and never counts a victim's calls against the victim.",
        "Yes: rules, sources and counts are published; it is reviewed each year.",
        "The ethics committee is asked for its advice, which is recorded in this agreement.",
    ),
    "Explainable": (
        "Yes: a link shows what speaks for and against it, a flag its rule, source, incidents and what would clear it.",
    ),
}
"""Head -> an answer to each of its questions (agreements/algo_care.py)."""
