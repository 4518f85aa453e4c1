import {
	BucketAlreadyOwnedByYou,
	CreateBucketCommand,
	HeadBucketCommand,
	NotFound,
} from "@aws-sdk/client-s3";
import { type S3Settings, s3Client } from "./s3-settings.ts";

/** S3's first region, which must not be named when a bucket is made there. */
const UNNAMED_REGION = "us-east-1";

/** Creates the bucket unless it is there. Tells whether it did. */
export async function createBucket(settings: S3Settings): Promise<boolean> {
	const { bucket, region } = settings;
	const client = s3Client(settings);
	try {
		try {
			await client.send(new HeadBucketCommand({ Bucket: bucket }));
			return false;
		} catch (error) {
			if (!(error instanceof NotFound)) throw error;
		}
		await client.send(
			new CreateBucketCommand({
				Bucket: bucket,
				...(region === UNNAMED_REGION
					? {}
					: { CreateBucketConfiguration: { LocationConstraint: region as "eu-west-1" } }),
			}),
		);
		return true;
	} catch (error) {
		// Another was faster.
		if (error instanceof BucketAlreadyOwnedByYou) return false;
		throw error;
	} finally {
		client.destroy();
	}
}
