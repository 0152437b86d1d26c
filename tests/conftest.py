"""The real servers, for every test that asks for them by name."""

from tests.servers.accounts import account, dove
from tests.servers.fixtures import dovecot, pymap_server

__all__ = ["account", "dove", "dovecot", "pymap_server"]
