"""All checks, one after the other: each is made although those before it failed."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from operations.doctor.checks import (
    account,
    guest_rights,
    own_place,
    pool,
    providers,
    roles,
    samples,
    server,
    site,
    trust,
    way,
)
from operations.doctor.findings import DoctorReport, Finding, ReportRow, State
from operations.doctor.looking import Unreadable
from operations.doctor.subject import Subject
from web.counted import counted

DoctorCheck = Callable[[Subject], Iterator[Finding | str]]
_WORSE: tuple[State, ...] = ("ok", "note", "warning", "error")


@dataclass(frozen=True, slots=True)
class Listed:
    """A check as people name it.

    Attributes:
        local: it can be made without asking anybody on a network.
    """

    name: str
    title: str
    section: str
    check: DoctorCheck
    local: bool = False


CHECKS: tuple[Listed, ...] = (
    Listed("caller", "Whose credentials", "The way to AWS", way.caller),
    Listed("clock", "Clock", "The way to AWS", way.clock),
    Listed("pool", "The pool is there", "Identity pool", pool.there),
    Listed("guests", "Guest access", "Identity pool", pool.guests),
    Listed("classic", "Basic (classic) flow", "Identity pool", pool.classic),
    Listed("logins", "Login providers", "Identity pool", pool.logins),
    Listed("user-pool", "User pool and app client", "Providers", providers.user_pool),
    Listed("discovery", "Issuers and keys", "Providers", providers.discovery),
    Listed("oidc", "OpenID Connect in IAM", "Providers", providers.oidc),
    Listed("saml", "SAML in IAM", "Providers", providers.saml),
    Listed("roles", "Default roles", "Roles", roles.default),
    Listed("trust", "Trust policies", "Roles", trust.trust),
    Listed("mappings", "Role mappings", "Roles", pool.mappings),
    Listed("tags", "Principal tags", "Roles", pool.tags),
    Listed("guest-rights", "What guests may do", "Roles", guest_rights.guest_rights),
    Listed("own-place", "What people may do", "Roles", own_place.own_place),
    Listed("samples", "Buckets, tables, parameter", "Samples", samples.there),
    Listed("server", "The server’s own rights", "Roles", server.server),
    Listed("quotas", "Quotas", "Account", account.quotas),
    Listed("trail", "CloudTrail", "Account", account.trail),
    Listed("from-above", "Policies from above", "Account", account.from_above),
    Listed("site", "This installation", "This installation", site.site, local=True),
)
# Checks that AWS alone can answer: the sandbox has neither quotas nor trails.
_AWS_ONLY = {"quotas", "trail"}


def examine(*, only: Sequence[str] = (), offline: bool = False, sandbox: bool = False) -> DoctorReport:
    """Make the checks.

    Args:
        only: names or IDs of checks; all by default.
        offline: make those alone that ask nobody.
        sandbox: leave out what the sandbox does not have.

    Raises:
        KeyError: there is no such check.
    """
    chosen = _chosen(only)
    subject = Subject()
    rows = []
    for number, listed in enumerate(CHECKS, start=1):
        if number in chosen:
            skipped = (offline and not listed.local) or (sandbox and listed.name in _AWS_ONLY)
            rows.append(_row(number, listed, subject) if not skipped else _skipped(number, listed, offline=offline))
    return DoctorReport(rows)


def _chosen(only: Sequence[str]) -> set[int]:
    names = {listed.name: number for number, listed in enumerate(CHECKS, start=1)}
    names |= {f"lab.d{number:02d}": number for number in names.values()}
    return {names[name.lower()] for name in only} or set(names.values())


def _row(number: int, listed: Listed, subject: Subject) -> ReportRow:
    findings: list[Finding] = []
    said, unread = "", ""
    try:
        for one in listed.check(subject):
            if isinstance(one, Finding):
                findings.append(one)
            else:
                said = one
    except Unreadable as problem:
        unread = f"{problem}"
    state: State = max((one.severity for one in findings), key=_WORSE.index, default="ok")
    if unread and state in ("ok", "note"):
        state = "unchecked"
    if state in ("warning", "error"):
        said = f"{counted(len(findings), 'thing')} to mend"
    said = unread or said
    return ReportRow(number, listed.name, listed.title, listed.section, state, said, tuple(findings))


def _skipped(number: int, listed: Listed, *, offline: bool) -> ReportRow:
    said = "left out by --offline" if offline else "the sandbox has none"
    return ReportRow(number, listed.name, listed.title, listed.section, "skipped", said)
