"""Real servers for the tests, each started once and stopped at the end: Dovecot, pymap, a certificate, a faulty proxy."""
