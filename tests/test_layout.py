"""The house stands as planned: `platform/` is a source root, and apps only point downwards."""

import platform
import subprocess
import sys
from pathlib import Path

from django.apps import apps
from django.db.models import Field

ROOT = Path(__file__).resolve().parents[1]
FLOORS = ["accounts", "events", "api", "creators", "campaigns", "outreach", "tracking"]
SIBLINGS = {"outreach", "tracking"}


def test_platform_is_pythons_own() -> None:
    assert platform.python_version()
    assert not (ROOT / "platform" / "__init__.py").exists()
    assert not list((ROOT / "platform").glob("*.py"))


def points_up(field: Field) -> bool:
    own, other = (FLOORS.index(label) if label in FLOORS else -1 for label in labels_of(field))
    return other > own or set(labels_of(field)) == SIBLINGS


def labels_of(field: Field) -> tuple[str, str]:
    return field.model._meta.app_label, field.related_model._meta.app_label


def test_foreign_keys_point_downwards() -> None:
    ours = [model for model in apps.get_models() if model._meta.app_label in FLOORS]
    links = [field for model in ours for field in model._meta.fields if field.remote_field]
    assert [str(field) for field in links if points_up(field)] == []
    assert links


def test_test_folders_are_no_packages() -> None:
    assert list((ROOT / "tests").rglob("__init__.py")) == []
    assert not (ROOT / "tests" / "platform").exists()


def test_manage_refuses_a_package_called_platform(tmp_path: Path) -> None:
    (tmp_path / "platform").mkdir()
    (tmp_path / "platform" / "__init__.py").touch()
    manage = tmp_path / "manage.py"
    manage.write_text((ROOT / "manage.py").read_text())
    run = subprocess.run([sys.executable, str(manage), "check"], capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert "platform/__init__.py must not exist" in run.stderr
