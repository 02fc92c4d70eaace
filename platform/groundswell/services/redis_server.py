"""Redis as a child process: append-only file, a unix socket for its owner only, no port."""

from __future__ import annotations

import signal
from dataclasses import dataclass

import redis

from groundswell.services.children import Child
from groundswell.services.folder import DataFolder
from groundswell.services.programs import Programs


@dataclass
class RedisServer:
    """Keeps a folder for each major version, whose files others cannot read."""

    programs: Programs
    folder: DataFolder

    def __post_init__(self) -> None:
        self.socket = self.folder.run_folder() / "redis.sock"
        self.files = self.folder.path / f"redis-{self.programs.version}"

    @property
    def url(self) -> str:
        return f"unix://{self.socket}?db=0"

    def child(self) -> Child:
        self.files.mkdir(mode=0o700, exist_ok=True)
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.files),
            "appendonly": "yes",
            "save": "",
            "daemonize": "no",
        }
        return Child(
            "Redis",
            [str(self.programs.folder / "redis-server")] + [w for k, v in options.items() for w in (f"--{k}", v)],
            folder=self.files,
            log=self.folder.log("redis"),
            stop_signals=(signal.SIGTERM,),
            death_signal=signal.SIGTERM,
            keep_open=(self.folder.leftovers,),
        )

    def ready(self) -> bool:
        client = redis.Redis(unix_socket_path=str(self.socket), socket_timeout=1)
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
        finally:
            client.close()
