"""The names of all modules of noormme, found in the package itself."""

import pkgutil

import noormme

SCRIPTS = {"noormme.__main__", "noormme.cli.demo.contender"}
"""Modules that run in a process of their own and are never imported."""

MODULES = sorted({module.name for module in pkgutil.walk_packages(noormme.__path__, "noormme.")} - SCRIPTS)
