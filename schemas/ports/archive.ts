/** An object is not what was put: damaged on its medium. Whoever has an older one takes that. */
export class ArchiveCorrupt extends Error {
	override readonly name = "ArchiveCorrupt";
}

/** Named, whole, immutable objects: snapshots and segments. A directory here, S3 in the cluster. */
export interface Archive {
	/** Durable and whole when resolved; a half-written object is never seen. Replaces a same name. */
	put(name: string, bytes: Uint8Array): Promise<void>;
	/** @throws ArchiveCorrupt */
	get(name: string): Promise<Uint8Array | null>;
	/** Names that start with `prefix`, ascending. */
	list(prefix: string): Promise<readonly string[]>;
	delete(name: string): Promise<void>;
}
