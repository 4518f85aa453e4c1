import { afterAll, expect, test } from "bun:test";
import { LANDING_SCRIPT } from "./landing-script.ts";

const OLD = new Map<string, unknown>();

afterAll(() => {
	for (const [name, value] of OLD) Reflect.set(globalThis, name, value);
});

function setGlobal(name: string, value: unknown): void {
	if (!OLD.has(name)) OLD.set(name, Reflect.get(globalThis, name));
	Reflect.set(globalThis, name, value);
}

class Element {
	textContent: string;
	className = "";
	readonly firstChild: { textContent: string } = { textContent: "" };
	readonly classList = {
		add: (name: string) => {
			this.className += ` ${name}`;
		},
	};

	constructor(text: string) {
		this.textContent = text;
	}
}

class Socket {
	onopen = () => {};
	onclose = () => {};
	onmessage: (message: { data: string }) => void = () => {};
}

/** Runs the page's script among as much of a browser as it touches, with one market, at this price. */
async function landing(price: string) {
	const cells = {
		".last": new Element(price),
		".change": new Element("–"),
		".volume": new Element(""),
	};
	const row = {
		dataset: { symbol: "BTCUSDT" },
		querySelector: (name: keyof typeof cells) => cells[name],
	};
	const state = Object.assign(new Element("Taking orders"), { className: "state on" });
	const sockets: Socket[] = [];
	const later: (() => void)[] = [];
	setGlobal("document", { querySelectorAll: () => [row], querySelector: () => state });
	setGlobal("location", { protocol: "http:", host: "x" });
	setGlobal("setTimeout", (work: (waitMs: number) => void, _waitMs: number, nextMs: number) =>
		later.push(() => work(nextMs)),
	);
	setGlobal(
		"WebSocket",
		class extends Socket {
			constructor() {
				super();
				sockets.push(this);
			}
		},
	);
	// Each time anew: a module that is known is not run again.
	const script = `${LANDING_SCRIPT}\n// ${crypto.randomUUID()}`;
	await import(URL.createObjectURL(new Blob([script], { type: "text/javascript" })));
	const tell = (c: string, o: string) =>
		sockets.at(-1)?.onmessage({ data: JSON.stringify({ data: { s: "BTCUSDT", c, o, v: "1.0" } }) });
	return { cells, state, sockets, later, tell };
}

test("says so while nothing is heard, and takes it back when it is again", async () => {
	const { state, sockets, later } = await landing("100.00");
	sockets[0]?.onopen();
	expect([state.textContent, state.className]).toEqual(["Taking orders", "state on"]);
	sockets[0]?.onclose();
	expect([state.textContent, state.className]).toEqual(["Connection lost", "state off"]);
	later[0]?.();
	expect(sockets.length).toBe(2);
	sockets[1]?.onopen();
	expect([state.textContent, state.className]).toEqual(["Taking orders", "state on"]);
});

test("a first price neither rose nor fell, and one that hardly fell is not at minus nothing", async () => {
	const { cells, tell } = await landing("–");
	tell("100.00000000", "100.00000000");
	expect([cells[".last"].textContent, cells[".last"].className]).toEqual(["100.00", "last"]);
	tell("99.99990000", "100.00000000");
	expect(cells[".last"].className).toBe("last fell");
	expect([cells[".change"].textContent, cells[".change"].className]).toEqual([
		"0.000 %",
		"change down",
	]);
});
