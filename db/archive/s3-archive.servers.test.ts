import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { LocalServer } from "../../infra/local/local-server.ts";
import {
	LOCAL_S3_ACCESS_KEY,
	LOCAL_S3_REGION,
	LOCAL_S3_SECRET_KEY,
	startS3,
} from "../../infra/local/versitygw.ts";
import { ArchiveCorrupt } from "../../schemas/ports/archive.ts";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import { archiveContract } from "./archive-contract.ts";
import { createBucket } from "./create-bucket.ts";
import { S3Archive } from "./s3-archive.ts";
import type { S3Settings } from "./s3-settings.ts";

const folder = join(temporaryFolder(), "s3");
let server: LocalServer;
let buckets = 0;

beforeAll(async () => {
	server = await startS3({ folder, say: (line) => console.error(line) });
});

afterAll(() => server.stop());

function settingsOf(bucket: string): S3Settings {
	return {
		bucket,
		region: LOCAL_S3_REGION,
		endpoint: `http://127.0.0.1:${server.port}`,
		credentials: { accessKeyId: LOCAL_S3_ACCESS_KEY, secretAccessKey: LOCAL_S3_SECRET_KEY },
	};
}

async function newBucket(): Promise<S3Settings> {
	buckets += 1;
	const settings = settingsOf(`bucket-${buckets}`);
	await createBucket(settings);
	return settings;
}

archiveContract("S3", async () => new S3Archive(await newBucket()));

describe("an archive on S3", () => {
	test("a bucket is made once", async () => {
		const settings = settingsOf("once");
		expect([await createBucket(settings), await createBucket(settings)]).toEqual([true, false]);
	});

	test("a list goes on over all its pages", async () => {
		const archive = new S3Archive(await newBucket(), 2);
		const names = ["a", "b/1", "b/2", "b/3", "c"];
		for (const name of names) await archive.put(name, new Uint8Array([1]));
		expect(await archive.list("")).toEqual(names);
		expect(await archive.list("b/")).toEqual(["b/1", "b/2", "b/3"]);
		archive.close();
	});

	test("a damaged object is told", async () => {
		const settings = await newBucket();
		const archive = new S3Archive(settings);
		await archive.put("a", new Uint8Array(1_000).fill(7));
		const file = join(folder, "objects", settings.bucket, "a");
		const content = readFileSync(file);
		content[500] = (content[500] as number) ^ 1;
		writeFileSync(file, content);
		await expect(archive.get("a")).rejects.toBeInstanceOf(ArchiveCorrupt);
		archive.close();
	});

	test("what fails is told without the request's secrets", async () => {
		const settings = settingsOf("none-such");
		const wrong = { accessKeyId: LOCAL_S3_ACCESS_KEY, secretAccessKey: "very-secret" };
		for (const each of [settings, { ...settings, credentials: wrong }]) {
			const archive = new S3Archive(each);
			const error = (await archive.get("a").catch((e: unknown) => e)) as Error;
			expect(error.message).toStartWith("S3 did not get a: ");
			expect(Bun.inspect(error)).not.toContain(each.credentials?.secretAccessKey ?? "");
			archive.close();
		}
	});

	test("objects outlive the server", async () => {
		const settings = await newBucket();
		const archive = new S3Archive(settings);
		await archive.put("a", new Uint8Array([1, 2, 3]));
		process.kill(server.pid, "SIGKILL");
		await server.stop();
		server = await startS3({ folder, port: server.port });
		expect(await archive.get("a")).toEqual(new Uint8Array([1, 2, 3]));
		expect(readdirSync(join(folder, "objects"))).toContain(settings.bucket);
		archive.close();
	});
});
