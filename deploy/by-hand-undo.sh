# Takes away what deploy/by-hand.sh made, with all that is in it, by the names in the .env which that wrote. In the
# directory of that file, with the same credentials: bash deploy/by-hand-undo.sh. The .env stays.
set -euo pipefail
# shellcheck source=/dev/null
. ./.env
export AWS_DEFAULT_REGION=$AWS_REGION
STACK=$(basename "$UNAUTHENTICATED_ROLE_ARN" -guest)

# 1. The identity pool. Credentials that it gave out are good until they expire, or their role is gone.
aws cognito-identity delete-identity-pool --identity-pool-id "$COGNITO_IDENTITY_POOL_ID"

# 2. Roles go when no policy is attached to them, and policies when they are attached to no role.
aws iam delete-role-policy --role-name "$STACK-engineers" --policy-name Team
for r in guest authenticated engineers; do
  for p in $(aws iam list-attached-role-policies --role-name "$STACK-$r" \
      --query 'AttachedPolicies[].PolicyArn' --output text); do
    aws iam detach-role-policy --role-name "$STACK-$r" --policy-arn "$p"
  done
  aws iam delete-role --role-name "$STACK-$r"
done
for p in samples own; do aws iam delete-policy --policy-arn "${UNAUTHENTICATED_ROLE_ARN%%:role/*}:policy/$STACK-$p"; done

# 3. The user pool with its people, after its domain.
aws cognito-idp delete-user-pool-domain --user-pool-id "$COGNITO_USER_POOL_ID" --domain "$COGNITO_DOMAIN"
aws cognito-idp delete-user-pool --user-pool-id "$COGNITO_USER_POOL_ID"

# 4. Buckets with what people wrote into them, tables, the parameter.
for b in "$SAMPLE_BUCKET" "$SAMPLE_PRIVATE_BUCKET"; do aws s3 rb --force "s3://$b"; done
for t in "$SAMPLE_TABLE" "$SAMPLE_NOTES_TABLE"; do aws dynamodb delete-table --table-name "$t" >/dev/null; done
aws ssm delete-parameter --name /identity-pools-lab/greeting
