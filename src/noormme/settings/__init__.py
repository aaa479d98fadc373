"""What noormme can be told, and where it is told.

Invariant: what ``Settings.load`` returns was checked, every value of it; nothing later looks at the
environment or at a configuration file again. Six places are read, and the later one wins:

1. the defaults, which are safe for production;
2. the preset that ``NOORMME_ENV`` names: ``development``, ``production`` or ``test``;
3. ``noormme.toml``, or ``[tool.noormme]`` in ``pyproject.toml``: the nearest one, from the working
   directory upwards;
4. ``.env`` beside that file, or in the working directory where there is none: its ``NOORMME_…`` and its
   ``DATABASE_URL``, and nothing else of it;
5. environment variables: ``NOORMME_BUSY_TIMEOUT_S=2.5``;
6. the keyword arguments of ``connect``.

No message repeats a URL: URLs hold passwords, and messages end up in logs.
"""

from noormme.settings.model import PRESETS, Settings, SettingsOptions
from noormme.settings.resolving import Origin, origins, resolve_url
from noormme.settings.url import MEMORY, Target, masked, target_of

__all__ = [
    "MEMORY",
    "PRESETS",
    "Origin",
    "Settings",
    "SettingsOptions",
    "Target",
    "masked",
    "origins",
    "resolve_url",
    "target_of",
]
