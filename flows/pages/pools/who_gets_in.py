"""Who gets in: typical callers against the roles of an identity pool, judged by `iampolicy` before anybody tries.

Pure: what it knows is the pool, its roles and their trust policies. It says what would happen, not what happened.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from flows.exchange.pool_facts import COGNITO, PoolFacts, RoleFacts, mapping_providers, rules_of
from iampolicy.statements import statements_of
from iampolicy.trust import TrustCheck, TrustEvaluation, evaluate_trust

Tone = Literal["ok", "warn", "danger", "no", "quiet"]

FOREIGN_POOL = "us-east-1:00000000-0000-0000-0000-000000000000"
_SOMEBODY = "somebody"
_TAG = "department"
_ACTION = "sts:AssumeRoleWithWebIdentity"
# What a refusing check is called in a cell; the condition keys have short names of their own.
_WORDS = {
    "trust.aud": "aud",
    "trust.amr": "amr",
    "trust.sub": "sub",
    "trust.principal": "principal",
    "trust.action": "action",
    "trust.tag_session": "TagSession",
    "trust.deny": "Deny",
    "trust.condition": "condition",
    "trust.statement": "no statement",
    "policy.condition_key": "condition",
}
_SENTENCES = {
    "trust.aud": "The role asks for another identity pool: its condition on `aud` does not name this caller’s pool.",
    "trust.amr": "The role asks who comes: its condition on `amr` does not fit this caller.",
    "trust.sub": "The role asks for one certain identity (`sub`), and a typical caller is another.",
    "trust.principal": "The trust policy does not name identity pools (`cognito-identity.amazonaws.com`) as principal.",
    "trust.action": "The trust policy does not allow `sts:AssumeRoleWithWebIdentity`.",
    "trust.tag_session": "The token carries principal tags, and the trust policy does not allow `sts:TagSession`.",
    "trust.deny": "A statement of the trust policy denies it.",
    "trust.statement": "The trust policy allows nothing to anybody.",
}


@dataclass(frozen=True, slots=True)
class SignInWay:
    """A way to sign in at the pool: its label, and the entry of `amr` that names the provider and the person."""

    label: str
    mapping_key: str
    amr: tuple[str, ...]
    basic: bool = True


@dataclass(frozen=True, slots=True)
class KindOfCaller:
    """A typical caller: one row."""

    key: str
    label: str
    flow: Literal["enhanced", "basic"]
    guest: bool
    foreign: bool = False
    tagged: bool = False

    @property
    def choices(self) -> str:
        """What the demo's address says of this caller."""
        return f"access={'guest' if self.guest else 'authenticated'}&flow={self.flow}"


CALLERS = (
    KindOfCaller("guest-enhanced", "Guest of this pool, enhanced", "enhanced", guest=True),
    KindOfCaller("guest-basic", "Guest of this pool, basic", "basic", guest=True),
    KindOfCaller("user-enhanced", "Signed in here, enhanced", "enhanced", guest=False),
    KindOfCaller("user-basic", "Signed in here, basic", "basic", guest=False),
    KindOfCaller("user-tagged", "Signed in here with tags, basic", "basic", guest=False, tagged=True),
    KindOfCaller("foreign-user", "User of another pool, basic", "basic", guest=False, foreign=True),
    KindOfCaller("foreign-guest", "Guest of another pool, basic", "basic", guest=True, foreign=True),
)


@dataclass(frozen=True, slots=True)
class AccessCell:
    """One caller at one role.

    Attributes:
        word: what the cell says beside its mark.
        sentence: the reason, in a sentence; `code` marks code.
        checks: what the trust policy asked for, where it was asked.
        tone: `ok` where the caller is meant to get in, `danger` or `warn` where not, `no` where refused.
    """

    caller: KindOfCaller
    role: RoleFacts
    tone: Tone
    word: str
    sentence: str
    checks: tuple[TrustCheck, ...] = ()

    @property
    def key(self) -> str:
        return f"{self.caller.key}.{self.role.name}"

    @property
    def gets_in(self) -> bool:
        return self.tone in ("ok", "warn", "danger")

    @property
    def icon(self) -> str:
        icons = {"ok": "check", "warn": "check", "danger": "warning", "no": "cross"}
        return f"icons/{icons.get(self.tone, 'minus')}.svg"

    @property
    def pill(self) -> str:
        return {"ok": "is-ok", "warn": "is-warn", "danger": "is-no"}.get(self.tone, "is-plain")


@dataclass(frozen=True, slots=True)
class CallerRow:
    caller: KindOfCaller
    cells: tuple[AccessCell, ...]


def who_gets_in(facts: PoolFacts, roles: Sequence[RoleFacts]) -> list[CallerRow]:
    """The matrix: each typical caller at each role, in the order of `roles`."""
    return [CallerRow(caller, tuple(_cell(facts, caller, role) for role in roles)) for caller in CALLERS]


def most_telling(rows: Sequence[CallerRow]) -> AccessCell | None:
    """The cell to show first: one that gets in where it should not, else the first that gets in, else the first."""
    cells = [cell for row in rows for cell in row.cells]
    by_tone = {tone: cell for tone in ("no", "ok", "danger") for cell in reversed(cells) if cell.tone == tone}
    return by_tone.get("danger") or by_tone.get("ok") or (cells[0] if cells else None)


def logins_of(facts: PoolFacts) -> tuple[SignInWay, ...]:
    """The ways to sign in at a pool."""
    definition = facts.definition
    found = []
    for one in definition.get("CognitoIdentityProviders", []):
        name = str(one["ProviderName"])
        amr = (name, f"{name}:CognitoSignIn:{_SOMEBODY}")
        found.append(SignInWay(f"user pool {name.rpartition('/')[2]}", f"{name}:{one['ClientId']}", amr))
    for name, client in definition.get("SupportedLoginProviders", {}).items():
        found.append(SignInWay(name, name, (name, f"{name}:{client}:{_SOMEBODY}")))
    for arn in definition.get("OpenIdConnectProviderARNs", []):
        issuer = arn.partition("oidc-provider/")[2]
        found.append(SignInWay(issuer, arn, (issuer, f"{arn}:OIDC:{_SOMEBODY}")))
    for arn in definition.get("SamlProviderARNs", []):
        found.append(SignInWay(arn.rpartition("/")[2], arn, (arn, f"{arn}:SAML:{_SOMEBODY}"), basic=False))
    if developer := definition.get("DeveloperProviderName"):
        found.append(SignInWay(developer, developer, (developer, f"{developer}:{facts.pool.pool_id}:{_SOMEBODY}")))
    return tuple(found)


# --- One cell ---------------------------------------------------------------------------------------------------------


def _cell(facts: PoolFacts, caller: KindOfCaller, role: RoleFacts) -> AccessCell:
    if not caller.foreign:
        if caller.guest and not facts.lets_guests_in:
            return AccessCell(
                caller, role, "no", "no guests", "The pool lets no guests in: `GetId` without logins is refused."
            )
        if not caller.guest and not logins_of(facts):
            return AccessCell(caller, role, "no", "no login", "The pool trusts no provider, so nobody can sign in.")
    if caller.flow == "enhanced":
        return _enhanced(facts, caller, role)
    return _basic(facts, caller, role)


def _enhanced(facts: PoolFacts, caller: KindOfCaller, role: RoleFacts) -> AccessCell:
    """The pool chooses; the caller cannot ask for a role that it would not choose."""
    chosen = _chosen(facts, caller, role)
    if chosen is None:
        kind = "guests" if caller.guest else "people who sign in"
        return AccessCell(
            caller,
            role,
            "quiet",
            "not chosen",
            f"In the enhanced flow the pool chooses the role, and it does not choose this one for {kind}.",
        )
    word, how, logins = chosen
    evaluation, _ = _judged(facts, caller, role, logins)
    if not evaluation.allowed:
        cell = _refused(caller, role, evaluation)
        return AccessCell(
            caller,
            role,
            "no",
            cell.word,
            f"{how} And yet it cannot be assumed, so that `GetCredentialsForIdentity` is refused. {cell.sentence}",
            cell.checks,
        )
    return AccessCell(caller, role, "ok", word, how, tuple(evaluation.checks))


def _chosen(facts: PoolFacts, caller: KindOfCaller, role: RoleFacts) -> tuple[str, str, tuple[SignInWay, ...]] | None:
    """How the pool comes to choose the role for this caller: a word, a sentence, the logins that it does so for."""
    if caller.guest:
        if facts.roles.get("unauthenticated") != role.arn:
            return None
        return "chosen", "It is the pool’s role for guests.", ()
    logins = logins_of(facts)
    unmapped = tuple(login for login in logins if login.mapping_key not in facts.mappings)
    by_default = tuple(
        login
        for login in logins
        if login in unmapped or facts.mappings[login.mapping_key].get("AmbiguousRoleResolution") == "AuthenticatedRole"
    )
    if facts.roles.get("authenticated") == role.arn and by_default:
        if len(by_default) == len(logins) == len(unmapped):
            return "chosen", "It is the pool’s role for people who sign in.", by_default
        names = ", ".join(login.label for login in by_default)
        return (
            "chosen",
            f"It is the pool’s role for people of {names}, where no rule and no token says another.",
            by_default,
        )
    for login in logins:
        for number, rule in enumerate(rules_of(facts.mappings.get(login.mapping_key, {})), start=1):
            if rule["RoleARN"] == role.arn:
                what = f"`{rule['Claim']}` {rule['MatchType']} “{rule['Value']}”"
                return f"rule {number}", f"Rule {number} for {login.label} chooses it: {what}.", (login,)
    by_token = tuple(login for login in logins if facts.mappings.get(login.mapping_key, {}).get("Type") == "Token")
    if by_token and role.arn not in facts.roles.values():
        names = ", ".join(login.label for login in by_token)
        return "by token", f"It is chosen where the token of {names} names it (`cognito:preferred_role`).", by_token
    return None


def _foreign(facts: PoolFacts, caller: KindOfCaller, role: RoleFacts) -> AccessCell:
    """Somebody of a pool that is not this one: any at all, or one that the trust policy names."""
    evaluation, _ = _judged(facts, caller, role, ())
    if evaluation.allowed:
        return AccessCell(caller, role, "danger", "gets in", _why_foreign(evaluation), tuple(evaluation.checks))
    for named in _other_pools(facts, role):
        found, _ = _judged(facts, caller, role, (), named)
        if found.allowed:
            within = "" if _tests_amr(found) else ", if that one is of the role’s account"
            sentence = (
                f"Not from just any pool, but the role’s trust policy names other pools as well, such as "
                f"`{named}`, and lets this caller in from there{within}."
            )
            return AccessCell(caller, role, "warn", "named pool", sentence, tuple(found.checks))
    return _refused(caller, role, evaluation)


def _other_pools(facts: PoolFacts, role: RoleFacts) -> list[str]:
    """IDs of other pools that a trust policy's conditions on the audience name."""
    found: dict[str, None] = {}
    for statement in statements_of(role.trust):
        for condition in statement.conditions:
            if condition.key.lower() == f"{COGNITO}:aud":
                found |= dict.fromkeys(str(value) for value in condition.values)
    return [value for value in found if value != facts.pool.pool_id and "*" not in value]


def _why_foreign(evaluation: TrustEvaluation) -> str:
    """Pools of other accounts get in only where both conditions are made (Cognito Developer Guide, "Security best
    practices for Amazon Cognito identity pools")."""
    if "trust.aud" not in {check.code for check in evaluation.checks}:
        return (
            "The role does not ask for this pool’s ID (`aud`), so users of any identity pool of its account have it, "
            "and guests too where nothing asks about `amr`."
        )
    where = "in the world" if _tests_amr(evaluation) else "of the role’s account"
    return f"The role’s condition on `aud` lets any pool {where} in."


def _tests_amr(evaluation: TrustEvaluation) -> bool:
    return "trust.amr" in {check.code for check in evaluation.checks}


def _basic(facts: PoolFacts, caller: KindOfCaller, role: RoleFacts) -> AccessCell:
    """The caller asks STS for whatever role it likes; only the role's trust policy is asked."""
    if caller.foreign:
        return _foreign(facts, caller, role)
    logins: tuple[SignInWay, ...] = ()
    if not facts.takes_basic_flow:
        return AccessCell(
            caller,
            role,
            "no",
            "basic is off",
            "The basic (classic) flow is switched off: `GetOpenIdToken` is refused, so there is no token for STS.",
        )
    if not caller.guest:
        logins = tuple(login for login in logins_of(facts) if login.basic and login.mapping_key not in facts.mappings)
        if not logins:
            return AccessCell(
                caller,
                role,
                "no",
                "basic refused",
                "All of the pool’s logins have a role mapping or are SAML, and those are refused the basic flow.",
            )
    evaluation, by = _judged(facts, caller, role, logins)
    if not evaluation.allowed:
        return _refused(caller, role, evaluation)
    meant = facts.roles.get("unauthenticated" if caller.guest else "authenticated") == role.arn
    tone: Tone = "ok" if meant else "danger" if caller.guest else "warn"
    return AccessCell(
        caller, role, tone, "gets in", _why_in(caller, role, evaluation, by, meant), tuple(evaluation.checks)
    )


def _why_in(caller: KindOfCaller, role: RoleFacts, evaluation: TrustEvaluation, by: str, meant: bool) -> str:
    codes = {check.code for check in evaluation.checks}
    if caller.guest and not meant:
        return (
            "The role trusts this pool (`aud`), and asks nothing about who comes: there is no condition on `amr`. "
            "Whoever knows the pool’s ID can have it."
            if "trust.amr" not in codes
            else "The role’s condition on `amr` lets guests in, and the role is not the one for guests."
        )
    whose = f" (for example of {by})" if by else ""
    if meant:
        return f"The role’s trust policy lets this caller{whose} in, and it is the one that the pool means for them."
    return (
        f"In the basic flow the caller names the role, and this one’s trust policy lets the caller{whose} in, though "
        "the pool would not choose it."
    )


def _refused(caller: KindOfCaller, role: RoleFacts, evaluation: TrustEvaluation) -> AccessCell:
    word, sentence = why_refused(evaluation)
    return AccessCell(caller, role, "no", word, sentence, tuple(evaluation.checks))


def why_refused(evaluation: TrustEvaluation) -> tuple[str, str]:
    """A word and a sentence for what a trust policy refused by."""
    failed = next((check for check in evaluation.checks if not check.ok), None)
    code = failed.code if failed else "trust.statement"
    sentence = _SENTENCES.get(code)
    if sentence is None and failed is not None:
        sentence = f"{failed.check} asks for “{failed.expected}”, and the request has {failed.actual}."
    return _WORDS.get(code, "trust"), sentence or ""


def _judged(
    facts: PoolFacts, caller: KindOfCaller, role: RoleFacts, logins: Sequence[SignInWay], pool_id: str = ""
) -> tuple[TrustEvaluation, str]:
    """The evaluation that lets the caller in, by way of which login; else that of the first login.

    Args:
        pool_id: of a caller of another pool, which pool that is; any by default.
    """
    ways: list[tuple[str, ...]] = [("authenticated", *login.amr) for login in logins]
    if caller.guest:
        ways = [("unauthenticated",)]
    elif caller.foreign:
        ways = [("authenticated",)]
    first: TrustEvaluation | None = None
    for number, amr in enumerate(ways):
        evaluation = _trusted(facts, caller, role, amr, pool_id)
        if evaluation.allowed:
            return evaluation, logins[number].label if logins else ""
        first = first or evaluation
    return first or TrustEvaluation(False, []), ""


def _trusted(
    facts: PoolFacts, caller: KindOfCaller, role: RoleFacts, amr: Sequence[str], pool_id: str
) -> TrustEvaluation:
    pool_id = (pool_id or FOREIGN_POOL) if caller.foreign else facts.pool.pool_id
    return let_in(role.trust, pool_id, amr, tagged=caller.tagged)


def let_in(trust: Mapping[str, Any], pool_id: str, amr: Sequence[str], *, tagged: bool) -> TrustEvaluation:
    """Whether a trust policy lets somebody of an identity pool assume its role.

    Args:
        amr: what the pool's token says of how they came: `unauthenticated`, or `authenticated` and the provider.
        tagged: whether the token carries principal tags.
    """
    context: dict[str, Any] = {
        f"{COGNITO}:aud": pool_id,
        f"{COGNITO}:sub": f"{pool_id.partition(':')[0]}:{_SOMEBODY}",
        f"{COGNITO}:amr": list(amr),
        "sts:RoleSessionName": _SOMEBODY,
    }
    if tagged:
        context |= {f"aws:RequestTag/{_TAG}": "any", "aws:TagKeys": [_TAG]}
    evaluation = _ask(trust, _ACTION, context)
    if evaluation.allowed and tagged:
        tagging = _ask(trust, "sts:TagSession", context)
        return TrustEvaluation(tagging.allowed, [*evaluation.checks, *tagging.checks])
    return evaluation


def _ask(trust: Mapping[str, Any], action: str, context: Mapping[str, Any]) -> TrustEvaluation:
    return evaluate_trust(trust, action=action, principal_kind="Federated", principal_value=COGNITO, context=context)


__all__ = [
    "CALLERS",
    "FOREIGN_POOL",
    "AccessCell",
    "CallerRow",
    "SignInWay",
    "let_in",
    "logins_of",
    "mapping_providers",
    "most_telling",
    "who_gets_in",
    "why_refused",
]
