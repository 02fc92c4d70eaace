"""Each benchmark runs from end to end, with a handful of rows."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import nullcontext
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tests import factories as make

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"
SMALL = {
    "directory": ["--creators", "60", "--rounds", "1"],
    "import_creators": ["--rows", "60"],
    "metrics": ["--accounts", "60"],
}
OTHERS = {"redirect", "ship_clicks"}


def test_no_benchmark_is_left_out() -> None:
    assert {path.stem for path in FOLDER.glob("[a-z]*.py")} == {*SMALL, *OTHERS}


@pytest.fixture
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path, str(FOLDER)])


@pytest.mark.parametrize("name", SMALL)
def test_a_benchmark_measures(
    db: None, importable: None, name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    benchmark: Any = import_module(name)
    monkeypatch.setattr(benchmark, "scratch_database", nullcontext)
    monkeypatch.setattr(sys, "argv", [name, *SMALL[name]])
    benchmark.main()
    assert len(capsys.readouterr().out.splitlines()) > 4


def test_the_redirects_says_what_it_needs() -> None:
    shown = subprocess.run(
        [sys.executable, FOLDER / "redirect.py", "--help"], capture_output=True, text=True, check=True
    )
    assert "apt-get install" in shown.stdout


@pytest.mark.services
def test_ship_clicks_measures_in_a_database_of_its_own() -> None:
    script = [FOLDER / "ship_clicks.py", "--clicks", "60", "--rounds", "1"]
    env = {"DATABASE_URL": make.database_url(), "PATH": os.environ["PATH"]}
    ran = subprocess.run([sys.executable, *script], env=env, capture_output=True, text=True, check=True)
    assert [line.split("|")[1].strip() for line in ran.stdout.splitlines()[4:]] == ["even", "one hot link", "all bots"]
