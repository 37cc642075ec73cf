"""From the choice to the end of the run: who waits for whom, what is taken once, what is refused."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from flows.models import Run
from flows.services import RunBusy, run_delete, run_use
from lessons.sample_calls import SAMPLES, samples_for
from providers.models import SignIn
from providers.sign_in.artifacts import Artifact
from providers.sign_in.sign_ins import sign_in_claim, sign_in_succeed
from tests.flows.authenticated.person import Person
from tests.flows.run_views import READ
from tests.matrices import some_quickly
from vault.models import SealedValue

ALL = ["google", "facebook", "amazon", "apple", "x", "oidc", "saml", "user-pool"]


@pytest.mark.parametrize("provider", some_quickly(ALL, "google", "saml"))
@pytest.mark.parametrize("flow", ["enhanced", "basic"])
def test_every_provider_in_both_flows(ana: Person, provider: str, flow: str) -> None:
    run = ana.run(provider, flow)
    assert (run.outcome, run.flow) == ("refused" if (provider, flow) == ("saml", "basic") else "succeeded", flow)
    assert run.subject
    for view in READ:
        assert ana.get(f"{run.get_absolute_url()}{view}").status_code == 200


def test_run_waits_for_its_sign_in(ana: Person) -> None:
    ana.open("google")
    run = ana.latest
    assert (run.outcome, run.calls.count()) == ("open", 0)
    assert "is waiting for you to sign in" in ana.get(run.get_absolute_url()).content.decode()
    ana.post(f"/runs/{run.code}/finish/")
    run.refresh_from_db()
    assert (run.outcome, run.calls.count()) == ("open", 0)


def test_step_by_step_comes_back_to_the_first_call(ana: Person) -> None:
    path = ana.open("google", pace="step")
    back = ana.arrive(ana.at_provider(path))["Location"]
    assert ana.get(back)["Location"].endswith("/calls/")
    run = ana.latest
    assert (run.outcome, run.position) == ("open", 0)
    assert run.calls.filter(kind="provider").exists()


def test_coming_back_twice_runs_once(ana: Person) -> None:
    back = ana.arrive(ana.at_provider(ana.open("amazon")))["Location"]
    ana.get(back)
    count = ana.latest.calls.count()
    ana.get(back)
    assert ana.latest.calls.count() == count


def test_sign_in_is_taken_note_of_by_whichever_request_comes_first(ana: Person) -> None:
    ana.arrive(ana.at_provider(ana.open("amazon")))
    run = ana.latest
    assert "You have signed in" in ana.get(run.get_absolute_url()).content.decode()
    ana.post(f"/runs/{run.code}/finish/")
    run.refresh_from_db()
    assert (run.outcome, run.calls.order_by("position")[0].kind) == ("succeeded", "provider")


def test_second_sign_in_of_a_run_counts_when_the_first_was_left(ana: Person) -> None:
    ana.open("google")
    run = ana.latest
    again = ana.post(f"/runs/{run.code}/sign-in/")["Location"]
    ana.get(ana.arrive(ana.at_provider(again))["Location"])
    run.refresh_from_db()
    assert run.outcome == "succeeded"


def test_finished_run_begins_no_sign_in(ana: Person) -> None:
    run = ana.run("google")
    assert ana.post(f"/runs/{run.code}/sign-in/")["Location"] == run.get_absolute_url()


def test_developer_identity_is_the_account_whatever_the_form_says(ana: Person) -> None:
    user = User.objects.create_user("ana")
    ana.client.force_login(user)
    ana.open("developer", "basic", user_identifier="somebody-else", Logins="somebody-else")
    ana.get(f"/runs/{ana.latest.code}/signed-in/")
    run = ana.latest
    assert run.outcome == "succeeded"
    first = run.calls.get(step="get-developer-token")
    assert first.request_params["Logins"] == {"login.identitypoolslab": f"account-{user.pk}"}
    assert first.signed


def test_nobody_without_an_account_is_vouched_for(ana: Person) -> None:
    ana.open("developer")
    ana.get(f"/runs/{ana.latest.code}/signed-in/")
    run = ana.latest
    assert (run.outcome, run.error_code, run.calls.count()) == ("refused", "not_allowed", 0)


def test_unconfigured_provider_opens_no_run_and_says_what_is_missing(ana: Person, settings: Settings) -> None:
    settings.GOOGLE_CLIENT_SECRET = ""
    page = ana.get("/demo/", access="authenticated").content.decode()
    assert "Not configured here." in page
    assert "<code>GOOGLE_CLIENT_SECRET</code>" in page
    address = f"{settings.PUBLIC_URL}/sign-in/complete/google-openidconnect/"
    assert re.search(rf'<code\s+id="register-google"\s*>{re.escape(address)}</code>', page)
    response = ana.post("/runs/", access="authenticated", flow="enhanced", provider="google", pool="lab")
    assert response.status_code == 422
    assert not Run.objects.exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("provider", "pool", "who", "role"),
    [
        ("oidc", "rules", "ana", "LabRulesEngineers"),
        ("user-pool", "rules", "bo", "LabRulesFinance"),
        ("user-pool", "token", "devi", "LabTokenAdmins"),
        ("saml", "lab", "chidi", "LabSupport"),
        ("saml", "no-guests", "chidi", "LabNoGuestsAuthenticated"),
        ("google", "lab", "ana", "LabAuthenticated"),
    ],
)
def test_role_and_why(ana: Person, provider: str, pool: str, who: str, role: str) -> None:
    run = ana.run(provider, pool=pool, who=who)
    assert f" is {role}." in ana.get(run.get_absolute_url()).content.decode()
    assert f"assumed-role/{role}/" in run_use(run=run, sample=SAMPLES["who-am-i"]).response_params["Arn"]


def test_ambiguous_role_is_a_refusal(ana: Person) -> None:
    run = ana.run("user-pool", pool="token", who="elif")
    assert (run.outcome, run.error_code) == ("refused", "NotAuthorizedException")


@pytest.mark.slow
def test_samples_for_people_who_signed_in(ana: Person) -> None:
    run = ana.run("google")
    for sample in samples_for("authenticated").values():
        call = run_use(run=run, sample=sample)
        assert bool(call.error_code) == (sample.expected != "allowed"), (sample.key, call.error_message)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("provider", "pool", "who", "readable"),
    [
        ("oidc", "rules", "ana", True),  # LabRulesEngineers
        ("user-pool", "rules", "bo", False),  # LabRulesFinance
        ("user-pool", "token", "devi", True),  # LabTokenAdmins, who read every team's
        ("saml", "lab", "ana", True),  # LabEngineers
        ("saml", "lab", "chidi", False),  # LabSupport
        ("saml", "lab", "grace", False),  # LabSamlUsers
        ("user-pool", "lab", "ana", False),  # LabAuthenticated: this pool looks at no group
    ],
)
def test_a_teams_file_is_for_the_teams_role(ana: Person, provider: str, pool: str, who: str, readable: bool) -> None:
    run = ana.run(provider, pool=pool, who=who)
    call = run_use(run=run, sample=SAMPLES["read-team-object"])
    assert (call.status, call.error_code) == ((200, "") if readable else (403, "AccessDenied"))
    page = ana.get(f"/runs/{run.code}/try/").content.decode()
    assert ("Allowed by this role" if readable else "Refused by this role") in page
    assert "teams/engineers/roadmap.txt" in page


@pytest.mark.slow
@pytest.mark.parametrize("pool", ["lab", "rules", "token"])
def test_the_basic_flow_does_not_get_a_teams_role_by_naming_it(ana: Person, pool: str) -> None:
    path = ana.open("google", "basic", pool, RoleArn="arn:aws:iam::000000000000:role/LabEngineers")
    ana.get(ana.arrive(ana.at_provider(path))["Location"])
    assert (ana.latest.outcome, ana.latest.error_code) == ("refused", "AccessDenied")


def test_busy_run_is_not_entered_twice(ana: Person) -> None:
    from flows.services import leases, run_signed_in

    ana.arrive(ana.at_provider(ana.open("amazon")))
    run = ana.latest
    leases.take(Run.objects.get(pk=run.pk))
    with pytest.raises(RunBusy):
        run_signed_in(run=run)


@pytest.mark.parametrize("verb", ["cancel", "delete"])
@pytest.mark.parametrize("provider", some_quickly(["google", "x", "saml"], "google"))
def test_a_run_that_was_ended_meanwhile_gets_no_artifact(ana: Person, provider: str, verb: str) -> None:
    answer = ana.at_provider(ana.open(provider))
    run = ana.latest
    ana.post(f"/runs/{run.code}/{verb}/")

    shown = ana.get(ana.arrive(answer)["Location"])
    assert shown.status_code == 200
    if provider != "saml":  # whose response finds its sign-in before anybody is known, and then finds none
        assert "has been cancelled or deleted" in shown.content.decode()
    assert SealedValue.objects.count() == 0
    kept = run.code if verb == "cancel" else ""  # a link to a run that is gone leads nowhere
    declined = SignIn.objects.filter(outcome="declined")
    assert list(declined.values_list("error_code", "run_code")) == [("cancelled", kept)]


def test_a_run_that_is_deleted_while_its_answer_is_looked_at_gets_no_artifact(ana: Person) -> None:
    answer = ana.at_provider(ana.open("google"))
    run, owner = ana.latest, ana.owner_now
    transaction = sign_in_claim(owner=owner, backend="google-openidconnect", name=answer.parameters["state"])

    run_delete(run=run)
    artifact = Artifact("google", "id_token", "accounts.google.com", "a token", timezone.now() + timedelta(hours=1))
    sign_in_succeed(transaction, artifact)

    assert SealedValue.objects.count() == 0
    assert SignIn.objects.latest("pk").outcome == "declined"
