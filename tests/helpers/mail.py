"""A mail server on loopback that accepts mails with or without STARTTLS and keeps them."""

from __future__ import annotations

import base64
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path


@dataclass
class Post:
    """A running server: accepted `mails`, `logins` as (user, password), and `under_tls`, one flag per mail."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    logins: list[tuple[str, str]] = field(default_factory=list)
    under_tls: list[bool] = field(default_factory=list)


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(
        self, post: Post, context: ssl.SSLContext | None, refuses: str, *, is_tls_from_the_start: bool
    ) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.post, self.context, self.refuses = post, context, refuses
        self.is_tls_from_the_start = is_tls_from_the_start
        post.port = self.server_address[1]

    def handle_error(self, *_: object) -> None:
        """A client that does not trust the certificate hangs up; that is expected."""


class Handler(socketserver.StreamRequestHandler):
    timeout = 10
    server: Server

    def handle(self) -> None:
        self.is_tls, self.to = False, []
        if self.server.context and self.server.is_tls_from_the_start:
            self.wrap()
        self.say("220 simulated mail server")
        verb = ""
        while verb != "QUIT" and (line := self.rfile.readline().decode().strip()):
            verb = line.upper().partition(" ")[0].partition(":")[0]
            getattr(self, f"on_{verb.lower()}", self.on_anything)(line)

    def wrap(self) -> None:
        self.connection = self.server.context.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)
        self.is_tls = True

    def say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())

    def on_anything(self, _: str) -> None:
        self.say("250 ok")

    def on_ehlo(self, _: str) -> None:
        offers = "AUTH PLAIN" if self.is_tls or not self.server.context else "STARTTLS"
        self.say("250-simulated", f"250 {offers}")

    def on_starttls(self, _: str) -> None:
        self.say("220 go on")
        self.wrap()

    def on_auth(self, line: str) -> None:
        _, user, password = base64.b64decode(line.rsplit(maxsplit=1)[-1]).decode().split("\0")
        self.server.post.logins.append((user, password))
        self.say("235 welcome")

    def on_rcpt(self, line: str) -> None:
        self.to.append(line.partition("<")[2].rstrip(">"))
        self.say("250 ok")

    def on_data(self, _: str) -> None:
        if self.server.refuses:
            self.say(f"554 {self.server.refuses}")
            return
        self.say("354 go on")
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        post = self.server.post
        post.mails.append(message_from_bytes(b"".join(lines), policy=policy.default))
        post.recipients.append(self.to)
        post.under_tls.append(self.is_tls)
        self.say("250 taken")

    def on_quit(self, _: str) -> None:
        self.say("221 bye")


@contextmanager
def post_office(
    certificate: tuple[Path, Path] | None = None, *, is_tls_from_the_start: bool = False, refuses: str = ""
) -> Iterator[Post]:
    """A server; with a certificate it offers STARTTLS or uses TLS from the start. `refuses` is its reply to a mail."""
    post, context = Post(), None
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
    with Server(post, context, refuses, is_tls_from_the_start=is_tls_from_the_start) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield post
        server.shutdown()
        thread.join(5)
