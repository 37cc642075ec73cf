"""Tags of every template: addresses that are worked out once, what a link swaps, icons that are drawn once."""

import re

import pytest
from django.template import Context, Engine, Template, TemplateDoesNotExist
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.test.utils import override_script_prefix
from django.urls import NoReverseMatch, path, re_path, reverse, set_urlconf
from django.views import View

from tests import ROOT

urlpatterns = [  # of another site
    path("elsewhere/", View.as_view(), name="elsewhere"),
    path("word/<slug:word>/", View.as_view(), name="either"),
    path("number/<int:number>/", View.as_view(), name="either"),
    re_path("^letters/(?P<letters>[a-z]{4})/$", View.as_view(), name="letters"),
]


def shown(text: str, times: int = 3, **values: object) -> str:
    """What a template makes of these values, the same each time."""
    template = Template(text)
    (one,) = {template.render(Context(values)) for _ in range(times)}
    return one


def test_an_address_without_arguments_is_that_of_its_view() -> None:
    assert shown('{% url "flows:demo" %}') == reverse("flows:demo")
    assert shown('{% url "flows:demo" as there %}[{{ there }}]') == f"[{reverse('flows:demo')}]"
    assert shown("{% url name %}", name="flows:demo") == reverse("flows:demo")
    assert shown('{% url "flows:no-such" as there %}[{{ there }}]') == "[]"
    with pytest.raises(NoReverseMatch):
        shown('{% url "flows:no-such" %}')
    with pytest.raises(NoReverseMatch):
        shown('{% url "flows:run_detail" %}')


def test_an_address_with_arguments_is_that_of_each() -> None:
    template = Template('{% url "flows:run_detail" code %}')
    for code in ("a", "b"):
        assert template.render(Context({"code": code})) == reverse("flows:run_detail", args=[code])


CODES = ["a", "x-Y_9", "70", "707", "with space", "sl/ash", "%s", "a&b", "é", "", 7]


@pytest.mark.parametrize("arguments", [(code,) for code in CODES] + [(code, "calls") for code in CODES], ids=str)
@pytest.mark.parametrize(
    "name", ["flows:run_detail", "flows:run_view", "flows:note_delete", "flows:pool_tab", "flows:demo", "anywhere"]
)
def test_an_address_with_arguments_is_what_django_makes_of_them(name: str, arguments: tuple[object, ...]) -> None:
    values = {f"a{number}": argument for number, argument in enumerate(arguments)}
    tag = f'{{% url "{name}" {" ".join(values)} as there %}}[{{{{ there }}}}]'
    for text in (tag, tag.replace(" as there", "").replace("{{ there }}", "")):
        outcomes: list[list[str]] = []
        for engine in (Engine.get_default(), Engine()):  # of which the second has Django's own tags
            template = engine.from_string(text)
            try:
                outcomes.append([str(template.render(Context(values))) for _ in range(2)])
            except NoReverseMatch as error:
                outcomes.append([str(error)])
        assert outcomes[0] == outcomes[1]


def test_an_argument_that_could_be_of_two_addresses_decides_which() -> None:
    set_urlconf(__name__)
    try:
        for argument in ("12", "a", "12"):
            expected = reverse("either", args=[argument])
            assert shown('{% url "either" argument %}', argument=argument) == expected
        assert reverse("either", args=["12"]) == "/number/12/"
        for argument in ("abcd", "abcdé"):
            assert shown('{% url "letters" argument as there %}{{ there }}', argument=argument) == (
                "/letters/abcd/" if argument == "abcd" else ""
            )
    finally:
        set_urlconf(None)


def test_an_address_follows_the_prefix_and_the_addresses_of_the_site() -> None:
    template = Template('{% url "flows:demo" as there %}{{ there }}{% url "elsewhere" as other %}{{ other }}')
    request = RequestFactory().get("/")
    here = template.render(Context({"request": request}))
    assert here == "/demo/"
    with override_script_prefix("/below/"):
        assert template.render(Context()) == "/below/demo/"
    set_urlconf(__name__)
    try:
        assert template.render(Context()) == "/elsewhere/"
    finally:
        set_urlconf(None)
    assert template.render(Context()) == here


def test_an_icon_is_its_file_and_other_files_know_where_they_stand() -> None:
    icon = render_to_string("icons/play.svg")
    assert shown('{% include "icons/play.svg" %}') == icon
    assert shown("{% include name %}", name="icons/play.svg") == icon
    template = Template('{% include "icons/"|add:name %}')
    for name in ("play", "key"):
        assert template.render(Context({"name": f"{name}.svg"})) == render_to_string(f"icons/{name}.svg")
    labelled = Template('{% include "flows/run/_title.html" %}')
    for title in ("One", "Other"):
        assert title in labelled.render(Context({"shown": {"title": title, "row": {"icon": "icons/key.svg"}}}))
    with pytest.raises(TemplateDoesNotExist):
        shown('{% include "icons/no-such.svg" %}')


def test_a_template_that_is_named_stands_there_with_what_it_is_given() -> None:
    parts = {
        "within/part": "{{ text }}{{ more }}",
        "within/whole": "{% include './part' with more=1 %}|{% include 'within/part' with more=2 only %}|{{ more }}",
        "several": "{% for text in texts %}{% include 'within/part' %}{% endfor %}{% include name %}",
    }
    engine = Engine(
        loaders=[("django.template.loaders.locmem.Loader", parts)], builtins=["web.page_tags"], libraries={}
    )
    for _ in range(2):
        assert engine.get_template("within/whole").render(Context({"text": "a"})) == "a1|2|"
        values = {"texts": ["a", "<"], "name": "within/part", "text": "last"}
        assert engine.get_template("several").render(Context(values)) == "a&lt;last"
    with pytest.raises(TemplateDoesNotExist, match="no-such"):
        shown("{% include 'no-such.html' %}")


def test_every_icon_is_the_same_on_every_page() -> None:
    assert [
        path.name for path in (ROOT / "templates" / "icons").iterdir() if re.search("{[{%#]", path.read_text())
    ] == []


@pytest.mark.parametrize(
    ("tag", "attributes"),
    [
        (
            '{% swap "run" %}',
            'hx-target="#run" hx-select="#run" hx-swap="outerHTML show:none"'
            ' hx-select-oob="#messages:innerHTML" hx-push-url="true"',
        ),
        (
            '{% swap "api" same_address=True %}',
            'hx-target="#api" hx-select="#api" hx-swap="outerHTML show:none" hx-select-oob="#messages:innerHTML"',
        ),
        (
            '{% swap part inside=".body" only_part=True %}',
            'hx-target="find .body" hx-select="#&quot;a &gt; .body" hx-swap="outerHTML show:none"',
        ),
    ],
)
def test_a_swap_says_what_takes_the_place_of_what(tag: str, attributes: str) -> None:
    assert shown(tag, part='"a') == attributes


def test_an_icon_is_drawn_once_and_referred_to_where_it_stands() -> None:
    drawn = shown('{% symbols "check" "lock" %}<p>{% symbol "check" %}</p><p>{% symbol name %}</p>', name="lock")
    assert drawn.count("<path") == 2  # one of the check, one of the lock beside its rectangle
    assert re.findall(r'<symbol id="(i-\w+)" viewBox="0 0 16 16">', drawn) == ["i-check", "i-lock"]
    assert re.findall(r'<p><svg class="icon" aria-hidden="true"><use href="#(i-\w+)"/></svg></p>', drawn) == [
        "i-check",
        "i-lock",
    ]
