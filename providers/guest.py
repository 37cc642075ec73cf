"""Guests: whoever has not said who they are."""

from providers.sign_in.provider import Provider

GUEST = Provider(
    key="guest",
    order=0,
    label="Guest",
    button_label="Test guest access",
    kind="guest",
    logins_key="",
    artifact_kind="none",
    yields="Nothing is proved and no login is sent: the identity pool creates a new unauthenticated identity.",
)
