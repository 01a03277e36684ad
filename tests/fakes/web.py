"""A plain web server on loopback over a folder, with ranges, as DuckDB reads files by HTTP."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit


@contextmanager
def serve(folder: Path) -> Iterator[str]:
    """The address of a server over a folder: `http://127.0.0.1:40123`."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            path = folder / unquote(urlsplit(self.path).path).lstrip("/")
            try:
                whole = path.read_bytes()
            except OSError:
                self._answer(HTTPStatus.NOT_FOUND, b"")
                return
            asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
            if not asked:
                self._answer(HTTPStatus.OK, whole)
                return
            first, last = int(asked[1]), min(int(asked[2] or len(whole)), len(whole) - 1)
            headers = {"Content-Range": f"bytes {first}-{last}/{len(whole)}"}
            self._answer(HTTPStatus.PARTIAL_CONTENT, whole[first : last + 1], headers)

        do_HEAD = do_GET  # noqa: N815 - the name is the server's

        def _answer(self, status: HTTPStatus, body: bytes, headers: dict[str, str] | None = None) -> None:
            self.send_response(status)
            for name, value in {"Accept-Ranges": "bytes", "Content-Length": str(len(body)), **(headers or {})}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
