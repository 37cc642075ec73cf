# What deploy/cloudformation.yaml makes, step by step: for those who may not run stacks. Each step says how the console
# does it, and the commands below it do the same. Paste them into one shell (bash or zsh), in a directory of your own.
# `manage.py provision --plan` prints this with your own names in the next three lines.
export AWS_REGION=us-east-1
STACK=identity-pools-lab
PUBLIC_URL=http://localhost:8000

export AWS_DEFAULT_REGION=$AWS_REGION
ACCOUNT=$(aws sts get-caller-identity --query Account --output text)
BUCKET=$STACK-public-$ACCOUNT; PRIVATE_BUCKET=$STACK-private-$ACCOUNT
TABLE=$STACK-products; NOTES=$STACK-notes

# 1. A user pool with managed login.
# Console: Amazon Cognito, User pools, Create user pool: single-page application, sign-in by e-mail, self-registration
# off, return URL PUBLIC_URL/sign-in/complete/cognito/. Sign-up, Custom attributes: department, mutable. App clients,
# the client, Attribute permissions: write email, name, given_name and family_name only, so that nobody changes their
# own department. (The addresses stand in brackets: version 1 of the AWS CLI would fetch what looks like a URL.)
USER_POOL=$(aws cognito-idp create-user-pool --pool-name "$STACK" --user-pool-tier ESSENTIALS \
  --username-attributes email --auto-verified-attributes email \
  --admin-create-user-config AllowAdminCreateUserOnly=true --policies '{"PasswordPolicy": {"MinimumLength": 12,
    "RequireLowercase": true, "RequireUppercase": true, "RequireNumbers": true, "RequireSymbols": false,
    "TemporaryPasswordValidityDays": 7}}' \
  --account-recovery-setting 'RecoveryMechanisms=[{Name=verified_email,Priority=1}]' \
  --schema Name=department,AttributeDataType=String,Mutable=true,DeveloperOnlyAttribute=false \
  --user-pool-tags identity-pools-lab="$STACK" --query UserPool.Id --output text)
CLIENT=$(aws cognito-idp create-user-pool-client --user-pool-id "$USER_POOL" --client-name "$STACK" \
  --no-generate-secret --supported-identity-providers COGNITO --allowed-o-auth-flows-user-pool-client \
  --allowed-o-auth-flows code --allowed-o-auth-scopes openid email profile \
  --callback-urls '["'"$PUBLIC_URL/sign-in/complete/cognito/"'"]' --logout-urls '["'"$PUBLIC_URL/"'"]' \
  --explicit-auth-flows ALLOW_USER_SRP_AUTH ALLOW_REFRESH_TOKEN_AUTH --prevent-user-existence-errors ENABLED \
  --id-token-validity 1 --access-token-validity 1 --refresh-token-validity 1 \
  --token-validity-units IdToken=hours,AccessToken=hours,RefreshToken=days \
  --read-attributes email email_verified name given_name family_name custom:department \
  --write-attributes email name given_name family_name --query UserPoolClient.ClientId --output text)
DOMAIN=identity-pools-lab-$(echo "$USER_POOL" | cut -d_ -f2 | tr '[:upper:]' '[:lower:]')
aws cognito-idp create-user-pool-domain --user-pool-id "$USER_POOL" --domain "$DOMAIN" --managed-login-version 2
aws cognito-idp create-managed-login-branding --user-pool-id "$USER_POOL" --client-id "$CLIENT" \
  --use-cognito-provided-values
PROVIDER=cognito-idp.$AWS_REGION.amazonaws.com/$USER_POOL

# 2. The identity pool.
# Console: Amazon Cognito, Identity pools, Create identity pool: authenticated access with the user pool and its app
# client, guest access, any roles (they are chosen below), and under Properties basic (classic) authentication on.
POOL=$(aws cognito-identity create-identity-pool --identity-pool-name "$STACK" \
  --allow-unauthenticated-identities --allow-classic-flow \
  --cognito-identity-providers ProviderName="$PROVIDER",ClientId="$CLIENT",ServerSideTokenCheck=true \
  --identity-pool-tags identity-pools-lab="$STACK" --query IdentityPoolId --output text)

# 3. Two buckets, two tables, a parameter, and something in them.
# Console: S3, Create bucket, twice: all public access blocked, and a policy that denies what comes without TLS.
# DynamoDB, Create table, twice, on-demand: ProductId; IdentityId with the sort key NoteId; all strings. Systems
# Manager, Parameter Store: /identity-pools-lab/greeting, a String.
echo "Identity Pools Lab: product catalogue" > product-catalog.txt
echo "What the engineers do next" > roadmap.txt
for b in "$BUCKET" "$PRIVATE_BUCKET"; do
  aws s3 mb "s3://$b"
  aws s3api put-public-access-block --bucket "$b" --public-access-block-configuration \
    BlockPublicAcls=true,BlockPublicPolicy=true,IgnorePublicAcls=true,RestrictPublicBuckets=true
  aws s3api put-bucket-encryption --bucket "$b" --server-side-encryption-configuration \
    '{"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}'
  aws s3api put-bucket-policy --bucket "$b" --policy '{"Version": "2012-10-17", "Statement": [{"Effect": "Deny",
    "Sid": "OnlyEncrypted", "Principal": "*", "Action": "s3:*",
    "Resource": ["arn:aws:s3:::'"$b"'", "arn:aws:s3:::'"$b"'/*"],
    "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}'
done
aws s3 cp product-catalog.txt "s3://$BUCKET/product-catalog.txt"
aws s3 cp roadmap.txt "s3://$PRIVATE_BUCKET/teams/engineers/roadmap.txt"
aws dynamodb create-table --table-name "$TABLE" --billing-mode PAY_PER_REQUEST \
  --attribute-definitions AttributeName=ProductId,AttributeType=S --key-schema AttributeName=ProductId,KeyType=HASH
aws dynamodb create-table --table-name "$NOTES" --billing-mode PAY_PER_REQUEST \
  --attribute-definitions AttributeName=IdentityId,AttributeType=S AttributeName=NoteId,AttributeType=S \
  --key-schema AttributeName=IdentityId,KeyType=HASH AttributeName=NoteId,KeyType=RANGE
aws dynamodb wait table-exists --table-name "$TABLE"
aws dynamodb put-item --table-name "$TABLE" --item '{"ProductId": {"S": "P-001"}, "Name": {"S": "Field notebook"}}'
aws ssm put-parameter --name /identity-pools-lab/greeting --type String --value hello

# 4. Two policies and three roles.
# Console: IAM, Policies: one to read the samples, one for a place of one's own. IAM, Roles, Create role, Custom trust
# policy: for guests, for people who signed in, and for engineers. `aud` is the identity pool's ID; `amr` says who.
# The policies' variable is the identity ID; the shell leaves it alone for the quotes around JSON.
cat > samples.json <<JSON
{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::$BUCKET"},
  {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::$BUCKET/*"},
  {"Effect": "Allow", "Action": ["dynamodb:Scan", "dynamodb:GetItem", "dynamodb:Query"],
   "Resource": "arn:aws:dynamodb:$AWS_REGION:$ACCOUNT:table/$TABLE"},
  {"Effect": "Allow", "Action": "ssm:GetParameter",
   "Resource": "arn:aws:ssm:$AWS_REGION:$ACCOUNT:parameter/identity-pools-lab/*"}]}
JSON
ME='${cognito-identity.amazonaws.com:sub}'
cat > own.json <<JSON
{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::$PRIVATE_BUCKET",
   "Condition": {"StringLike": {"s3:prefix": ["$ME/*"]}}},
  {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
   "Resource": "arn:aws:s3:::$PRIVATE_BUCKET/$ME/*"},
  {"Effect": "Allow",
   "Action": ["dynamodb:PutItem", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:DeleteItem"],
   "Resource": "arn:aws:dynamodb:$AWS_REGION:$ACCOUNT:table/$NOTES",
   "Condition": {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["$ME"]},
     "Null": {"dynamodb:LeadingKeys": "false"}}}]}
JSON
cat > team.json <<JSON
{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::$PRIVATE_BUCKET/teams/engineers/*"}]}
JSON
trust() { cat <<JSON
{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
  "Principal": {"Federated": "cognito-identity.amazonaws.com"}, "Action": $1,
  "Condition": {"StringEquals": {"cognito-identity.amazonaws.com:aud": "$POOL"},
    "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": "$2"}}}]}
JSON
}
role() { aws iam create-role --role-name "$1" --assume-role-policy-document "$2" --query Role.Arn --output text; }
policy() { aws iam create-policy --policy-name "$1" --policy-document "$2" --query Policy.Arn --output text; }
SAMPLES=$(policy "$STACK-samples" file://samples.json)
OWN=$(policy "$STACK-own" file://own.json)
PEOPLE='["sts:AssumeRoleWithWebIdentity", "sts:TagSession"]'
GUEST_ROLE=$(role "$STACK-guest" "$(trust '"sts:AssumeRoleWithWebIdentity"' unauthenticated)")
AUTHENTICATED_ROLE=$(role "$STACK-authenticated" "$(trust "$PEOPLE" authenticated)")
ENGINEERS_ROLE=$(role "$STACK-engineers" "$(trust "$PEOPLE" "$PROVIDER")")
for r in guest authenticated engineers; do
  aws iam attach-role-policy --role-name "$STACK-$r" --policy-arn "$SAMPLES"
done
for r in authenticated engineers; do aws iam attach-role-policy --role-name "$STACK-$r" --policy-arn "$OWN"; done
aws iam put-role-policy --role-name "$STACK-engineers" --policy-name Team --policy-document file://team.json

# 5. The group; roles, mapping and tags of the identity pool.
# Console: the user pool, Groups, Create group: engineers, with the engineers' role, precedence 10. The identity pool,
# User access: both roles; the identity provider, Role settings: the role with preferred_role claim in tokens, otherwise
# the default authenticated role; Attributes for access control: department = custom:department.
aws cognito-idp create-group --user-pool-id "$USER_POOL" --group-name engineers --precedence 10 \
  --role-arn "$ENGINEERS_ROLE"
aws cognito-identity set-identity-pool-roles --identity-pool-id "$POOL" \
  --roles unauthenticated="$GUEST_ROLE",authenticated="$AUTHENTICATED_ROLE" \
  --role-mappings '{"'"$PROVIDER:$CLIENT"'": {"Type": "Token", "AmbiguousRoleResolution": "AuthenticatedRole"}}'
aws cognito-identity set-principal-tag-attribute-map --identity-pool-id "$POOL" \
  --identity-provider-name "$PROVIDER" --no-use-defaults --principal-tags department=custom:department

# 6. The settings, in a file that you alone can read. One that is there stays.
(umask 077; set -C; cat > .env <<ENV
APP_MODE=aws
SECRET_KEY=$(head -c 48 /dev/urandom | base64 | tr -d '\n' | tr '+/' '-_')
AWS_REGION=$AWS_REGION
AWS_ACCOUNT_ID=$ACCOUNT
PUBLIC_URL=$PUBLIC_URL
COGNITO_IDENTITY_POOL_ID=$POOL
AUTHENTICATED_ROLE_ARN=$AUTHENTICATED_ROLE
UNAUTHENTICATED_ROLE_ARN=$GUEST_ROLE
COGNITO_USER_POOL_ID=$USER_POOL
COGNITO_APP_CLIENT_ID=$CLIENT
COGNITO_DOMAIN=$DOMAIN
SAMPLE_BUCKET=$BUCKET
SAMPLE_OBJECT_KEY=product-catalog.txt
SAMPLE_TABLE=$TABLE
SAMPLE_PRIVATE_BUCKET=$PRIVATE_BUCKET
SAMPLE_NOTES_TABLE=$NOTES
SAMPLE_TEAM_OBJECT_KEY=teams/engineers/roadmap.txt
ENV
)
