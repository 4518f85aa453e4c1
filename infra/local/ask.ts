import { connect } from "node:net";
import { LOOPBACK } from "./free-port.ts";

/** Longest wait for one answer, ms. */
const ANSWER_TIMEOUT_MS = 2_000;

/** Sends bytes to a port of this machine and gives what first comes back. */
export function askSocket(port: number, question: Uint8Array | string): Promise<Buffer> {
	return new Promise((resolve, reject) => {
		const socket = connect({ host: LOOPBACK, port }, () => socket.write(question));
		const settle = (act: () => void) => {
			socket.destroy();
			act();
		};
		socket.setTimeout(ANSWER_TIMEOUT_MS, () => settle(() => reject(new Error("no answer"))));
		socket.once("data", (answer) => settle(() => resolve(Buffer.from(answer))));
		socket.once("error", (error) => settle(() => reject(error)));
		socket.once("end", () => settle(() => reject(new Error("closed without an answer"))));
	});
}

/** True when an HTTP server is there that answers anything at all. */
export async function answersHttp(port: number): Promise<boolean> {
	const response = await fetch(`http://${LOOPBACK}:${port}/`, {
		signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
	});
	await response.arrayBuffer();
	return true;
}
