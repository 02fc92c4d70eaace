"""The production shape: settings that pass Django's deployment check, and files that name the real services."""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_production_settings_pass_the_deployment_check() -> None:
    production = {
        "PATH": os.environ["PATH"],
        "DEBUG": "0",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "SITE_URL": "https://groundswell.example",
        "ALLOWED_HOSTS": "groundswell.example",
        "BEHIND_PROXY": "1",
        "DATABASE_URL": "postgresql://groundswell:secret@postgres/groundswell",
        "REDIS_URL": "redis://redis:6379/0",
    }
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    run = subprocess.run(command, cwd=ROOT, env=production, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


def test_compose_names_every_process_and_store() -> None:
    services = re.findall(r"^  ([a-z]+):$", (ROOT / "docker-compose.yml").read_text(), re.MULTILINE)
    assert {"postgres", "redis", "migrate", "web", "worker", "beat"} <= set(services)


def test_image_builds_the_stylesheet_from_every_source_it_names() -> None:
    sources = re.findall(r'@source "\.\./\.\./\.\./(.+)";', (ROOT / "static/src/css/app.css").read_text())
    named = {part.split("/")[0] for source in sources for part in re.sub(r"\{(.+?)\}.*", r"\1", source).split(",")}
    before_build = (ROOT / "Dockerfile").read_text().split("RUN npm run build")[0]
    copied = set(re.findall(r"^COPY ([a-z]+) \./\1$", before_build, re.MULTILINE))
    assert {"templates", "platform", "creators"} <= named <= copied


def test_documented_settings_are_the_ones_that_are_read() -> None:
    """docs/operations.md lists every variable of settings.py."""
    read = set(re.findall(r'env(?:_flag|_list)?\("([A-Z_]+)"', (ROOT / "platform/groundswell/settings.py").read_text()))
    documented = set(re.findall(r"`([A-Z_]+)`", (ROOT / "docs/operations.md").read_text()))
    assert read - documented == set()


def test_pinned_requirements_name_no_address_and_carry_hashes() -> None:
    for path in ROOT.glob("requirements*.txt"):
        text = path.read_text()
        pins = re.findall(r"^[a-z0-9].*==", text, re.MULTILINE)
        assert "://" not in text
        assert text.count("--hash=sha256:") >= len(pins) > 0
    for path in (ROOT / "package-lock.json", ROOT / "tests/browser/package-lock.json"):
        assert '"resolved"' not in path.read_text()


def test_makefile_offers_what_readme_and_scripts_rely_on() -> None:
    run = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    targets = {line.split()[0] for line in run.stdout.splitlines()}
    assert {"setup", "demo", "test", "check", "lint", "types", "contracts", "schema", "screenshots"} <= targets
