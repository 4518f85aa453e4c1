import { afterAll, beforeAll } from "bun:test";
import { join } from "node:path";
import type { LocalServer } from "../../infra/local/local-server.ts";
import {
	LOCAL_S3_ACCESS_KEY,
	LOCAL_S3_REGION,
	LOCAL_S3_SECRET_KEY,
	startS3,
} from "../../infra/local/versitygw.ts";
import { createBucket } from "../archive/create-bucket.ts";
import { S3Archive } from "../archive/s3-archive.ts";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import { ArchiveHistory } from "./archive-history.ts";
import { historyContract } from "./history-contract.ts";

const folder = join(temporaryFolder(), "s3");
let server: LocalServer;
let buckets = 0;

beforeAll(async () => {
	server = await startS3({ folder, say: (line) => console.error(line) });
});

afterAll(() => server.stop());

historyContract("S3", async () => {
	buckets += 1;
	const settings = {
		bucket: `history-${buckets}`,
		region: LOCAL_S3_REGION,
		endpoint: `http://127.0.0.1:${server.port}`,
		credentials: { accessKeyId: LOCAL_S3_ACCESS_KEY, secretAccessKey: LOCAL_S3_SECRET_KEY },
	};
	await createBucket(settings);
	return ArchiveHistory.open(new S3Archive(settings));
});
