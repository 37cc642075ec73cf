"""The resources of an identity pool's set-up as Terraform's AWS provider looks after them.

Which calls it makes to create, read, change, import and delete each, in its order (hashicorp/terraform-provider-aws,
internal/service/{iam,cognitoidentity,cognitoidp,s3,dynamodb}). The program itself need not be there.

A state is what the provider reads back into it; a plan is empty where that is what the configuration asks for.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from botocore.exceptions import ClientError

Client = Callable[[str], Any]
Config = dict[str, Any]
_GONE = {"NoSuchEntity", "ResourceNotFoundException", "NoSuchBucket", "404"}


@dataclass
class Resource:
    """One resource of a configuration.

    Attributes:
        config: its arguments, named as AWS's members.
        id: what Terraform keeps it by; empty before it was made.
    """

    aws: Client
    config: Config
    id: str = ""
    service: ClassVar[str] = "iam"

    @property
    def client(self) -> Any:
        return self.aws(self.service)

    def create(self) -> None:
        raise NotImplementedError

    def read(self) -> Config | None:
        """The arguments as they are, or None where the resource is gone: then it leaves the state."""
        try:
            return self._read()
        except ClientError as error:
            if error.response["Error"]["Code"] in _GONE:
                return None
            raise

    def _read(self) -> Config:
        raise NotImplementedError

    def update(self, config: Config) -> None:
        raise NotImplementedError

    def delete(self) -> None:
        raise NotImplementedError

    def imported(self) -> Config | None:
        """What `terraform import` reads, by nothing but the id."""
        return type(self)(self.aws, {}, self.id).read()


def tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def tag_map(tags: list[dict[str, str]] | None) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags or []}


class Role(Resource):
    """aws_iam_role"""

    def create(self) -> None:
        made = self.client.create_role(
            RoleName=self.config["name"],
            Path="/",
            AssumeRolePolicyDocument=json.dumps(self.config["trust"]),
            MaxSessionDuration=self.config["seconds"],
            Description=self.config["description"],
            Tags=tag_list(self.config["tags"]),
        )
        self.id = made["Role"]["RoleName"]
        self.client.get_role(RoleName=self.id)  # It waits until the role is there.

    def _read(self) -> Config:
        role = self.client.get_role(RoleName=self.id)["Role"]
        self.client.list_role_policies(RoleName=self.id)
        self.client.list_attached_role_policies(RoleName=self.id)
        return {
            "name": role["RoleName"],
            "trust": role["AssumeRolePolicyDocument"],
            "seconds": role["MaxSessionDuration"],
            "description": role.get("Description", ""),
            "tags": tag_map(role.get("Tags")),
        }

    def update(self, config: Config) -> None:
        self.client.update_assume_role_policy(RoleName=self.id, PolicyDocument=json.dumps(config["trust"]))
        self.client.update_role_description(RoleName=self.id, Description=config["description"])
        self.client.update_role(RoleName=self.id, MaxSessionDuration=config["seconds"])
        gone = [key for key in self.config["tags"] if key not in config["tags"]]
        if gone:
            self.client.untag_role(RoleName=self.id, TagKeys=gone)
        self.client.tag_role(RoleName=self.id, Tags=tag_list(config["tags"]))
        self.config = config

    def delete(self) -> None:
        self.client.list_instance_profiles_for_role(RoleName=self.id)
        self.client.delete_role(RoleName=self.id)


class RolePolicy(Resource):
    """aws_iam_role_policy; its id is `ROLE:NAME`."""

    def create(self) -> None:
        self._put(self.config)
        self.id = f"{self.config['role']}:{self.config['name']}"

    def _put(self, config: Config) -> None:
        document = json.dumps(config["policy"])
        self.client.put_role_policy(RoleName=config["role"], PolicyName=config["name"], PolicyDocument=document)

    def _read(self) -> Config:
        role, _, name = self.id.partition(":")
        found = self.client.get_role_policy(RoleName=role, PolicyName=name)
        return {"role": found["RoleName"], "name": found["PolicyName"], "policy": found["PolicyDocument"]}

    def update(self, config: Config) -> None:
        self._put(config)
        self.config = config

    def delete(self) -> None:
        role, _, name = self.id.partition(":")
        self.client.delete_role_policy(RoleName=role, PolicyName=name)


class Policy(Resource):
    """aws_iam_policy"""

    def create(self) -> None:
        made = self.client.create_policy(
            PolicyName=self.config["name"],
            Path="/",
            Description=self.config["description"],
            PolicyDocument=json.dumps(self.config["policy"]),
            Tags=tag_list(self.config["tags"]),
        )
        self.id = made["Policy"]["Arn"]

    def _read(self) -> Config:
        policy = self.client.get_policy(PolicyArn=self.id)["Policy"]
        version = self.client.get_policy_version(PolicyArn=self.id, VersionId=policy["DefaultVersionId"])
        return {
            "name": policy["PolicyName"],
            "description": policy.get("Description", ""),
            "policy": version["PolicyVersion"]["Document"],
            "tags": tag_map(policy.get("Tags")),
        }

    def update(self, config: Config) -> None:
        self.client.list_policy_versions(PolicyArn=self.id)
        self.client.create_policy_version(
            PolicyArn=self.id, PolicyDocument=json.dumps(config["policy"]), SetAsDefault=True
        )
        self.client.tag_policy(PolicyArn=self.id, Tags=tag_list(config["tags"]))
        self.config = config

    def delete(self) -> None:
        for version in self.client.list_policy_versions(PolicyArn=self.id)["Versions"]:
            if not version["IsDefaultVersion"]:
                self.client.delete_policy_version(PolicyArn=self.id, VersionId=version["VersionId"])
        self.client.delete_policy(PolicyArn=self.id)


class PolicyAttachment(Resource):
    """aws_iam_role_policy_attachment; its id is `ROLE/ARN`. It is replaced, never changed."""

    def create(self) -> None:
        self.client.attach_role_policy(RoleName=self.config["role"], PolicyArn=self.config["arn"])
        self.id = f"{self.config['role']}/{self.config['arn']}"

    def _read(self) -> Config:
        role, _, arn = self.id.partition("/")
        attached = self.client.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
        if arn not in [policy["PolicyArn"] for policy in attached]:
            raise ClientError({"Error": {"Code": "NoSuchEntity"}}, "ListAttachedRolePolicies")
        return {"role": role, "arn": arn}

    def delete(self) -> None:
        role, _, arn = self.id.partition("/")
        self.client.detach_role_policy(RoleName=role, PolicyArn=arn)


class OpenIdProvider(Resource):
    """aws_iam_openid_connect_provider"""

    def create(self) -> None:
        made = self.client.create_open_id_connect_provider(
            Url=self.config["url"],
            ClientIDList=self.config["clients"],
            ThumbprintList=self.config["thumbprints"],
            Tags=tag_list(self.config["tags"]),
        )
        self.id = made["OpenIDConnectProviderArn"]

    def _read(self) -> Config:
        found = self.client.get_open_id_connect_provider(OpenIDConnectProviderArn=self.id)
        return {
            # The provider compares URLs without their scheme.
            "url": f"https://{found['Url']}",
            "clients": sorted(found["ClientIDList"]),
            "thumbprints": found["ThumbprintList"],
            "tags": tag_map(found.get("Tags")),
        }

    def update(self, config: Config) -> None:
        named = {"OpenIDConnectProviderArn": self.id}
        self.client.update_open_id_connect_provider_thumbprint(**named, ThumbprintList=config["thumbprints"])
        before, after = set(self.config["clients"]), set(config["clients"])
        for client in sorted(after - before):
            self.client.add_client_id_to_open_id_connect_provider(**named, ClientID=client)
        for client in sorted(before - after):
            self.client.remove_client_id_from_open_id_connect_provider(**named, ClientID=client)
        self.client.tag_open_id_connect_provider(**named, Tags=tag_list(config["tags"]))
        self.config = config

    def delete(self) -> None:
        self.client.delete_open_id_connect_provider(OpenIDConnectProviderArn=self.id)


class SamlProvider(Resource):
    """aws_iam_saml_provider"""

    def create(self) -> None:
        made = self.client.create_saml_provider(
            Name=self.config["name"],
            SAMLMetadataDocument=self.config["metadata"],
            Tags=tag_list(self.config["tags"]),
        )
        self.id = made["SAMLProviderArn"]

    def _read(self) -> Config:
        found = self.client.get_saml_provider(SAMLProviderArn=self.id)
        name = self.id.rpartition("/")[2]
        return {"name": name, "metadata": found["SAMLMetadataDocument"], "tags": tag_map(found.get("Tags"))}

    def update(self, config: Config) -> None:
        self.client.update_saml_provider(SAMLProviderArn=self.id, SAMLMetadataDocument=config["metadata"])
        self.client.tag_saml_provider(SAMLProviderArn=self.id, Tags=tag_list(config["tags"]))
        self.config = config

    def delete(self) -> None:
        self.client.delete_saml_provider(SAMLProviderArn=self.id)


_POOL_MEMBERS = (
    "IdentityPoolName", "AllowUnauthenticatedIdentities", "AllowClassicFlow", "SupportedLoginProviders",
    "DeveloperProviderName", "OpenIdConnectProviderARNs", "CognitoIdentityProviders", "SamlProviderARNs",
)  # fmt: skip


class IdentityPool(Resource):
    """aws_cognito_identity_pool; an update sends all members but the tags, which are changed by calls of their own."""

    service = "cognito-identity"

    def create(self) -> None:
        members = {name: self.config[name] for name in _POOL_MEMBERS if name in self.config}
        self.id = self.client.create_identity_pool(**members, IdentityPoolTags=self.config["tags"])["IdentityPoolId"]

    def _read(self) -> Config:
        found = self.client.describe_identity_pool(IdentityPoolId=self.id)
        return {
            **{name: found[name] for name in _POOL_MEMBERS if name in found},
            "tags": found.get("IdentityPoolTags", {}),
        }

    def update(self, config: Config) -> None:
        members = {name: config[name] for name in _POOL_MEMBERS if name in config}
        self.client.update_identity_pool(IdentityPoolId=self.id, **members)
        account = self.aws("sts").get_caller_identity()["Account"]
        arn = f"arn:aws:cognito-identity:{self.client.meta.region_name}:{account}:identitypool/{self.id}"
        gone = [key for key in self.config["tags"] if key not in config["tags"]]
        new = {key: value for key, value in config["tags"].items() if self.config["tags"].get(key) != value}
        if gone:
            self.client.untag_resource(ResourceArn=arn, TagKeys=gone)
        if new:
            self.client.tag_resource(ResourceArn=arn, Tags=new)
        self.config = config

    def delete(self) -> None:
        self.client.delete_identity_pool(IdentityPoolId=self.id)


class RolesAttachment(Resource):
    """aws_cognito_identity_pool_roles_attachment; its id is the pool's."""

    service = "cognito-identity"

    def create(self) -> None:
        self._set(self.config)
        self.id = self.config["pool"]

    def _set(self, config: Config) -> None:
        self.client.set_identity_pool_roles(
            IdentityPoolId=config["pool"], Roles=config["roles"], RoleMappings=config["mappings"]
        )

    def _read(self) -> Config:
        found = self.client.get_identity_pool_roles(IdentityPoolId=self.id)
        return {
            "pool": found["IdentityPoolId"],
            "roles": found.get("Roles", {}),
            "mappings": found.get("RoleMappings", {}),
        }

    def update(self, config: Config) -> None:
        self._set(config)
        self.config = config

    def delete(self) -> None:
        self.client.set_identity_pool_roles(IdentityPoolId=self.id, Roles={}, RoleMappings={})


class PrincipalTags(Resource):
    """aws_cognito_identity_pool_provider_principal_tag; its id is `POOL:PROVIDER`."""

    service = "cognito-identity"

    def create(self) -> None:
        self._set(self.config)
        self.id = f"{self.config['pool']}:{self.config['provider']}"

    def _set(self, config: Config) -> None:
        self.client.set_principal_tag_attribute_map(
            IdentityPoolId=config["pool"],
            IdentityProviderName=config["provider"],
            UseDefaults=config["defaults"],
            PrincipalTags=config["tags"],
        )

    def _read(self) -> Config:
        region, number, provider = self.id.split(":", 2)
        pool = f"{region}:{number}"
        found = self.client.get_principal_tag_attribute_map(IdentityPoolId=pool, IdentityProviderName=provider)
        return {
            "pool": found["IdentityPoolId"],
            "provider": found["IdentityProviderName"],
            "defaults": found.get("UseDefaults", False),
            "tags": found.get("PrincipalTags", {}),
        }

    def update(self, config: Config) -> None:
        self._set(config)
        self.config = config

    def delete(self) -> None:
        region, number, provider = self.id.split(":", 2)
        self.client.set_principal_tag_attribute_map(
            IdentityPoolId=f"{region}:{number}", IdentityProviderName=provider, UseDefaults=True, PrincipalTags={}
        )


class UserPool(Resource):
    """aws_cognito_user_pool"""

    service = "cognito-idp"

    def create(self) -> None:
        made = self.client.create_user_pool(
            PoolName=self.config["name"],
            AutoVerifiedAttributes=self.config["verified"],
            Policies={"PasswordPolicy": self.config["passwords"]},
            UserPoolTags=self.config["tags"],
        )
        self.id = made["UserPool"]["Id"]

    def _read(self) -> Config:
        found = self.client.describe_user_pool(UserPoolId=self.id)["UserPool"]
        assert self.client.get_user_pool_mfa_config(UserPoolId=self.id)["MfaConfiguration"] == "OFF"
        policy = found["Policies"]["PasswordPolicy"]
        return {
            "name": found["Name"],
            "verified": found.get("AutoVerifiedAttributes", []),
            "passwords": {name: policy[name] for name in ("MinimumLength", "RequireNumbers")},
            "tags": found.get("UserPoolTags", {}),
        }

    def update(self, config: Config) -> None:
        self.client.update_user_pool(
            UserPoolId=self.id,
            AutoVerifiedAttributes=config["verified"],
            Policies={"PasswordPolicy": config["passwords"]},
            UserPoolTags=config["tags"],
        )
        self.config = config

    def delete(self) -> None:
        self.client.delete_user_pool(UserPoolId=self.id)


class UserPoolClient(Resource):
    """aws_cognito_user_pool_client; its id is `POOL/CLIENT` where it is imported."""

    service = "cognito-idp"

    def create(self) -> None:
        made = self.client.create_user_pool_client(UserPoolId=self.config["pool"], **self._members(self.config))
        self.id = f"{self.config['pool']}/{made['UserPoolClient']['ClientId']}"

    def _members(self, config: Config) -> Config:
        return {"ClientName": config["name"], "ExplicitAuthFlows": config["flows"], "CallbackURLs": config["callbacks"]}

    def _read(self) -> Config:
        pool, _, client = self.id.partition("/")
        found = self.client.describe_user_pool_client(UserPoolId=pool, ClientId=client)["UserPoolClient"]
        return {
            "pool": found["UserPoolId"],
            "name": found["ClientName"],
            "flows": sorted(found.get("ExplicitAuthFlows", [])),
            "callbacks": found.get("CallbackURLs", []),
        }

    def update(self, config: Config) -> None:
        pool, _, client = self.id.partition("/")
        self.client.update_user_pool_client(UserPoolId=pool, ClientId=client, **self._members(config))
        self.config = config

    def delete(self) -> None:
        pool, _, client = self.id.partition("/")
        self.client.delete_user_pool_client(UserPoolId=pool, ClientId=client)


class Group(Resource):
    """aws_cognito_user_group; its id is `POOL/NAME`."""

    service = "cognito-idp"

    def create(self) -> None:
        self.client.create_group(UserPoolId=self.config["pool"], **self._members(self.config))
        self.id = f"{self.config['pool']}/{self.config['name']}"

    def _members(self, config: Config) -> Config:
        return {"GroupName": config["name"], "RoleArn": config["role"], "Precedence": config["precedence"]}

    def _read(self) -> Config:
        pool, _, name = self.id.partition("/")
        found = self.client.get_group(UserPoolId=pool, GroupName=name)["Group"]
        return {"pool": pool, "name": name, "role": found["RoleArn"], "precedence": found["Precedence"]}

    def update(self, config: Config) -> None:
        pool, _, _ = self.id.partition("/")
        self.client.update_group(UserPoolId=pool, **self._members(config))
        self.config = config

    def delete(self) -> None:
        pool, _, name = self.id.partition("/")
        self.client.delete_group(UserPoolId=pool, GroupName=name)


class Bucket(Resource):
    """aws_s3_bucket with aws_s3_bucket_cors_configuration and aws_s3_bucket_public_access_block beside it."""

    service = "s3"

    def create(self) -> None:
        self.client.create_bucket(Bucket=self.config["name"])
        self.id = self.config["name"]
        self._put(self.config)

    def _put(self, config: Config) -> None:
        self.client.put_bucket_tagging(Bucket=self.id, Tagging={"TagSet": tag_list(config["tags"])})
        self.client.put_bucket_cors(Bucket=self.id, CORSConfiguration={"CORSRules": config["cors"]})
        self.client.put_public_access_block(Bucket=self.id, PublicAccessBlockConfiguration=config["public"])

    def _read(self) -> Config:
        self.client.head_bucket(Bucket=self.id)
        self.client.get_bucket_location(Bucket=self.id)
        self.client.get_bucket_versioning(Bucket=self.id)
        self.client.get_bucket_acl(Bucket=self.id)
        self._quietly("get_bucket_policy", "NoSuchBucketPolicy")
        self._quietly("get_bucket_website", "NoSuchWebsiteConfiguration")
        self._quietly("get_bucket_lifecycle_configuration", "NoSuchLifecycleConfiguration")
        self._quietly("get_bucket_replication", "ReplicationConfigurationNotFoundError")
        self._quietly("get_bucket_encryption", "ServerSideEncryptionConfigurationNotFoundError")
        self._quietly("get_object_lock_configuration", "ObjectLockConfigurationNotFoundError")
        self.client.get_bucket_logging(Bucket=self.id)
        return {
            "name": self.id,
            "tags": tag_map(self.client.get_bucket_tagging(Bucket=self.id)["TagSet"]),
            "cors": self.client.get_bucket_cors(Bucket=self.id)["CORSRules"],
            "public": self.client.get_public_access_block(Bucket=self.id)["PublicAccessBlockConfiguration"],
        }

    def _quietly(self, operation: str, absent: str) -> None:
        try:
            getattr(self.client, operation)(Bucket=self.id)
        except ClientError as error:
            if error.response["Error"]["Code"] != absent:
                raise

    def update(self, config: Config) -> None:
        self._put(config)
        self.config = config

    def delete(self) -> None:
        self.client.delete_bucket_cors(Bucket=self.id)
        self.client.delete_public_access_block(Bucket=self.id)
        self.client.delete_bucket(Bucket=self.id)


class Table(Resource):
    """aws_dynamodb_table"""

    service = "dynamodb"

    def create(self) -> None:
        self.client.create_table(
            TableName=self.config["name"],
            AttributeDefinitions=[{"AttributeName": "owner", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "owner", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
            Tags=tag_list(self.config["tags"]),
        )
        self.id = self.config["name"]

    def _read(self) -> Config:
        table = self.client.describe_table(TableName=self.id)["Table"]
        assert table["TableStatus"] == "ACTIVE"
        self.client.describe_continuous_backups(TableName=self.id)
        self.client.describe_time_to_live(TableName=self.id)
        tags = self.client.list_tags_of_resource(ResourceArn=table["TableArn"])["Tags"]
        return {"name": table["TableName"], "tags": tag_map(tags)}

    def update(self, config: Config) -> None:
        arn = self.client.describe_table(TableName=self.id)["Table"]["TableArn"]
        gone = [key for key in self.config["tags"] if key not in config["tags"]]
        if gone:
            self.client.untag_resource(ResourceArn=arn, TagKeys=gone)
        self.client.tag_resource(ResourceArn=arn, Tags=tag_list(config["tags"]))
        self.config = config

    def delete(self) -> None:
        self.client.delete_table(TableName=self.id)
