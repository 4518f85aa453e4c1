import type { Shape } from "./shape.ts";

/** How the arguments and the result of one method cross a link. */
export interface Method<A extends readonly unknown[], V> {
	readonly args: Shape<A>;
	readonly value: Shape<V>;
}

type Asynchronous<S> = {
	[M in keyof S as S[M] extends (...args: never[]) => unknown ? M : never]: S[M];
};

/** The methods of a service; one that is left out does not compile. */
export type Methods<S> = {
	readonly [M in keyof Asynchronous<S>]: S[M] extends (...args: infer A) => infer V
		? Method<A, Awaited<V>>
		: never;
};
