/**
 * Why the engine said no: data, never an exception. The numbers are in the log, so they never change;
 * their order of precedence is the engine's and stands in `engine/README.md`.
 */
export const Rejection = {
	None: 0,
	UnknownSymbol: 1,
	/** The symbol's state does not take this command. */
	MarketClosed: 2,
	/** A field is out of its range: a quantity or price not a positive safe integer, a price missing… */
	InvalidOrder: 3,
	/** Not a multiple of the tick or lot the symbol has in the engine, or beyond its maxima. */
	OutOfRange: 4,
	/** A post-only order would take. */
	WouldTake: 5,
	/** A stop whose trigger price has been reached already. */
	WouldTriggerImmediately: 6,
	/** A market order met an empty opposite side. */
	NoLiquidity: 7,
	/** No such order in the book, or someone else's. */
	UnknownOrder: 8,
	/** cancelRestrictions does not fit the order's state. */
	CancelRestricted: 9,
	/** An amend that does not reduce, or not below what is filled. */
	AmendNotReducing: 10,
	/** Cancel-replace: what the old order released and the extra hold do not cover the new one. */
	HoldTooSmall: 11,
	/** Cancel-replace, STOP_ON_FAILURE: the cancel failed, so the new order was not tried. */
	NotAttempted: 12,
	/** The venue already has it (asset, symbol), or the command makes no sense to this version. */
	InvalidCommand: 13,
	/** The engine cannot take the command: an invariant of its own would break. The symbol halts. */
	EngineFault: 14,
} as const;
export type Rejection = (typeof Rejection)[keyof typeof Rejection];
