"""Find or create, link, promote, merge, unlink, delete."""

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.issuers import USER_POOL
from tests.sandbox.lab import Lab, refused

GOOGLE = "accounts.google.com"


@pytest.fixture
def pool_id(lab: Lab) -> str:
    """Takes guests, the user pool and Google."""
    return lab.pool(SupportedLoginProviders={GOOGLE: "g-client"})


def user(lab: Lab, sub: str = "u-1") -> dict[str, str]:
    return {USER_POOL: lab.user_pool.token(sub)}


def google(lab: Lab, sub: str = "g-1") -> dict[str, str]:
    return {GOOGLE: lab.providers.issuer("google").token(sub, "g-client")}


def get_id(lab: Lab, pool_id: str, logins: dict[str, str]) -> str:
    return str(lab.public.get_id(IdentityPoolId=pool_id, Logins=logins)["IdentityId"])


def token_for(lab: Lab, identity_id: str, logins: dict[str, str]) -> str:
    """The identity that GetOpenIdToken answers with."""
    return str(lab.public.get_open_id_token(IdentityId=identity_id, Logins=logins)["IdentityId"])


def refusal(lab: Lab, identity_id: str, logins: dict[str, str]) -> tuple[str, str]:
    with pytest.raises(ClientError) as error:
        token_for(lab, identity_id, logins)
    return refused(error.value)[1:]


def logins_of(lab: Lab, identity_id: str) -> list[str]:
    return list(lab.pools.describe_identity(IdentityId=identity_id).get("Logins", []))


def test_several_logins_in_one_call_are_one_identity(lab: Lab, pool_id: str) -> None:
    both = get_id(lab, pool_id, {**user(lab), **google(lab)})
    assert get_id(lab, pool_id, user(lab)) == both
    assert get_id(lab, pool_id, google(lab)) == both
    assert logins_of(lab, both) == [GOOGLE, USER_POOL]


def test_a_new_login_is_linked_when_one_is_owned(lab: Lab, pool_id: str) -> None:
    identity_id = get_id(lab, pool_id, user(lab))
    assert token_for(lab, identity_id, {**user(lab), **google(lab)}) == identity_id
    assert get_id(lab, pool_id, google(lab)) == identity_id


def test_a_login_that_is_not_owned_proves_nothing(lab: Lab, pool_id: str) -> None:
    identity_id = get_id(lab, pool_id, user(lab))
    message = "Logins don't match. Please include at least one valid login for this identity or identity pool."
    assert refusal(lab, identity_id, google(lab)) == ("NotAuthorizedException", message)


def test_a_guest_is_promoted_under_the_same_id(lab: Lab, pool_id: str) -> None:
    guest = lab.guest(pool_id)
    assert token_for(lab, guest, user(lab)) == guest
    assert get_id(lab, pool_id, user(lab)) == guest
    assert refusal(lab, guest, {}) == ("NotAuthorizedException", f"Access to Identity '{guest}' is forbidden.")


def test_get_id_with_logins_does_not_promote(lab: Lab, pool_id: str) -> None:
    guest = lab.guest(pool_id)
    assert get_id(lab, pool_id, user(lab)) != guest


def test_a_guest_is_merged_into_the_owner_of_the_login(lab: Lab, pool_id: str) -> None:
    owner, guest = get_id(lab, pool_id, user(lab)), lab.guest(pool_id)
    credentials = lab.public.get_credentials_for_identity(IdentityId=guest, Logins=user(lab))
    assert credentials["IdentityId"] == owner
    assert refusal(lab, guest, {}) == ("NotAuthorizedException", f"Access to Identity '{guest}' is forbidden.")
    assert refusal(lab, guest, user(lab)) == ("NotAuthorizedException", f"Access to Identity '{guest}' is forbidden.")


def test_two_authenticated_identities_merge_into_the_older(lab: Lab, pool_id: str) -> None:
    older, younger = get_id(lab, pool_id, google(lab)), get_id(lab, pool_id, user(lab))
    assert token_for(lab, younger, {**user(lab), **google(lab)}) == older
    assert get_id(lab, pool_id, user(lab)) == older
    listed = lab.pools.list_identities(IdentityPoolId=pool_id, MaxResults=60, HideDisabled=True)["Identities"]
    assert [identity["IdentityId"] for identity in listed] == [older]


def test_one_login_for_each_public_provider(lab: Lab, pool_id: str) -> None:
    identity_id = get_id(lab, pool_id, {**user(lab), **google(lab, "g-1")})
    assert refusal(lab, identity_id, {**user(lab), **google(lab, "g-2")})[0] == "ResourceConflictException"
    other = get_id(lab, pool_id, google(lab, "g-2"))
    assert refusal(lab, identity_id, {**user(lab), **google(lab, "g-2")})[0] == "ResourceConflictException"
    assert get_id(lab, pool_id, google(lab, "g-2")) == other


def test_an_unlinked_login_is_a_new_user(lab: Lab, pool_id: str) -> None:
    identity_id = get_id(lab, pool_id, {**user(lab), **google(lab)})
    lab.public.unlink_identity(IdentityId=identity_id, Logins=google(lab), LoginsToRemove=[GOOGLE])
    assert logins_of(lab, identity_id) == [USER_POOL]
    assert get_id(lab, pool_id, google(lab)) != identity_id


def test_an_identity_without_its_last_login_is_out_of_reach(lab: Lab, pool_id: str) -> None:
    identity_id = get_id(lab, pool_id, user(lab))
    lab.public.unlink_identity(IdentityId=identity_id, Logins=user(lab), LoginsToRemove=[USER_POOL])
    assert refusal(lab, identity_id, user(lab))[0] == "NotAuthorizedException"
    assert refusal(lab, identity_id, {})[0] == "NotAuthorizedException"
    assert lab.pools.describe_identity(IdentityId=identity_id)["IdentityId"] == identity_id


def test_one_login_proves_enough_to_unlink_another(lab: Lab, pool_id: str) -> None:
    identity_id = get_id(lab, pool_id, {**user(lab), **google(lab)})
    lab.public.unlink_identity(IdentityId=identity_id, Logins=user(lab), LoginsToRemove=[GOOGLE])
    assert logins_of(lab, identity_id) == [USER_POOL]
    with pytest.raises(ClientError, match="Logins don't match"):
        lab.public.unlink_identity(IdentityId=identity_id, Logins=user(lab), LoginsToRemove=[GOOGLE])


def test_unlinking_needs_a_login_of_the_identity(lab: Lab, pool_id: str) -> None:
    identity_id = get_id(lab, pool_id, {**user(lab), **google(lab)})
    for logins in (google(lab, "stranger"), user(lab, "stranger")):
        with pytest.raises(ClientError) as error:
            lab.public.unlink_identity(IdentityId=identity_id, Logins=logins, LoginsToRemove=list(logins))
        assert refused(error.value)[1] == "NotAuthorizedException"


def test_a_deleted_identity_is_gone_and_its_login_free(lab: Lab, pool_id: str) -> None:
    identity_id = get_id(lab, pool_id, user(lab))
    answer = lab.pools.delete_identities(IdentityIdsToDelete=[identity_id, "us-east-1:00000000"])
    unprocessed = [{"IdentityId": "us-east-1:00000000", "ErrorCode": "AccessDenied"}]
    assert answer["UnprocessedIdentityIds"] == unprocessed
    message = f"Identity '{identity_id}' not found."
    assert refusal(lab, identity_id, user(lab)) == ("ResourceNotFoundException", message)
    assert get_id(lab, pool_id, user(lab)) != identity_id


def test_list_identities_by_pages(lab: Lab, pool_id: str) -> None:
    made = [lab.guest(pool_id) for _ in range(5)]
    seen: list[str] = []
    token: dict[str, str] = {}
    while True:
        page = lab.pools.list_identities(IdentityPoolId=pool_id, MaxResults=2, **token)
        seen += [identity["IdentityId"] for identity in page["Identities"]]
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert seen == made


def test_a_page_token_that_is_none(lab: Lab, pool_id: str) -> None:
    with pytest.raises(ClientError) as error:
        lab.pools.list_identities(IdentityPoolId=pool_id, MaxResults=2, NextToken="bogus!")
    assert refused(error.value)[1] == "InvalidParameterException"


def test_the_same_person_in_two_pools_is_two_identities(lab: Lab, pool_id: str) -> None:
    other = lab.pool(roles=False)
    assert get_id(lab, pool_id, user(lab)) != get_id(lab, other, user(lab))


def test_one_bad_token_fails_the_whole_call(lab: Lab, pool_id: str) -> None:
    identity_id = get_id(lab, pool_id, user(lab))
    code, message = refusal(lab, identity_id, {**user(lab), GOOGLE: "not.a.token"})
    assert (code, message[:19]) == ("NotAuthorizedException", "Invalid login token")
    assert logins_of(lab, identity_id) == [USER_POOL]
