"""Developer-authenticated identities: the account that is signed in here, and nothing that a browser could send."""

import pytest
from django.contrib.auth.models import Permission
from pytest_django import Settings

from accounts.models import User
from tests.providers.browser import RETURN, Browser


@pytest.fixture
def account(ana: Browser) -> User:
    user = User.objects.create_user("ana", password="known-to-ana-alone")
    ana.client.force_login(user)
    return user


def test_the_identifier_is_the_signed_in_account(ana: Browser, account: User) -> None:
    assert ana.begin("developer") == RETURN.format(code="run-0001")
    artifact = ana.artifact()
    assert artifact.logins == {"login.identitypoolslab": f"account-{account.pk}"}
    assert ana.outcome().outcome == "succeeded"


def test_somebody_without_an_account_is_refused(ana: Browser) -> None:
    ana.begin("developer")
    assert (ana.outcome().outcome, ana.outcome().error_code) == ("refused", "not_allowed")
    assert "Sign in to your account here first" in ana.outcome().error_message
    assert ana.artifact() is None


def test_on_aws_an_account_is_not_enough(ana: Browser, account: User, settings: Settings) -> None:
    settings.APP_MODE = "aws"
    ana.begin("developer")
    assert (ana.outcome().outcome, ana.artifact()) == ("refused", None)


def test_on_aws_an_account_that_an_administrator_allowed_may(ana: Browser, account: User, settings: Settings) -> None:
    settings.APP_MODE = "aws"
    account.user_permissions.add(Permission.objects.get(codename="use_developer_identity"))
    ana.begin("developer")
    assert ana.outcome().outcome == "succeeded"


def test_an_account_that_was_closed_is_refused(ana: Browser, account: User) -> None:
    from providers.services import developer_refusal

    owner = ana.owner
    User.objects.update(is_active=False)
    assert developer_refusal(owner)
