"""Condition keys that a SAML assertion's attributes become when a role is assumed.

Source: IAM User Guide, "Available keys for SAML-based AWS STS federation" and "Configure SAML assertions".
"""

from collections.abc import Mapping, Sequence

from sandbox.core.caller import ContextValue

_X500 = "urn:oid:2.5.4."
_LDAP = "urn:oid:0.9.2342.19200300.100.1."
_EDU_PERSON = "urn:oid:1.3.6.1.4.1.5923.1.1.1."
_EDU_ORG = "urn:oid:1.3.6.1.4.1.5923.1.2.1."
_CLAIMS = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"

# Attribute -> key, for those that carry one value and for those that carry several.
_SINGLE = {
    "http://schemas.xmlsoap.org/claims/CommonName": "commonName",
    f"{_CLAIMS}givenname": "givenName",
    f"{_CLAIMS}surname": "surname",
    f"{_CLAIMS}emailaddress": "mail",
    f"{_CLAIMS}name": "name",
    "http://schemas.microsoft.com/ws/2008/06/identity/claims/primarygroupsid": "primaryGroupSID",
    f"{_X500}3": "commonName",
    f"{_X500}4": "surname",
    f"{_X500}42": "givenName",
    f"{_X500}45": "x500UniqueIdentifier",
    f"{_LDAP}1": "uid",
    f"{_LDAP}3": "mail",
    f"{_LDAP}45": "organizationStatus",
    f"{_EDU_PERSON}3": "eduPersonOrgDN",
    f"{_EDU_PERSON}5": "eduPersonPrimaryAffiliation",
    f"{_EDU_PERSON}6": "eduPersonPrincipalName",
    f"{_EDU_PERSON}8": "eduPersonPrimaryOrgUnitDN",
}
_SEVERAL = {
    f"{_X500}3": "cn",
    f"{_EDU_PERSON}1": "eduPersonAffiliation",
    f"{_EDU_PERSON}2": "eduPersonNickname",
    f"{_EDU_PERSON}4": "eduPersonOrgUnitDN",
    f"{_EDU_PERSON}7": "eduPersonEntitlement",
    f"{_EDU_PERSON}9": "eduPersonScopedAffiliation",
    f"{_EDU_PERSON}10": "eduPersonTargetedID",
    f"{_EDU_PERSON}11": "eduPersonAssurance",
    f"{_EDU_ORG}2": "eduOrgHomePageURI",
    f"{_EDU_ORG}3": "eduOrgIdentityAuthNPolicyURI",
    f"{_EDU_ORG}4": "eduOrgLegalName",
    f"{_EDU_ORG}5": "eduOrgSuperiorURI",
    f"{_EDU_ORG}6": "eduOrgWhitePagesURI",
}


def attribute_keys(attributes: Mapping[str, Sequence[str]]) -> dict[str, ContextValue]:
    """`saml:...` keys of the attributes that AWS knows. Where one value belongs, the first counts; a common name by its
    OID is known under two keys, eduPerson's and X.500's."""
    keys: dict[str, ContextValue] = {}
    for name, values in attributes.items():
        if name in _SEVERAL:
            keys[f"saml:{_SEVERAL[name]}"] = list(values)
        if name in _SINGLE and values:
            keys[f"saml:{_SINGLE[name]}"] = values[0]
    return keys
