import {
	DeleteObjectCommand,
	GetObjectCommand,
	ListObjectsV2Command,
	NoSuchKey,
	PutObjectCommand,
	type S3Client,
} from "@aws-sdk/client-s3";
import type { Archive } from "../../schemas/ports/archive.ts";
import { opened, sealed } from "./envelope.ts";
import { type S3Settings, s3Client } from "./s3-settings.ts";

/** Most names S3 lists at once. */
const LARGEST_PAGE = 1_000;

/**
 * Objects in a bucket, each behind a header with its SHA-256. S3 itself shows an object whole or not at
 * all, and to everyone from when it was put.
 *
 * Names become keys by percent-encoding, as in DirectoryArchive, so that a server on a file system can
 * hold "a" beside "a/b" too; at most about 200 characters.
 */
export class S3Archive implements Archive {
	private readonly client: S3Client;
	private readonly bucket: string;
	private readonly pageSize: number;

	/** @param pageSize names per request of `list`; for tests */
	constructor(settings: S3Settings, pageSize = LARGEST_PAGE) {
		this.client = s3Client(settings);
		this.bucket = settings.bucket;
		this.pageSize = pageSize;
	}

	async put(name: string, bytes: Uint8Array): Promise<void> {
		const command = new PutObjectCommand({
			...this.place(name),
			Body: sealed(bytes),
			ContentType: "application/octet-stream",
		});
		await told(`put ${name}`, this.client.send(command));
	}

	async get(name: string): Promise<Uint8Array | null> {
		const content = await told(`get ${name}`, this.content(name));
		return content === null ? null : opened(content, `${name} in ${this.bucket}`);
	}

	async list(prefix: string): Promise<readonly string[]> {
		const names: string[] = [];
		for (let token: string | undefined; ; ) {
			const command = new ListObjectsV2Command({
				Bucket: this.bucket,
				Prefix: encodeURIComponent(prefix),
				MaxKeys: this.pageSize,
				ContinuationToken: token,
			});
			const page = await told(`list ${prefix}`, this.client.send(command));
			for (const { Key } of page.Contents ?? []) names.push(decodeURIComponent(Key as string));
			token = page.NextContinuationToken;
			// By key they come in another order than by name.
			if (token === undefined) return names.sort();
		}
	}

	async delete(name: string): Promise<void> {
		const command = new DeleteObjectCommand(this.place(name));
		await told(`delete ${name}`, this.client.send(command));
	}

	close(): void {
		this.client.destroy();
	}

	private async content(name: string): Promise<Uint8Array | null> {
		try {
			const { Body } = await this.client.send(new GetObjectCommand(this.place(name)));
			return (await Body?.transformToByteArray()) ?? null;
		} catch (error) {
			if (error instanceof NoSuchKey) return null;
			throw error;
		}
	}

	private place(name: string): { Bucket: string; Key: string } {
		return { Bucket: this.bucket, Key: encodeURIComponent(name) };
	}
}

/** Errors say what was asked and why it failed, and hold nothing of the request. */
async function told<T>(what: string, answer: Promise<T>): Promise<T> {
	try {
		return await answer;
	} catch (error) {
		const { name, message } = error as Error;
		throw new Error(`S3 did not ${what}: ${name}: ${message}`);
	}
}
