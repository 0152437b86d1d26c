"""The world: IMAP, SMTP, the store and the archive. All I/O is done here, and nothing here decides anything."""
