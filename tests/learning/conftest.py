"""The town of the casework tests, for what came of it."""

from tests.casework.conftest import town  # noqa: F401  pytest finds it by its name here
