import { type Archive, ArchiveCorrupt } from "../../schemas/ports/archive.ts";
import { sideBySide } from "./side-by-side.ts";

/** So many segments are in one object of the index, */
const INDEXED = 128;
/** once so many are in none: the newest ones may yet be merged. */
const NOT_INDEXED = 2 * INDEXED;

/**
 * What is known of old segments, many to an object, so that an opening reads few. It only saves reads: a segment is
 * there when its rows are, and what has a name with a hash never changes, so an object of the index may be lost, or
 * name segments that were merged since.
 */
export class SegmentIndex<S> {
	private readonly archive: Archive;
	private readonly prefix: string;
	/** By a segment's name. */
	private readonly known = new Map<string, S>();
	private readonly loaded = new Set<string>();

	/** @param prefix of its objects' names */
	constructor(archive: Archive, prefix: string) {
		this.archive = archive;
		this.prefix = prefix;
	}

	/** @param names all that there are */
	async load(names: Iterable<string>): Promise<void> {
		const fresh = [...names].filter((n) => n.startsWith(this.prefix) && !this.loaded.has(n));
		await sideBySide(fresh, async (name) => {
			const bytes = await this.archive.get(name).catch((error) => {
				if (error instanceof ArchiveCorrupt) return null;
				throw error;
			});
			if (bytes === null) return;
			const entries = JSON.parse(new TextDecoder().decode(bytes)) as (readonly [string, S])[];
			for (const [of, segment] of entries) this.known.set(of, segment);
			this.loaded.add(name);
		});
	}

	get(name: string): S | undefined {
		return this.known.get(name);
	}

	/**
	 * Puts one more object when enough segments are in none.
	 *
	 * @param segments by name, oldest first
	 */
	async extend(segments: readonly (readonly [string, S])[]): Promise<void> {
		const missing = segments.filter(([name]) => !this.known.has(name));
		if (missing.length < NOT_INDEXED) return;
		const entries = missing.slice(0, INDEXED);
		const [first] = entries[0] as readonly [string, S];
		const name = this.prefix + first.slice(first.lastIndexOf("/") + 1);
		await this.archive.put(name, new TextEncoder().encode(JSON.stringify(entries)));
		for (const [of, segment] of entries) this.known.set(of, segment);
		this.loaded.add(name);
	}
}
