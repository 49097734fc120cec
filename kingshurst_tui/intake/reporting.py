"""What is told of an import: why rows were kept out, what was left out of fields, whether it was too much."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kingshurst_tui.agreements.document import Agreement
from kingshurst_tui.errors import InputRejected
from kingshurst_tui.intake.extract import NOTHING_STORED
from kingshurst_tui.intake.reasons import NEVER_BORNE, said
from kingshurst_tui.intake.tally import Tally

ROWS_SHOWN = 20


def above_tolerance(agreement: Agreement, tally: Tally) -> bool:
    """Return whether more rows were kept out than the agreement bears, or any that no agreement does."""
    if tally.read == 0 or _contradicts_itself(tally):
        return True
    return tally.refused * 100 > tally.read * agreement.tolerance_percent


def _contradicts_itself(tally: Tally) -> bool:
    return any(tally.rejected[code] or tally.also[code] for code in NEVER_BORNE)


def nothing_in_it(tally: Tally) -> InputRejected:
    """Return the refusal of an extract without a row."""
    blank = f" Its {tally.blank:,} rows are blank." if tally.blank > 1 else " Its one row is blank." * tally.blank
    return InputRejected(
        f"The extract has column names, but no row.{blank}",
        f"That nothing was counted is not said by it, either: noughts would stand there as rows.\n{NOTHING_STORED}",
        "Ask the partner whether there was nothing to send, or whether the export broke off.",
    )


def reasons_in_words(tally: Tally) -> list[str]:
    """Return why rows were kept out, most frequent first, in plain words."""
    return [
        f"{count:,} row{'s hold' if count != 1 else ' holds'} {said(code)}."
        for code, count in tally.rejected.most_common()
    ]


def weigh(agreement: Agreement, tally: Tally) -> None:
    """Refuse an extract of which too much is not as agreed, or which holds nothing. Raises: InputRejected."""
    if not above_tolerance(agreement, tally):
        return
    if tally.read == 0:
        raise nothing_in_it(tally)
    raise refusal(agreement, tally, reasons_in_words(tally))


def refusal(agreement: Agreement, tally: Tally, lines: Sequence[str]) -> InputRejected:
    """Return the refusal of an extract of which too many rows are not as agreed, with what is wrong in lines."""
    if _contradicts_itself(tally):
        return InputRejected(
            "The counts contradict themselves. The whole extract was refused.",
            "\n".join([*lines, NOTHING_STORED]),
            "See the rows with: kingshurst import STORE FILE --agreement REF --check",
            problems=tuple(lines),
        )
    share = 100 * tally.refused / tally.read
    return InputRejected(
        f"{tally.refused:,} of {tally.read:,} rows ({share:.1f} per cent) are not as agreed; the agreement bears"
        f" {agreement.tolerance_percent:g} per cent. The whole extract was refused.",
        "\n".join([*lines, NOTHING_STORED]),
        "See the rows with: kingshurst import STORE FILE --agreement REF --check",
        problems=tuple(lines),
    )


def report(agreement: Agreement, tally: Tally, digest: str, register: int) -> dict[str, Any]:
    """Return a batch's report, ready for JSON: row numbers, columns and reasons, never what a cell held."""
    return {
        "agreement": agreement.reference,
        "agreement_version": agreement.version,
        "file_digest": digest,
        "register_version": register,
        "rows": {
            "read": tally.read,
            "accepted": tally.accepted,
            "rejected": tally.refused,
            "dropped_not_on_register": tally.dropped,
            "counterparts_dropped_not_on_register": tally.dropped_counterparts,
            "repeated": tally.repeated,
            "blank": tally.blank,
        },
        "rejected": [
            {"reason": code, "words": said(code), "rows": count} for code, count in tally.rejected.most_common()
        ],
        "fields_left_out": [
            {
                "column": column,
                "reason": code,
                "words": said(code),
                "rows": count,
                "first_rows": tally.fault_rows[(column, code)][:ROWS_SHOWN],
            }
            for (column, code), count in tally.faults.most_common()
        ],
        "rejected_rows": [
            {"row": number, "column": column, "reason": code} for number, column, code in tally.first_rejected
        ],
    }
