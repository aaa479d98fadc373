"""``noormme config``: the settings, and where each came from."""
