"""gunicorn on loopback, for as long as start.mjs keeps its end of stdin open."""

import json
import os
import signal
import sys
import threading
from pathlib import Path

PROJECT = os.environ["PROJECT"]

wsgi_app = "base:application()"
bind = f"127.0.0.1:{os.environ.get('PORT', '0')}"
workers = 1
worker_class = "gthread"
threads = 8
# Longer than the gateway keeps an idle connection: one that the server closes can break a request that is just being sent.
keepalive = 75
graceful_timeout = 0
loglevel = "warning"
control_socket_disable = True
# The gateway removes SCRIPT_NAME and PATH_INFO from what clients send. gunicorn need not read them from anyone.
forwarder_headers = ""


def on_starting(server):
    """Before the worker exists: the tables, and the people of the example."""
    sys.path.insert(0, str(Path(__file__).parent))
    import base  # noqa: PLC0415 (needs the path)

    base.prepare()


def when_ready(server):
    """Says where it listens, in one line of JSON, and ends when the process that started it is gone."""
    print(json.dumps({"port": server.LISTENERS[0].sock.getsockname()[1]}), flush=True)

    def end_with_stdin():
        # Not through sys.stdin, whose lock would be held when Python ends.
        while os.read(0, 1):
            pass
        os.kill(os.getpid(), signal.SIGQUIT)

    threading.Thread(target=end_with_stdin, daemon=True).start()
