"""Whose runs are whose."""

from pytest_django import Settings

from accounts.models import User
from flows.models import Run
from tests.flows.history.conftest import OTHER_VISITOR, MakeRun, browser


def test_another_browser_sees_nothing_of_a_visitors_runs(make_run: MakeRun) -> None:
    run = make_run()
    mine, other = browser(), browser(OTHER_VISITOR)

    assert run.get_absolute_url() in mine.get("/runs/").content.decode()
    assert "No runs yet" in other.get("/runs/").content.decode()
    for path in (run.get_absolute_url(), f"{run.get_absolute_url()}delete/"):
        assert mine.get(path).status_code == 200
        assert other.get(path).status_code == 404


def test_a_forged_visitor_cookie_is_a_new_browser(make_run: MakeRun) -> None:
    make_run()
    forger = browser()
    forger.cookies["lab_visitor"] = f"{forger.cookies['lab_visitor'].value}x"
    assert "No runs yet" in forger.get("/runs/").content.decode()


def test_a_browser_keeps_its_runs_when_its_cookie_gets_the_name_for_https(
    make_run: MakeRun, settings: Settings
) -> None:
    run = make_run()
    client = browser()
    settings.VISITOR_COOKIE_NAME = "__Host-lab_visitor"
    for _ in range(2):
        assert run.get_absolute_url() in client.get("/runs/").content.decode()
    assert client.cookies["lab_visitor"].value == ""
    client.cookies["lab_visitor"] = client.cookies["__Host-lab_visitor"].value  # as another host name could set it
    del client.cookies["__Host-lab_visitor"]
    assert "No runs yet" in client.get("/runs/").content.decode()


def test_an_account_sees_its_runs_on_every_device(make_run: MakeRun, ana: User) -> None:
    run = make_run(user=ana, visitor=None)
    for device in (browser(user=ana), browser(OTHER_VISITOR, user=ana)):
        assert run.get_absolute_url() in device.get("/runs/").content.decode()


def test_after_signing_out_the_accounts_runs_are_gone_from_the_browser(make_run: MakeRun, ana: User) -> None:
    run = make_run(user=ana, visitor=None)
    client = browser(user=ana)
    client.post("/accounts/sign-out/")

    assert "No runs yet" in client.get("/runs/").content.decode()
    assert client.get(run.get_absolute_url()).status_code == 404


def test_signing_in_adopts_the_browsers_runs(make_run: MakeRun, ana: User) -> None:
    mine, others = make_run(), make_run(visitor=OTHER_VISITOR)
    client = browser()
    client.post("/accounts/sign-in/", {"username": "ana", "password": "correct horse battery"})

    assert mine.get_absolute_url() in client.get("/runs/").content.decode()
    assert Run.objects.get(pk=mine.pk).user == ana
    assert Run.objects.get(pk=others.pk).user is None


def test_signing_up_adopts_them_too(make_run: MakeRun) -> None:
    run = make_run()
    password = "correct horse battery"
    browser().post("/accounts/sign-up/", {"username": "bo", "password1": password, "password2": password})
    assert Run.objects.get(pk=run.pk).user == User.objects.get(username="bo")


def test_another_account_does_not_see_them(make_run: MakeRun, ana: User) -> None:
    run = make_run(user=ana, visitor=None)
    stranger = browser(user=User.objects.create_user("bo"))
    assert "No runs yet" in stranger.get("/runs/").content.decode()
    assert stranger.get(run.get_absolute_url()).status_code == 404


def test_a_notice_travels_in_a_cookie_of_ours(make_run: MakeRun) -> None:
    run, client = make_run(), browser()
    client.post(f"{run.get_absolute_url()}delete/")
    assert client.cookies["lab_messages"].value
    assert "its calls are deleted" in client.get("/runs/").content.decode()
    assert not client.cookies["lab_messages"].value
