"""Widgets that several screens share; one class a file, imported by their own module names."""
