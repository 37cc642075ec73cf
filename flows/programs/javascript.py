"""A call, and a run, as an ECMAScript module (AWS SDK for JavaScript v3)."""

from flows.programs.call import ProgramCall
from flows.programs.chain import WHOSE, Chain
from flows.programs.literals import Notation

_JAVASCRIPT = Notation(
    {True: "true", False: "false", None: "null"}, "process.env.%s", "answer%d", ".%s", quoted_keys=False
)


def written(call: ProgramCall) -> str:
    """`node call.mjs`"""
    client, package = _names(call)
    command = f"{call.model.name}Command"
    options = [f"region: {_JAVASCRIPT.written(call.region)}"]
    if call.endpoint:
        options += [
            f"endpoint: {_JAVASCRIPT.written(call.endpoint)}",
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


def whole(chain: Chain) -> str:
    """`node run.mjs`"""
    imported: dict[str, dict[str, None]] = {}
    clients: dict[tuple[str, str], str] = {}
    body: list[str] = []
    for link in chain.links:
        call = link.call
        client, package = _names(call)
        command = f"{call.model.name}Command"
        imported.setdefault(package, {}).update({client: None, command: None})
        body += ["", f"// {link.title}"]
        key = (call.service, call.region)
        if key not in clients:
            clients[key] = f"client{len(clients) + 1}"
            body.append(f"const {clients[key]} = new {client}({_options(chain, call.region)});")
        asked = f"{clients[key]}.send(new {command}({_JAVASCRIPT.written(call.values)}))"
        body.append(f"const answer{link.number} = await {asked};")
    if chain.credentials:
        imported.setdefault("@aws-sdk/client-sts", {}).update({"STSClient": None, "GetCallerIdentityCommand": None})
        names = ("accessKeyId", "secretAccessKey", "sessionToken")
        keys = "".join(
            f"    {name}: {_JAVASCRIPT.taken(taken)},\n" for name, taken in zip(names, chain.credentials, strict=True)
        )
        body += ["", f"// {WHOSE}", f"const credentials = {{\n{keys}}};"]
        body.append(f"const whoever = new STSClient({_options(chain, chain.region, 'credentials')});")
        if chain.identity:
            body.append(f'console.log("Identity ID:", {_JAVASCRIPT.taken(chain.identity)});')
        body.append("console.log((await whoever.send(new GetCallerIdentityCommand({}))).Arn);")
    else:
        body.append(f"console.log(answer{len(chain.links)});")
    lines = [
        *chain.notes("//"),
        *(f'import {{ {", ".join(names)} }} from "{package}";' for package, names in imported.items()),
    ]
    if chain.endpoint:
        lines += ["", f"const endpoint = {_JAVASCRIPT.written(chain.endpoint)}; // the sandbox; undefined for AWS"]
    return "\n".join([*lines, *body]) + "\n"


def _options(chain: Chain, region: str, *more: str) -> str:
    options = [f"region: {_JAVASCRIPT.written(region)}", *(["endpoint"] if chain.endpoint else []), *more]
    return f"{{ {', '.join(options)} }}"


def _names(call: ProgramCall) -> tuple[str, str]:
    """Of client and package. They follow from the service's id: of "Cognito Identity", CognitoIdentityClient."""
    name = str(call.model.service_model.service_id)
    return f"{name.replace(' ', '')}Client", f"@aws-sdk/client-{name.lower().replace(' ', '-')}"
