"""The PostgreSQL wire protocol by hand, for what no driver lets one do: its messages, and a login with MD5 or trust."""

import hashlib
import socket
import struct

ANSWERS_WITHIN_SECONDS = 15


def text(value):
    return value.encode() + b"\0"


def message(tag, body=b""):
    return tag + struct.pack("!i", len(body) + 4) + body


def packet(body):
    return struct.pack("!i", len(body) + 4) + body


def startup(user, database):
    return packet(struct.pack("!i", 3 << 16) + text("user") + text(user) + text("database") + text(database) + b"\0")


def query(sql):
    return message(b"Q", text(sql))


def receive(sock, buffer):
    """The next message's tag and body; None at the end. `buffer` is a bytearray that keeps what came too early."""
    while len(buffer) < 5 or len(buffer) < 1 + struct.unpack("!i", buffer[1:5])[0]:
        data = sock.recv(65536)
        if not data:
            return None
        buffer += data
    end = 1 + struct.unpack("!i", buffer[1:5])[0]
    tag, body = bytes(buffer[:1]), bytes(buffer[5:end])
    del buffer[:end]
    return tag, body


def log_in(where):
    """A connection that is ready, and its buffer. `where` has host, port, user, database and password."""
    sock = socket.create_connection((where["host"], where["port"]), timeout=ANSWERS_WITHIN_SECONDS)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.sendall(startup(where["user"], where["database"]))
    buffer = bytearray()
    while True:
        got = receive(sock, buffer)
        if got is None:
            raise RuntimeError("the server closed the connection during the login")
        tag, body = got
        if tag == b"R" and body[:4] == struct.pack("!i", 5):
            inner = hashlib.md5((where["password"] + where["user"]).encode()).hexdigest().encode()
            sock.sendall(message(b"p", text("md5" + hashlib.md5(inner + body[4:8]).hexdigest())))
        elif tag == b"E":
            raise RuntimeError(f"the login failed: {body!r}")
        elif tag == b"Z":
            return sock, buffer
