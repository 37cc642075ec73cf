"""One sample call, as data: what is asked, what it teaches, and the same call as a program."""

from collections.abc import Callable
from dataclasses import dataclass
from textwrap import dedent
from typing import Any, Literal

from django.conf import settings

_SECRETS = "Credentials: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, from the environment."
DOCS = "https://docs.aws.amazon.com"


@dataclass(frozen=True, slots=True)
class Sample:
    """One call.

    Attributes:
        expected: whether a role made by docs/aws-setup.md allows it; `by role` where those roles differ.
        basic_allows: only the enhanced flow's session policy refuses it, and the basic flow has none.
        explanation: what to look at in the answer.
        settings_needed: names of settings that say which bucket, object or table.
        access: who is offered it: guests, people who signed in, or anybody.
        parameters: of the operation for an identity ID, with the settings filled in.
        python_lines, javascript_lines: the call itself; `python` and `javascript` make whole programs of them.
        javascript_package, javascript_client, javascript_command: names in the AWS SDK for JavaScript v3.
    """

    key: str
    title: str
    service: str
    operation: str
    purpose: str
    explanation: str
    expected: Literal["allowed", "refused", "by role"]
    doc: str
    parameters: Callable[[str], dict[str, Any]]
    python_lines: Callable[[str], str]
    javascript_lines: Callable[[str], str]
    javascript_package: str
    javascript_client: str
    javascript_command: str
    settings_needed: tuple[str, ...] = ()
    access: Literal["any", "guest", "authenticated"] = "any"
    basic_allows: bool = False

    @property
    def missing_settings(self) -> tuple[str, ...]:
        return tuple(name for name in self.settings_needed if not getattr(settings, name))

    def region(self, of_run: str) -> str:
        """Where it is made: buckets, tables and parameters are in AWS_REGION, wherever the run's pool is; STS is
        everywhere."""
        return of_run if self.service == "sts" else settings.AWS_REGION

    def python(self, region: str, identity_id: str = "", endpoint: str = "") -> str:
        """A Python program (boto3) that makes this call; in the sandbox at `endpoint`, or where clients find it."""
        body = dedent(self.python_lines(identity_id)).strip()
        options = ", ".join(self._python_client(region, endpoint))
        return f"# {_SECRETS}\nimport boto3\n\nclient = boto3.client({options})\n{body}\n"

    def javascript(self, region: str, identity_id: str = "", endpoint: str = "") -> str:
        """An ECMAScript module (AWS SDK for JavaScript v3) that makes this call: `node sample.mjs`."""
        names = f"{self.javascript_client}, {self.javascript_command}"
        options = ", ".join(self._javascript_client(region, endpoint))
        return (
            f"// {_SECRETS}\n"
            f'import {{ {names} }} from "{self.javascript_package}";\n\n'
            f"const client = new {self.javascript_client}({{ {options} }});\n"
            f"{dedent(self.javascript_lines(identity_id)).strip()}\n"
        )

    def _python_client(self, region: str, endpoint: str) -> list[str]:
        there = endpoint or settings.SANDBOX_CLI_URL
        options = [f'endpoint_url="{there}"'] if settings.APP_MODE == "sandbox" else []
        return [f'"{self.service}"', f'region_name="{region}"', *options]

    def _javascript_client(self, region: str, endpoint: str) -> list[str]:
        options = [f'region: "{region}"']
        if settings.APP_MODE == "sandbox":
            options.append(f'endpoint: "{endpoint or settings.SANDBOX_CLI_URL}"')
            options += ["forcePathStyle: true"] if self.service == "s3" else []
        return options
