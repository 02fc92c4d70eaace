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
from django.conf import settings

from tests import factories as make

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"
SMALL = {
    "import_creators": ["--rows", "60"],
    "metrics": ["--accounts", "60"],
    "peers": ["--creators", "400"],
    "rollups": ["--events", "2000", "--creators", "120", "--days", "40"],
    "pages": ["--events", "2000", "--creators", "120", "--days", "40", "--looks", "2"],
    "replay": ["--orders", "300", "--creators", "3"],
}
REPEATS = {"rollups": {"ROUNDS": 1, "BATCH": 100}}
OTHERS = {"redirect", "ship_clicks", "hot_link", "discovery", "honesty"}


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
    for constant, number in REPEATS.get(name, {}).items():
        monkeypatch.setattr(benchmark, constant, number)
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
    lines = run("ship_clicks", "--clicks", "60", "--rounds", "1")
    assert [line.split("|")[1].strip() for line in lines[4:]] == ["even", "one hot link", "all bots"]


@pytest.mark.services
def test_hot_link_measures_in_a_database_of_its_own() -> None:
    lines = run("hot_link", "--clicks", "200", "--counted", "60", "--rounds", "1")
    assert [line.split("|")[2].strip() for line in lines[4:]] == ["60", "200"]


def test_honesty_measures_without_a_database(
    importable: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["honesty", "--worlds", "1"])
    import_module("honesty").main()
    assert len(capsys.readouterr().out.splitlines()) == 8


@pytest.mark.services
def test_discovery_measures_in_a_database_of_its_own() -> None:
    assert any("p95" in line for line in run("discovery", "--creators", "300"))


def run(name: str, *arguments: str) -> list[str]:
    """What a benchmark prints that makes a database beside the tests' own."""
    env = {"DATABASE_URL": make.database_url(), "REDIS_URL": settings.REDIS_URL, "PATH": os.environ["PATH"]}
    script = [sys.executable, FOLDER / f"{name}.py", *arguments]
    return subprocess.run(script, env=env, capture_output=True, text=True, check=True).stdout.splitlines()
