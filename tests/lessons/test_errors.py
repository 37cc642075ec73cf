"""Errors one by one: which a text is, and which of its causes a call shows."""

import pytest

from decisioncodes import MEANINGS
from lessons.errors import BY_SLUG, ERRORS, error_for, errors_in, ranked
from tests import ROOT

# What identity pools and STS were seen to answer, with the page that explains it.
_SEEN = {
    "Unauthenticated access is not supported for this identity pool.": "guest-access-off",
    "IdentityPool 'us-east-1:5a4db000-0000-c000-8000-000000000001' not found.": "pool-not-found",
    "Identity 'us-east-1:5a4db000-0000-c000-8000-000000000001' not found.": "identity-not-found",
    "Access to Identity 'us-east-1:5a4db000' is forbidden.": "identity-forbidden",
    "Token is not from a supported provider of this identity pool.": "provider-not-supported",
    "Invalid login token. Issuer doesn't match providerName": "issuer-does-not-match",
    "Invalid login token. Missing a required claim: aud": "access-token-for-id-token",
    "Invalid login token. Not a valid OpenId Connect identity token.": "not-an-id-token",
    "Invalid login token. Token expired: 1796047231 >= 1796047230": "login-token-expired",
    "Invalid login token. Token is expired.": "login-token-expired",
    "Invalid login token. Couldn't verify signed token.": "token-signature",
    "Invalid login token. Incorrect token audience.": "incorrect-audience",
    "Invalid login token. Can't pass in a Cognito token.": "pool-token-in-getid",
    "Invalid login token. Not a Cognito token.": "pool-token-in-getid",
    "Please provide a valid public provider": "not-a-public-provider",
    "This identity pool does not support the specified developer provider": "developer-provider-unknown",
    "Logins don't match. Please include at least one valid login for this identity or identity pool.": (
        "logins-dont-match"
    ),
    "Basic (classic) flow is not enabled, please use enhanced flow.": "classic-flow-off",
    "Basic (classic) flow is not supported with RoleMappings, please use enhanced flow.": (
        "classic-flow-with-role-mapping"
    ),
    "Basic (classic) flow is not supported with SAML, please use enhanced flow.": "classic-flow-with-saml",
    "Invalid identity pool configuration. Check assigned IAM roles for this pool.": "pool-configuration",
    "The ambiguous role mapping rules for: accounts.google.com denied this request.": "ambiguous-role",
    "Access to Role 'LabGuest' is forbidden.": "role-forbidden",
    "(https://x) is not a valid RoleMapping ProviderName or is not a configured provider.": "mapping-provider-unknown",
    "Rate exceeded": "rate-exceeded",
    "1 validation error detected: Value 'x' at 'identityPoolId' failed to satisfy constraint": "validation-error",
    "Not authorized to perform sts:AssumeRoleWithWebIdentity": "assume-role-denied",
    "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)": (
        "not-an-id-token"
    ),
    "Incorrect token audience": "incorrect-audience",
    "No OpenIDConnect provider found in your account for https://x": "no-oidc-provider",
    "Couldn't retrieve verification key from your identity provider,  please reference": "token-signature",
    "OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint": "thumbprint",
    "Missing a required claim: sub": "access-token-for-id-token",
    "Token expired: current date/time 1 must be before the expiration date/time2": "login-token-expired",
    "Token too old: 12": "login-token-expired",
    "graph.facebook.com: graph.facebook.com responded with HTTP/1.1 400 Bad Request": "provider-rejected-token",
    "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.": "session-too-long",
    "Request ARN is invalid": "validation-error",
    "Packed size of session tags consumes 138% of allotted space.": "session-too-large",
    "Serialized token too large for session": "session-too-large",
}


def test_every_message_that_was_seen_is_explained_by_one_page_whatever_stands_around_it() -> None:
    for message, slug in _SEEN.items():
        pasted = f"Traceback:\nbotocore.errorfactory.X: An error occurred (X) when calling the Y operation: {message}\n"
        assert [lesson.slug for lesson in errors_in(pasted)] == [slug]
        assert any(error_for(code, message) == BY_SLUG[slug] for code in BY_SLUG[slug].codes)


def test_without_a_message_the_code_leads_to_its_errors() -> None:
    found = errors_in('"__type": "InvalidIdentityPoolConfigurationException"')
    assert [lesson.slug for lesson in found] == ["pool-configuration"]
    assert len(errors_in("NotAuthorizedException")) > 5
    assert errors_in("something else that failed") == []
    assert error_for("Unheard", "Nobody has seen this before.") is None


def test_a_code_and_a_message_belong_together() -> None:
    assert error_for("AccessDenied", "Incorrect token audience") is None
    assert error_for("InvalidIdentityToken", "Incorrect token audience") == BY_SLUG["incorrect-audience"]


@pytest.mark.parametrize("slug", list(BY_SLUG))
def test_each_cause_comes_first_where_a_check_shows_it(slug: str) -> None:
    lesson = BY_SLUG[slug]
    for cause in lesson.causes:
        for check in cause.checks:
            others = [each for each in lesson.causes if check not in each.checks]
            found = ranked(lesson, {check}, ())
            assert found[0].standing == "matches"
            assert found[0].check == check
            assert found[0].cause not in others
            assert [each.cause for each in found if each.standing == "ruled out"] == others


def test_what_was_passed_is_ruled_out_and_without_reasons_all_is_possible() -> None:
    lesson = BY_SLUG["assume-role-denied"]
    assert {each.standing for each in ranked(lesson, (), ())} == {"possible"}
    found = ranked(lesson, (), {"trust.aud"})
    assert (found[-1].standing, found[-1].check) == ("ruled out", "trust.aud")


def test_each_error_has_what_its_page_shows() -> None:
    slugs = [lesson.slug for lesson in ERRORS]
    assert len(set(slugs)) == len(slugs) == len(set(_SEEN.values()) | {"custom-role-not-offered", "login-conflict"})
    exercises = {path.name.replace("_", "-") for path in (ROOT / "exercises").iterdir() if path.is_dir()}
    for lesson in ERRORS:
        assert lesson.doc.startswith("https://docs.aws.amazon.com/")
        assert lesson.causes
        assert lesson.exercise in exercises | {""}
        assert {check for cause in lesson.causes for check in cause.checks} <= set(MEANINGS)
