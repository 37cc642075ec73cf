"""What a managed login asks people for: the name they sign in with, and the attributes they sign up with."""

from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.user_pools.attributes import schema_of, writable
from sandbox.user_pools.clients import Client
from sandbox.user_pools.passwords import policy_of
from sandbox.user_pools.pools import UserPool
from sandbox.user_pools.users import User

_KNOWN = {
    # attribute: label, type of the input, autocomplete (HTML Standard, "Autofill field name")
    "email": ("E-mail address", "email", "email"),
    "phone_number": ("Phone number", "tel", "tel"),
    "name": ("Name", "text", "name"),
    "given_name": ("Given name", "text", "given-name"),
    "family_name": ("Family name", "text", "family-name"),
    "middle_name": ("Middle name", "text", "additional-name"),
    "nickname": ("Nickname", "text", "nickname"),
    "preferred_username": ("Preferred user name", "text", "off"),
    "birthdate": ("Date of birth", "date", "bday"),
    "gender": ("Gender", "text", "sex"),
    "address": ("Address", "text", "street-address"),
    "website": ("Website", "url", "url"),
    "picture": ("Address of a picture", "url", "off"),
    "profile": ("Address of a profile", "url", "off"),
    "locale": ("Language", "text", "language"),
    "zoneinfo": ("Time zone", "text", "off"),
    "updated_at": ("Updated at (epoch seconds)", "number", "off"),
}
_KINDS = {
    "RequireLowercase": "a small letter",
    "RequireUppercase": "a capital letter",
    "RequireNumbers": "a digit",
    "RequireSymbols": "a symbol",
}
_HINTS = {"phone_number": "With + and the country, as in +14155550123."}


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of a form. `name`: the attribute, or `username`."""

    name: str
    label: str
    kind: str = "text"
    autocomplete: str = "off"
    hint: str = ""
    required: bool = True
    value: str = ""


def login_name(pool: UserPool) -> FormField:
    """What people of this pool type in to say who they are."""
    names = pool.username_attributes or ("username", *pool.alias_attributes)
    words = {"username": "user name", "email": "e-mail address", "phone_number": "phone number"}
    labels = [words[name] for name in names if name in words]
    label = " or ".join((", ".join(labels[:-1]), labels[-1])) if len(labels) > 1 else labels[0]
    kind = "email" if names == ("email",) else "tel" if names == ("phone_number",) else "text"
    hint = _HINTS["phone_number"] if names == ("phone_number",) else ""
    return FormField("username", label[0].upper() + label[1:], kind, "username", hint)


def sign_up_fields(pool: UserPool, client: Client, given: Mapping[str, str]) -> list[FormField]:
    """What a sign-up asks for besides the password: the name, what the pool requires, and where its codes go.

    Args:
        given: what was typed in already.
    """
    name = login_name(pool) if pool.username_attributes else FormField("username", "User name", "text", "username")
    fields = [_filled(name, given)]
    schema, may_write = schema_of(pool), writable(pool, client)
    verified = pool.definition.get("AutoVerifiedAttributes") or ()
    ways = [attribute for attribute in verified if attribute in may_write]
    for attribute in sorted(may_write & set(schema), key=_order):
        required = bool(schema[attribute]["Required"])
        is_name = pool.username_attributes == (attribute,)
        if (required or attribute in verified) and not is_name:
            # Without the only address to which a code can go, an account waits for an administrator for ever. With two
            # kinds of names, the one that was typed in as the name need not be typed in again.
            needed = (required or ways == [attribute]) and attribute not in pool.username_attributes
            fields.append(_filled(_field(attribute, required=needed), given))
    return fields


def missing_fields(pool: UserPool, user: User, given: Mapping[str, str]) -> list[FormField]:
    """What the pool requires of everybody and an administrator has not said about this user."""
    missing = [
        name
        for name, entry in schema_of(pool).items()
        if entry["Required"] and name != "sub" and not user.attributes.get(name)
    ]
    return [_filled(_field(name, required=True), given) for name in sorted(missing, key=_order)]


def policy_sentence(pool: UserPool) -> str:
    """What the pool asks of a password."""
    policy = policy_of(pool)
    kinds = [words for member, words in _KINDS.items() if policy.get(member)]
    listed = " and ".join((", ".join(kinds[:-1]), kinds[-1])) if len(kinds) > 1 else "".join(kinds)
    return f"At least {policy.get('MinimumLength') or 6} characters{', with ' if listed else ''}{listed}."


def _field(attribute: str, *, required: bool) -> FormField:
    plain = attribute.removeprefix("custom:")
    label, kind, autocomplete = _KNOWN.get(attribute, (plain, "text", "off"))
    return FormField(attribute, label, kind, autocomplete, _HINTS.get(attribute, ""), required)


def _filled(field: FormField, given: Mapping[str, str]) -> FormField:
    value = given.get(field.name, "").strip()
    return FormField(field.name, field.label, field.kind, field.autocomplete, field.hint, field.required, value)


def _order(attribute: str) -> tuple[int, str]:
    known = list(_KNOWN)
    return (known.index(attribute) if attribute in known else len(known), attribute)
