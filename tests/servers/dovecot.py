"""A real Dovecot 2.3 on free loopback ports: IMAP (plain and STARTTLS), IMAPS, LMTP. Any user name gets a mailbox.

It runs as the user who runs the tests, or as `nobody` when that is root. Stopping takes 2.5 s: one for the whole run.
"""

from __future__ import annotations

import grp
import itertools
import os
import pwd
import shutil
import smtplib
import subprocess
import tempfile
from pathlib import Path

from tests.servers.certificate import Certificate, make_certificate
from tests.servers.ports import await_port, fast_disk, free_port
from tests.servers.tokens import Tokens

PASSWORD = "s3cret-of-the-studio"
TEMPLATE = """
protocols = imap lmtp
listen = 127.0.0.1
base_dir = {root}/run
state_dir = {root}/state
log_path = {root}/log
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
ssl = yes
ssl_cert = <{cert.cert}
ssl_key = <{cert.key}
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2 oauthbearer
mail_uid = {user}
mail_gid = {group}
first_valid_uid = 1
mail_location = sdbox:~/mail
mail_fsync = never
mail_max_userip_connections = 200
mailbox_list_index = yes
auth_failure_delay = 0
recipient_delimiter = +
lmtp_save_to_detail_mailbox = no
namespace inbox {{
  inbox = yes
  separator = /
  mailbox "Gesendete Objekte" {{
    auto = create
    special_use = \\Sent
  }}
}}
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {root}/oauth2.conf
}}
passdb {{
  driver = static
  mechanisms = plain login
  args = password={password}
}}
userdb {{
  driver = passwd-file
  args = {root}/dotted
  result_failure = continue
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={root}/home/%u allow_all_users=yes
}}
service imap-login {{
  chroot =
  service_count = 0
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
service imap {{
  service_count = 1000
}}
service lmtp {{
  service_count = 1000
  inet_listener lmtp {{
    port = {lmtp}
  }}
}}
"""


def program() -> str | None:
    """Where the dovecot program is; None when it is nowhere."""
    return shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


class Dovecot:
    """A running Dovecot: ports `imap`, `imaps`, `lmtp`; its `certificate` is for the name localhost.

    All users have the same `password`, or any token that `tokens.users` gives them (XOAUTH2, OAUTHBEARER).
    """

    password = PASSWORD

    def __init__(self, executable: str) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="dovecot-", dir=fast_disk()))  # short: socket paths end at 108 bytes
        self.imap, self.imaps, self.lmtp = free_port(), free_port(), free_port()
        self.certificate: Certificate = make_certificate(self.root / "tls", "DNS:localhost")
        self.tokens = Tokens()
        self._count = itertools.count(1)
        account = pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
        self._write_config(account)
        self._process = self._start(executable, account)
        for port in (self.imap, self.imaps, self.lmtp):
            await_port(port)

    def _write_config(self, account: pwd.struct_passwd) -> None:
        fields = "userdb_namespace/inbox/separator=. userdb_namespace/inbox/prefix=INBOX."
        dotted = [f"dotted{n}@studio.example" for n in range(1, 100)]  # Dovecot looks for changes once a second only
        (self.root / "dotted").write_text("".join(f"{n}:::::{self.root}/home/{n}::{fields}\n" for n in dotted))
        text = TEMPLATE.format(
            root=self.root,
            user=account.pw_name,
            group=grp.getgrgid(account.pw_gid).gr_name,
            cert=self.certificate,
            password=PASSWORD,
            imap=self.imap,
            imaps=self.imaps,
            lmtp=self.lmtp,
        )
        (self.root / "dovecot.conf").write_text(text)
        asking = f"introspection_mode = get\nintrospection_url = http://127.0.0.1:{self.tokens.port}/?token=\n"
        (self.root / "oauth2.conf").write_text(f"{asking}username_attribute = username\n")
        for path in (self.root, *self.root.rglob("*")):
            if os.getuid() == 0:
                os.chown(path, account.pw_uid, account.pw_gid)

    def _start(self, executable: str, account: pwd.struct_passwd) -> subprocess.Popen[bytes]:
        command = [executable, "-F", "-c", str(self.root / "dovecot.conf")]
        if os.getuid() == 0:
            return subprocess.Popen(command, user=account.pw_uid, group=account.pw_gid, extra_groups=[])
        return subprocess.Popen(command)

    def stop(self) -> None:
        """End it and remove its mailboxes."""
        self.tokens.stop()
        self._process.terminate()
        self._process.wait(timeout=15)
        shutil.rmtree(self.root, ignore_errors=True)

    def new_user(self, *, dotted: bool = False) -> str:
        """A name that nobody has used in this run. `dotted`: folders are INBOX.a.b instead of a/b."""
        return f"{'dotted' if dotted else 'user'}{next(self._count)}@studio.example"

    def deliver(self, user: str, data: bytes) -> None:
        """Put a mail into the user's INBOX, as a border server would: by LMTP."""
        with smtplib.LMTP("127.0.0.1", self.lmtp) as lmtp:
            lmtp.sendmail("someone@client.example", [user], data)
