"""The words that a reader needs before anything else, in a sentence or two each. What is between `…` is code."""

import re
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True)
class Word:
    """A word and what it means.

    Attributes:
        forms: how it is spelled in running text, all of them in lower case; what is written otherwise is another word.
    """

    name: str
    meaning: str
    forms: tuple[str, ...] = ()

    @property
    def slug(self) -> str:
        """Of its place in the glossary."""
        return re.sub(r"[^a-z0-9]+", "-", self.name.lower()).strip("-")


GLOSSARY: tuple[Word, ...] = (
    Word(
        "Provider",
        "Whoever signs people in and vouches for them: Google, a company’s own server, a Cognito user pool.",
        ("provider", "providers", "identity provider"),
    ),
    Word(
        "Token",
        "A short text that says who somebody is, for which app, and until when. An ID token is a JWT: it is "
        "signed, so anybody can check who issued it.",
        ("token", "tokens", "id token"),
    ),
    Word(
        "Claim",
        "One statement in a token, such as who it is about (`sub`), who issued it (`iss`) or until when it holds "
        "(`exp`).",
        ("claim", "claims"),
    ),
    Word(
        "Audience",
        "Who a token was issued for, its claim `aud`. A pool takes only tokens for the app that it was told about, "
        "and a role only those for the pool that its trust policy names.",
        ("audience",),
    ),
    Word(
        "Issuer",
        "Who issued and signed a token, its claim `iss`. The name in `Logins` is the issuer without `https://`.",
        ("issuer",),
    ),
    Word(
        "Artifact",
        "What a sign-in yields to prove it with: an ID token, an access token, a SAML response. Each provider has "
        "its own.",
        ("artifact",),
    ),
    Word(
        "Access token",
        "The token for whoever issued it. With a user pool’s, people read and change their own attributes there; an "
        "identity pool takes ID tokens, and access tokens of a few social providers.",
        ("access token", "access tokens"),
    ),
    Word(
        "App client",
        "What a user pool calls an application: it says how people sign in with it, and which attributes of their own "
        "they may write (`WriteAttributes`; where it lists none, all that can be changed).",
        ("app client", "app clients"),
    ),
    Word(
        "`Logins`",
        "The map in which your app gives the pool its proof: the provider’s name and the token from that provider. "
        "A guest has none.",
        ("logins map",),
    ),
    Word(
        "SAML response",
        "What a company’s identity provider sends by way of the browser: an XML document, signed, with an "
        "assertion of "
        "who signed in and what is known of them.",
        ("saml response", "assertion"),
    ),
    Word(
        "Identity ID",
        "The pool’s own name for a person or a guest. It is only a name: on its own it gives no access to anything.",
        ("identity id", "identity ids"),
    ),
    Word(
        "Guest",
        "Somebody who has not signed in: AWS says “unauthenticated identity”. Whoever knows the pool’s ID can be "
        "one, "
        "if the pool allows guests.",
        ("guest", "guests"),
    ),
    Word(
        "IAM role",
        "A set of rights in an AWS account that belongs to nobody permanently. Whoever may assume it gets its "
        "rights for a while.",
        ("role", "roles", "iam role"),
    ),
    Word(
        "Trust policy",
        "The part of a role that says who may assume it. For an identity pool, it names the pool (`aud`) and says "
        "whether it means guests or signed-in people (`amr`).",
        ("trust policy", "trust policies"),
    ),
    Word(
        "Role mapping",
        "How a pool chooses another role than its usual one: by rules over claims, or by the role that the token "
        "names.",
        ("role mapping", "role mappings"),
    ),
    Word(
        "STS",
        "The AWS service that hands out temporary credentials for a role, after it has checked the role’s trust "
        "policy.",
        ("sts", "aws sts"),
    ),
    Word(
        "OpenID token",
        "A token that the identity pool itself signs for one of its identities, for STS to check.",
        ("openid token",),
    ),
    Word(
        "Temporary credentials",
        "Access key ID, secret access key and session token: they sign calls to AWS until they expire.",
        ("temporary credentials", "temporary aws credentials", "aws credentials"),
    ),
    Word(
        "Session policy",
        "A limit that is set when a role is assumed. It can take rights away from the role, but never adds any.",
        ("session policy", "session policies"),
    ),
    Word(
        "Signed request",
        "A request to AWS that carries a signature made with an access key (Signature Version 4), so that AWS "
        "knows who "
        "sends it. GetId and its like need none.",
        ("unsigned", "signature version 4"),
    ),
    Word(
        "ARN",
        "The full name of something at AWS, `arn:aws:iam::123456789012:role/Reader`: service, account, kind and name.",
        ("arn",),
    ),
)


@cache
def word_of(form: str) -> Word:
    """The word that is spelled so in running text. Raises KeyError for a word that is not explained."""
    return _BY_FORM[form.lower()]


_BY_FORM = {form: word for word in GLOSSARY for form in word.forms}
# The longest first: a session policy is no policy, and an OpenID token is another word than a token. Parts of ARNs and
# addresses are no words.
_ALL = "|".join(re.escape(form) for form in sorted(_BY_FORM, key=len, reverse=True))
FORMS = re.compile(rf"(?<![\w:/.@-])(?:{_ALL})(?![\w/@-]|[:.=]\w)", re.IGNORECASE)
