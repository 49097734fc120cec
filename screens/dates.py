"""Days as people write and read them; see :mod:`kingshurst_tui.dates`."""

from kingshurst_tui.dates import MONTHS, read_date, show_date, show_month, show_time

__all__ = ["MONTHS", "read_date", "show_date", "show_month", "show_time"]
