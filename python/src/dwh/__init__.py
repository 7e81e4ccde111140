"""An embedded Amazon Redshift: a server process with a temporary warehouse."""

from dwh.server import Server, StartError

__all__ = ["Server", "StartError"]
