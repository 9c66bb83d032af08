"""HTTP/2 where the server offers it, HTTP/1.1 where it does not."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from typing import TYPE_CHECKING

import pytest

import gcrec

if TYPE_CHECKING:
    from certificates import Authority
    from faces import Face


@pytest.mark.parametrize(
    ("offered", "chosen"), [(["h2", "http/1.1"], "h2"), (["http/1.1"], "http/1.1")], ids=["offered", "not offered"]
)
def test_the_server_decides(face: Face, authority: Authority, offered: list[str], chosen: str) -> None:
    """The first bytes tell: HTTP/2 begins with a preface of its own. (The simulator's TLS tests go on from there.)"""
    context = authority.context("127.0.0.1")
    context.set_alpn_protocols(offered)
    heard: list[tuple[str | None, bytes]] = []

    def serve(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with context.wrap_socket(connection, server_side=True) as stream, contextlib.suppress(ssl.SSLError):
            heard.append((stream.selected_alpn_protocol(), stream.recv(16)))

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        url = f"https://127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(gcrec.TransportError):  # the server says goodbye without an answer
            face.run("status", url, ca_bundle=authority.pem, max_retries=0)
        thread.join()
    [(protocol, start)] = heard
    assert (protocol, start.startswith(b"PRI * HTTP/2.0")) == (chosen, chosen == "h2")
