"""Real servers for the tests, each started once a run: Dovecot, pymap; and what goes with them."""
