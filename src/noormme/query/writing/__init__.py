"""Writes as plans: what is inserted, updated and deleted, and its translation to SQL."""
