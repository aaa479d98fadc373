"""A schema as a picture: where the tables go, the lines between them, and the SVG.

Invariant: equal schemas give equal pictures, and nothing outside of the SVG is needed to see it.
"""
