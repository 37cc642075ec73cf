"""Templates that are rendered in fewer steps show what Django's own would, and fail as they do."""

from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

import pytest
from django.template import Context, Engine, Template, TemplateSyntaxError
from django.template.loader import get_template
from django.utils.safestring import mark_safe

from web.rendering import QuickTemplate


class Silent(Exception):
    silent_variable_failure = True


class Flavour(Enum):
    SOUR = "sour"


class Thing:
    label = "<b>"
    kind = Flavour

    def __init__(self) -> None:
        self.asked = 0

    @property
    def counted(self) -> int:
        self.asked += 1
        return self.asked

    @property
    def nothing(self) -> None:
        self.asked += 1

    @property
    def silent(self) -> str:
        raise Silent

    @property
    def mistaken(self) -> str:
        raise AttributeError("of its own")

    @property
    def failing(self) -> str:
        raise ValueError("of its own")

    def method(self) -> str:
        return "called & escaped"

    def with_argument(self, one: str) -> str:
        return one

    def type_error(self) -> str:
        raise TypeError("of its own")

    def delete(self) -> str:
        raise AssertionError("deleted")

    delete.alters_data = True  # type: ignore[attr-defined]


def values() -> dict[str, Any]:
    return {
        "thing": Thing(),
        "text": "a < b",
        "safe": mark_safe("<i>"),
        "number": 1234567,
        "part": 1.5,
        "exact": Decimal("2.50"),
        "yes": True,
        "nothing": None,
        "when": datetime(2026, 11, 30, 12, 0, tzinfo=UTC),
        "list": ["first", {"in": "list"}],
        "map": {"key": "of a map", "items": "its own", "1": "one", "none": None},
        "function": lambda: "of a function",
        "kind": Flavour,
        "pairs": [("a", 1), ("b", 2)],
    }


SHOWN = [
    "just text",
    "{# nothing #}",
    "{{ text }}{{ safe }}{{ number }}{{ part }}{{ exact }}{{ yes }}{{ nothing }}{{ when }}",
    "{{ thing.label }}{{ thing.method }}{{ thing.counted }}{{ thing.asked }}",
    "{{ thing.delete }}|{{ thing.with_argument }}|{{ thing.silent }}|{{ thing.kind.SOUR.value }}|{{ kind.SOUR.value }}",
    "{{ list.0 }}{{ list.1.in }}{{ list.9 }}{{ list.x }}{{ map.key }}{{ map.items }}{{ map.1 }}{{ map.keys }}",
    "{{ missing }}{{ missing.part }}{{ thing.missing }}{{ nothing.part }}{{ map.none.part }}{{ number.0 }}{{ text.0 }}",
    "{{ function }}{{ dicts }}{{ template }}{{ push }}{{ render_context }}",
    "{% autoescape off %}{{ text }}{{ number }}{{ thing.label }}{% endautoescape %}",
    '{{ text|upper }}{{ missing|default:text }}{{ missing|default:"<" }}{{ when|date:"j M" }}{{ list|length }}',
    "{{ 'literal <' }}{{ 12 }}{{ _('said') }}{{ True }}{{ None }}",
    "{% if thing.nothing %}yes{% elif nothing.x %}x{% elif missing == 1 %}y{% else %}no{% endif %}{{ thing.asked }}",
    "{% for a, b in pairs %}{{ forloop.counter }}{{ a }}{{ b }}{% empty %}none{% endfor %}",
    "{% for x in missing %}{{ x }}{% empty %}none{% endfor %}",
    "{% with a=thing.label b=missing.x %}{{ a }}[{{ b }}]{% endwith %}",
    "{% if safe %} {% endif %}{% if text %}{{ text }}, {% include 'icons/key.svg' %}{% endif %}",
]


@pytest.mark.parametrize("text", SHOWN)
def test_what_is_shown_is_what_django_shows(text: str) -> None:
    quick, own = QuickTemplate(text), Template(text)
    assert quick.render(Context(values())) == own.render(Context(values()))
    assert quick.render(Context(values())) == quick.render(Context(values())), "and the same again"


@pytest.mark.parametrize("text", ["{{ thing.mistaken }}", "{{ thing.failing }}", "{{ thing.type_error }}"])
def test_a_mistake_of_a_value_is_not_kept_back(text: str) -> None:
    raised = []
    for template in (QuickTemplate(text), Template(text)):
        with pytest.raises((AttributeError, ValueError, TypeError), match="of its own") as failure:
            template.render(Context(values()))
        raised.append(failure.type)
    assert raised[0] is raised[1]


def test_what_is_to_stand_for_what_is_missing_does() -> None:
    engine = Engine(string_if_invalid="[%s?]")
    text = "{{ missing }}{{ thing.missing }}{{ thing.silent }}{% if missing %}{% endif %}{{ missing|default:'d' }}"
    quick, own = (kind(text, engine=engine) for kind in (QuickTemplate, Template))
    assert quick.render(Context(values())) == own.render(Context(values()))


def test_a_template_with_a_mistake_is_refused() -> None:
    with pytest.raises(TemplateSyntaxError):
        QuickTemplate("{% if %}{% endif %}")
    with pytest.raises(TemplateSyntaxError):
        QuickTemplate("{% if x %}")


def test_a_template_for_debugging_names_the_line_of_an_error() -> None:
    template = QuickTemplate("one\n{{ thing.failing }}", engine=Engine(debug=True))
    with pytest.raises(ValueError, match="of its own") as failure:
        template.render(Context(values()))
    assert failure.value.template_debug["line"] == 2  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ["flows/run.html", "admin/index.html", "icons/key.svg"])
def test_pages_are_rendered_so(name: str) -> None:
    assert isinstance(get_template(name).template, QuickTemplate)  # type: ignore[attr-defined]


def test_blocks_of_a_template_stand_where_the_template_that_it_extends_has_them() -> None:
    base = "<{% block a %}a{% if text %}{% block b %}b{% endblock %}{% endif %}{% endblock %}>"
    loaders = [("django.template.loaders.locmem.Loader", {"base": base})]
    text = "{% extends 'base' %}{% block b %}{{ block.super }}, {{ text }}{% endblock %}"
    template = QuickTemplate(text, engine=Engine(loaders=loaders))
    for _ in range(2):
        assert template.render(Context(values())) == "<ab, a &lt; b>"
