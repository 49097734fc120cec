"""Which version of the program this is; audit entries carry it."""

VERSION = "0.1.0"
