import { describe, expect, test } from "bun:test";
import { StreamAliases } from "./stream-aliases.ts";

describe("other names of a stream", () => {
	test.each([
		["btcusdt@depth", ["btcusdt@depth@1000ms"]],
		["btcusdt@depth20", ["btcusdt@depth20@1000ms"]],
		["!miniTicker@arr", ["!miniTicker@arr@1000ms", "!miniTicker@arr@3000ms"]],
		["btcusdt@bookTicker", ["!bookTicker"]],
		["btcusdt@depth@100ms", []],
		["btcusdt@depth20@100ms", []],
		["btcusdt@miniTicker", []],
		["!ticker_1h@arr", []],
		["btcusdt@trade", []],
	])("%s: %p", (stream, names) => {
		const aliases = new StreamAliases();
		expect(aliases.of(stream)).toEqual(names);
		expect(aliases.of(stream)).toEqual(names);
	});
});
