"""``python -m noormme``: the command line without the script on the path."""

from __future__ import annotations

from noormme.cli.entry import main

if __name__ == "__main__":
    main()
