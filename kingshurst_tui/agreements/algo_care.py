"""The ALGO-CARE questions, word for word from the briefing of 6 July 2022, and what counts as an answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

QUESTIONS: dict[str, tuple[str, ...]] = {
    "Advisory": (
        "If applicable, are the outputs from the algorithm to be used in an advisory capacity?",
        "Does a human officer retain decision-making discretion?",
    ),
    "Lawful": (
        "What is the policing purpose justifying the use of the algorithm (means and ends)?",
        "Is the potential interference with the privacy of individuals necessary and proportionate for"
        " legitimate policing purposes?",
        "In what way will the tool improve the current system and is this demonstrable?",
        "Are the data processed by the algorithm lawfully obtained, processed and retained, according to a"
        " genuine necessity with a rational connection to a policing aim?",
        "Is the operation of the tool compliant with national guidance?",
    ),
    "Granularity": (
        "Does the algorithm make suggestions at a sufficient level of detail given its purpose and the nature"
        " of the data processed?",
        "Are data categorised to avoid broad-brush grouping and results and therefore issues of potential bias?",
        "Do the potential benefits outweigh any data quality uncertainties or gaps?",
        "Is the provenance and quality of the data sufficiently sound?",
        "If applicable, how often are the data to be refreshed?",
        "If the tool takes a precautionary approach in setting trade-offs, what are the justifications for the"
        " approach taken?",
    ),
    "Ownership": (
        "Who owns the algorithm and the data analysed?",
        "Does WMP need rights to access, use and amend the source code and data?",
        "Are there any contractual or other restrictions which might limit accountability or evaluation?",
        "How is the operation of the algorithm kept secure?",
    ),
    "Challenge": (
        "What are the post-implementation oversight and audit mechanisms, e.g. to identify any bias?",
        "If the algorithm is to inform criminal justice disposals, how are individuals notified of its use?",
    ),
    "Accuracy": (
        "Does the specification of the algorithm match the policing aim and decision policy?",
        "Can the accuracy of the algorithm be validated periodically?",
        "Can the percentage of false positives / negatives be justified?",
        "How was the method chosen as opposed to other available methods?",
        "What are the (potential) consequences of inaccurate forecasts?",
        "Does this represent an acceptable risk?",
        "How are the results checked for accuracy and how is historic accuracy fed back into the algorithm for"
        " the future?",
        "How would inaccurate or out-of-date data affect the result?",
    ),
    "Responsible": (
        "Would the operation of the algorithm be considered fair?",
        "Is the use of the algorithm transparent (taking account of the context of its use), accountable and"
        " placed under review?",
        "Would it be considered to be used in the public interest and to be ethical?",
    ),
    "Explainable": (
        "Is information available about the algorithm / decision-making rules and the impact of each feature?",
    ),
}
"""Head -> its questions, in the briefing's order."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One ALGO-CARE question answered: by whom, on what evidence, and when it is looked at again."""

    head: str
    question: str
    answer: str
    owner: str
    evidence: str
    date: dt.date | None
    review: dt.date | None


def _same(text: str) -> str:
    return " ".join(text.casefold().split())


_HEAD_OF = {_same(question): head for head, asked in QUESTIONS.items() for question in asked}


def unanswered(answers: Iterable[Answer]) -> list[str]:
    """Return the heads of ALGO-CARE under which nothing has been answered."""
    answered = {answer.head for answer in answers if answer.answer.strip()}
    return [head for head in QUESTIONS if head not in answered]


def problems(answers: Iterable[Answer]) -> list[str]:
    """Return what is wrong with the answers given, in plain words; which heads are missing is `unanswered`."""
    found: list[str] = []
    for number, answer in enumerate(answers, start=1):
        here = f"algo_care answer {number}"
        if answer.head not in QUESTIONS:
            found.append(f"{here}: the head must be one of {', '.join(QUESTIONS)}.")
        elif _HEAD_OF.get(_same(answer.question)) != answer.head:
            found.append(f"{here}: the question under {answer.head} is not one of the briefing's, word for word.")
        if not answer.answer.strip():
            found.append(f"{here}: nothing is answered.")
        if not answer.owner.strip():
            found.append(f"{here}: nobody owns the answer.")
    return found
