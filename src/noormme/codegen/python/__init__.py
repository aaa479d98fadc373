"""A schema as a Python module that type checkers understand.

Invariant: text comes from a schema and options alone; equal input gives equal text, and nothing is read or
written.
"""

from noormme.codegen.python.options import PythonOptions
from noormme.codegen.python.render import render, render_runtime, render_stub

__all__ = ["PythonOptions", "render", "render_runtime", "render_stub"]
