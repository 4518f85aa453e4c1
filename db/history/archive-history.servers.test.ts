import { afterAll, beforeAll } from "bun:test";
import { S3Archive } from "../archive/s3-archive.ts";
import { LocalS3 } from "../archive/testing/local-s3.ts";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import { ArchiveHistory } from "./archive-history.ts";
import { historyContract } from "./history-contract.ts";

const folder = temporaryFolder();
let s3: LocalS3;

beforeAll(async () => {
	s3 = await LocalS3.start(folder);
});

afterAll(() => s3.stop());

historyContract("S3", async () => ArchiveHistory.open(new S3Archive(await s3.newBucket())));
