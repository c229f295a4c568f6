"""A model hub of the tests, which counts what it is asked."""

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

from huggingface_hub import constants, file_download, utils


class Hub:
    """What is known of a hub.

    Attributes:
        answers: whether it answers that a file is not there, or hangs up.
        paths: those of all requests.
    """

    def __init__(self, answers):
        self.answers, self.paths = answers, []

    @property
    def asked(self):
        """Number of requests for a file; the client may ask for more when it is first used."""
        return sum("/resolve/" in path for path in self.paths)


def go_online(monkeypatch):
    """Lets the hub's client ask, in one test; the tests switch that off."""
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    # before 1.0, a session keeps for good what the switch said when it was made
    getattr(utils, "reset_sessions", lambda: None)()


@contextmanager
def serving(monkeypatch, answers):
    """A hub in place of Hugging Face's, while the context lasts."""
    hub = Hub(answers)

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self):
            hub.paths.append(self.path)
            if hub.answers:
                self.send_response(404)
                self.send_header("X-Error-Code", "EntryNotFound")
                self.end_headers()
            self.close_connection = True

        def do_GET(self):
            self.do_HEAD()

        def log_message(self, *_):
            """Says nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        monkeypatch.setattr(constants, "ENDPOINT", address)
        template = address + "/{repo_id}/resolve/{revision}/{filename}"
        for module in (constants, file_download):  # before 1.0, the other has its own
            monkeypatch.setattr(module, "HUGGINGFACE_CO_URL_TEMPLATE", template, raising=False)
        yield hub
        server.shutdown()
