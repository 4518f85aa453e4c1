import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { accountSamples } from "../testing/account-samples.ts";
import { marketDataSamples } from "../testing/market-data-samples.ts";
import { messageSamples } from "../testing/message-samples.ts";
import { accountMethods } from "./account-methods.ts";
import { marketDataMethods } from "./market-data-methods.ts";
import { answer, call, failure, hello, settled, venue } from "./messages.ts";
import { RowReader, type Scalar, type Shape } from "./shape.ts";

type Sample = readonly [name: string, shape: Shape<unknown>, values: fc.Arbitrary<unknown>];

function samplesOf(
	methods: Readonly<Record<string, { args: Shape<never>; value: Shape<never> }>>,
	samples: Readonly<Record<string, { args: fc.Arbitrary<unknown>; value: fc.Arbitrary<unknown> }>>,
): Sample[] {
	return Object.entries(samples).flatMap(([name, { args, value }]) => {
		const method = methods[name];
		if (method === undefined) throw new Error(`${name} cannot cross a link`);
		return [
			[`the arguments of ${name}`, method.args as Shape<unknown>, args],
			[`the result of ${name}`, method.value as Shape<unknown>, value],
		] as const;
	});
}

const MESSAGES = { answer, call, failure, hello, settled, venue };

const samples: Sample[] = [
	...samplesOf(accountMethods as never, accountSamples as never),
	...samplesOf(marketDataMethods as never, marketDataSamples as never),
	...Object.entries(messageSamples).map(([name, values]): Sample => {
		return [`the message ${name}`, MESSAGES[name as "call"] as Shape<unknown>, values];
	}),
];

function written(shape: Shape<unknown>, value: unknown): Scalar[] {
	const row: Scalar[] = [];
	shape.write(value, row);
	return row;
}

/** Through JSON, as over a socket. */
function readBack(shape: Shape<unknown>, row: readonly unknown[]): unknown {
	const reader = new RowReader(JSON.parse(JSON.stringify(row)));
	const value = shape.read(reader);
	reader.end();
	return value;
}

describe("what crosses a link comes out equal", () => {
	test.each(samples)("%s", (_name, shape, values) => {
		fc.assert(
			fc.property(values, (value) => {
				expect(readBack(shape, written(shape, value))).toStrictEqual(value);
			}),
			{ numRuns: 50 },
		);
	});
});

/** Something else of another type, or that no shape takes. */
function spoiled(scalar: Scalar): fc.Arbitrary<unknown> {
	const other = typeof scalar === "string" ? fc.integer() : fc.string();
	const none = fc.constantFrom<unknown>(null, true, [], {}, Number.NaN);
	return typeof scalar === "number"
		? fc.oneof(other, none, fc.constant(0.5))
		: fc.oneof(other, none);
}

describe("garbage is an error, never a wrong value", () => {
	test.each(samples)("%s", (_name, shape, values) => {
		const cases = values.chain((value) => {
			const row = written(shape, value);
			const at = fc.nat(Math.max(0, row.length - 1));
			return at.chain((i) => fc.tuple(fc.constant(row), fc.constant(i), spoiled(row[i] ?? null)));
		});
		fc.assert(
			fc.property(cases, ([row, at, other]) => {
				expect(() => readBack(shape, [...row, 0])).toThrow(RangeError);
				if (row.length === 0) return;
				expect(() => readBack(shape, row.slice(0, -1))).toThrow(RangeError);
				// A window in ms may be no whole number, and any number is a window.
				if (other === 0.5 && !Number.isInteger(row[at])) return;
				expect(() => readBack(shape, row.with(at, other as Scalar))).toThrow(RangeError);
			}),
			{ numRuns: 50 },
		);
	});
});
