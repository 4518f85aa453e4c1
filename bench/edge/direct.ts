/**
 * `direct.ts KEYS_FILE FOLDER SECONDS`: calls the edge's own fetch handler, without sockets, and prints
 * one line of JSON: calls, and microseconds of the main thread per call.
 */

import { createHmac } from "node:crypto";
import { edgeAlone } from "./edge-alone.ts";
import { type LoadKey, readKeys } from "./load-keys.ts";

/** As many as come together at 128 connections. */
const TOGETHER = 128;
const WARM_UP_CALLS = 60_000;
const CONNECTION = { ip: "127.0.0.1" };

const [keysFile = "", folder = "", seconds = "5"] = process.argv.slice(2);
const keys = readKeys(keysFile);
const { edge } = await edgeAlone(folder, keys);
let made = 0;

/** 75 orders and 25 cancels of a hundred, as the load has them. */
function signedRequest(): Request {
	const i = made++;
	const key = keys[(i * 7) % keys.length] as LoadKey;
	const cancels = i % 4 === 0;
	const side = i % 2 === 0 ? "BUY" : "SELL";
	const asked = cancels
		? `symbol=BTCUSDT&orderId=${i + 1}`
		: `symbol=BTCUSDT&side=${side}&type=LIMIT&timeInForce=GTC&quantity=0.0${1_000 + (i % 900)}&price=${59_000 + (i % 1_999)}.${10 + (i % 90)}`;
	const query = `${asked}&recvWindow=5000&timestamp=${Date.now()}`;
	const signature = createHmac("sha256", key.secret).update(query).digest("hex");
	return new Request(`http://127.0.0.1/api/v3/order?${query}&signature=${signature}`, {
		method: cancels ? "DELETE" : "POST",
		headers: { "x-mbx-apikey": key.apiKey, "content-length": "0" },
	});
}

/** Milliseconds that the handler took for so many calls, made ready before. */
async function together(): Promise<number> {
	const requests = Array.from({ length: TOGETHER }, signedRequest);
	const from = performance.now();
	const responses = await Promise.all(requests.map((request) => edge.fetch(request, CONNECTION)));
	const took = performance.now() - from;
	const bad = responses.find((response) => response.status !== 200);
	if (bad !== undefined) throw new Error(await bad.text());
	return took;
}

for (let calls = 0; calls < WARM_UP_CALLS; calls += TOGETHER) await together();
const until = performance.now() + Number(seconds) * 1_000;
const took: number[] = [];
while (performance.now() < until) took.push(await together());
took.sort((a, b) => a - b);
// The median: others share the machine.
const medianMs = took[Math.floor(took.length / 2)] ?? 0;
const microsPerCall = (medianMs * 1_000) / TOGETHER;
console.log(JSON.stringify({ calls: took.length * TOGETHER, microsPerCall }));
process.exit(0);
