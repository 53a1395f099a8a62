"""A throw-away authority, a certificate that it signed, and one that has run out: by openssl."""

import subprocess
from pathlib import Path

AUTHORITY = """
[ca]
default_ca = authority
[authority]
database = {folder}/index.txt
new_certs_dir = {folder}
serial = {folder}/serial
default_md = sha256
policy = anything
copy_extensions = copy
[anything]
commonName = supplied
"""


def openssl(*arguments: str) -> None:
    """Run it; what it says is shown if it fails."""
    done = subprocess.run(["openssl", *arguments], check=False, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"openssl {' '.join(arguments)}: {done.stderr}")


def make(folder: Path) -> None:
    """Make ``ca.pem``, ``good.pem`` and ``expired.pem`` with their key ``key.pem``."""
    folder.mkdir(mode=0o700)
    (folder / "index.txt").touch()
    (folder / "serial").write_text("01\n")
    (folder / "ca.conf").write_text(AUTHORITY.format(folder=folder))
    new = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    openssl(
        "req", "-x509", *new, "-subj", "/CN=Chaos CA", "-days", "2",
        "-keyout", f"{folder}/ca.key", "-out", f"{folder}/ca.pem",
    )  # fmt: skip
    openssl(
        "req", *new, "-subj", "/CN=chaos", "-addext", "subjectAltName=IP:127.0.0.1",
        "-keyout", f"{folder}/key.pem", "-out", f"{folder}/server.csr",
    )  # fmt: skip
    for name, first, last in (
        ("good", "20240101000000Z", "21240101000000Z"),
        ("expired", "20240101000000Z", "20240201000000Z"),
    ):
        openssl(
            "ca", "-batch", "-notext", "-config", f"{folder}/ca.conf",
            "-cert", f"{folder}/ca.pem", "-keyfile", f"{folder}/ca.key",
            "-in", f"{folder}/server.csr", "-startdate", first, "-enddate", last,
            "-out", f"{folder}/{name}.pem",
        )  # fmt: skip
        (folder / "index.txt").write_text("")  # the same subject again
