"""The condition keys of a request: in any case, looked for once, and a default for what is not there."""

from iampolicy.context import RequestContext, as_context


def test_a_key_is_looked_for_once_and_may_be_absent() -> None:
    asked: list[str] = []

    def find(key: str) -> str | None:
        asked.append(key)
        return "found" if key == "aws:found" else None

    context = RequestContext({"AWS:Given": ["a", "b"]}, find)
    for _ in range(2):
        assert context.get("aws:given") == ("a", "b")
        assert context.get("aws:found") == "found"
        assert (context.get("aws:absent"), context.get("aws:absent", "default")) == (None, "default")
    assert asked == ["aws:found", "aws:absent"]
    assert dict(context) == {"aws:given": ("a", "b"), "aws:found": "found"}
    assert ("aws:absent" in context, len(context)) == (False, 2)


def test_a_context_without_more_keys() -> None:
    context = as_context({"A": "1"})
    assert as_context(context) is context
    assert (context["a"], context.get("b"), context.get("b", "default")) == ("1", None, "default")
