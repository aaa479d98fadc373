"""Queries on real databases, each checked against SQL written by hand."""
