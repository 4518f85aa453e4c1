import type { LevelStore } from "./level-store.ts";
import type { OrderStore } from "./order-store.ts";

/** How many of each are noted before they are read. */
const LENGTH = 64;

/**
 * Reads the memory that coming commands will read, so that it is in the processor's cache by then. Each
 * step is a loop of its own over all that is noted: its reads wait for nothing but the step before, so
 * the processor has many under way at once, where a command alone would wait for one after the other.
 */
export class ReadAhead {
	private readonly store: OrderStore;
	private readonly levels: LevelStore;
	private readonly ids = new Int32Array(LENGTH);
	private idCount = 0;
	private readonly places = new Int32Array(LENGTH);
	private readonly prices = new Int32Array(LENGTH);
	private placeCount = 0;
	/** What was read: kept, or the reading would be left out as one without a use. */
	seen = 0;

	constructor(store: OrderStore, levels: LevelStore) {
		this.store = store;
		this.levels = levels;
	}

	/** Notes an order by its id. A long id is cut short: the wrong memory is read then, which does no harm. */
	order(id: number): void {
		if (this.idCount === LENGTH) this.read();
		this.ids[this.idCount] = id;
		this.idCount += 1;
	}

	/** Notes a price of a book. */
	price(book: number, priceTicks: number): void {
		if (this.placeCount === LENGTH) this.read();
		this.places[this.placeCount] = book;
		this.prices[this.placeCount] = priceTicks;
		this.placeCount += 1;
	}

	/** Reads what was noted. */
	read(): void {
		const { ids, places, prices, idCount, placeCount, store, levels } = this;
		for (let i = 0; i < idCount; i += 1) ids[i] = store.nearest(ids[i] as number);
		for (let i = 0; i < placeCount; i += 1) {
			places[i] = levels.nearest(places[i] as number, prices[i] as number);
		}
		for (let i = 0; i < idCount; i += 1) ids[i] = store.level(ids[i] as number);
		let seen = 0;
		for (let i = 0; i < placeCount; i += 1) {
			const level = places[i] as number;
			seen = (seen + levels.head(level) + levels.book(level)) | 0;
		}
		for (let i = 0; i < idCount; i += 1) {
			const level = ids[i] as number;
			seen = (seen + levels.head(level) + levels.book(level)) | 0;
		}
		this.seen = seen;
		this.idCount = 0;
		this.placeCount = 0;
	}
}
