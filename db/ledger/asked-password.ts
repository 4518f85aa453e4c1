import { Socket } from "node:net";

/** Where a server listens. */
export type Address = { readonly host: string; readonly port: number } | { readonly path: string };

/** Of an error: what was asked for a password had none, for now. */
const NO_PASSWORD = "CONNECTION_NO_PASSWORD";

/**
 * Options of postgres.js for a password that is asked for at every connect.
 *
 * The driver would ask in the middle of signing in. There a failure is a rejection that nobody handles,
 * which ends the process; and an answer that comes late is written to a socket that is gone, or to the
 * next one. So it is asked before: each socket connects when the password is there, and fails with it.
 * What is written until then waits, and the driver's time to connect runs meanwhile.
 */
export function askedPassword(address: Address, ask: () => Promise<string>) {
	// Of the latest connect. One that began before it may send it too: it is as good.
	let password = "";
	return {
		password: () => password,
		socket: () => {
			// The driver looks for the names there, for its errors and the server's certificate.
			const socket = Object.assign(new Socket(), address);
			socket.cork();
			ask().then(
				(answer) => {
					if (socket.destroyed) return;
					password = answer;
					socket.connect({ ...address });
					socket.uncork();
				},
				(error: unknown) => socket.destroy(noPassword(error)),
			);
			return socket;
		},
	};
}

function noPassword(cause: unknown): Error {
	const why = cause instanceof Error ? cause.message : String(cause);
	const error = new Error(`no password for PostgreSQL: ${why}`, { cause });
	return Object.assign(error, { code: NO_PASSWORD });
}
