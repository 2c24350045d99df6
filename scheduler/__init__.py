"""Decides when to visit and what changed, and reports it."""
