"""A template read, and its functions resolved: Ref, GetAtt, Sub, Join, Split, Select, If and the conditions."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from cfnlint.decode import cfn_yaml

NO_VALUE = object()
_VARIABLE = re.compile(r"\$\{(!?)([^}]+)\}")


class TemplateError(Exception):
    """The template or its parameters are refused; the text is CloudFormation's or says what is wrong."""


@dataclass
class Values:
    """What a template is resolved against.

    Attributes:
        parameters: with defaults filled in.
        pseudo: `AWS::Region` and its like.
        resource: `(logical ID, attribute)` -> its value; the attribute is empty for Ref.
    """

    parameters: Mapping[str, str]
    pseudo: Mapping[str, str]
    resource: Callable[[str, str], Any]
    conditions: dict[str, bool] = field(default_factory=dict)


def _plain(node: Any) -> Any:
    if isinstance(node, Mapping):
        return {str(key): _plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_plain(value) for value in node]
    return str(node) if isinstance(node, str) else node


class Template:
    """One template, as text of YAML."""

    def __init__(self, text: str) -> None:
        body: dict[str, Any] = _plain(cfn_yaml.loads(text))
        self.parameters: dict[str, Any] = body.get("Parameters", {})
        self.resources: dict[str, Any] = body["Resources"]
        self.outputs: dict[str, Any] = body.get("Outputs", {})
        self._conditions: dict[str, Any] = body.get("Conditions", {})
        self._rules: dict[str, Any] = body.get("Rules", {})

    def values(
        self, given: Mapping[str, str], pseudo: Mapping[str, str], resource: Callable[[str, str], Any]
    ) -> Values:
        """Everything that the template is resolved against, its conditions evaluated.

        Raises:
            TemplateError: a parameter is unknown, missing or not allowed, or a rule is broken.
        """
        values = Values(self.checked(given), pseudo, resource)
        for name, condition in self._conditions.items():
            values.conditions[name] = self._holds(condition, values)
        for rule in self._rules.values():
            if self._holds(rule.get("RuleCondition", {"Fn::Equals": ["", ""]}), values):
                for assertion in rule["Assertions"]:
                    if not self._holds(assertion["Assert"], values):
                        raise TemplateError(f"Template error: rule failed: {assertion['AssertDescription']}")
        return values

    def checked(self, given: Mapping[str, str]) -> dict[str, str]:
        """The parameters with defaults filled in.

        Raises:
            TemplateError: one is unknown, missing or not allowed.
        """
        if unknown := sorted(set(given) - set(self.parameters)):
            raise TemplateError(f"Parameters: [{', '.join(unknown)}] do not exist in the template")
        found = {}
        for name, declared in self.parameters.items():
            value = given.get(name, declared.get("Default"))
            if value is None:
                raise TemplateError(f"Parameters: [{name}] must have values")
            allowed, pattern = declared.get("AllowedValues"), declared.get("AllowedPattern")
            if len(value.encode()) > 4096:
                raise TemplateError(f"Parameter {name} is longer than 4096 bytes")
            if (allowed and value not in allowed) or (pattern and not re.fullmatch(pattern, value)):
                raise TemplateError(f"Parameter {name} failed to satisfy constraint: {declared.get('Description')}")
            found[name] = value
        return found

    def active(self, values: Values) -> list[str]:
        """Logical IDs of the resources whose conditions hold, each behind those that it names."""
        there = {name for name, one in self.resources.items() if values.conditions.get(one.get("Condition", ""), True)}
        needs = {name: set(self._named_by(self.resources[name], values)) & there - {name} for name in there}
        order: list[str] = []
        while len(order) < len(there):
            ready = sorted(name for name in there - set(order) if needs[name] <= set(order))
            if not ready:
                raise TemplateError(f"Circular dependency between resources: {sorted(there - set(order))}")
            order += ready
        return order

    def properties(self, name: str, values: Values) -> dict[str, Any]:
        """The properties of a resource, resolved."""
        found: dict[str, Any] = self.resolve(self.resources[name].get("Properties", {}), values)
        return found

    def resolved_outputs(self, values: Values) -> dict[str, str]:
        return {
            name: str(self.resolve(output["Value"], values))
            for name, output in self.outputs.items()
            if values.conditions.get(output.get("Condition", ""), True)
        }

    # --- Functions ----------------------------------------------------------------------------------------------------

    def resolve(self, node: Any, values: Values) -> Any:
        """A node with its functions replaced by what they give.

        Raises:
            TemplateError: a function that is not known here.
        """
        if isinstance(node, list):
            return [found for one in node if (found := self.resolve(one, values)) is not NO_VALUE]
        if not isinstance(node, Mapping):
            return node
        if len(node) == 1:
            (name, argument), *_ = node.items()
            if name == "Ref" or name.startswith("Fn::"):
                return self._function(name, argument, values)
        resolved = {key: self.resolve(value, values) for key, value in node.items()}
        return {key: value for key, value in resolved.items() if value is not NO_VALUE}

    def _function(self, name: str, argument: Any, values: Values) -> Any:
        if name == "Ref":
            return self._ref(argument, values)
        if name == "Fn::GetAtt":
            logical, attribute = argument.split(".", 1) if isinstance(argument, str) else argument
            return values.resource(logical, attribute)
        if name == "Fn::If":
            condition, yes, no = argument
            return self.resolve(yes if values.conditions[condition] else no, values)
        if name == "Fn::Sub":
            return self._sub(argument, values)
        resolved = self.resolve(argument, values)
        if name == "Fn::Join":
            return resolved[0].join(resolved[1])
        if name == "Fn::Split":
            return resolved[1].split(resolved[0])
        if name == "Fn::Select":
            return resolved[1][int(resolved[0])]
        raise TemplateError(f"Template error: {name} is not known here.")

    def _ref(self, name: str, values: Values) -> Any:
        if name == "AWS::NoValue":
            return NO_VALUE
        if name in values.parameters:
            return values.parameters[name]
        return values.pseudo[name] if name in values.pseudo else values.resource(name, "")

    def _sub(self, argument: Any, values: Values) -> str:
        text, own = (argument, {}) if isinstance(argument, str) else argument
        own = {name: self.resolve(value, values) for name, value in own.items()}

        def put(found: re.Match[str]) -> str:
            literal, name = found.groups()
            if literal:
                return f"${{{name}}}"
            if name in own:
                return str(own[name])
            if "." in name:
                return str(values.resource(*name.split(".", 1)))
            return str(self._ref(name, values))

        return _VARIABLE.sub(put, text)

    def _holds(self, node: Mapping[str, Any], values: Values) -> bool:
        ((name, argument),) = node.items()
        if name == "Condition":
            if argument not in values.conditions:
                values.conditions[argument] = self._holds(self._conditions[argument], values)
            return values.conditions[argument]
        if name == "Fn::Equals":
            one, other = (self.resolve(side, values) for side in argument)
            return bool(one == other)
        if name == "Fn::Not":
            return not self._holds(argument[0], values)
        if name in ("Fn::And", "Fn::Or"):
            every = [self._holds(one, values) for one in argument]
            return all(every) if name == "Fn::And" else any(every)
        raise TemplateError(f"Template error: the condition {name} is not known here.")

    def _named_by(self, node: Any, values: Values) -> Iterator[str]:
        """Logical IDs and parameters that a node refers to, in the branches that are taken."""
        if isinstance(node, list):
            for one in node:
                yield from self._named_by(one, values)
        elif isinstance(node, Mapping):
            for name, argument in node.items():
                yield from self._named_in(name, argument, values)

    def _named_in(self, name: str, argument: Any, values: Values) -> Iterator[str]:
        if name == "Ref":
            yield argument
        elif name == "Fn::GetAtt":
            yield argument.split(".")[0] if isinstance(argument, str) else argument[0]
        elif name == "DependsOn":
            yield from [argument] if isinstance(argument, str) else argument
        elif name == "Fn::If":
            yield from self._named_by(argument[1 if values.conditions[argument[0]] else 2], values)
        elif name == "Fn::Sub":
            text = argument if isinstance(argument, str) else argument[0]
            yield from (found[2].split(".")[0] for found in _VARIABLE.finditer(text) if not found[1])
            yield from self._named_by([] if isinstance(argument, str) else argument[1], values)
        else:
            yield from self._named_by(argument, values)
