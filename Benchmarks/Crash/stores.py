"""Where a case's tables lie, read by programs that share nothing with ours."""

import json
import os
import shutil
import socket
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

Row = tuple[Any, ...]


class Store(Protocol):
    """Tables of a folder."""

    settings: str
    """Of ``madang.yaml``, below ``store``; empty where they are the usual ones."""

    def ask(self, sql: str) -> tuple[list[str], list[Row]]:
        """Names of the columns, empty where there are no rows, and the rows."""


class SQLite:
    """The file in the folder, by Python's own sqlite3."""

    settings = ""

    def __init__(self, file: Path) -> None:
        """Name the file; it need not be there yet."""
        self._file = file

    def ask(self, sql: str) -> tuple[list[str], list[Row]]:
        """Ask the file."""
        place = f"file:{self._file}?mode=ro"
        with closing(sqlite3.connect(place, uri=True, timeout=5)) as file:
            rows = file.execute(sql)
            return [column[0] for column in rows.description], rows.fetchall()


class Schema:
    """A schema of a PostgreSQL server, by psql."""

    def __init__(self, server: "Postgres", name: str) -> None:
        """Connect; the host makes the schema."""
        self.settings = (
            f"postgres: {{ host: {server.folder}, port: {server.port}, schema: {name} }}"
        )
        self._name = name
        self._psql = subprocess.Popen(
            [
                "psql",
                "-X",
                "-A",
                "-t",
                "-q",
                "-v",
                "ON_ERROR_STOP=1",
                *server.words,
                "-d",
                "madang",
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "PGOPTIONS": f"-c search_path={name} -c client_min_messages=error"},
        )

    def ask(self, sql: str) -> tuple[list[str], list[Row]]:
        """Ask the server: one line of JSON comes back, with names as often as they stand there."""
        line = self._send(
            f"SELECT replace(coalesce(json_agg(t)::text, '[]'), E'\\n', '') FROM ({sql}) t;"
        )
        rows = json.loads(line, object_pairs_hook=list)
        names = [name for name, _ in rows[0]] if rows else []
        return names, [tuple(value for _, value in row) for row in rows]

    def _send(self, sql: str) -> str:
        assert self._psql.stdin and self._psql.stdout
        self._psql.stdin.write(sql.replace("\n", " ") + "\n")
        self._psql.stdin.flush()
        line = self._psql.stdout.readline()
        if not line.startswith("["):
            raise RuntimeError(f"psql: {line}{self._psql.communicate()[0]}")
        return line

    def close(self, is_kept: bool) -> None:
        """End the connection; the schema goes with it unless somebody wants to look at it."""
        if self._psql.poll() is None and not is_kept:
            self._send(f"DROP SCHEMA IF EXISTS {self._name} CASCADE; SELECT '[]';")
        self._psql.communicate()


class Postgres:
    """A server of our own for the life of a ``with``, in a folder that goes with it.

    A shell holds it and stops it when its standard input closes, however we end. It refuses root;
    ``fsync`` is off: the host is killed here, never the machine.
    """

    SCRIPT = """
        PATH="$PATH:/usr/lib/postgresql/15/bin"; cd /; as() { "$@"; }
        if [ "$(id -u)" = 0 ]; then
            chown postgres "$1" || exit 1
            as() { setpriv --reuid=postgres --regid=postgres --clear-groups env "PATH=$PATH" "$@"; }
        fi
        as initdb -D "$1/data" -U postgres --no-sync -E UTF8 --locale=C.UTF-8 -A trust >/dev/null &&
        as pg_ctl -w -s -D "$1/data" -l "$1/log" -o "-c listen_addresses='' -c port=$2 \\
            -c unix_socket_directories=$1 -c fsync=off -c max_connections=60" start \\
            </dev/null >/dev/null 2>&1 || { tail -n 5 "$1/log"; exit 1; }
        echo done; read -r _
        as pg_ctl -s -m immediate -D "$1/data" stop >/dev/null 2>&1
        rm -rf "$1"
        """

    def __init__(self) -> None:
        """Make and start it: some seconds."""
        self.folder = Path(tempfile.mkdtemp(prefix="madang-crash-postgres-", dir="/tmp"))
        self.folder.chmod(0o755)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.words = ["-h", str(self.folder), "-p", str(self.port), "-U", "postgres"]
        self._count = 0
        self._shell = subprocess.Popen(
            ["sh", "-c", self.SCRIPT, "sh", str(self.folder), str(self.port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        said = self._shell.stdout.readline() if self._shell.stdout else ""
        if said != "done\n":
            raise SystemExit(f"no PostgreSQL server starts: {said}{self._shell.communicate()[0]}")
        for sql in ("CREATE ROLE madang LOGIN", "CREATE DATABASE madang OWNER madang"):
            subprocess.run(["psql", "-X", "-q", *self.words, "-c", sql], check=True)

    def __enter__(self) -> Self:
        """Lend it."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        """End it."""
        self._shell.communicate()
        shutil.rmtree(self.folder, ignore_errors=True)

    @contextmanager
    def schema(self, name: str) -> Iterator[Schema]:
        """Lend a schema that goes afterwards."""
        schema = Schema(self, name)
        try:
            yield schema
        finally:
            schema.close(is_kept=False)
