/** What a thread serves: synchronous functions of plain data, by name. */
export type Core = { readonly [name: string]: (...args: never[]) => unknown };

/** Calls of one turn. The first call a thread gets is `open`, with its options. */
export type CallMessage = readonly {
	readonly id: number;
	readonly method: string;
	readonly args: readonly unknown[];
}[];

/** Their answers, in order. */
export type AnswerMessage = readonly (
	| { readonly id: number; readonly ok: true; readonly value: unknown }
	| { readonly id: number; readonly ok: false; readonly error: CarriedError }
)[];

/** An error as it crosses: its class does not. */
export interface CarriedError {
	readonly name: string;
	readonly message: string;
	readonly stack: string;
}
