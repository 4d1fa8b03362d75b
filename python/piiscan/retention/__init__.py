"""Retention: how long messages may stay, and which of them have stayed too long."""
