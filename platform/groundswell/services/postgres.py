"""PostgreSQL as a child process: private files, a unix socket only, never somebody else's process."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg

from groundswell.services.children import Child
from groundswell.services.folder import DataFolder
from groundswell.services.programs import Programs
from groundswell.services.supervisor import Failed

NAME = "groundswell"
PATIENCE = 15.0


@dataclass
class Postgres:
    """A cluster in the data folder, one folder for each major version."""

    programs: Programs
    folder: DataFolder
    durable: bool = True

    def __post_init__(self) -> None:
        self.files = self.folder.database_home() / f"postgresql-{self.programs.version}"
        self.run = self.folder.run_folder()

    @property
    def url(self) -> str:
        return f"postgresql://{NAME}@/{NAME}?host={self.run}"

    def child(self) -> Child:
        """The server, ready to be started. Makes the cluster on the first call."""
        if not self.files.exists():
            self.initialise()
        clear_stale_pid(self.files)
        options = ["listen_addresses=", "unix_socket_permissions=0700", "timezone=UTC", "log_timezone=UTC", "jit=off"]
        if not self.durable:
            options += ["fsync=off", "full_page_writes=off", "synchronous_commit=off"]
        return Child(
            "PostgreSQL",
            [str(self.programs.folder / "postgres"), "-D", str(self.files), "-k", str(self.run), "-h", ""]
            + [word for option in options for word in ("-c", option)],
            env=self.environment(),
            folder=self.files,
            log=self.folder.log("postgresql"),
            account=self.folder.account,
            stop_signals=(signal.SIGINT, signal.SIGQUIT),
            death_signal=signal.SIGINT,
            keep_open=(self.folder.leftovers,),
        )

    def environment(self) -> dict[str, str]:
        """Nothing of ours: a PGDATA or PGPORT of the caller must not reach the server."""
        return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", "TZ": "UTC"}

    def initialise(self) -> None:
        """Make the cluster under another name first, so that an interrupted attempt leaves nothing half done."""
        fresh = self.files.with_name(f"{self.files.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        self.folder.own_folder(fresh)
        for locale in self.locales():
            run = self.initdb(fresh, locale)
            if run.returncode == 0:
                fresh.rename(self.files)
                return
        raise Failed(f"initdb failed:\n{run.stdout}{run.stderr}")

    def locales(self) -> list[list[str]]:
        if self.programs.version >= 17:
            return [["--locale-provider=builtin", "--locale=C.UTF-8"]]
        return [["--locale=C.UTF-8"], ["--locale=C"]]

    def initdb(self, files: Path, locale: list[str]) -> subprocess.CompletedProcess[str]:
        account = self.folder.account
        who = {"user": account.uid, "group": account.gid, "extra_groups": []} if account else {}
        return subprocess.run(  # type: ignore[call-overload,no-any-return]  # noqa: S603
            [self.programs.folder / "initdb", "-D", files, "-U", NAME, "-E", "UTF8", "-A", "trust", "--no-instructions"]
            + ([] if self.durable else ["--no-sync"])
            + locale,
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            env=self.environment(),
            **who,
        )

    def ready(self) -> bool:
        """Whether the server takes connections; makes our database when it is missing."""
        try:
            with psycopg.connect(dbname="postgres", user=NAME, host=str(self.run), autocommit=True) as connection:
                exists = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone()
                if not exists:
                    connection.execute(f'CREATE DATABASE "{NAME}"')
        except psycopg.OperationalError:
            return False
        return True


def clear_stale_pid(files: Path) -> None:
    """Remove a postmaster.pid whose number now belongs to somebody else, once nobody uses the cluster.

    PostgreSQL would take any live process of that number for its own and refuse to start. No signal is sent:
    a process counts as ours only by working inside the cluster's folder.
    """
    deadline = time.monotonic() + PATIENCE
    while users := processes_inside(files):
        if time.monotonic() > deadline:
            raise Failed(f"The database in {files} is still in use by process {', '.join(map(str, users))}.")
        time.sleep(0.05)
    if Path("/proc/self/cwd").exists():
        (files / "postmaster.pid").unlink(missing_ok=True)


def processes_inside(folder: Path) -> list[int]:
    """Ids of the processes whose working directory is `folder`, as far as we may see."""
    found = []
    for link in Path("/proc").glob("[0-9]*/cwd"):
        try:
            inside = link.readlink() == folder
        except OSError:
            continue
        if inside:
            found.append(int(link.parent.name))
    return found
