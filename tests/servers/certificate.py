"""A certificate authority for one test run and a server certificate of it, made with the openssl command."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


@dataclass(frozen=True, slots=True)
class Certificate:
    """Paths of the authority's certificate (`ca`), the server's certificate and its key, all PEM."""

    ca: Path
    cert: Path
    key: Path


def make_certificate(folder: Path, names: str = "DNS:localhost,IP:127.0.0.1") -> Certificate:
    """An authority and a server certificate for `names` (a subjectAltName) in `folder`, good for two days."""
    folder.mkdir(parents=True, exist_ok=True)
    made = Certificate(folder / "ca.pem", folder / "cert.pem", folder / "key.pem")
    ca_key, request, extensions = folder / "ca.key", folder / "cert.csr", folder / "ext.cnf"
    extensions.write_text(f"subjectAltName={names}\nbasicConstraints=CA:FALSE\n")
    _openssl("req", "-x509", *KEY, "-subj", "/CN=mailbot tests", "-days", "2", "-keyout", ca_key, "-out", made.ca)
    _openssl("req", *KEY, "-subj", "/CN=server", "-keyout", made.key, "-out", request)
    signing = ("-CA", made.ca, "-CAkey", ca_key, "-CAcreateserial", "-days", "2", "-extfile", extensions)
    _openssl("x509", "-req", "-in", request, *signing, "-out", made.cert)
    made.key.chmod(0o644)  # Dovecot reads it as another user; it protects nothing
    return made


def _openssl(*words: object) -> None:
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True)
