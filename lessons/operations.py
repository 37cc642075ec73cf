"""The API operations of the exchange: what each one is for, what happens in it, and what is easy to miss.

Parameters, answers and errors are not here: the reference pages read them from the service models of the installed SDK.
"""

from dataclasses import dataclass

_COGNITO_REFERENCE = "https://docs.aws.amazon.com/cognitoidentity/latest/APIReference/API_{}.html"
_STS_REFERENCE = "https://docs.aws.amazon.com/STS/latest/APIReference/API_{}.html"
_IDENTITY_POOLS = "Amazon Cognito identity pools"
_STS = "AWS Security Token Service (STS)"


@dataclass(frozen=True, slots=True)
class Operation:
    """What we have to say about one operation.

    Attributes:
        service: as the SDKs name it.
        service_title: as people name it.
        purpose: one short sentence, for lists.
        explanation: what happens in the call, in paragraphs.
        good_to_know: sentences, each with a fact that the explanation leaves out and that is easy to miss.
        doc: the operation's page in AWS's API reference.
    """

    name: str
    service: str
    service_title: str
    purpose: str
    explanation: tuple[str, ...]
    good_to_know: tuple[str, ...]
    doc: str


def _of_identity_pools(
    name: str, *, purpose: str, explanation: tuple[str, ...], good_to_know: tuple[str, ...]
) -> Operation:
    doc = _COGNITO_REFERENCE.format(name)
    return Operation(name, "cognito-identity", _IDENTITY_POOLS, purpose, explanation, good_to_know, doc)


def _of_sts(name: str, *, purpose: str, explanation: tuple[str, ...], good_to_know: tuple[str, ...]) -> Operation:
    return Operation(name, "sts", _STS, purpose, explanation, good_to_know, _STS_REFERENCE.format(name))


OPERATIONS: dict[str, Operation] = {
    operation.name: operation
    for operation in (
        _of_identity_pools(
            "GetId",
            purpose="Ask the identity pool for an identity: a new one for a guest, the same one again for a login that "
            "it knows.",
            explanation=(
                "Your app tells the identity pool who is asking. With a login, the pool checks the token and finds, "
                "or creates, the identity that belongs to it. Without one it creates a new guest identity, if the "
                "pool allows guests. It does so on every call, so an app keeps the identity ID that it got.",
                "The request is not signed. Nobody has AWS credentials yet, so anyone who knows the pool’s ID can "
                "send it.",
                "An identity ID is a name, not a right: by itself it gives access to nothing.",
            ),
            good_to_know=(
                "Both the enhanced and the basic flow start with this call.",
                "The name of a provider in Logins is its issuer without https://, and it has to match exactly.",
                "An account can call it 25 times a second in a Region; a classroom can reach that quota.",
            ),
        ),
        _of_identity_pools(
            "GetCredentialsForIdentity",
            purpose="Trade the identity for temporary AWS credentials of the role that the pool chooses.",
            explanation=(
                "The identity pool does in one call what takes two in the basic flow: it makes an OpenID token for "
                "the identity, chooses the role (the pool’s own for guests or for signed-in people, or one that its "
                "role mapping finds) and calls STS AssumeRoleWithWebIdentity itself. Your app never names a role.",
                "The role’s trust policy still decides: it must trust cognito-identity.amazonaws.com and, by its "
                "conditions on aud and amr, this very pool and this kind of identity.",
                "A guest’s credentials are limited further by a session policy that AWS adds and that no setting "
                "turns off: whatever the role allows, only a fixed list of services can be reached. All credentials "
                "of this flow last one hour.",
                "Like GetId, the request is not signed.",
            ),
            good_to_know=(
                "The secret is called SecretKey here; STS and every SDK call it SecretAccessKey.",
                "The role session is always named CognitoIdentityCredentials.",
                "The identity ID in the answer can differ from the one sent: two identities were merged.",
                "When STS refuses the role, the answer is InvalidIdentityPoolConfigurationException and no more.",
            ),
        ),
        _of_identity_pools(
            "GetOpenIdToken",
            purpose="Ask the identity pool to vouch for the identity with a token of its own.",
            explanation=(
                "The identity pool now acts as an OpenID provider. It signs a token whose subject is the identity ID, "
                "whose audience is the pool, and whose amr claim says whether the identity is authenticated or a "
                "guest.",
                "The token is valid for ten minutes and has one use: to be shown to STS. Only the basic (classic) "
                "flow makes this call, and a pool can refuse it.",
            ),
            good_to_know=(
                "A pool with AllowClassicFlow off refuses it, and so does one with role mappings for the provider.",
                "With a SAML login it is always refused.",
            ),
        ),
        _of_sts(
            "AssumeRoleWithWebIdentity",
            purpose="Show the OpenID token to STS and ask for a role that your app names.",
            explanation=(
                "AWS STS checks the token’s signature, issuer and expiry, then asks the role itself: the role’s trust "
                "policy must allow this pool (aud) and this kind of identity (amr). If it does, STS gives out "
                "credentials for the role.",
                "In this flow your app chooses the role, the session’s name and how long it lasts, from 15 minutes up "
                "to what the role allows. AWS adds no session policy for guests, so only the role decides what they "
                "can do.",
                "This request is not signed either: the token is the proof. STS uses the query protocol: the request "
                "is a form, and the answer is XML.",
            ),
            good_to_know=(
                "Without DurationSeconds the credentials last one hour.",
                "A trust policy that checks aud but not amr lets guests of the pool in as well.",
            ),
        ),
        _of_identity_pools(
            "GetOpenIdTokenForDeveloperIdentity",
            purpose="Our own server tells the identity pool who has signed in here, and gets an identity and a token "
            "for them.",
            explanation=(
                "In this flow the identity pool knows no password and no provider: it believes the developer’s server. "
                "So the request must be signed with that server’s AWS credentials, which never leave it.",
                "The logins map holds the pool’s developer provider name and the person’s identifier with us. The pool "
                "finds, or creates, the identity that belongs to it and answers with the identity ID and an OpenID "
                "token in one call.",
            ),
            good_to_know=(
                "It takes the place of GetId and GetOpenIdToken.",
                "Whoever can make this call decides who somebody is: take the identifier from your own session, never "
                "from a form field.",
                "The token lasts 15 minutes unless TokenDuration asks for something else, at most 24 hours.",
                "The token is then sent under the name cognito-identity.amazonaws.com, or to STS in the basic flow.",
            ),
        ),
        _of_sts(
            "GetCallerIdentity",
            purpose="Ask STS who these credentials belong to.",
            explanation=(
                "The ARN names the assumed role and the session, not the person: after the enhanced flow, everybody’s "
                "session is called CognitoIdentityCredentials. This call needs no permission, and no policy can "
                "forbid it.",
            ),
            good_to_know=("Session policies do not stop it either, so it works for guests too.",),
        ),
    )
}
