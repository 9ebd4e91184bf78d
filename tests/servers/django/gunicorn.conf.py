"""gunicorn as a team would run it, on loopback, for as long as the test that started it keeps its end of stdin open."""

import json
import os
import signal
import sys
import threading

wsgi_app = "accounts.wsgi"
bind = "127.0.0.1:0"
# One process: what views remember in memory is then one record. Threads, so that a slow request holds up no other.
workers = 1
worker_class = "gthread"
threads = 8
# Longer than any test: an idle connection that the server closes can break a request just being sent on it.
keepalive = 75
graceful_timeout = 0
loglevel = "warning"
control_socket_disable = True
# "drop" is gunicorn's own default. "dangerous" makes X_Auth_Subject and X-Auth-Subject one name, as many servers do.
header_map = os.environ.get("HEADER_MAP", "drop")


def on_starting(server):
    """Before the worker exists: the tables and the users."""
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "accounts.settings")
    import django

    django.setup()
    from accounts.seed import seed

    seed()


def when_ready(server):
    """Says where it listens, in one line of JSON, and ends when whoever started it is gone."""
    print(json.dumps({"port": server.LISTENERS[0].sock.getsockname()[1]}), flush=True)

    def end_with_stdin():
        sys.stdin.buffer.read()
        os.kill(os.getpid(), signal.SIGQUIT)

    threading.Thread(target=end_with_stdin, daemon=True).start()
