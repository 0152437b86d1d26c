"""The world: IMAP, SMTP, the store, the archive. Only here is I/O done; what a server does wrong becomes an error of ours."""
