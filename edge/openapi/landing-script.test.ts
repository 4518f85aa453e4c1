import { afterAll, expect, test } from "bun:test";
import { LANDING_SCRIPT } from "./landing-script.ts";
import { BrowserGlobals } from "./testing/browser-globals.ts";

const browser = new BrowserGlobals();

afterAll(() => browser.restore());

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

/** A page with one market, and what it says of itself. */
function pageOf(text: string, className: string, price: string, takes: string) {
	const cells = {
		".last": new Element(price),
		".change": new Element("–"),
		".volume": new Element(""),
		".takes": new Element(takes),
	};
	const row = {
		dataset: { symbol: "BTCUSDT" },
		querySelector: (name: keyof typeof cells) => cells[name],
	};
	const state = Object.assign(new Element(text), { className });
	const document = { querySelectorAll: () => [row], querySelector: () => state };
	return { cells, state, document };
}

/** Runs the page's script among as much of a browser as it touches, with one market, at this price. */
async function landing(price: string) {
	const { cells, state, document } = pageOf("Taking orders", "state on", price, "TRADING");
	const sockets: Socket[] = [];
	const later: (() => void)[] = [];
	const now = { page: document, status: 200 };
	let refresh = async () => {};
	browser.set("document", document);
	browser.set("fetch", async () => new Response("", { status: now.status }));
	browser.set(
		"DOMParser",
		class {
			parseFromString = () => now.page;
		},
	);
	browser.set("setInterval", (work: () => Promise<void>) => {
		refresh = work;
	});
	browser.set("location", { protocol: "http:", host: "x" });
	browser.set("setTimeout", (work: (waitMs: number) => void, _waitMs: number, nextMs: number) =>
		later.push(() => work(nextMs)),
	);
	browser.set(
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
	return { cells, state, sockets, later, tell, now, refresh: () => refresh() };
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

test("goes on with what the page says by then: whether orders are taken, and each market's state", async () => {
	const { cells, state, sockets, now, refresh } = await landing("100.00");
	const shown = () => [state.textContent, state.className, cells[".takes"].textContent];
	sockets[0]?.onopen();
	now.page = pageOf("Not ready yet", "state off", "100.00", "HALT").document;
	await refresh();
	expect(shown()).toEqual(["Not ready yet", "state off", "HALT"]);
	sockets[0]?.onclose();
	now.page = pageOf("Taking orders", "state on", "100.00", "TRADING").document;
	now.status = 429;
	await refresh();
	expect(shown()).toEqual(["Connection lost", "state off", "HALT"]);
	now.status = 200;
	await refresh();
	expect(shown()).toEqual(["Connection lost", "state off", "TRADING"]);
	sockets[0]?.onopen();
	expect(shown()).toEqual(["Taking orders", "state on", "TRADING"]);
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
