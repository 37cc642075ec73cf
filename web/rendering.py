"""Django's templates, with the same result in fewer steps.

A page of a run has three hundred nodes and looks up as many values, and Django does each in a general way: it asks of
every node whether errors are to be annotated, of every value whether it is a date or a number, and of every object
whether it can be subscripted by failing at it. Most of that is known when the template is read. Templates for
debugging are Django's own.
"""

from collections.abc import Callable
from html import escape
from inspect import signature
from typing import Any, cast

from django.template import Context, Node, Template, Variable, VariableDoesNotExist
from django.template.base import FilterExpression, Lexer, NodeList, Parser, TextNode, VariableNode
from django.template.base import render_value_in_context as rendered
from django.template.context import BaseContext
from django.utils.safestring import SafeString

_MISSING = "Failed lookup for key [%s] in %r"
_NOT_THERE = (TypeError, AttributeError, KeyError, ValueError, IndexError)  # of what is looked up as in a dictionary


class QuickTemplate(Template):
    """A template of which each part is rendered as directly as it can be."""

    def compile_nodelist(self) -> NodeList:
        """What the template consists of.

        Raises:
            TemplateSyntaxError
        """
        if self.engine.debug:
            return super().compile_nodelist()
        parser = _Parser(
            Lexer(self.source).tokenize(),
            self.engine.template_libraries,
            self.engine.template_builtins,
            self.origin,
        )
        nodes = parser.parse()
        self.extra_data = getattr(parser, "extra_data", {})
        return nodes


class _Parser(Parser):
    def parse(self, parse_until: Any = None) -> NodeList:
        return _Nodes(super().parse(parse_until))

    def compile_filter(self, token: str) -> FilterExpression:
        return _Expression(token, self)


class _Nodes(NodeList):
    """Nodes that are known to be all: what each is rendered by is looked up once."""

    def __init__(self, nodes: NodeList) -> None:
        super().__init__(_shown(node) if type(node) is VariableNode else node for node in nodes)
        self.contains_nontext = nodes.contains_nontext
        self._renders: list[Callable[[Context], str]] = [node.render for node in self]
        self._text = SafeString("".join(node.s for node in self if type(node) is TextNode))
        self._is_text = all(type(node) is TextNode for node in self)
        self._of_type: dict[type[Node], list[Node]] = {}

    def render(self, context: Context) -> SafeString:
        if self._is_text:
            return self._text
        return SafeString("".join([render(context) for render in self._renders]))

    def get_nodes_by_type(self, nodetype: type[Node]) -> list[Node]:
        """As Django's, which walks through the whole of a base template for every page."""
        if nodetype not in self._of_type:
            self._of_type[nodetype] = super().get_nodes_by_type(nodetype)
        return list(self._of_type[nodetype])


class _Value(VariableNode):
    """A value in the text. Most are text themselves, which is neither local nor localized."""

    def render(self, context: Context) -> SafeString:
        try:
            value: Any = self.filter_expression.resolve(context)
        except UnicodeDecodeError:
            return SafeString("")
        kind = type(value)
        if context.autoescape and kind is str:
            return SafeString(escape(value))
        shown: Any = value if context.autoescape and kind is SafeString else rendered(value, context)
        return cast("SafeString", shown)

    def render_annotated(self, context: Context) -> SafeString:
        return self.render(context)


def _shown(node: VariableNode) -> _Value:
    shown = _Value(node.filter_expression)
    vars(shown).update(vars(node))
    return shown


class _Expression(FilterExpression):
    def __init__(self, token: str, parser: Parser) -> None:
        super().__init__(token, parser)
        if type(self.var) is Variable:
            self.var = _Path(self.var.var)
        self.filters = [(function, [_quick(argument) for argument in given]) for function, given in self.filters]

    def resolve(self, context: Any, ignore_failures: bool = False) -> Any:
        if self.filters or not self.is_var:
            return super().resolve(context, ignore_failures)
        try:
            return self.var.resolve(context)
        except VariableDoesNotExist:
            return None if ignore_failures else super().resolve(context)


def _quick(argument: tuple[bool, Any]) -> tuple[bool, Any]:
    looked_up, value = argument
    return (True, _Path(value.var)) if looked_up and type(value) is Variable else argument


class _Path(Variable):
    """Names to look up one after the other: `run.pool.label`."""

    __slots__ = ()

    def resolve(self, context: Any) -> Any:
        if self.lookups is None or self.translate:
            return super().resolve(context)
        first, *names = self.lookups
        try:
            current = context[first]
        except KeyError:
            return super().resolve(context)  # which says what is missing
        if callable(current):
            return super().resolve(context)
        try:
            for name in names:
                current = _part(current, name)
                if callable(current):
                    current = _called(current, context)
        except Exception as error:
            if getattr(error, "silent_variable_failure", False):
                return context.template.engine.string_if_invalid
            raise
        return current


def _part(whole: Any, name: str) -> Any:
    """What has that name in an object: as a key, as an attribute, or as a place in a list.

    Raises:
        VariableDoesNotExist: nothing has.
    """
    if hasattr(type(whole), "__getitem__"):
        try:
            return whole[name]
        except _NOT_THERE:
            if isinstance(whole, BaseContext):  # whose own attributes are no values
                raise VariableDoesNotExist(_MISSING, (name, whole)) from None
    try:
        return getattr(whole, name)
    except (TypeError, AttributeError):
        if whole is not None and name in dir(whole):  # it is there, and made a mistake itself
            raise
    try:
        return whole[int(name)]
    except (IndexError, ValueError, KeyError, TypeError):
        raise VariableDoesNotExist(_MISSING, (name, whole)) from None


def _called(function: Any, context: Any) -> Any:
    """What a function without arguments returns; of others, what stands for what is not valid."""
    if getattr(function, "do_not_call_in_templates", False):
        return function
    if getattr(function, "alters_data", False):
        return context.template.engine.string_if_invalid
    try:
        return function()
    except TypeError:
        if _needs_nothing(function):
            raise
        return context.template.engine.string_if_invalid


def _needs_nothing(function: Any) -> bool:
    try:
        signature(function).bind()
    except (TypeError, ValueError):
        return False
    return True
