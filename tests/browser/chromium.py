"""Finds a headless Chromium; with --install also gets one. Prints its path, or says on stderr why there is none."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
UNPACK = 'import("@sparticuz/chromium").then(async found => console.log(await found.default.executablePath()))'
NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
REASONS = HERE.parents[1] / "var" / "chromium-missing"


def find() -> str | None:
    """$CHROMIUM if set, else the machine's own, else the one that npm brought earlier."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named if works(named) else None
    return next((path for name in NAMES if (path := shutil.which(name)) and works(path)), None) or from_npm()


def works(path: str) -> bool:
    """Whether this Chromium starts at all (libraries may be missing)."""
    try:
        run = subprocess.run([path, "--version"], capture_output=True, check=False, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return run.returncode == 0


def why_not() -> str:
    """The reason to give when browser tests are skipped."""
    if os.environ.get("CHROMIUM"):
        return f"CHROMIUM={os.environ['CHROMIUM']} does not run"
    tried = REASONS.read_text().strip() if REASONS.exists() else "`make chromium` has not been run"
    return f"no Chromium: none on the PATH; {tried}"


def install() -> str | None:
    """Get one from Debian's packages where we may, else from npm. Keeps the reasons of failure in var/."""
    reasons = [reason for way in (install_from_debian, install_from_npm) if not find() and (reason := way())]
    REASONS.parent.mkdir(exist_ok=True)
    REASONS.write_text("; ".join(reasons))
    return find()


def install_from_debian() -> str:
    """Empty when it went well, else why not."""
    if os.geteuid() != 0:
        return "Debian's package needs root"
    if not shutil.which("apt-get"):
        return "no apt-get here"
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    commands = (["apt-get", "update", "-q"], ["apt-get", "install", "-qy", "--no-install-recommends", "chromium"])
    for command in commands:
        run = attempt(command, quiet)
        if run is None or run.returncode:
            return f"{' '.join(command[:2])} failed"
    return ""


def install_from_npm() -> str:
    if not shutil.which("npm"):
        return "no npm here"
    run = attempt(["npm", "ci", "--prefix", str(HERE), "--no-audit", "--no-fund", "--loglevel=error"], dict(os.environ))
    if run is None or run.returncode:
        return "npm's package could not be installed"
    return "" if from_npm() else "npm's package does not run here"


def attempt(command: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[bytes] | None:
    """Run with the output on stderr; None when it does not end within five minutes."""
    try:
        return subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=sys.stderr, check=False, timeout=300
        )
    except (OSError, subprocess.TimeoutExpired):
        return None


def from_npm() -> str | None:
    """The browser inside the npm package, unpacked on first use."""
    if not (HERE / "node_modules" / "@sparticuz").exists() or not shutil.which("node"):
        return None
    run = subprocess.run(["node", "-e", UNPACK], capture_output=True, text=True, check=False, cwd=HERE, timeout=120)
    path = run.stdout.strip()
    return path if path and works(path) else None


if __name__ == "__main__":
    path = install() if "--install" in sys.argv else find()
    if not path:
        sys.exit(why_not())
    print(path)  # noqa: T201
