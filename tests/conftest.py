"""The real servers, for every test that asks for them by name."""

from tests.servers.fixtures import dovecot, pymap_server

__all__ = ["dovecot", "pymap_server"]
