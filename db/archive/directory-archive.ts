import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Archive } from "../../schemas/ports/archive.ts";
import { opened, sealed } from "./envelope.ts";

const OBJECT = ".object";
const TEMPORARY = ".tmp";

/**
 * Objects as files of one folder, each behind a header with its SHA-256. A file gets its name only
 * when it is whole and on the disk; what a crash left half-written is removed at the next opening.
 *
 * Names become file names by percent-encoding, so "a" and "a/b" can both exist; at most about 200
 * characters.
 */
export class DirectoryArchive implements Archive {
	private readonly folder: string;
	private temporaries = 0;

	private constructor(folder: string) {
		this.folder = folder;
	}

	/** Opens the folder, making it if needed. One process at a time. */
	static async open(folder: string): Promise<DirectoryArchive> {
		await mkdir(folder, { recursive: true });
		for (const file of await readdir(folder)) {
			if (file.endsWith(TEMPORARY)) await rm(join(folder, file));
		}
		return new DirectoryArchive(folder);
	}

	async put(name: string, bytes: Uint8Array): Promise<void> {
		// Copied before anything else runs: what the caller does to the bytes later does not matter.
		const content = sealed(bytes);
		this.temporaries += 1;
		const temporary = join(this.folder, `${this.temporaries}${TEMPORARY}`);
		const file = await open(temporary, "wx");
		try {
			await file.writeFile(content);
			await file.sync();
		} catch (error) {
			await file.close();
			await rm(temporary, { force: true });
			throw error;
		}
		await file.close();
		await rename(temporary, this.fileOf(name));
		await this.syncFolder();
	}

	async get(name: string): Promise<Uint8Array | null> {
		let content: Buffer;
		try {
			content = await readFile(this.fileOf(name));
		} catch (error) {
			if (isMissing(error)) return null;
			throw error;
		}
		return opened(content, `${name} in ${this.folder}`);
	}

	async list(prefix: string): Promise<readonly string[]> {
		const files = await readdir(this.folder);
		return files
			.filter((file) => file.endsWith(OBJECT))
			.map((file) => decodeURIComponent(file.slice(0, -OBJECT.length)))
			.filter((name) => name.startsWith(prefix))
			.sort();
	}

	async delete(name: string): Promise<void> {
		await rm(this.fileOf(name), { force: true });
		await this.syncFolder();
	}

	private fileOf(name: string): string {
		return join(this.folder, encodeURIComponent(name) + OBJECT);
	}

	private async syncFolder(): Promise<void> {
		const folder = await open(this.folder, "r");
		try {
			await folder.sync();
		} finally {
			await folder.close();
		}
	}
}

function isMissing(error: unknown): boolean {
	return error instanceof Error && "code" in error && error.code === "ENOENT";
}
