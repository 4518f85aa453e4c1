import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LOCAL_S3_ACCESS_KEY } from "../../infra/local/versitygw.ts";
import { ArchiveCorrupt } from "../../schemas/ports/archive.ts";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import { archiveContract } from "./archive-contract.ts";
import { createBucket } from "./create-bucket.ts";
import { S3Archive } from "./s3-archive.ts";
import { LocalS3 } from "./testing/local-s3.ts";

const folder = temporaryFolder();
let s3: LocalS3;

beforeAll(async () => {
	s3 = await LocalS3.start(folder);
});

afterAll(() => s3.stop());

archiveContract("S3", async () => new S3Archive(await s3.newBucket()));

describe("an archive on S3", () => {
	test("a bucket is made once", async () => {
		const settings = s3.settingsOf("once");
		expect([await createBucket(settings), await createBucket(settings)]).toEqual([true, false]);
	});

	test("of several that make a bucket at once one does, and the others find it there", async () => {
		const settings = s3.settingsOf("at-once");
		const made = await Promise.all(Array.from({ length: 4 }, () => createBucket(settings)));
		expect(made.filter((one) => one)).toHaveLength(1);
	});

	test("a list goes on over all its pages", async () => {
		const archive = new S3Archive(await s3.newBucket(), 2);
		const names = ["a", "b/1", "b/2", "b/3", "c"];
		for (const name of names) await archive.put(name, new Uint8Array([1]));
		expect(await archive.list("")).toEqual(names);
		expect(await archive.list("b/")).toEqual(["b/1", "b/2", "b/3"]);
		archive.close();
	});

	test("a damaged object is told", async () => {
		const settings = await s3.newBucket();
		const archive = new S3Archive(settings);
		await archive.put("a", new Uint8Array(1_000).fill(7));
		const file = join(s3.objects, settings.bucket, "a");
		const content = readFileSync(file);
		content[500] = (content[500] as number) ^ 1;
		writeFileSync(file, content);
		await expect(archive.get("a")).rejects.toBeInstanceOf(ArchiveCorrupt);
		archive.close();
	});

	test("what fails is told without the request's secrets", async () => {
		const settings = s3.settingsOf("none-such");
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
		const settings = await s3.newBucket();
		const archive = new S3Archive(settings);
		await archive.put("a", new Uint8Array([1, 2, 3]));
		await s3.killAndStartAgain();
		expect(await archive.get("a")).toEqual(new Uint8Array([1, 2, 3]));
		expect(readdirSync(s3.objects)).toContain(settings.bucket);
		archive.close();
	});
});
