"""What a guest is, beside somebody who signs in, and what follows from it. What is between `…` is code."""

WHAT_A_GUEST_IS = (
    "A guest has proved nothing. Anyone who knows the identity pool’s ID, which is in your app’s code for everyone to "
    "read, can call GetId and get the guest role’s credentials. Give that role only the rights that you would give to "
    "everybody on the internet."
)

# Each kind of access, where it is chosen.
ACCESS: dict[str, str] = {
    "guest": "Nobody signs in. The identity pool makes a new unauthenticated identity and gives it the guest role.",
    "authenticated": "Somebody signs in at a provider that the pool trusts. The pool checks the proof and gives them "
    "the role for signed-in people.",
}

# Where guest access is about to be tried: in a sentence, and what to do about it.
WARNING = "Guest access hands credentials to anyone on the internet."
WHAT_TO_DO = (
    "Anyone who knows the identity pool’s ID can do what you are about to do. Use guest access only for public "
    "resources that need little protection, and give the guest role no more than that."
)
