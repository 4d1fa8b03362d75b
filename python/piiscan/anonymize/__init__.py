"""Anonymizing: what a policy decides, carried out in the archive's own formats, and proved."""
