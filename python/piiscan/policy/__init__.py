"""Policies: privacy notices in a form that an archive can be held against."""
