"""Databases that are servers: what all of them share, and a folder for each."""
