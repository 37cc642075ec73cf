"""Creates, updates and removes a stack by the API calls that CloudFormation makes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError

from tests.cloudformation.resources import TYPES, Api, ClientOf, Made, Properties, replaced_by_change
from tests.cloudformation.template import Template, TemplateError, Values

Action = Literal["Add", "Modify", "Remove"]
# What stands for a reference to something that is not there yet.
KNOWN_LATER = "{{known later}}"


@dataclass
class Kept:
    """A resource of a stack: what it is, and the properties that it was made with."""

    kind: str
    made: Made
    properties: Properties


@dataclass(frozen=True)
class Change:
    """What an update does to one resource."""

    action: Action
    logical: str
    kind: str
    physical_id: str = ""
    replacement: bool = False


@dataclass(frozen=True)
class Event:
    logical: str
    kind: str
    physical_id: str
    status: str
    reason: str = ""


class DeployFailed(Exception):
    """A resource could not be made, changed or removed; the text names it and says why."""


@dataclass
class Deployer:
    """One stack, and the clients that it is deployed with."""

    client_of: ClientOf
    region: str
    account: str
    stack: str
    tags: Mapping[str, str] = field(default_factory=dict)
    resources: dict[str, Kept] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    tell: Callable[[Event], None] = lambda event: None
    stack_id: str = ""
    deployed: tuple[Template, dict[str, str]] | None = None

    def __post_init__(self) -> None:
        self.stack_id = f"arn:aws:cloudformation:{self.region}:{self.account}:stack/{self.stack}/{uuid4()}"

    def tag_list(self) -> list[dict[str, str]]:
        return self._api.tag_list()

    @property
    def _api(self) -> Api:
        return Api(self.client_of, self.region, self.account, self.stack, self.tags)

    def changes(self, template: Template, parameters: Mapping[str, str]) -> list[Change]:
        """What deploying this would do, in the order in which it would be done.

        Raises:
            TemplateError: it is refused before anything is done.
        """
        values = self._values(template, parameters)
        found = []
        order = template.active(values)
        changing: set[str] = set()
        for logical in order:
            kind = template.resources[logical]["Type"]
            if kind not in TYPES:
                raise TemplateError(f"Template format error: Unrecognized resource types: [{kind}]")
            properties, kept = template.properties(logical, values), self.resources.get(logical)
            if kept is None:
                found.append(Change("Add", logical, kind))
            elif kept.properties != properties:
                replaced = replaced_by_change(kind, kept.properties, properties)
                changing |= {logical} if replaced else set()
                found.append(Change("Modify", logical, kind, kept.made.physical_id, replaced))
        for logical in reversed([name for name in self.resources if name not in order]):
            kept = self.resources[logical]
            found.append(Change("Remove", logical, kept.kind, kept.made.physical_id))
        return found

    def deploy(self, template: Template, parameters: Mapping[str, str]) -> dict[str, str]:
        """Create or update the stack; its outputs. What fails is rolled back.

        Raises:
            TemplateError: it is refused before anything is done.
            DeployFailed: a call was refused; the stack is as it was before.
        """
        before = self.deployed
        self.changes(template, parameters)
        try:
            self._apply(template, parameters)
        except DeployFailed:
            if before is None:
                self.remove()
            else:
                self._apply(*before)
            raise
        self.deployed = (template, dict(parameters))
        return self.outputs

    def remove(self) -> None:
        """Remove everything, in the reverse order.

        Raises:
            DeployFailed: something could not be removed, such as a bucket with objects; the rest behind it stays.
        """
        for logical in reversed(list(self.resources)):
            self._remove(logical)
        self.outputs, self.deployed = {}, None

    def _values(self, template: Template, parameters: Mapping[str, str]) -> Values:
        pseudo = {
            "AWS::Region": self.region,
            "AWS::AccountId": self.account,
            "AWS::StackName": self.stack,
            "AWS::StackId": self.stack_id,
            "AWS::URLSuffix": "amazonaws.com",
            "AWS::Partition": "aws",
        }
        return template.values(parameters, pseudo, self._resource)

    def _resource(self, logical: str, attribute: str) -> str:
        kept = self.resources.get(logical)
        if kept is None:
            return KNOWN_LATER
        return kept.made.attributes[attribute] if attribute else kept.made.physical_id

    def _apply(self, template: Template, parameters: Mapping[str, str]) -> None:
        values = self._values(template, parameters)
        order = template.active(values)
        replaced: list[tuple[str, Kept]] = []
        for logical in order:
            kind, properties = template.resources[logical]["Type"], template.properties(logical, values)
            if former := self._one(logical, kind, properties):
                replaced.append((logical, former))
        for logical in reversed([name for name in self.resources if name not in order]):
            self._remove(logical)
        for logical, kept in reversed(replaced):
            self._delete(logical, kept)
        self.resources = {logical: self.resources[logical] for logical in order}
        self.outputs = template.resolved_outputs(values)

    def _one(self, logical: str, kind: str, properties: Properties) -> Kept | None:
        """Create or change one resource; the former one, where it is to be deleted when all others are done."""
        kept, resource = self.resources.get(logical), TYPES[kind]
        if kept is None or replaced_by_change(kind, kept.properties, properties):
            made = self._try(logical, kind, "CREATE", lambda: resource.create(self._api, logical, properties))
            self.resources[logical] = Kept(kind, made, properties)
            return kept
        if kept.properties != properties:
            there, before = kept.made, kept.properties
            self._try(logical, kind, "UPDATE", lambda: resource.update(self._api, there, before, properties))
            kept.properties = properties
        return None

    def _remove(self, logical: str) -> None:
        self._delete(logical, self.resources[logical])
        del self.resources[logical]

    def _delete(self, logical: str, kept: Kept) -> None:
        def delete() -> Made:
            TYPES[kept.kind].delete(self._api, kept.made, kept.properties)
            return kept.made

        self._try(logical, kept.kind, "DELETE", delete)

    def _try(self, logical: str, kind: str, verb: str, act: Callable[[], Any]) -> Any:
        try:
            result = act()
        except (ClientError, BotoCoreError) as refused:
            reason = str(refused)
            self._note(Event(logical, kind, "", f"{verb}_FAILED", reason))
            raise DeployFailed(f"{logical}: {reason}") from refused
        physical = result.physical_id if isinstance(result, Made) else ""
        self._note(Event(logical, kind, physical, f"{verb}_COMPLETE"))
        return result

    def _note(self, event: Event) -> None:
        self.events.append(event)
        self.tell(event)
