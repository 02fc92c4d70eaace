"""`manage.py demo`: its contract for scripts, and that parts killed come back while the whole never lingers."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from pytest_django.fixtures import Settings

from groundswell.services import ports
from groundswell.services.demo import Demo, identity_of
from groundswell.services.folder import DataFolder
from groundswell.services.supervisor import Supervisor
from tests import factories as make
from tests.demos import ROOT, Running, running_demo, within

pytestmark = pytest.mark.services


def health(url: str) -> int:
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


@pytest.fixture(scope="module")
def demo() -> Iterator[Running]:
    with running_demo(ports.reserve(0).number) as running:
        yield running


def test_demo_announces_itself_as_scripts_expect(demo: Running) -> None:
    announced = demo.announced()
    assert announced["pid"] == demo.process.pid
    assert announced["url"] == f"http://127.0.0.1:{demo.port}"
    assert {"accounts", "creators", "api_keys", "links", "mail_url"} <= set(announced)
    assert health(announced["url"]) == 200
    with urllib.request.urlopen(announced["mail_url"], timeout=5) as answer:
        assert answer.status == 200
    assert demo.announcement.stat().st_mode & 0o777 == 0o600


def test_demo_runs_without_debugging_and_keeps_its_key_to_itself(demo: Running) -> None:
    worker = demo.processes("granian")[0]
    environment = Path(f"/proc/{worker}/environ").read_text().split("\0")
    assert "DEBUG=0" in environment
    assert (demo.folder / "secret-key").stat().st_mode & 0o777 == 0o600


def test_second_demo_on_the_same_folder_is_refused(demo: Running) -> None:
    command = [sys.executable, "manage.py", "demo", "--empty", "--data-dir", str(demo.folder)]
    second = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert second.returncode == 1
    assert "in use by another running Groundswell" in second.stderr
    assert demo.announced()["pid"] == demo.process.pid


@pytest.mark.parametrize("part", ["groundswell.celery worker", "granian"])
def test_killed_part_comes_back(demo: Running, part: str) -> None:
    before = [pid for pid in demo.processes(part) if pid != demo.process.pid]
    os.kill(before[0], signal.SIGKILL)
    assert within(
        30, lambda: not set(before[:1]) & set(demo.processes(part)) and len(demo.processes(part)) >= len(before)
    )
    assert within(30, lambda: health(f"http://127.0.0.1:{demo.port}") == 200)
    assert demo.process.poll() is None


def test_stores_killed_come_back(demo: Running) -> None:
    killed = [demo.processes(part)[0] for part in ("redis-server", "/bin/postgres")]
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    for part in ("redis-server", "/bin/postgres"):
        assert within(40, lambda part=part: set(demo.processes(part)) - set(killed))  # type: ignore[misc]
    assert within(40, lambda: health(f"http://127.0.0.1:{demo.port}") == 200)


def test_stopped_demo_leaves_nothing_running_and_starts_again(demo: Running) -> None:
    key = (demo.folder / "secret-key").read_text()
    began = time.monotonic()
    demo.process.terminate()
    assert demo.process.wait(timeout=15) == 0
    assert time.monotonic() - began < 10
    assert demo.processes() == []
    assert not demo.announcement.exists()
    assert health(demo.start()["url"]) == 200
    assert (demo.folder / "secret-key").read_text() == key


def test_killed_demo_takes_everything_along_and_starts_again(demo: Running) -> None:
    everything = demo.processes()
    assert len(everything) >= 8
    demo.process.kill()
    demo.process.wait()
    demo.announcement.unlink()
    announced = demo.start()
    assert not set(everything) & set(demo.processes())
    assert health(announced["url"]) == 200


def test_busy_port_gives_the_next_one_and_links_follow(tmp_path: Path) -> None:
    said: list[str] = []
    folder = DataFolder(tmp_path)
    busy = ports.reserve(0)
    with busy.promise:
        demo = Demo(Supervisor(said.append), folder, busy.number)
        demo.hold_ports()
        old = "http://127.0.0.1:1"
        demo.report = {"url": old, "creators": [{"email": "dana@creators.example", "portal_url": f"{old}/portal/x/"}]}
        demo.write_announcement()
    announced = json.loads(demo.announcement.read_text())
    assert said == [f"Port {busy.number} is in use; taking {demo.port('web')}."]
    assert announced["creators"][0]["portal_url"] == f"{announced['url']}/portal/x/"


@pytest.fixture
def demo_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Demo]:
    """A demo on a database of that identity, whose `load_demo` knows the people of the database "demo" alone."""

    def run(demo: Demo, *options: str) -> None:
        if demo.database == "demo":
            Path(options[2]).write_text(json.dumps({"accounts": ["nora"]}))

    def made(database: str, *, wanted: bool = True) -> Demo:
        demo = Demo(Supervisor(print), DataFolder(tmp_path), 8000, wanted=wanted)
        demo.database, demo.held = database, {"web": ports.reserve(0)}
        return demo

    monkeypatch.setattr(Demo, "run", run)
    return made


def test_a_report_of_another_database_is_not_used(demo_on: Callable[..., Demo]) -> None:
    assert demo_on("demo").fresh_report()["accounts"] == ["nora"]
    assert "accounts" not in demo_on("of somebody else").fresh_report()
    assert demo_on("demo", wanted=False).fresh_report() == {}
    assert demo_on("demo").fresh_report()["accounts"] == ["nora"]


def test_a_report_is_made_once_a_week(demo_on: Callable[..., Demo], monkeypatch: pytest.MonkeyPatch) -> None:
    demo = demo_on("demo")
    demo.fresh_report()
    demo.report_file.write_text(demo.report_file.read_text().replace("nora", "olga"))
    assert demo.fresh_report()["accounts"] == ["olga"]
    week_ago = time.time() - 7 * 24 * 3600 - 1
    os.utime(demo.report_file, (week_ago, week_ago))
    assert demo.fresh_report()["accounts"] == ["nora"]


@pytest.mark.parametrize(("built", "times"), [(None, 0), (-60, 0), (60, 1)])
def test_static_files_built_after_the_last_collection_are_collected(
    demo_on: Callable[..., Demo], tmp_path: Path, settings: Settings, built: float | None, times: int
) -> None:
    settings.STATIC_ROOT, settings.STATICFILES_DIRS = tmp_path / "collected", [tmp_path / "dist"]
    ran: list[str] = []
    demo = demo_on("demo")
    demo.run = lambda command, *_: ran.append(command)  # type: ignore[method-assign]
    demo.prepare_files()
    assert ran == ["collectstatic"]
    for file in (settings.STATIC_ROOT / "staticfiles.json", tmp_path / "dist" / "js" / "app.js"):
        file.parent.mkdir(parents=True)
        file.write_text("{}")
    if built is None:
        file.unlink()
    else:
        os.utime(file, (time.time() + built, time.time() + built))
    demo.prepare_files()
    assert ran == ["collectstatic"] * (1 + times)


def test_a_database_has_an_identity_of_its_own(db: None) -> None:
    with psycopg.connect(make.database_url()) as connection:
        one = identity_of(connection)
        assert re.fullmatch(r"\d+/\d+", one)
        with psycopg.connect(make.database_url(), dbname="template1") as other:
            assert identity_of(other) != one
