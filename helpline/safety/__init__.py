"""Noticing danger in plain Python and data, and saying the right thing first."""
