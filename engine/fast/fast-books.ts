import type { BookFactory, RestingOrder } from "../book.ts";
import { FastBook } from "./fast-book.ts";
import { LevelPass } from "./level-pass.ts";
import { LevelStore } from "./level-store.ts";
import { OrderStore } from "./order-store.ts";
import { ReadAhead } from "./read-ahead.ts";

const GOLDEN = 0x9e37_79b1;

/** As many orders as fit into a processor's cache with their levels: some 10 MB. */
const CACHED_ORDERS = 200_000;

/** What the fast books of one engine share: their orders and levels, in a few large arrays. */
export class FastBooks implements BookFactory {
	readonly levels = new LevelStore();
	readonly orders = new OrderStore(this.levels);
	readonly passes = new LevelPass(this.orders, this.levels);
	readonly ahead = new ReadAhead(this.orders, this.levels);
	private readonly bySymbol = new Map<number, FastBook>();

	get inPlaceBytes(): number {
		return this.levels.inPlaceBytes + this.orders.inPlaceBytes;
	}

	get outgrowCache(): boolean {
		return this.orders.count > CACHED_ORDERS;
	}

	readAhead(): void {
		this.ahead.read();
	}

	create(symbolId: number): FastBook {
		// Numbers far from each other, so that the books' blocks spread over all buckets.
		const book = new FastBook(Math.imul(this.bySymbol.size + 1, GOLDEN), this);
		this.bySymbol.set(symbolId, book);
		return book;
	}

	/** Copies a few large arrays, which takes a tenth of the time of looking through all orders. */
	freeze(): Map<number, Iterable<RestingOrder>> {
		const copy = this.orders.copy();
		return new Map([...this.bySymbol].map(([id, book]) => [id, book.ordersIn(copy)]));
	}
}
