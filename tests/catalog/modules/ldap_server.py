"""A real slapd with a directory in it."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import ldap3
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.server import Unavailable, free_port, listens, start

SUFFIX = "dc=example,dc=com"
PEOPLE, TEAMS = f"ou=people,{SUFFIX}", f"ou=teams,{SUFFIX}"
ADMIN, READER = f"cn=admin,{SUFFIX}", f"uid=reader,{SUFFIX}"
SCHEMAS, MODULES = Path("/etc/ldap/schema"), Path("/usr/lib/ldap")
#: How many entries it hands over at once to those who aren't its administrator.
SIZE_LIMIT = 50

CONFIGURATION = """
{schemas}
modulepath {modules}
moduleload back_mdb
moduleload memberof
pidfile {directory}/slapd.pid
TLSCertificateFile {directory}/certificate.pem
TLSCertificateKeyFile {directory}/key.pem
sizelimit size.soft={limit} size.hard=unlimited size.pr={limit} size.prtotal=unlimited
database mdb
dbnosync
maxsize 268435456
suffix "{suffix}"
rootdn "{admin}"
rootpw secret
directory {directory}
access to attrs=userPassword by anonymous auth
access to * by dn.base="{admin}" write by users read by anonymous auth
overlay memberof
memberof-group-oc groupOfNames
"""


class LdapServer:
    """A server for all tests; what a test has put into it is gone when the next one begins."""

    def __init__(self) -> None:
        """Start one. Raises ``Unavailable`` if there is none on this machine."""
        binary = shutil.which("slapd", path="/usr/sbin:/usr/lib/openldap:/usr/local/sbin")
        if binary is None or not SCHEMAS.is_dir():
            raise Unavailable("LDAP: no slapd here (Debian: apt-get install slapd)")
        tls_port = free_port()

        def command(port: int, directory: Path) -> list[str]:
            write_certificate(directory)
            schemas = "\n".join(
                f"include {SCHEMAS}/{name}.schema" for name in ("core", "cosine", "inetorgperson", "nis")
            )
            file = directory / "slapd.conf"
            file.write_text(
                CONFIGURATION.format(
                    schemas=schemas, modules=MODULES, directory=directory, limit=SIZE_LIMIT, suffix=SUFFIX, admin=ADMIN
                )
            )
            urls = f"ldap://127.0.0.1:{port} ldaps://127.0.0.1:{tls_port}"
            return [binary, "-d", "0", "-f", str(file), "-h", urls]

        self.process = start("slapd", command, listens)
        self.url = f"ldap://127.0.0.1:{self.process.port}"
        self.tls_url = f"ldaps://127.0.0.1:{tls_port}"
        self.certificate = self.process.directory / "certificate.pem"
        server = ldap3.Server(self.url, get_info=ldap3.NONE)
        self._connection = ldap3.Connection(
            server, ADMIN, "secret", auto_bind=True, raise_exceptions=True, check_names=False
        )
        self._added: list[str] = []

    def reset(self) -> None:
        """Leave nothing but two empty branches and somebody who may read."""
        for dn in reversed(self._added):
            self._connection.delete(dn)
        self._added.clear()
        self.add(SUFFIX, objectClass=["dcObject", "organization"], dc="example", o="Example")
        for dn in (PEOPLE, TEAMS):
            self.add(dn, objectClass="organizationalUnit", ou=dn[3:].partition(",")[0])
        self.add(READER, objectClass=["account", "simpleSecurityObject"], uid="reader", userPassword="let-me-in")

    def stop(self) -> None:
        """Stop it."""
        self._connection.unbind()
        self.process.stop()

    def add(self, dn: str, **attributes: Any) -> None:
        """Add an entry."""
        self._connection.add(dn, attributes=attributes)
        self._added.append(dn)

    def add_person(self, uid: str, **attributes: Any) -> str:
        """Add somebody; return the DN."""
        dn = f"uid={uid},{PEOPLE}"
        names = {"cn": uid.title(), "sn": uid.title(), "mail": f"{uid}@example.com"}
        self.add(dn, objectClass="inetOrgPerson", **{**names, **attributes})
        return dn

    def add_team(self, cn: str, *members: str, **attributes: Any) -> str:
        """Add a group; return the DN. A member may be anything that has a DN, or will have one."""
        dn = f"cn={cn},{TEAMS}"
        self.add(dn, objectClass="groupOfNames", member=members or [READER], **attributes)
        return dn

    def change(self, dn: str, **attributes: Any) -> None:
        """Replace attributes of an entry."""
        self._connection.modify(dn, {name: [(ldap3.MODIFY_REPLACE, [value])] for name, value in attributes.items()})

    def remove(self, dn: str) -> None:
        """Remove an entry."""
        self._connection.delete(dn)
        self._added.remove(dn)

    def count_attribute(self, dn: str, name: str) -> int:
        """Return how many values an attribute has."""
        self._connection.search(dn, "(objectClass=*)", ldap3.BASE, attributes=[name])
        return len(self._connection.response[0]["raw_attributes"][name])


def write_certificate(directory: Path) -> None:
    """Write a certificate for 127.0.0.1 that vouches for itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (directory / "certificate.pem").write_bytes(certificate.public_bytes(pem))
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (directory / "key.pem").write_bytes(private)
