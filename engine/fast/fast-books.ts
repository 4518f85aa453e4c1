import type { BookFactory } from "../book.ts";
import { FastBook } from "./fast-book.ts";
import { IdIndex } from "./id-index.ts";
import { LevelStore } from "./level-store.ts";
import { OrderStore } from "./order-store.ts";

/** What the fast books of one engine share: their orders and levels, in a few large arrays. */
export class FastBooks implements BookFactory {
	readonly orders = new OrderStore();
	readonly index = new IdIndex(this.orders);
	readonly levels = new LevelStore();
	private count = 0;

	create(): FastBook {
		this.count += 1;
		return new FastBook(this.count - 1, this);
	}
}
