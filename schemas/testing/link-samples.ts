import * as fc from "fast-check";

/** Arguments and results of every method that crosses links: one that is left out does not compile. */
export type Samples<S> = {
	readonly [M in keyof S]: S[M] extends (...args: infer A) => infer V
		? { readonly args: fc.Arbitrary<A>; readonly value: fc.Arbitrary<Awaited<V>> }
		: never;
};

/** Ids, numbers, times: whole, not negative. */
export const id = fc.maxSafeNat();
export const signed = fc.maxSafeInteger();
export const text = fc.string({ unit: "binary", maxLength: 40 });
/** Money: wider than any number. */
export const amount = fc.bigInt(-(10n ** 40n), 10n ** 40n);

/** One of these. */
export function among<T>(values: readonly T[]): fc.Arbitrary<T> {
	return fc.constantFrom(...values);
}
