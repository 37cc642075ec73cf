"""The API calls that CloudFormation makes for each type of resource: one class a type.

Which properties cannot change without a new resource is read from the resource provider's own schema, as cfn-lint has
it. Booleans and numbers that come from parameters are text; they are made what the API's model says, as CloudFormation
does.
"""

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore import xform_name
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

ClientOf = Callable[[str], Any]
Properties = dict[str, Any]


@dataclass
class Made:
    """A resource that is there.

    Attributes:
        physical_id: what Ref gives.
        attributes: what GetAtt gives.
    """

    physical_id: str
    attributes: dict[str, str] = field(default_factory=dict)


@dataclass
class Api:
    """Calls by real clients, with the stack's tags and names at hand."""

    client_of: ClientOf
    region: str
    account: str
    stack: str
    tags: Mapping[str, str]

    def call(self, service: str, operation: str, **params: Any) -> dict[str, Any]:
        """One call, text made a boolean or a number where the model has one.

        Raises:
            ClientError: it was refused.
        """
        client = self.client_of(service)
        shape = client.meta.service_model.operation_model(operation).input_shape
        answer: dict[str, Any] = getattr(client, xform_name(operation))(**_typed(params, shape))
        return answer

    def new_name(self, logical: str) -> str:
        """A name as CloudFormation makes one up: stack, logical ID, something random."""
        return f"{self.stack}-{logical}-{secrets.token_hex(6).upper()}"

    def tag_list(self, properties: Mapping[str, Any] | None = None) -> list[dict[str, str]]:
        """A resource's own tags, and those of the stack."""
        own = (properties or {}).get("Tags", [])
        return [*own, *({"Key": name, "Value": text} for name, text in self.tags.items())]

    def tag_map(self, own: Mapping[str, str]) -> dict[str, str]:
        """The same where the service wants an object."""
        return {**own, **self.tags}


def _typed(value: Any, shape: Any) -> Any:
    if isinstance(value, Mapping) and shape.type_name == "structure":
        return {name: _typed(one, shape.members[name]) if name in shape.members else one for name, one in value.items()}
    if isinstance(value, Mapping) and shape.type_name == "map":
        return {name: _typed(one, shape.value) for name, one in value.items()}
    if isinstance(value, list) and shape.type_name == "list":
        return [_typed(one, shape.member) for one in value]
    if isinstance(value, str) and shape.type_name == "boolean":
        return value == "true"
    if isinstance(value, str) and shape.type_name in ("integer", "long"):
        return int(value)
    return value


class Resource:
    """One type: how it is made, changed and removed. Each is told the logical ID for names to be made up."""

    def create(self, api: Api, logical: str, properties: Properties) -> Made:
        raise NotImplementedError

    def update(self, api: Api, made: Made, old: Properties, new: Properties) -> Made:
        raise NotImplementedError

    def delete(self, api: Api, made: Made, properties: Properties) -> None:
        raise NotImplementedError


class UserPool(Resource):
    _SCHEMA = ("Schema", "UsernameAttributes", "AliasAttributes", "UsernameConfiguration")

    def create(self, api: Api, logical: str, properties: Properties) -> Made:
        members = self._members(properties)
        members["UserPoolTags"] = api.tag_map(properties.get("UserPoolTags", {}))
        pool = api.call("cognito-idp", "CreateUserPool", **members)["UserPool"]
        name = f"cognito-idp.{api.region}.amazonaws.com/{pool['Id']}"
        attributes = {
            "Arn": pool["Arn"],
            "ProviderName": name,
            "ProviderURL": f"https://{name}",
            "UserPoolId": pool["Id"],
        }
        return Made(pool["Id"], attributes)

    def update(self, api: Api, made: Made, old: Properties, new: Properties) -> Made:
        members = {name: value for name, value in self._members(new).items() if name not in self._SCHEMA}
        members["UserPoolTags"] = api.tag_map(new.get("UserPoolTags", {}))
        api.call("cognito-idp", "UpdateUserPool", UserPoolId=made.physical_id, **members)
        known = [entry["Name"] for entry in old.get("Schema", [])]
        if added := [entry for entry in new.get("Schema", []) if entry["Name"] not in known]:
            api.call("cognito-idp", "AddCustomAttributes", UserPoolId=made.physical_id, CustomAttributes=added)
        return made

    def delete(self, api: Api, made: Made, properties: Properties) -> None:
        api.call("cognito-idp", "DeleteUserPool", UserPoolId=made.physical_id)

    @staticmethod
    def _members(properties: Properties) -> Properties:
        members = dict(properties)
        members["PoolName"] = members.pop("UserPoolName")
        return members


class UserPoolClient(Resource):
    def create(self, api: Api, logical: str, properties: Properties) -> Made:
        client = api.call("cognito-idp", "CreateUserPoolClient", **properties)["UserPoolClient"]
        return Made(client["ClientId"], {"ClientId": client["ClientId"], "Name": client["ClientName"]})

    def update(self, api: Api, made: Made, old: Properties, new: Properties) -> Made:
        members = {name: value for name, value in new.items() if name != "GenerateSecret"}
        api.call("cognito-idp", "UpdateUserPoolClient", ClientId=made.physical_id, **members)
        return made

    def delete(self, api: Api, made: Made, properties: Properties) -> None:
        named = {"UserPoolId": properties["UserPoolId"], "ClientId": made.physical_id}
        api.call("cognito-idp", "DeleteUserPoolClient", **named)


class UserPoolDomain(Resource):
    def create(self, api: Api, logical: str, properties: Properties) -> Made:
        api.call("cognito-idp", "CreateUserPoolDomain", **properties)
        return Made(properties["Domain"])

    def update(self, api: Api, made: Made, old: Properties, new: Properties) -> Made:
        api.call("cognito-idp", "UpdateUserPoolDomain", **new)
        return made

    def delete(self, api: Api, made: Made, properties: Properties) -> None:
        api.call("cognito-idp", "DeleteUserPoolDomain", UserPoolId=properties["UserPoolId"], Domain=made.physical_id)


class ManagedLoginBranding(Resource):
    def create(self, api: Api, logical: str, properties: Properties) -> Made:
        style = api.call("cognito-idp", "CreateManagedLoginBranding", **properties)["ManagedLoginBranding"]
        found = style["ManagedLoginBrandingId"]
        return Made(f"{properties['UserPoolId']}|{found}", {"ManagedLoginBrandingId": found})

    def update(self, api: Api, made: Made, old: Properties, new: Properties) -> Made:
        members = {name: value for name, value in new.items() if name != "ClientId"}
        api.call("cognito-idp", "UpdateManagedLoginBranding", **members, **made.attributes)
        return made

    def delete(self, api: Api, made: Made, properties: Properties) -> None:
        api.call("cognito-idp", "DeleteManagedLoginBranding", UserPoolId=properties["UserPoolId"], **made.attributes)


class UserPoolGroup(Resource):
    def create(self, api: Api, logical: str, properties: Properties) -> Made:
        api.call("cognito-idp", "CreateGroup", **properties)
        return Made(properties["GroupName"])

    def update(self, api: Api, made: Made, old: Properties, new: Properties) -> Made:
        api.call("cognito-idp", "UpdateGroup", **new)
        return made

    def delete(self, api: Api, made: Made, properties: Properties) -> None:
        api.call("cognito-idp", "DeleteGroup", UserPoolId=properties["UserPoolId"], GroupName=made.physical_id)


class IdentityPool(Resource):
    def create(self, api: Api, logical: str, properties: Properties) -> Made:
        pool = api.call("cognito-identity", "CreateIdentityPool", **self._members(api, properties))
        return Made(pool["IdentityPoolId"], {"Name": pool["IdentityPoolName"]})

    def update(self, api: Api, made: Made, old: Properties, new: Properties) -> Made:
        members = {"IdentityPoolId": made.physical_id, **self._members(api, new)}
        api.call("cognito-identity", "UpdateIdentityPool", **members)
        return made

    def delete(self, api: Api, made: Made, properties: Properties) -> None:
        api.call("cognito-identity", "DeleteIdentityPool", IdentityPoolId=made.physical_id)

    @staticmethod
    def _members(api: Api, properties: Properties) -> Properties:
        own = {tag["Key"]: tag["Value"] for tag in properties.get("IdentityPoolTags", [])}
        return {**properties, "IdentityPoolTags": api.tag_map(own)}


class IdentityPoolRoleAttachment(Resource):
    def create(self, api: Api, logical: str, properties: Properties) -> Made:
        self._set(api, properties)
        return Made(f"{properties['IdentityPoolId']}-{logical}")

    def update(self, api: Api, made: Made, old: Properties, new: Properties) -> Made:
        self._set(api, new)
        return made

    def delete(self, api: Api, made: Made, properties: Properties) -> None:
        self._set(api, {"IdentityPoolId": properties["IdentityPoolId"], "Roles": {}})

    @staticmethod
    def _set(api: Api, properties: Properties) -> None:
        """A mapping's key is its IdentityProvider; the template's own key only where that is missing."""
        mappings = {}
        for key, mapping in properties.get("RoleMappings", {}).items():
            members = {name: value for name, value in mapping.items() if name != "IdentityProvider"}
            mappings[mapping.get("IdentityProvider", key)] = members
        named = {"IdentityPoolId": properties["IdentityPoolId"], "Roles": properties.get("Roles", {})}
        api.call(
            "cognito-identity", "SetIdentityPoolRoles", **named, **({"RoleMappings": mappings} if mappings else {})
        )


class IdentityPoolPrincipalTag(Resource):
    def create(self, api: Api, logical: str, properties: Properties) -> Made:
        api.call("cognito-identity", "SetPrincipalTagAttributeMap", **properties)
        return Made(f"{properties['IdentityPoolId']}|{properties['IdentityProviderName']}")

    def update(self, api: Api, made: Made, old: Properties, new: Properties) -> Made:
        return self.create(api, "", new)

    def delete(self, api: Api, made: Made, properties: Properties) -> None:
        self.create(api, "", {**properties, "UseDefaults": False, "PrincipalTags": {}})


_ROLE = ("Description", "Path", "MaxSessionDuration", "PermissionsBoundary")


class Role(Resource):
    def create(self, api: Api, logical: str, properties: Properties) -> Made:
        name = properties.get("RoleName") or api.new_name(logical)
        members = {key: properties[key] for key in _ROLE if key in properties}
        trust = json.dumps(properties["AssumeRolePolicyDocument"])
        role = api.call(
            "iam",
            "CreateRole",
            RoleName=name,
            AssumeRolePolicyDocument=trust,
            Tags=api.tag_list(properties),
            **members,
        )["Role"]
        made = Made(name, {"Arn": role["Arn"], "RoleId": role["RoleId"]})
        self._policies(api, name, {}, properties)
        return made

    def update(self, api: Api, made: Made, old: Properties, new: Properties) -> Made:
        name = made.physical_id
        if old["AssumeRolePolicyDocument"] != new["AssumeRolePolicyDocument"]:
            trust = json.dumps(new["AssumeRolePolicyDocument"])
            api.call("iam", "UpdateAssumeRolePolicy", RoleName=name, PolicyDocument=trust)
        api.call("iam", "UpdateRole", RoleName=name, Description=new.get("Description", ""))
        self._policies(api, name, old, new)
        return made

    def delete(self, api: Api, made: Made, properties: Properties) -> None:
        self._policies(api, made.physical_id, properties, {})
        api.call("iam", "DeleteRole", RoleName=made.physical_id)

    @staticmethod
    def _policies(api: Api, role: str, old: Properties, new: Properties) -> None:
        attached, wanted = old.get("ManagedPolicyArns", []), new.get("ManagedPolicyArns", [])
        for arn in [arn for arn in wanted if arn not in attached]:
            api.call("iam", "AttachRolePolicy", RoleName=role, PolicyArn=arn)
        for arn in [arn for arn in attached if arn not in wanted]:
            api.call("iam", "DetachRolePolicy", RoleName=role, PolicyArn=arn)
        inline = {one["PolicyName"]: one["PolicyDocument"] for one in new.get("Policies", [])}
        for name, document in inline.items():
            api.call("iam", "PutRolePolicy", RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document))
        for one in old.get("Policies", []):
            if one["PolicyName"] not in inline:
                api.call("iam", "DeleteRolePolicy", RoleName=role, PolicyName=one["PolicyName"])


class ManagedPolicy(Resource):
    def create(self, api: Api, logical: str, properties: Properties) -> Made:
        name = properties.get("ManagedPolicyName") or api.new_name(logical)
        document = json.dumps(properties["PolicyDocument"])
        described = {key: properties[key] for key in ("Description", "Path") if key in properties}
        policy = api.call(
            "iam", "CreatePolicy", PolicyName=name, PolicyDocument=document, Tags=api.tag_list(), **described
        )["Policy"]
        return Made(policy["Arn"], {"PolicyArn": policy["Arn"], "PolicyId": policy["PolicyId"]})

    def update(self, api: Api, made: Made, old: Properties, new: Properties) -> Made:
        for version in self._former(api, made)[4 - 1 :]:
            api.call("iam", "DeletePolicyVersion", PolicyArn=made.physical_id, VersionId=version)
        document = json.dumps(new["PolicyDocument"])
        api.call("iam", "CreatePolicyVersion", PolicyArn=made.physical_id, PolicyDocument=document, SetAsDefault=True)
        return made

    def delete(self, api: Api, made: Made, properties: Properties) -> None:
        for version in self._former(api, made):
            api.call("iam", "DeletePolicyVersion", PolicyArn=made.physical_id, VersionId=version)
        api.call("iam", "DeletePolicy", PolicyArn=made.physical_id)

    @staticmethod
    def _former(api: Api, made: Made) -> list[str]:
        listed = api.call("iam", "ListPolicyVersions", PolicyArn=made.physical_id)["Versions"]
        return [one["VersionId"] for one in listed if not one["IsDefaultVersion"]]


class OidcProvider(Resource):
    def create(self, api: Api, logical: str, properties: Properties) -> Made:
        members = {
            "Url": properties["Url"],
            "ClientIDList": properties.get("ClientIdList", []),
            "ThumbprintList": properties.get("ThumbprintList", []),
        }
        members["Tags"] = api.tag_list(properties)
        arn = api.call("iam", "CreateOpenIDConnectProvider", **members)["OpenIDConnectProviderArn"]
        return Made(arn, {"Arn": arn})

    def update(self, api: Api, made: Made, old: Properties, new: Properties) -> Made:
        named = {"OpenIDConnectProviderArn": made.physical_id}
        before, after = old.get("ClientIdList", []), new.get("ClientIdList", [])
        for client in [one for one in after if one not in before]:
            api.call("iam", "AddClientIDToOpenIDConnectProvider", **named, ClientID=client)
        for client in [one for one in before if one not in after]:
            api.call("iam", "RemoveClientIDFromOpenIDConnectProvider", **named, ClientID=client)
        return made

    def delete(self, api: Api, made: Made, properties: Properties) -> None:
        api.call("iam", "DeleteOpenIDConnectProvider", OpenIDConnectProviderArn=made.physical_id)


class SamlProvider(Resource):
    def create(self, api: Api, logical: str, properties: Properties) -> Made:
        members = {
            "Name": properties.get("Name") or api.new_name(logical),
            "SAMLMetadataDocument": properties["SamlMetadataDocument"],
        }
        arn = api.call("iam", "CreateSAMLProvider", **members, Tags=api.tag_list(properties))["SAMLProviderArn"]
        return Made(arn, {"Arn": arn})

    def update(self, api: Api, made: Made, old: Properties, new: Properties) -> Made:
        document = new["SamlMetadataDocument"]
        api.call("iam", "UpdateSAMLProvider", SAMLProviderArn=made.physical_id, SAMLMetadataDocument=document)
        return made

    def delete(self, api: Api, made: Made, properties: Properties) -> None:
        api.call("iam", "DeleteSAMLProvider", SAMLProviderArn=made.physical_id)


class Bucket(Resource):
    def create(self, api: Api, logical: str, properties: Properties) -> Made:
        name = properties.get("BucketName") or api.new_name(logical).lower()
        elsewhere = {"CreateBucketConfiguration": {"LocationConstraint": api.region}}
        api.call("s3", "CreateBucket", Bucket=name, **({} if api.region == "us-east-1" else elsewhere))
        self._configure(api, name, properties)
        return Made(name, {"Arn": f"arn:aws:s3:::{name}"})

    def update(self, api: Api, made: Made, old: Properties, new: Properties) -> Made:
        self._configure(api, made.physical_id, new)
        return made

    def delete(self, api: Api, made: Made, properties: Properties) -> None:
        api.call("s3", "DeleteBucket", Bucket=made.physical_id)

    @staticmethod
    def _configure(api: Api, name: str, properties: Properties) -> None:
        encryption = [
            {"ApplyServerSideEncryptionByDefault": rule["ServerSideEncryptionByDefault"]}
            for rule in properties.get("BucketEncryption", {}).get("ServerSideEncryptionConfiguration", [])
        ]
        if encryption:
            configuration = {"Rules": encryption}
            api.call("s3", "PutBucketEncryption", Bucket=name, ServerSideEncryptionConfiguration=configuration)
        if owned := properties.get("OwnershipControls"):
            api.call("s3", "PutBucketOwnershipControls", Bucket=name, OwnershipControls=owned)
        if blocked := properties.get("PublicAccessBlockConfiguration"):
            api.call("s3", "PutPublicAccessBlock", Bucket=name, PublicAccessBlockConfiguration=blocked)
        api.call("s3", "PutBucketTagging", Bucket=name, Tagging={"TagSet": api.tag_list()})


class BucketPolicy(Resource):
    def create(self, api: Api, logical: str, properties: Properties) -> Made:
        document = json.dumps(properties["PolicyDocument"])
        api.call("s3", "PutBucketPolicy", Bucket=properties["Bucket"], Policy=document)
        return Made(properties["Bucket"])

    def update(self, api: Api, made: Made, old: Properties, new: Properties) -> Made:
        return self.create(api, "", new)

    def delete(self, api: Api, made: Made, properties: Properties) -> None:
        api.call("s3", "DeleteBucketPolicy", Bucket=made.physical_id)


class Table(Resource):
    def create(self, api: Api, logical: str, properties: Properties) -> Made:
        name = properties.get("TableName") or api.new_name(logical)
        members = {key: value for key, value in properties.items() if key != "PointInTimeRecoverySpecification"}
        made = api.call("dynamodb", "CreateTable", TableName=name, **members, Tags=api.tag_list())["TableDescription"]
        api.client_of("dynamodb").get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
        self._recovery(api, name, properties)
        return Made(name, {"Arn": made["TableArn"]})

    def update(self, api: Api, made: Made, old: Properties, new: Properties) -> Made:
        self._recovery(api, made.physical_id, new)
        return made

    def delete(self, api: Api, made: Made, properties: Properties) -> None:
        api.call("dynamodb", "DeleteTable", TableName=made.physical_id)

    @staticmethod
    def _recovery(api: Api, name: str, properties: Properties) -> None:
        if wanted := properties.get("PointInTimeRecoverySpecification"):
            api.call("dynamodb", "UpdateContinuousBackups", TableName=name, PointInTimeRecoverySpecification=wanted)


class Parameter(Resource):
    def create(self, api: Api, logical: str, properties: Properties) -> Made:
        api.call("ssm", "PutParameter", **properties, Tags=api.tag_list())
        return Made(properties["Name"], {"Type": properties["Type"], "Value": properties["Value"]})

    def update(self, api: Api, made: Made, old: Properties, new: Properties) -> Made:
        api.call("ssm", "PutParameter", **new, Overwrite=True)
        return made

    def delete(self, api: Api, made: Made, properties: Properties) -> None:
        api.call("ssm", "DeleteParameter", Name=made.physical_id)


TYPES: dict[str, Resource] = {
    "AWS::Cognito::UserPool": UserPool(),
    "AWS::Cognito::UserPoolClient": UserPoolClient(),
    "AWS::Cognito::UserPoolDomain": UserPoolDomain(),
    "AWS::Cognito::ManagedLoginBranding": ManagedLoginBranding(),
    "AWS::Cognito::UserPoolGroup": UserPoolGroup(),
    "AWS::Cognito::IdentityPool": IdentityPool(),
    "AWS::Cognito::IdentityPoolRoleAttachment": IdentityPoolRoleAttachment(),
    "AWS::Cognito::IdentityPoolPrincipalTag": IdentityPoolPrincipalTag(),
    "AWS::IAM::Role": Role(),
    "AWS::IAM::ManagedPolicy": ManagedPolicy(),
    "AWS::IAM::OIDCProvider": OidcProvider(),
    "AWS::IAM::SAMLProvider": SamlProvider(),
    "AWS::S3::Bucket": Bucket(),
    "AWS::S3::BucketPolicy": BucketPolicy(),
    "AWS::DynamoDB::Table": Table(),
    "AWS::SSM::Parameter": Parameter(),
}


def replaced_by_change(kind: str, old: Properties, new: Properties) -> bool:
    """Whether going from one to the other takes a new resource."""
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema
    fixed = {path.removeprefix("/properties/").split("/")[0] for path in schema.get("createOnlyProperties", [])}
    return any(old.get(name) != new.get(name) for name in fixed)
