"""A call as an ECMAScript module (AWS SDK for JavaScript v3)."""

import json

from flows.programs.call import Call
from flows.programs.literals import Notation

_JAVASCRIPT = Notation({True: "true", False: "false", None: "null"}, "process.env.%s", quoted_keys=False)


def written(call: Call) -> str:
    """`node call.mjs`"""
    # The SDK's names follow from the service's id: of "Cognito Identity", CognitoIdentityClient.
    name = str(call.model.service_model.service_id)
    client, package = f"{name.replace(' ', '')}Client", f"@aws-sdk/client-{name.lower().replace(' ', '-')}"
    command = f"{call.model.name}Command"
    options = [f"region: {json.dumps(call.region)}"]
    if call.endpoint:
        options += [
            f"endpoint: {json.dumps(call.endpoint)}",
            *(["forcePathStyle: true"] if call.service == "s3" else []),
        ]
    lines = [
        *call.notes("//"),
        f'import {{ {client}, {command} }} from "{package}";',
        "",
        f"const client = new {client}({{ {', '.join(options)} }});",
        f"const answer = await client.send(new {command}({_JAVASCRIPT.written(call.values)}));",
        "console.log(answer);",
    ]
    return "\n".join(lines) + "\n"
