// What an application does with the AWS SDK for JavaScript v3, the same in Node and in a browser: credentials by each of
// the SDK's own providers, then S3 and DynamoDB with them. Returns what it saw; the Python test judges it.

import { CognitoIdentityClient, GetIdCommand, GetOpenIdTokenCommand } from "@aws-sdk/client-cognito-identity";
import { DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { fromCognitoIdentity, fromCognitoIdentityPool, fromWebToken } from "@aws-sdk/credential-providers";

export async function refusal(call) {
  try {
    await call();
    return null;
  } catch (error) {
    return { name: error.name, message: error.message, status: error.$metadata?.httpStatusCode };
  }
}

export async function use(clientConfig, credentials, { bucket, key, table }) {
  const s3 = new S3Client({ ...clientConfig, credentials, forcePathStyle: true });
  const dynamodb = new DynamoDBClient({ ...clientConfig, credentials });
  const sts = new STSClient({ ...clientConfig, credentials });
  const listing = await s3.send(new ListObjectsV2Command({ Bucket: bucket }));
  const object = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  const bytes = await object.Body.transformToByteArray();
  const scan = await dynamodb.send(new ScanCommand({ TableName: table, Limit: 5 }));
  const caller = await sts.send(new GetCallerIdentityCommand({}));
  return {
    arn: caller.Arn,
    keys: listing.Contents.map((entry) => entry.Key),
    size: bytes.length,
    start: String.fromCharCode(...bytes.slice(0, 5)),
    items: scan.Items.length,
    put: await refusal(() => s3.send(new PutObjectCommand({ Bucket: bucket, Key: "mine.txt", Body: "no" }))),
  };
}

export async function run({ endpoint, region, poolId, closedPoolId, logins, roleArn, sample }) {
  const clientConfig = { region, endpoint, maxAttempts: 1 };
  const cognito = new CognitoIdentityClient(clientConfig);

  const guest = fromCognitoIdentityPool({ identityPoolId: poolId, clientConfig, parentClientConfig: clientConfig });
  const guestCredentials = await guest();

  const { IdentityId } = await cognito.send(new GetIdCommand({ IdentityPoolId: poolId, Logins: logins }));
  const member = fromCognitoIdentity({ identityId: IdentityId, logins, clientConfig });
  const memberCredentials = await member();

  const { Token } = await cognito.send(new GetOpenIdTokenCommand({ IdentityId, Logins: logins }));
  const basic = fromWebToken({ roleArn, webIdentityToken: Token, roleSessionName: "javascript", clientConfig });
  const basicCredentials = await basic();

  return {
    guest: { keyId: guestCredentials.accessKeyId, identityId: guestCredentials.identityId, ...(await use(clientConfig, guest, sample)) },
    member: { keyId: memberCredentials.accessKeyId, identityId: IdentityId, ...(await use(clientConfig, member, sample)) },
    basic: { keyId: basicCredentials.accessKeyId, ...(await use(clientConfig, basic, sample)) },
    closed: await refusal(() => cognito.send(new GetIdCommand({ IdentityPoolId: closedPoolId }))),
    expiresInMinutes: Math.round((guestCredentials.expiration - Date.now()) / 60000),
  };
}
