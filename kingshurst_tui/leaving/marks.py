"""The mark that each copy bears, and whether it is in the bytes."""

from __future__ import annotations

import io
import secrets
import zipfile

from kingshurst_tui.leaving.formula_guard import decoded

_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's: none is taken for another when it is read out."""
_LONG = 12


def draw() -> str:
    """Return a new mark of 60 random bits, like 7Q2M-9FTR-X4KD."""
    letters = "".join(secrets.choice(_LETTERS) for _ in range(_LONG))
    return "-".join(letters[at : at + 4] for at in range(0, _LONG, 4))


def is_in(mark: str, form: str, body: bytes) -> bool:
    """Say whether a copy bears its mark: in its text, a PDF in its keywords too, a package in one of its parts."""
    if form in ("docx", "xlsx"):
        with zipfile.ZipFile(io.BytesIO(body)) as package:
            return any(mark.encode() in package.read(name) for name in package.namelist())
    if form == "pdf":
        return mark.encode() in body
    # A calendar folds its long lines.
    return mark in decoded(body).replace("\r\n ", "")
