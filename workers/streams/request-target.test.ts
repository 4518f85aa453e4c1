import { expect, test } from "bun:test";
import { isStreamsPath, requestTargetOf } from "./request-target.ts";

function target(path: string) {
	const found = requestTargetOf(`http://localhost${path}`);
	return typeof found === "string"
		? found
		: [found.form.combined, found.form.unit === "MICROSECOND", ...found.names];
}

test.each([
	["/ws", [false, false]],
	["/ws/", [false, false]],
	["/ws/btcusdt@trade", [false, false, "btcusdt@trade"]],
	["/ws/a@x/b@y/a@x/", [false, false, "a@x", "b@y"]],
	["/ws/17?timeUnit=MILLISECOND", [false, false, "17"]],
	["/ws/17?timeUnit=", [false, false, "17"]],
	["/ws/!miniTicker@arr", [false, false, "!miniTicker@arr"]],
	["/ws/btcusdt%40trade", [false, false, "btcusdt@trade"]],
	["/stream", [true, false]],
	["/stream?streams=", [true, false]],
	["/stream?streams=a@x/b@y&timeUnit=microsecond", [true, true, "a@x", "b@y"]],
	["/stream?streams=a%40x%2Fb%40y", [true, false, "a@x", "b@y"]],
	["/stream?streams=btcusdt@kline_1d@+08:00", [true, false, "btcusdt@kline_1d@+08:00"]],
])("%s", (path, expected) => {
	expect(target(path)).toEqual(expected);
});

test("a wrong time unit or escape is refused", () => {
	expect(target("/ws?timeUnit=SECOND")).toBe("badTimeUnit");
	expect(target("/ws/%zz")).toBe("badEscape");
});

test("what a client calls us by is no part of it", () => {
	for (const host of ["::::", "a:99999", "%zz", "[::1"]) {
		expect(requestTargetOf(`http://${host}/ws/a@x`)).toMatchObject({ names: ["a@x"] });
	}
	expect(requestTargetOf("/ws/a@x/b@y")).toMatchObject({ names: ["a@x", "b@y"] });
});

test("paths of others are left to them", () => {
	const paths = ["/ws", "/ws/x", "/stream", "/ws-api/v3", "/wss", "/streams", "/stream/x", "/"];
	expect(paths.filter(isStreamsPath)).toEqual(["/ws", "/ws/x", "/stream"]);
});
