import { expect, test } from "bun:test";
import { banner } from "./banner.ts";

const alice = {
	...{ name: "alice", email: "alice@demo.castle", password: "pass-of-alice", userId: 1 },
	...{ apiKey: "key-of-alice", secret: "secret-of-alice" },
};
const bob = { ...alice, name: "bob", apiKey: "key-of-bob", secret: "secret-of-bob" };
const bot = { ...alice, name: "maker-1", apiKey: "key-of-bot", secret: "secret-of-bot" };
const text = banner("http://127.0.0.1:3000", { people: [alice, bob], bots: [bot] });

test("it shows the people's keys, never the bots'", () => {
	for (const user of [alice, bob]) {
		expect(text).toContain(user.apiKey);
		expect(text).toContain(user.secret);
	}
	expect(text).not.toContain("of-bot");
});

test("its snippet is JavaScript with the first key and this exchange's addresses", () => {
	const snippet = text.slice(text.indexOf("import ccxt"), text.indexOf("Ctrl-C"));
	expect(() => new Bun.Transpiler({ loader: "js" }).transformSync(snippet)).not.toThrow();
	expect(snippet).toContain("apiKey: 'key-of-alice'");
	expect(snippet).toContain("private: 'http://127.0.0.1:3000/api/v3'");
	expect(snippet).not.toContain("key-of-bob");
});

test("streams are reached by WebSocket, of the same security", () => {
	expect(text).toContain("ws://127.0.0.1:3000/ws/btcusdt@trade");
	expect(banner("https://castle.example", { people: [alice], bots: [] })).toContain(
		"wss://castle.example/ws/btcusdt@trade",
	);
});
