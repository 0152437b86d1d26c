"""Gets the servers and tools that the tests use, those of tests/tools too; says in a line each what it could not get.

As root (or with sudo that asks nothing) by apt, without starting any service. Otherwise nothing is installed, and the
tests that need what is missing skip and say so; with CI set they fail, and so does this script.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

POLICY = Path("/usr/sbin/policy-rc.d")  # asked by package scripts before they start a service; 101: do not
TOOLS = Path(__file__).parents[1] / "tools"
NEEDED = {  # program: (packages, what the tests do with it)
    "dovecot": (("dovecot-core", "dovecot-imapd", "dovecot-lmtpd"), "IMAP and LMTP against a real server"),
    "smtp-sink": (("postfix",), "SMTP load and faults"),
    "chromium": (("chromium",), "pictures of HTML mails"),
    "npm": (("nodejs", "npm"), "axe-core and html-validate, which judge HTML mails"),
}
OTHER_NAMES = {"chromium": ("chromium-browser", "google-chrome")}


def missing() -> list[str]:
    """The needed programs that are not on this machine."""
    path = os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin"
    return [p for p in NEEDED if not any(shutil.which(name, path=path) for name in (p, *OTHER_NAMES.get(p, ())))]


def as_root() -> list[str] | None:
    """The words to put before a command so that it runs as root; None when that cannot be had without asking."""
    if os.getuid() == 0:
        return []
    if shutil.which("sudo") and subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode == 0:
        return ["sudo", "-n"]
    return None


@contextmanager
def no_services(root: list[str]) -> Iterator[None]:
    """Deny package scripts to start what they install; a policy that is there already is left alone."""
    if POLICY.exists():
        yield
        return
    text = b"#!/bin/sh\nexit 101\n"
    subprocess.run([*root, "tee", str(POLICY)], input=text, stdout=subprocess.DEVNULL, check=True)
    subprocess.run([*root, "chmod", "755", str(POLICY)], check=True)
    try:
        yield
    finally:
        subprocess.run([*root, "rm", "-f", str(POLICY)], check=True)


def install(root: list[str], programs: list[str]) -> None:
    """Ask apt for the packages, one program after the other, so that one that fails takes no other with it."""
    apt = [*root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-o", "DPkg::Lock::Timeout=120"]
    subprocess.run([*apt, "update"], capture_output=True)
    for program in programs:
        packages, _ = NEEDED[program]
        subprocess.run([*apt, "install", "-y", "--no-install-recommends", *packages], capture_output=True)


def judges() -> bool:
    """Install what tests/tools/package-lock.json names, by its hashes and without running any of its scripts, unless
    that is there already. Whether it is."""
    done = TOOLS / "node_modules" / ".package-lock.json"
    if not done.exists() or done.stat().st_mtime < (TOOLS / "package-lock.json").stat().st_mtime:
        npm = shutil.which("npm")
        command = [npm or "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(TOOLS)]
        return bool(npm) and subprocess.run(command, capture_output=True).returncode == 0
    return True


def main() -> int:
    """Install what is missing, report what still is. 1 when something is missing and CI is set, else 0."""
    wanted = missing()
    root = as_root() if wanted and shutil.which("apt-get") else None
    if wanted and root is not None:
        with no_services(root):
            install(root, wanted)
    still = missing()
    for program in still:
        packages, use = NEEDED[program]
        print(f"not available: {program} ({use}) -> apt-get install {' '.join(packages)}")
    if not (judged := judges()):
        print("not available: axe-core and html-validate -> npm ci --ignore-scripts --prefix tests/tools")
    return 1 if (still or not judged) and os.environ.get("CI") else 0


if __name__ == "__main__":
    sys.exit(main())
