"""Servers that the tests start themselves, because they restart, copy or kill them."""
