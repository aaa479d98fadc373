"""Queries for those who think in tables: what is asked, and its translation to a plan."""
