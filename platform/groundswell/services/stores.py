"""PostgreSQL and Redis together: the ones that the environment names, else our own children."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from groundswell.services.folder import DataFolder
from groundswell.services.postgres import Postgres
from groundswell.services.programs import postgres_programs, redis_programs
from groundswell.services.redis_server import RedisServer
from groundswell.services.supervisor import Supervisor


@dataclass
class Stores:
    """The addresses of both stores and a line on each for the start message."""

    addresses: dict[str, str]
    origin: list[str] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        """The caller's with the addresses. manage.py's own choice of settings is not handed on: tests have theirs."""
        inherited = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
        return {**inherited, **self.addresses}


def start_stores(supervisor: Supervisor, folder: DataFolder, *, durable: bool = True) -> Stores:
    """Start what the environment does not name and wait until both answer."""
    stores = Stores({})
    servers = [server for server in (postgres(folder, stores, durable), redis(folder, stores)) if server]
    group = supervisor.group(seconds=3)
    children = [supervisor.start(group, server.child()) for server in servers]
    for server, child in zip(servers, children, strict=True):
        supervisor.wait_until(server.ready, child.name, seconds=60, child=child)
    return stores


def postgres(folder: DataFolder, stores: Stores, durable: bool) -> Postgres | None:
    given = os.environ.get("DATABASE_URL")
    if given:
        stores.addresses["DATABASE_URL"] = given
        stores.origin.append("PostgreSQL: as DATABASE_URL says")
        return None
    programs = postgres_programs(folder)
    server = Postgres(programs, folder, durable)
    stores.addresses["DATABASE_URL"] = server.url
    stores.origin.append(f"PostgreSQL {programs.text} ({programs.where}) in {server.files}")
    return server


def redis(folder: DataFolder, stores: Stores) -> RedisServer | None:
    given = os.environ.get("REDIS_URL")
    if given:
        stores.addresses["REDIS_URL"] = given
        stores.origin.append("Redis: as REDIS_URL says")
        return None
    programs = redis_programs()
    server = RedisServer(programs, folder)
    stores.addresses["REDIS_URL"] = server.url
    stores.origin.append(f"Redis {programs.text} ({programs.where}) in {server.files}")
    return server
