import type { Dice } from "./dice.ts";

const START = 100_000;
/** How often a file of a symbol crosses the whole range, when it wanders. */
const CROSSINGS = 6;

/**
 * A symbol's mid price, in ticks: it trembles by a tick or two, and when it wanders, walks towards a
 * goal anywhere between the ends of its range, then towards another.
 */
export class MidPrice {
	private readonly dice: Dice;
	private readonly lowest: number;
	private readonly highest: number;
	/** In thousandths of a tick. */
	private readonly pace: number;
	private at: number;
	private goal: number;

	constructor(
		dice: Dice,
		{ wander, records, symbols }: { wander: number; records: number; symbols: number },
	) {
		this.dice = dice;
		this.lowest = Math.trunc(START / wander);
		this.highest = START;
		const range = this.highest - this.lowest;
		this.pace = Math.trunc((range * 1_000 * CROSSINGS * symbols) / Math.max(1, records));
		this.at = this.highest * 1_000;
		this.goal = this.lowest;
	}

	next(): number {
		this.at += (this.dice.below(5) - 2) * 1_000;
		if (this.pace > 0) {
			const left = this.goal * 1_000 - this.at;
			if (Math.abs(left) <= this.pace + 4_000) {
				this.goal = this.lowest + this.dice.below(this.highest - this.lowest);
			}
			this.at += Math.sign(left) * Math.min(this.pace, Math.abs(left));
		}
		this.at = Math.max(this.at, 1_000_000);
		return Math.trunc(this.at / 1_000);
	}
}
