"""What generated models derive from: the classes of noormme, described more strictly to type checkers.

Invariant: at run time each class here is the one that programs without generated models use. Only the stubs
beside the modules differ: they leave out what takes any name, so that a checker can refuse one that is wrong.
"""
