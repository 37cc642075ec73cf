"""Host names: which of them are the sandbox's, and what each says of service, region and bucket.

Besides its own names, the sandbox answers to those of the AWS services that it serves, so that DNS or a proxy can point
clients here. A page of another site cannot make one of these its own by pointing its name at this machine: names below
`localhost` mean this machine and nothing else (RFC 6761, section 6.3), and AWS gives out those of its services.
"""

import re
from urllib.parse import urlsplit

from sandbox.core.config import SandboxConfig
from sandbox.core.http import OWN_SITE, Site
from sandbox.core.regions import partition_of

_MOST_KEPT = 1000  # names whose reading is remembered

# https://docs.aws.amazon.com/general/latest/gr/rande.html and botocore's endpoint rules.
_REGION = r"(?P<region>[a-z]{2,4}(?:-[a-z]+)+-[0-9]{1,2})"
_PARTITION = r"(?:aws-(?:[a-z-]+-)?)?global|us-gov"  # where a service has one endpoint for all regions
_SUFFIX = r"(?P<suffix>amazonaws\.(?:com|com\.cn|eu)|api\.aws|api\.amazonwebservices\.(?:com\.cn|eu))"
# Partitions with a top-level domain of their own, by how their regions begin.
_DOMAINS = {"cn-": ".cn", "eusc-": ".eu"}
_S3 = re.compile(
    rf"(?:(?P<bucket>[a-z0-9][a-z0-9._-]*)\.)?"
    rf"s3(?:-fips)?(?:\.dualstack)?(?:[.-](?:{_REGION}|external-1|{_PARTITION}))?\.{_SUFFIX}"
)
_SERVICE = re.compile(
    rf"(?P<service>cognito-identity|cognito-idp|sts|iam|ssm|(?:streams\.)?dynamodb|[0-9]{{12}}\.ddb)(?:-fips)?"
    rf"(?:\.(?:{_REGION}|{_PARTITION}))?\.{_SUFFIX}"
)
_LOGIN = re.compile(rf"[a-z0-9-]+\.auth(?:-fips)?\.{_REGION}\.amazoncognito\.com")


class HostNames:
    """The names to which one sandbox answers."""

    def __init__(self, config: SandboxConfig) -> None:
        public = urlsplit(config.public_url).hostname or ""
        named = (*config.allowed_hosts, *config.more_hosts, public, config.host)
        # An address that means all of this machine's is nobody's name.
        self._own = {host.strip("[]").lower() for host in named} - {"", "0.0.0.0", "::"}  # noqa: S104
        self._services = {"cognito-identity", "cognito-idp", "sts", "iam", *config.services}
        self._regions = {"", *partition_of(config.region).regions}
        self._read: dict[str, Site | None] = {}

    def site(self, header: str) -> Site | None:
        """What a Host header says; None where it is no name of this sandbox."""
        if header in self._read:
            return self._read[header]
        if len(self._read) >= _MOST_KEPT:
            self._read.clear()
        found = self._read[header] = self._site(_host_name(header))
        return found

    def _site(self, host: str) -> Site | None:
        if host in self._own:
            return OWN_SITE
        if host.endswith(".localhost"):
            name = host.removesuffix(".localhost")
            return OWN_SITE if name == "s3" else Site(bucket=name.removesuffix(".s3"))
        site = aws_site(host)
        if site is None or site.region not in self._regions:
            return None
        return site if site.login or site.service in self._services else None


def aws_site(host: str) -> Site | None:
    """What a name of AWS's says, of a service that could be served here; None for any other name."""
    login = _LOGIN.fullmatch(host)
    if login:
        return Site(region=login["region"], login=host.replace(".auth-fips.", ".auth."))
    found = _S3.fullmatch(host) or _SERVICE.fullmatch(host)
    if not found:
        return None
    parts = found.groupdict()
    region = parts["region"] or ""
    domains = [(region.startswith(start), parts["suffix"].endswith(end)) for start, end in _DOMAINS.items()]
    if region and any(is_there != is_named for is_there, is_named in domains):
        return None
    if "service" not in parts:
        return Site("s3", region, parts["bucket"] or "")
    service = "dynamodb" if parts["service"].endswith(("dynamodb", ".ddb")) else parts["service"]
    # IAM has one endpoint for a partition, whatever region stands in its name.
    return Site(service, "" if service == "iam" else region)


def _host_name(header: str) -> str:
    if header.startswith("["):
        return header[1:].partition("]")[0].lower()
    return header.partition(":")[0].lower()
