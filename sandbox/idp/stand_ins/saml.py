"""The stand-in for a company's SAML identity provider: metadata, single sign-on by redirect and by POST."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from sandbox.core import facts
from sandbox.core.config import SandboxConfig
from sandbox.core.facts import Lab
from sandbox.core.later import later
from sandbox.idp.saml.service_provider import service_provider
from sandbox.idp.sign_in import mistakes, page
from sandbox.idp.sign_in.context import IdpContext
from sandbox.idp.sign_in.logins import Login, LoginRequest
from sandbox.idp.sign_in.page import Panel, SignInChoice
from sandbox.idp.sign_in.people import Person
from sandbox.idp.sign_in.stand_in import RegisteredClient, Route, StandIn
from sandbox.idp.storage.records import Records

if TYPE_CHECKING:
    import flask

    from redaction import xml_text
    from sandbox.idp.saml import requests, responses
    from sandbox.idp.storage import keys
else:
    flask = later("flask")
    xml_text = later("redaction.xml_text")
    requests = later("sandbox.idp.saml.requests")
    responses = later("sandbox.idp.saml.responses")
    keys = later("sandbox.idp.storage.keys")

LONGEST_RELAY_STATE = 2_000
PLACE = "saml"
AWS_ATTRIBUTES = "https://aws.amazon.com/SAML/Attributes"


def metadata_url(lab: Lab) -> str:
    """Where its metadata is served."""
    return f"{lab.stand_ins_url}/{PLACE}/metadata"


def entity_id(lab: Lab) -> str:
    """The home account's is the address of its metadata; every other account's has a host that is found here only."""
    return metadata_url(lab) if lab.is_home else f"https://{lab.own_host('saml')}/metadata"


class SamlProvider(StandIn):
    """One identity provider with one service provider, the application."""

    slug = "saml"
    order = 80
    title = "a company’s SAML identity provider"
    real_name = "a real identity provider"
    colour = "#0a6c86"
    monogram = "S"
    artifact_name = "SAML assertion"
    signs = "attributes"
    misbehaviours = mistakes.SAML
    names_roles = True
    role_mappings = ("Rules",)
    department_claim = "department"

    @classmethod
    def hosts(cls, lab: Lab) -> tuple[str, ...]:
        return () if lab.is_home else (lab.own_host("saml"),)

    @classmethod
    def places(cls, lab: Lab) -> dict[str, str]:
        return dict.fromkeys(cls.hosts(lab), PLACE)

    @classmethod
    def local_addresses(cls, lab: Lab) -> dict[str, str]:
        return {"SAML metadata": metadata_url(lab)}

    @classmethod
    def logins_key(cls, lab: Lab) -> str:
        return facts.saml_provider_arn(lab.account)

    @classmethod
    def application_settings(cls, lab: Lab) -> dict[str, str]:
        return {
            "SAML_METADATA_URL": metadata_url(lab),
            "SAML_ENTITY_ID": service_provider(lab.app_url).entity_id,
            "SAML_PROVIDER_ARN": facts.saml_provider_arn(lab.account),
        }

    @classmethod
    def identity_pool_members(cls, lab: Lab) -> dict[str, Any]:
        return {"SamlProviderARNs": [facts.saml_provider_arn(lab.account)]}

    @staticmethod
    def subject(person: Person) -> str:
        """The NameID is the e-mail address."""
        return person.email

    def __init__(self, context: IdpContext) -> None:
        super().__init__(context)
        self.keys = keys.SigningKeys(context.records, self.slug, self.new_key_id)
        self.entity_id = entity_id(context.lab)
        self.service_provider = service_provider(context.lab.app_url)
        self.sso_urls = _sso_urls(f"{context.lab.stand_ins_url}/{PLACE}")

    @classmethod
    def routes(cls) -> Iterator[Route]:
        yield Route("/saml/metadata", cls.metadata_document)
        yield Route("/saml/sso/redirect", cls.by_redirect, methods=("GET", "POST"))
        yield Route("/saml/sso/post", cls.by_post, methods=("POST",))

    def metadata(self) -> str:
        """The metadata as XML for IAM, with the certificates of all published keys.

        IAM keeps it, so an account's names no address of this machine, whose sandbox may move to another one.
        """
        lab = self.context.lab
        root = f"{lab.stand_ins_url}/{PLACE}" if lab.is_home else f"https://{lab.own_host('saml')}"
        return responses.metadata(self.entity_id, _sso_urls(root), self.keys.certificates())

    def metadata_document(self) -> flask.Response:
        """The same for whoever sends requests here: with the addresses at which they arrive."""
        document = responses.metadata(self.entity_id, self.sso_urls, self.keys.certificates())
        return flask.Response(document, 200, {"Content-Type": "application/samlmetadata+xml"})

    def attributes(self, person: Person) -> dict[str, Any]:
        """What the assertion says about a person, for the application and for AWS.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html
        """
        account = self.context.lab.account
        provider = facts.saml_provider_arn(account)
        return {
            "NameID": self.subject(person),
            f"{AWS_ATTRIBUTES}/Role": [
                f"arn:aws:iam::{account}:role/{role},{provider}" for role in person.company_roles()
            ],
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

    def by_redirect(self) -> flask.Response:
        return self._sign_on(flask.request.args, deflated=True)

    def by_post(self) -> flask.Response:
        """The request comes in the body, and stays there: the page hands it on as hidden fields."""
        return self._sign_on(flask.request.form, deflated=False)

    def _sign_on(self, params: Mapping[str, str], *, deflated: bool) -> flask.Response:
        message, relay_state = params.get("SAMLRequest", ""), params.get("RelayState", "")
        try:
            if len(relay_state) > LONGEST_RELAY_STATE:
                raise requests.RequestRefused(f"RelayState has more than {LONGEST_RELAY_STATE} characters.")
            xml = requests.decode(message, deflated=deflated)
            asked = requests.read_authn_request(xml, self.service_provider, tuple(self.sso_urls.values()))
        except requests.RequestRefused as error:
            return page.render("refused.html", status=400, stand_in=self, error="", description=str(error))
        # The cross-site POST that brings a request looks like an answer to our page, but for the step.
        choice = page.read_choice(self, self.attributes) if "step" in flask.request.form else SignInChoice()
        if choice.step == "deny":
            return self._send(
                responses.denial(self.entity_id, asked.acs_url, asked.identifier, self.records.now()),
                asked,
                relay_state,
            )
        hidden = {} if deflated else {"SAMLRequest": message, "RelayState": relay_state}
        if choice.step == "choose" or choice.person is None or choice.problem:
            return self._ask(choice, hidden)
        document = self._signed(self._answer(choice, asked))
        if choice.step == "preview":
            return self._ask(choice, hidden, document)
        return self._send(document, asked, relay_state)

    def login(self, wanted: LoginRequest) -> Login:
        """The response that the application would have been sent, to a request that nobody made.

        Raises:
            LoginRefused
        """
        choice = page.choice_for(self, wanted, self.attributes)
        party = self.service_provider
        answer = self._answer(choice, requests.AuthnRequest(f"_{uuid.uuid4().hex}", party.acs_url, party.entity_id))
        _, end = responses.validity(answer)
        return Login(self.logins_key(self.context.lab), _encoded(self._signed(answer)), end)

    def _answer(self, choice: SignInChoice, asked: requests.AuthnRequest) -> responses.ResponseParts:
        config = self.context.config
        attributes = dict(choice.claims)
        assert choice.person is not None
        name_id = str(attributes.pop("NameID", self.subject(choice.person)))
        return responses.ResponseParts(
            issuer=self.entity_id,
            acs_url=asked.acs_url,
            in_response_to=asked.identifier,
            name_id=name_id,
            audiences=(asked.issuer, responses.AWS_AUDIENCE, *identity_pool_audiences(config.region)),
            attributes=attributes,
            moment=self.records.now(),
            misbehaviour=choice.misbehaviour,
        )

    def _signed(self, answer: responses.ResponseParts) -> str:
        _, key = self.keys.active()
        signer = self.keys.foreign() if answer.misbehaviour == "wrong_key" else key
        return responses.signed_response(answer, signer, self.keys.certificate())

    def _ask(self, choice: SignInChoice, hidden: dict[str, str], document: str = "") -> flask.Response:
        panels = []
        if document:
            note = "It gets new ids, times and signatures when it is sent, base64-encoded, through your browser."
            panels.append(Panel("SAML response as it will be signed", xml_text.indented(document), note))
        return page.show(
            self,
            choice,
            leads_to=[],
            panels=panels,
            scopes=[("department, tenant, groups", "see where you work"), ("AWS roles", "act in AWS for you")],
            client=RegisteredClient(self.service_provider.entity_id, "", ()),
            hidden=hidden,
        )

    def _send(self, document: str, asked: requests.AuthnRequest, relay_state: str) -> flask.Response:
        """The POST binding, which without a script needs a button (SAML bindings, section 3.5)."""
        fields = {"SAMLResponse": _encoded(document)}
        if relay_state:
            fields["RelayState"] = relay_state
        return page.post_back(self, asked.acs_url, fields)


def _sso_urls(root: str) -> dict[str, str]:
    """Binding -> where requests go."""
    return {responses.REDIRECT_BINDING: f"{root}/sso/redirect", responses.POST_BINDING: f"{root}/sso/post"}


def identity_pool_audiences(region: str) -> tuple[str, ...]:
    """The audience of the user pool, which takes SAML assertions under this name."""
    return (f"urn:amazon:cognito:sp:{facts.user_pool_id(region)}",)


def _encoded(document: str) -> str:
    return base64.b64encode(document.encode()).decode()


def saml_metadata(config: SandboxConfig, account: str) -> str:
    """The metadata of an account's stand-in as IAM's CreateSAMLProvider wants it, without the way over HTTP."""
    return SamlProvider(IdpContext(config, Records(config.data_file, account))).metadata()


STAND_IN = SamlProvider
