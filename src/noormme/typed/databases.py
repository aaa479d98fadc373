"""The base of generated databases, and how one is opened."""

from noormme.database import Database, open_as
from noormme.orm.declared import classes_of
from noormme.settings import SettingsOptions

__all__ = ["Database", "SettingsOptions", "classes_of", "open_as"]
