// Two regions in one application: an identity pool in one, a bucket and tables in both. The bucket is looked for in the
// wrong one first; the SDK follows what S3 says. Returns what it saw; the Python test judges it.

import { DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { GetObjectCommand, HeadBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { fromCognitoIdentityPool } from "@aws-sdk/credential-providers";
import { refusal } from "./sdk.mjs";

export async function run({ endpoint, here, there, poolId, bucket, key, table }) {
  const clientConfig = { region: there, endpoint, maxAttempts: 1 };
  const credentials = await fromCognitoIdentityPool({ identityPoolId: poolId, clientConfig })();
  const client = (Kind, region, more = {}) => new Kind({ ...clientConfig, region, credentials, ...more });
  const tables = {};
  for (const region of [here, there]) {
    const scan = await client(DynamoDBClient, region).send(new ScanCommand({ TableName: table }));
    tables[region] = scan.Items.map((item) => item.pk.S);
  }
  const stays = client(S3Client, here, { forcePathStyle: true });
  const follows = client(S3Client, here, { forcePathStyle: true, followRegionRedirects: true });
  // First: a browser may keep the object for a moment, and answer from there.
  const refused = await refusal(() => stays.send(new GetObjectCommand({ Bucket: bucket, Key: key })));
  const object = await follows.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  return {
    identityId: credentials.identityId,
    tables,
    stays: refused,
    body: await object.Body.transformToString(),
    bucketRegion: (await follows.send(new HeadBucketCommand({ Bucket: bucket }))).BucketRegion,
  };
}
