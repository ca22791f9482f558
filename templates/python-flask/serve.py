"""Serves the live app with Werkzeug's threaded server, which comes with Flask. Asked to end, it finishes what it is answering."""

import os
import signal
import threading

from werkzeug.serving import make_server

from app import app

host = os.environ.get("HOST", "127.0.0.1")
server = make_server(host, int(os.environ.get("PORT", "3000")), app, threaded=True)
# Threads that are answering are waited for when the server closes.
server.daemon_threads = False


def stop(_signal, _frame):
    # From another thread, because it waits for the loop that is interrupted here.
    threading.Thread(target=server.shutdown).start()


signal.signal(signal.SIGTERM, stop)
signal.signal(signal.SIGINT, stop)
print(f"Listening on http://{host}:{server.port}/", flush=True)
server.serve_forever()
