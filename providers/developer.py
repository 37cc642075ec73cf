"""Developer-authenticated identities: our own server vouches for whoever is signed in to an account here.

https://docs.aws.amazon.com/cognito/latest/developerguide/developer-authenticated-identities.html
"""

from providers.sign_in.provider import Provider

DEVELOPER = Provider(
    key="developer",
    order=90,
    label="Developer-authenticated identity",
    button_label="Use a developer-authenticated identity",
    kind="developer",
    logins_key="the pool’s developer provider name",
    logins_key_set=lambda registration: registration.setting("DEVELOPER_PROVIDER_NAME"),
    artifact_kind="developer_user_id",
    settings_needed=("DEVELOPER_PROVIDER_NAME",),
    yields="Your account here: our server vouches for it with its own AWS credentials.",
    colour="#3b4754",
    monogram="D",
    docs="developer",
)
