"""The words that a reader needs before anything else, in a sentence each. What is between `…` is code."""

GLOSSARY: dict[str, str] = {
    "Provider": "Whoever signs people in and vouches for them: Google, a company’s own server, a Cognito user pool.",
    "Token": (
        "A short text that says who somebody is, for which app, and until when. An ID token is a JWT: it is "
        "signed, so anybody can check who issued it."
    ),
    "`Logins`": (
        "The map in which your app gives the pool its proof: the provider’s name and the token from that provider. "
        "A guest has none."
    ),
    "Identity ID": (
        "The pool’s own name for a person or a guest. It is only a name: on its own it gives no access to anything."
    ),
    "IAM role": (
        "A set of rights in an AWS account that belongs to nobody permanently. Whoever may assume it gets its "
        "rights for a while."
    ),
    "Trust policy": (
        "The part of a role that says who may assume it. For an identity pool, it names the pool (`aud`) and says "
        "whether it means guests or signed-in people (`amr`)."
    ),
    "STS": (
        "The AWS service that hands out temporary credentials for a role, after it has checked the role’s trust policy."
    ),
    "OpenID token": "A token that the identity pool itself signs for one of its identities, for STS to check.",
    "Temporary credentials": (
        "Access key ID, secret access key and session token: they sign calls to AWS until they expire."
    ),
    "Session policy": (
        "A limit that is set when a role is assumed. It can take rights away from the role, but never adds any."
    ),
}
