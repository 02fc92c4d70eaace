"""The data folder of one installation: its locks, its secret key, and its private place elsewhere when needed."""

from __future__ import annotations

import fcntl
import os
import pwd
import secrets
import stat
import subprocess
import time
from pathlib import Path

from groundswell.services.children import Account
from groundswell.services.supervisor import Failed

SOCKET_PATH_LIMIT = 100  # sun_path holds 108 bytes on Linux, 104 elsewhere
PRIVATE_PARENTS = (Path("/var/lib"), Path("/var/tmp"), Path("/tmp"))  # noqa: S108  # checked to be ours before use
PATIENCE = 15.0


class DataFolder:
    """Everything that one demo or one development setup keeps. Held by one supervisor at a time.

    `lock` is the supervisor's own: taken means that another one is running now. `leftovers` is inherited by every
    child: it is free only when the last process of an earlier, killed supervisor has gone. Both are flocks, which
    the kernel drops with the processes, so no stale file or process id can mislead.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.account = unprivileged_account()
        self.notes: list[str] = []

    def open(self) -> None:
        self.path.mkdir(parents=True, exist_ok=True)
        for name in ("logs", "media", "spool", "mail"):
            (self.path / name).mkdir(mode=0o700, exist_ok=True)
        self.lock = os.open(self.path / "supervisor.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self.leftovers = os.open(self.path / "children.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if not taken(self.lock):
            raise Failed(
                f"{self.path} is in use by another running Groundswell. Stop that one or choose another folder."
            )
        await_leftovers(self.leftovers, self.path)

    def close(self) -> None:
        os.close(self.leftovers)
        os.close(self.lock)

    def log(self, name: str) -> Path:
        return self.path / "logs" / f"{name}.log"

    def secret_key(self) -> str:
        """The installation's secret, made once and readable by its owner only."""
        path = self.path / "secret-key"
        if not path.exists():
            fresh = os.open(path.with_suffix(".new"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(fresh, "w") as stream:
                stream.write(secrets.token_urlsafe(48))
            path.with_suffix(".new").replace(path)
        return path.read_text()

    def database_home(self) -> Path:
        """A folder in which the database's account may make folders of its own."""
        return self.path if self.may_enter(self.path) else self.private_place()

    def run_folder(self) -> Path:
        """The folder of the sockets: private to us and short enough for a socket's address."""
        home = self.database_home() / "run"
        if len(str(home / ".s.PGSQL.5432.lock")) > SOCKET_PATH_LIMIT:
            home = self.private_place() / "run"
        return self.own_folder(home)

    def own_folder(self, path: Path) -> Path:
        """`path` as a folder that only the database's account (and root) may open."""
        path.mkdir(mode=0o700, exist_ok=True)
        if self.account:
            os.chown(path, self.account.uid, self.account.gid)
        path.chmod(0o700)
        return path

    def may_enter(self, path: Path) -> bool:
        return self.as_account(["/bin/sh", "-c", 'cd "$0"', str(path)])

    def as_account(self, command: list[str]) -> bool:
        """Whether a command succeeds for the account that runs the database."""
        who = {"user": self.account.uid, "group": self.account.gid, "extra_groups": []} if self.account else {}
        try:
            run = subprocess.run(command, capture_output=True, check=False, cwd="/", **who)  # type: ignore[call-overload]  # noqa: S603
        except OSError:
            return False
        return bool(run.returncode == 0)

    def private_place(self) -> Path:
        """A folder outside the data folder, remembered in it, which is ours alone to write."""
        pointer = self.path / "private-place"
        if pointer.exists() and (known := Path(pointer.read_text().strip())).is_dir():
            return checked(known)
        place = self.make_private_place()
        (place / "belongs-to").write_text(f"{self.path}\n")
        pointer.write_text(f"{place}\n")
        return place

    def make_private_place(self) -> Path:
        for parent in PRIVATE_PARENTS:
            place = parent / f"groundswell-{secrets.token_hex(4)}"
            try:
                place.mkdir(mode=0o711 if self.account else 0o700)
            except OSError:
                continue
            place.chmod(0o711 if self.account else 0o700)
            if self.may_enter(place):
                return place
            place.rmdir()
        raise Failed(f"Found no folder that the user {self.account.name if self.account else ''} may enter.")


def unprivileged_account() -> Account | None:
    """PostgreSQL refuses to run as root: then an existing `postgres`, else `nobody`. None for ordinary users."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise Failed("Running as root, but neither a user postgres nor nobody exists for the database to run as.")


def checked(place: Path) -> Path:
    """`place`, if nobody but us can have put anything there."""
    found = place.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
        raise Failed(f"{place} is not a folder of our own; remove it and start again.")
    return place


def taken(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def await_leftovers(lock: int, path: Path) -> None:
    """Wait for the last children of a killed supervisor to go; the kernel has told them to."""
    deadline = time.monotonic() + PATIENCE
    while not taken(lock):
        if time.monotonic() > deadline:
            raise Failed(f"Processes of an earlier run still use {path}; `fuser {path / 'children.lock'}` names them.")
        time.sleep(0.05)
