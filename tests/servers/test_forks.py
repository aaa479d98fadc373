"""A process that is forked while another thread is in the middle of something."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.servers.kinds import Kind

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no fork on Windows")

IN_A_TRANSACTION = """
import os, signal, sys, threading, time
from contextvars import copy_context
from noormme import TransactionError, connect

url, sleep = sys.argv[1:]
db = connect(url)
with db.transaction():
    db.execute("SELECT 1")
    code = copy_context()
    thread = threading.Thread(target=code.run, args=(db.execute, sleep))
    thread.start()
    session = db._engine.session()
    while session.lock.acquire(blocking=False):
        session.lock.release()
        time.sleep(0.01)
    child = os.fork()
    if child == 0:
        signal.alarm(5)
        session.rollback()
        assert db.execute("SELECT 2") == [(2,)]
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    thread.join()
    assert db.execute("SELECT 3") == [(3,)]
sys.exit(code)
"""


def test_a_child_of_a_transaction_that_a_thread_is_in(kind: Kind, url: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", IN_A_TRANSACTION, url, kind.sleep.format(1)], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")


WHILE_IT_IS_OPENED = """
import os, signal, socket, sys, threading
from noormme import ConnectionFailed, connect

# A server that takes the connection and says nothing.
with socket.create_server(("127.0.0.1", 0)) as silent:
    port = silent.getsockname()[1]
    db = connect(f"{sys.argv[1]}://x@127.0.0.1:{port}/x?connect_timeout=60", lazy=True)

    def ask():
        try:
            db.tables
        except ConnectionFailed:
            pass

    threading.Thread(target=ask, daemon=True).start()
    kept = silent.accept()
# From here on, who asks is refused.
child = os.fork()
if child == 0:
    signal.alarm(5)
    try:
        db.tables
    except ConnectionFailed:
        os._exit(0)
    os._exit(1)
os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_a_child_of_a_process_that_is_opening_a_database(kind: Kind) -> None:
    scheme = kind.schemes[0]
    done = subprocess.run([sys.executable, "-c", WHILE_IT_IS_OPENED, scheme], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
