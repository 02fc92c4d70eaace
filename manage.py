#!/usr/bin/env python
"""Entry point: puts the root and the source root `platform/` on the path, then hands over to Django."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent


def main() -> None:
    if (ROOT / "platform" / "__init__.py").exists():
        sys.exit("platform/__init__.py must not exist: a package of that name shadows Python's own `platform`.")
    for folder in (ROOT / "platform", ROOT):
        if str(folder) not in sys.path:
            sys.path.insert(0, str(folder))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "groundswell.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
