"""Words for the person themselves: short sentences, none of the tool's words, nothing of their health."""

from __future__ import annotations

import re

LONGEST_SENTENCE = 20
"""Words. GOV.UK style: sentences of more than 25 are long; people in distress read shorter ones."""

OF_THE_TOOL = {
    "agenda item": "the meeting",
    "cohort": "group",
    "data set": "information",
    "flag": "noticed",
    "flagged": "noticed",
    "intervention": "help",
    "lead agency": "who leads",
    "linked": "put together",
    "linkage": "putting together",
    "manifest": "",
    "multi-agency": "several services",
    "perpetrator": "",
    "profile": "information about you",
    "pseudonym": "",
    "quorum": "",
    "referral": "asking for help",
    "repeat contact": "how often services met you",
    "service user": "you",
    "stakeholder": "",
    "threshold": "",
    "triage": "",
}
"""Words of the trade, each with what says the same; empty where it is best left out."""

OF_HEALTH = (
    "addict", "alcoholic", "ambulance", "anxiety", "clinical", "crisis team", "dementia", "depress", "detox", "diagnos",
    "drug use", "epilep", "gp ", "hospital", "illness", "medication", "mental health", "nurse", "overdose", "patient",
    "prescri", "psychiatr", "psycho", "relapse", "section 136", "self-harm", "self harm", "substance", "suicid",
    "symptom", "treatment", "withdrawal",
)  # fmt: skip
"""Beginnings of words about health. A letter may be opened by somebody else; who leads says such things by voice."""


def sentences(text: str) -> list[str]:
    """Return the sentences of a text; each line ends one."""
    return [each.strip() for each in re.split(r"(?<=[.!?])\s+|\n", text) if each.strip()]


def problems(text: str) -> list[str]:
    """Return what of a text is not for a letter to a person, in sentences; nothing where it is fit."""
    low = f" {text.casefold()} "
    wrong = [
        f"A sentence has {len(each.split())} words, and {LONGEST_SENTENCE} are enough: \N{LEFT DOUBLE QUOTATION MARK}"
        f"{' '.join(each.split()[:6])} \N{HORIZONTAL ELLIPSIS}\N{RIGHT DOUBLE QUOTATION MARK}"
        for each in sentences(text)
        if len(each.split()) > LONGEST_SENTENCE
    ]
    for word, instead in OF_THE_TOOL.items():
        if re.search(rf"\b{re.escape(word)}s?\b", low):
            wrong.append(f"{word}: is a word of the trade" + (f"; say: {instead}" if instead else "; leave it out"))
    found = [word.strip() for word in OF_HEALTH if re.search(rf"\b{re.escape(word)}", low)]
    if found:
        wrong.append(f"{', '.join(found)}: is about health; whoever leads says that by voice, and not in a letter")
    return wrong


def grade(text: str) -> float:
    """Return the years of school that a text asks for (Flesch-Kincaid grade level, Kincaid et al. 1975)."""
    words = re.findall(r"[A-Za-z']+", text)
    said = sentences(text)
    if not words or not said:
        return 0.0
    return 0.39 * len(words) / len(said) + 11.8 * sum(map(_syllables, words)) / len(words) - 15.59


def _syllables(word: str) -> int:
    low = word.casefold().removesuffix("e") if len(word) > 3 and not word.casefold().endswith("le") else word.casefold()
    return max(1, len(re.findall(r"[aeiouy]+", low)))
