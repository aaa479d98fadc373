"""Async: the same objects, awaited."""
