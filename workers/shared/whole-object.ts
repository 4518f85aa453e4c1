import { type Archive, ArchiveCorrupt } from "../../schemas/ports/archive.ts";

/**
 * An archived object; null when it is gone or damaged. For snapshots: one that rotted is no fault while an
 * older one, or the log itself, can stand in.
 */
export async function wholeObject(archive: Archive, name: string): Promise<Uint8Array | null> {
	try {
		return await archive.get(name);
	} catch (error) {
		if (error instanceof ArchiveCorrupt) return null;
		throw error;
	}
}
