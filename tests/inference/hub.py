"""A server on this machine that speaks the hub's protocol, for the tests of downloads."""

from __future__ import annotations

import hashlib
import http.server
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

COMMIT = "0123456789abcdef0123456789abcdef01234567"
_BLOCK_BYTES = 1 << 16


@dataclass
class Hub:
    """What the server has and what it was asked for."""

    files: dict[str, bytes]
    requests: list[tuple[str, str, str]] = field(default_factory=list)
    spoil: str = ""
    """A file whose bytes arrive wrong."""
    hang_up_after: int = 0
    """Close the connection after that many bytes of a body, once."""
    status: int = 0
    pause_s: float = 0.0
    """How long it waits after each block of 64 KiB: a slow line."""
    address: str = ""


class Handler(http.server.BaseHTTPRequestHandler):
    """HEAD and GET of /owner/name/resolve/<revision>/<file>, with ranges and the hub's headers."""

    hub: Hub
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self._answer(has_body=False)

    def do_GET(self) -> None:
        self._answer(has_body=True)

    def log_message(self, *_: object) -> None:
        pass

    def _answer(self, *, has_body: bool) -> None:
        hub, name = self.hub, self.path.split("/resolve/", 1)[-1].split("/", 1)[-1]
        hub.requests.append((self.command, self.path, self.headers.get("Range", "")))
        body = hub.files.get(name)
        if hub.status or body is None:
            self.send_response(hub.status or 404)
            if hub.status == 403:
                self.send_header("X-Error-Code", "GatedRepo")
            elif body is None:
                self.send_header("X-Error-Code", "EntryNotFound")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        is_large = name.endswith(".onnx")
        blob = b"blob %d\0" % len(body) + body
        etag = hashlib.sha256(body).hexdigest() if is_large else hashlib.sha1(blob).hexdigest()
        if name == hub.spoil:
            body = body[:-1] + bytes([body[-1] ^ 1])
        start = 0
        wanted = self.headers.get("Range", "")
        if wanted.startswith("bytes=") and has_body:
            start = int(wanted[6:].split("-")[0])
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        else:
            self.send_response(200)
        self.send_header("Content-Length", str(len(body) - start))
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("ETag", f'"{etag}"')
        self.send_header("X-Repo-Commit", COMMIT)
        if is_large:
            self.send_header("X-Linked-Etag", f'"{etag}"')
            self.send_header("X-Linked-Size", str(len(body)))
        self.end_headers()
        if not has_body:
            return
        if 0 < hub.hang_up_after < len(body) - start:
            self.wfile.write(body[start : start + hub.hang_up_after])
            hub.hang_up_after = 0
            self.close_connection = True
            return
        for at in range(start, len(body), _BLOCK_BYTES):
            try:
                self.wfile.write(body[at : at + _BLOCK_BYTES])
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True
                return
            if hub.pause_s:
                time.sleep(hub.pause_s)


class _Server(http.server.ThreadingHTTPServer):
    """Does not complain of a client that is gone."""

    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        pass


@contextmanager
def serving(files: dict[str, bytes]) -> Iterator[Hub]:
    """A hub that has these files, at `address`, for as long as it is needed."""
    found = Hub(files)
    server = _Server(("127.0.0.1", 0), type("Bound", (Handler,), {"hub": found}))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    found.address = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
