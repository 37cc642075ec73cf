"""One stack of CloudFormation: what a change would do, the change itself, and the end of the stack.

Every change goes by a change set, so that what is printed before is what is done. A stack whose creation fails is
deleted by CloudFormation itself.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from operations.aws import AwsAccount, AwsProblem, code_of, in_words

TAG = "identity-pools-lab"  # on everything that the stack makes; its value is the stack's name
_CHANGE_SET = "provision"
_LONGEST = 1800  # seconds that a stack may take
_PAUSES = (0.2, 0.5, 1, 2, 3)  # seconds between two looks; the last goes on


@dataclass(frozen=True, slots=True)
class ResourceChange:
    """What is to be done to one resource. `replaced`: it is deleted, and another is made in its place."""

    action: str
    logical: str
    kind: str
    replaced: bool


@dataclass(frozen=True, slots=True)
class Event:
    status: str
    logical: str
    kind: str
    reason: str


class StackFailed(AwsProblem):
    """CloudFormation could not do it; the text has its reasons."""


class Stack:
    """The stack of that name in an account and region."""

    def __init__(self, account: AwsAccount, name: str) -> None:
        self._account, self.name = account, name
        self._cloudformation = account.client("cloudformation")
        self._seen: set[str] = set()

    def described(self) -> dict[str, Any] | None:
        """The stack as DescribeStacks answers it; None where there is none, or only a plan for one."""
        found = self._found(self.name)
        return None if found is None or found["StackStatus"] == "REVIEW_IN_PROGRESS" else found

    def outputs(self) -> dict[str, str]:
        found = self.described() or {}
        return {one["OutputKey"]: one["OutputValue"] for one in found.get("Outputs", [])}

    def is_ours(self) -> bool:
        """Whether `provision` made it: what somebody else made is not removed."""
        found = self.described() or {}
        return {"Key": TAG, "Value": self.name} in found.get("Tags", [])

    def plan(self, template: str, parameters: Mapping[str, str]) -> list[ResourceChange]:
        """Make a change set; what it would do. Nothing where there is nothing to do.

        Args:
            parameters: those given now; others keep their values, or in a new stack their defaults.

        Raises:
            AwsProblem: the template or a parameter is refused, or AWS is not reached.
        """
        there = self.described()
        kept = [one["ParameterKey"] for one in (there or {}).get("Parameters", [])]
        given: list[dict[str, Any]] = [
            {"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()
        ]
        given += [{"ParameterKey": name, "UsePreviousValue": True} for name in kept if name not in parameters]
        with in_words():
            self._cloudformation.create_change_set(
                StackName=self.name,
                ChangeSetName=_CHANGE_SET,
                ChangeSetType="CREATE" if there is None else "UPDATE",
                TemplateBody=template,
                Parameters=given,
                Capabilities=["CAPABILITY_IAM"],
                Tags=[{"Key": TAG, "Value": self.name}],
                **({"OnStackFailure": "DELETE"} if there is None else {}),
            )
        return self._changes()

    def forget_plan(self) -> None:
        """Delete the change set, and the empty stack that CloudFormation keeps for one that creates."""
        with in_words():
            self._cloudformation.delete_change_set(StackName=self.name, ChangeSetName=_CHANGE_SET)
        found = self._found(self.name)
        if found is not None and found["StackStatus"] == "REVIEW_IN_PROGRESS":
            with in_words():
                self._cloudformation.delete_stack(StackName=self.name)

    def carry_out(self, tell: Callable[[Event], None]) -> None:
        """Do what was planned, and wait for its end.

        Raises:
            StackFailed: with the reasons; what was done has been taken back.
            AwsProblem
        """
        found = self._found(self.name) or {}
        list(self._new_events(found["StackId"]))
        with in_words():
            self._cloudformation.execute_change_set(StackName=self.name, ChangeSetName=_CHANGE_SET)
        self._wait(found["StackId"], ("CREATE_COMPLETE", "UPDATE_COMPLETE"), tell)

    def remove(self, tell: Callable[[Event], None]) -> None:
        """Delete the stack with everything in it, and wait for its end.

        Raises:
            StackFailed: something could not be deleted, with the reasons.
            AwsProblem
        """
        found = self._found(self.name) or {}
        list(self._new_events(found["StackId"]))
        with in_words():
            self._cloudformation.delete_stack(StackName=self.name)
        self._wait(found["StackId"], ("DELETE_COMPLETE",), tell)

    def _found(self, name: str) -> dict[str, Any] | None:
        """By name or, when it is gone, by its ID."""
        with in_words():
            try:
                answer: dict[str, Any] = self._cloudformation.describe_stacks(StackName=name)
            except ClientError as refused:
                if code_of(refused) == "ValidationError" and "does not exist" in str(refused):
                    return None
                raise
        found: dict[str, Any] = answer["Stacks"][0]
        return None if found["StackStatus"] == "DELETE_COMPLETE" and name == self.name else found

    def _changes(self) -> list[ResourceChange]:
        for pause in _pauses():
            with in_words():
                answer = self._cloudformation.describe_change_set(StackName=self.name, ChangeSetName=_CHANGE_SET)
            if answer["Status"] == "FAILED":
                reason = str(answer.get("StatusReason", ""))
                self.forget_plan()
                if "didn't contain changes" in reason or "No updates are to be performed" in reason:
                    return []
                raise StackFailed(f"CloudFormation refused the change: {reason}")
            if answer["Status"] == "CREATE_COMPLETE":
                return [_change(one["ResourceChange"]) for one in self._all_changes(answer)]
            time.sleep(pause)
        raise StackFailed("CloudFormation did not say what it would change.")

    def _all_changes(self, answer: dict[str, Any]) -> Iterator[dict[str, Any]]:
        yield from answer.get("Changes", [])
        while token := answer.get("NextToken"):
            with in_words():
                answer = self._cloudformation.describe_change_set(
                    StackName=self.name, ChangeSetName=_CHANGE_SET, NextToken=token
                )
            yield from answer.get("Changes", [])

    def _wait(self, stack_id: str, good: Sequence[str], tell: Callable[[Event], None]) -> None:
        failed: list[Event] = []
        for pause in _pauses():
            # Its status first: what comes to an end between the two looks has its last events in the second.
            status = str((self._found(stack_id) or {}).get("StackStatus", ""))
            for event in self._new_events(stack_id):
                tell(event)
                failed += [event] if event.status.endswith("_FAILED") and event.logical != self.name else []
            if status in good:
                return
            if status.endswith(("_COMPLETE", "_FAILED")):
                reasons = "\n".join(f"  {event.logical}: {event.reason}" for event in failed) or f"  {status}"
                raise StackFailed(f"CloudFormation could not do it ({status}):\n{reasons}")
            time.sleep(pause)
        raise StackFailed(f"The stack {self.name} is still at it after half an hour; look at it in the console.")

    def _new_events(self, stack_id: str) -> Iterator[Event]:
        """Those that were not seen before, the oldest first."""
        with in_words():
            pages = self._cloudformation.get_paginator("describe_stack_events").paginate(StackName=stack_id)
            fresh = [one for page in pages for one in page["StackEvents"] if one["EventId"] not in self._seen]
        self._seen |= {one["EventId"] for one in fresh}
        for one in reversed(fresh):
            yield Event(
                one["ResourceStatus"],
                one["LogicalResourceId"],
                one["ResourceType"],
                one.get("ResourceStatusReason", ""),
            )


def _change(change: Mapping[str, Any]) -> ResourceChange:
    replaced = change.get("Replacement", "False") in ("True", "Conditional")
    return ResourceChange(change["Action"], change["LogicalResourceId"], change["ResourceType"], replaced)


def _pauses() -> Iterator[float]:
    """Seconds to sleep before each next look, until half an hour is over."""
    end, pauses = time.monotonic() + _LONGEST, iter(_PAUSES)
    while time.monotonic() < end:
        yield next(pauses, _PAUSES[-1])
