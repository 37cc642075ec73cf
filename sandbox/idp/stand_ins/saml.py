"""The stand-in for a company's SAML identity provider: metadata, single sign-on by redirect and by POST."""

import base64
import uuid
from typing import Any

from flask import Blueprint, Response, request

from redaction.xml_text import indented
from sandbox.core import facts
from sandbox.core.config import SandboxConfig
from sandbox.idp.saml import requests, responses
from sandbox.idp.saml.requests import AuthnRequest, RequestRefused
from sandbox.idp.saml.responses import Answer
from sandbox.idp.sign_in import mistakes, page
from sandbox.idp.sign_in.context import IdpContext
from sandbox.idp.sign_in.logins import Login, Wish
from sandbox.idp.sign_in.page import Face, Panel, Turn
from sandbox.idp.sign_in.people import Person, subject
from sandbox.idp.storage.keys import SigningKeys
from sandbox.idp.storage.records import Records

LONGEST_RELAY_STATE = 2_000
AWS_ATTRIBUTES = "https://aws.amazon.com/SAML/Attributes"


class SamlProvider:
    """One identity provider with one service provider, the application."""

    face = Face("saml", "a company's SAML identity provider", "SAML assertion", "attributes", mistakes.SAML)

    def __init__(self, context: IdpContext) -> None:
        self.context = context
        self.records = context.records
        self.keys = SigningKeys(context.records, "saml")
        self.entity_id = facts.saml_entity_id(context.config.public_url)
        self.service_provider = facts.service_provider(context.config.app_url)
        root = f"{context.local_root}/saml/sso"
        self.sso_urls = {
            responses.REDIRECT_BINDING: f"{root}/redirect",
            responses.POST_BINDING: f"{root}/post",
        }

    def register(self, blueprint: Blueprint) -> None:
        rule = blueprint.add_url_rule
        rule("/saml/metadata", "saml_metadata", self.metadata_document)
        rule("/saml/sso/redirect", "saml_redirect", self.by_redirect, methods=["GET", "POST"])
        rule("/saml/sso/post", "saml_post", self.by_post, methods=["POST"])

    def metadata(self) -> str:
        """The metadata as XML, with the certificates of all published keys."""
        return responses.metadata(self.entity_id, self.sso_urls, self.keys.certificates())

    def metadata_document(self) -> Response:
        return Response(self.metadata(), 200, {"Content-Type": "application/samlmetadata+xml"})

    def attributes(self, person: Person) -> dict[str, Any]:
        """What the assertion says about a person, for the application and for AWS.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html
        """
        account = self.context.config.account_id
        provider = facts.saml_provider_arn(account)
        roles = person.roles() or ["LabSamlUsers"]
        return {
            "NameID": subject("saml", person),
            f"{AWS_ATTRIBUTES}/Role": [f"arn:aws:iam::{account}:role/{role},{provider}" for role in roles],
            f"{AWS_ATTRIBUTES}/RoleSessionName": person.key,
            f"{AWS_ATTRIBUTES}/SessionDuration": "3600",
            f"{AWS_ATTRIBUTES}/PrincipalTag:Department": person.department,
            f"{AWS_ATTRIBUTES}/PrincipalTag:Tenant": person.tenant,
            "department": person.department,
            "tenant": person.tenant,
            "groups": list(person.groups),
            "displayName": person.name,
            "mail": person.email,
        }

    # --- Single sign-on ---

    def by_redirect(self) -> Response:
        return self._sign_on(request.args.get("SAMLRequest", ""), request.args.get("RelayState", ""), deflated=True)

    def by_post(self) -> Response:
        """The request comes in the body, and stays there: the page hands it on as hidden fields."""
        return self._sign_on(request.form.get("SAMLRequest", ""), request.form.get("RelayState", ""), deflated=False)

    def _sign_on(self, message: str, relay_state: str, *, deflated: bool) -> Response:
        try:
            if len(relay_state) > LONGEST_RELAY_STATE:
                raise RequestRefused(f"RelayState has more than {LONGEST_RELAY_STATE} characters.")
            xml = requests.decode(message, deflated=deflated)
            asked = requests.read(xml, self.service_provider, tuple(self.sso_urls.values()))
        except RequestRefused as error:
            return page.render("refused.html", status=400, face=self.face, error="", description=str(error))
        # The cross-site POST that brings a request looks like an answer to our page, but for the step.
        turn = page.read_turn(self.face, self.attributes) if "step" in request.form else Turn()
        if turn.step == "deny":
            return self._send(
                responses.denial(self.entity_id, asked.acs_url, asked.identifier, self.records.now()),
                asked,
                relay_state,
            )
        hidden = {} if deflated else {"SAMLRequest": message, "RelayState": relay_state}
        if turn.step == "choose" or turn.person is None or turn.problem:
            return self._ask(turn, hidden)
        document = self._signed(self._answer(turn, asked))
        if turn.step == "preview":
            return self._ask(turn, hidden, document)
        return self._send(document, asked, relay_state)

    def login(self, wish: Wish) -> Login:
        """The response that the application would have been sent, to a request that nobody made.

        Raises:
            WishRefused
        """
        turn = page.granted_turn(self.face, wish, self.attributes)
        party = self.service_provider
        answer = self._answer(turn, AuthnRequest(f"_{uuid.uuid4().hex}", party.acs_url, party.entity_id))
        _, end = responses.validity(answer)
        key = facts.saml_provider_arn(self.context.config.account_id)
        return Login(key, _encoded(self._signed(answer)), end)

    def _answer(self, turn: Turn, asked: AuthnRequest) -> Answer:
        config = self.context.config
        attributes = dict(turn.claims)
        assert turn.person is not None
        name_id = str(attributes.pop("NameID", subject("saml", turn.person)))
        return Answer(
            issuer=self.entity_id,
            acs_url=asked.acs_url,
            in_response_to=asked.identifier,
            name_id=name_id,
            audiences=(asked.issuer, responses.AWS_AUDIENCE, *identity_pool_audiences(config.region)),
            attributes=attributes,
            moment=self.records.now(),
            misbehaviour=turn.misbehaviour,
        )

    def _signed(self, answer: Answer) -> str:
        _, key = self.keys.active()
        signer = self.keys.foreign() if answer.misbehaviour == "wrong_key" else key
        return responses.signed_response(answer, signer, self.keys.certificate())

    def _ask(self, turn: Turn, hidden: dict[str, str], document: str = "") -> Response:
        panels = []
        if document:
            note = "Ids, times and signatures are made anew when it is sent, base64-encoded, through your browser."
            panels.append(Panel("SAML response as it will be signed", indented(document), note))
        return page.show(
            self.face,
            turn,
            leads_to=[],
            panels=panels,
            scopes=[("department, tenant, groups", "see where you work"), ("AWS roles", "act in AWS for you")],
            client=facts.RegisteredClient(self.service_provider.entity_id, "", ()),
            hidden=hidden,
        )

    def _send(self, document: str, asked: AuthnRequest, relay_state: str) -> Response:
        """The POST binding, which without a script needs a button (SAML bindings, section 3.5)."""
        fields = {"SAMLResponse": _encoded(document)}
        if relay_state:
            fields["RelayState"] = relay_state
        return page.post_back(self.face, asked.acs_url, fields)


def identity_pool_audiences(region: str) -> tuple[str, ...]:
    """The audience of the user pool, which takes SAML assertions under this name."""
    return (f"urn:amazon:cognito:sp:{facts.user_pool_id(region)}",)


def _encoded(document: str) -> str:
    return base64.b64encode(document.encode()).decode()


def saml_metadata(config: SandboxConfig) -> str:
    """The stand-in's metadata as IAM's CreateSAMLProvider wants it, without the way over HTTP; for seeding."""
    return SamlProvider(IdpContext(config, Records(config.data_file, config.account_id))).metadata()
