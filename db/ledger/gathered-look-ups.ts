/** Most names in one query. */
const AT_ONCE = 100;

interface LookUp<T> {
	readonly name: string;
	readonly resolve: (found: T | null) => void;
	readonly reject: (error: unknown) => void;
}

/**
 * Look-ups by name, one query under way: what is asked for meanwhile is asked with one query after it.
 * A single one is as quick as ever, and a thousand cost ten queries.
 */
export class GatheredLookUps<T> {
	private readonly query: (names: readonly string[]) => Promise<ReadonlyMap<string, T>>;
	private waiting: LookUp<T>[] = [];
	private asking = false;

	/** @param query what there is of these names, by name */
	constructor(query: (names: readonly string[]) => Promise<ReadonlyMap<string, T>>) {
		this.query = query;
	}

	/** What goes by that name as of now or later, null when nothing does; rejects as the query does. */
	find(name: string): Promise<T | null> {
		return new Promise((resolve, reject) => {
			this.waiting.push({ name, resolve, reject });
			this.askNext();
		});
	}

	private askNext(): void {
		if (this.asking || this.waiting.length === 0) return;
		this.asking = true;
		const asked = this.waiting.splice(0, AT_ONCE);
		this.ask(asked).then(() => {
			this.asking = false;
			this.askNext();
		});
	}

	private async ask(asked: readonly LookUp<T>[]): Promise<void> {
		try {
			const found = await this.query(asked.map(({ name }) => name));
			for (const { name, resolve } of asked) resolve(found.get(name) ?? null);
		} catch (error) {
			for (const { reject } of asked) reject(error);
		}
	}
}
