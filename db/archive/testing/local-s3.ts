import { join } from "node:path";
import type { LocalServer } from "../../../infra/local/local-server.ts";
import {
	LOCAL_S3_ACCESS_KEY,
	LOCAL_S3_REGION,
	LOCAL_S3_SECRET_KEY,
	startS3,
} from "../../../infra/local/versitygw.ts";
import { createBucket } from "../create-bucket.ts";
import type { S3Settings } from "../s3-settings.ts";

/** An S3 server of a test file's own, and new buckets on it. */
export class LocalS3 {
	/** Where it keeps its objects, a file for each in a folder for each bucket. */
	readonly objects: string;
	private readonly folder: string;
	private server: LocalServer;
	private buckets = 0;

	private constructor(folder: string, server: LocalServer) {
		this.folder = folder;
		this.objects = join(folder, "objects");
		this.server = server;
	}

	/** @param folder for it alone */
	static async start(folder: string): Promise<LocalS3> {
		return new LocalS3(folder, await startS3({ folder, say: (line) => console.error(line) }));
	}

	/** How a bucket is reached, whether it is there or not. */
	settingsOf(bucket: string): S3Settings {
		return {
			bucket,
			region: LOCAL_S3_REGION,
			endpoint: `http://127.0.0.1:${this.server.port}`,
			credentials: { accessKeyId: LOCAL_S3_ACCESS_KEY, secretAccessKey: LOCAL_S3_SECRET_KEY },
		};
	}

	async newBucket(): Promise<S3Settings> {
		this.buckets += 1;
		const settings = this.settingsOf(`bucket-${this.buckets}`);
		await createBucket(settings);
		return settings;
	}

	/** kill -9, and started again where it was. */
	async killAndStartAgain(): Promise<void> {
		const { server, folder } = this;
		process.kill(server.pid, "SIGKILL");
		await server.stop();
		this.server = await startS3({ folder, port: server.port });
	}

	stop(): Promise<void> {
		return this.server.stop();
	}
}
