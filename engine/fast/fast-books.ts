import type { BookFactory } from "../book.ts";
import { FastBook } from "./fast-book.ts";
import { LevelStore } from "./level-store.ts";
import { OrderStore } from "./order-store.ts";

/** What the fast books of one engine share: their orders and levels, in a few large arrays. */
export class FastBooks implements BookFactory {
	readonly levels = new LevelStore();
	readonly orders = new OrderStore(this.levels);
	private count = 0;

	get inPlaceBytes(): number {
		return this.levels.inPlaceBytes + this.orders.inPlaceBytes;
	}

	create(): FastBook {
		this.count += 1;
		return new FastBook(this.count - 1, this);
	}
}
