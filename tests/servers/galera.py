"""A Galera cluster of the tests' own: MariaDB servers that all can be written to.

Invariant: it has three nodes, as a cluster must that goes on without one of them; each has the rows of the others
when it is ready.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.servers.mariadb import MariaDBServer
from tests.servers.programs import folder, found, free_port

__all__ = ["NO_CLUSTER", "new_cluster"]

NO_CLUSTER = "no Galera: install galera-4 and rsync beside MariaDB's server"

_NODES = 3

_LIBRARIES = (
    "/usr/lib/galera/libgalera_smm.so",
    "/usr/lib/libgalera_smm.so",
    "/usr/lib64/galera-4/libgalera_smm.so",
)


def _options(library: Path, port: int, cluster: str) -> list[str]:
    own = f"gmcast.listen_addr=tcp://127.0.0.1:{port};ist.recv_addr=127.0.0.1:{free_port()};gcache.size=4M"
    return [
        "--wsrep-on=ON",
        f"--wsrep-provider={library}",
        f"--wsrep-cluster-address=gcomm://{cluster}",
        f"--wsrep-node-address=127.0.0.1:{port}",
        f"--wsrep-provider-options={own}",
        "--wsrep-sst-method=rsync",
        f"--wsrep-sst-receive-address=127.0.0.1:{free_port()}",
        "--binlog-format=ROW",
        "--innodb-autoinc-lock-mode=2",
    ]


@contextmanager
def new_cluster() -> Iterator[list[MariaDBServer] | None]:
    """The nodes of a running cluster, which is ended at the end; None where its programs are missing."""
    libraries = [Path(path) for path in _LIBRARIES if Path(path).exists()]
    program = found("mariadbd")
    if program is None or not libraries or found("rsync") is None:
        yield None
        return
    with ExitStack() as stack:
        nodes: list[MariaDBServer] = []
        others = ""
        try:
            for _ in range(_NODES):
                home = stack.enter_context(folder())
                # Ports are looked for right before they are used, so that nobody else takes them meanwhile.
                node, port = MariaDBServer(program, home), free_port()
                node.options = _options(libraries[0], port, others)
                if others:
                    # It is given all files by the first.
                    node.create_empty()
                else:
                    node.create()
                    others = f"127.0.0.1:{port}"
                nodes.append(node)
                node.start()
            yield nodes
        finally:
            for node in reversed(nodes):
                node.kill()
