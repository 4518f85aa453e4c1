import type { RecoveryPorts } from "../recover.ts";
import { LossyVenue } from "./lossy-venue.ts";

/** What a recovery changes with, one call after the other. */
const CHANGES: { readonly [P in keyof RecoveryPorts]?: readonly string[] } = {
	archive: ["put"],
	orders: ["append"],
	orderLog: ["dropUnfinished", "write"],
	history: ["write"],
	ledger: ["raiseEpoch", "commit"],
};

export class Killed extends Error {}

/** Ports whose n-th change is the last: it is done or not, and nobody hears of it. */
export function dyingAt(ports: RecoveryPorts, n: number, done: boolean): RecoveryPorts {
	let changes = 0;
	const dying = { ...ports } as Record<string, unknown>;
	for (const [name, methods] of Object.entries(CHANGES)) {
		dying[name] = new Proxy(ports[name as keyof RecoveryPorts] as object, {
			get(target, property) {
				const method = Reflect.get(target, property);
				if (typeof method !== "function") return method;
				if (!methods.includes(property as string)) return method.bind(target);
				return async (...args: unknown[]) => {
					changes += 1;
					if (changes === n && done) await method.apply(target, args);
					if (changes >= n) throw new Killed();
					return method.apply(target, args);
				};
			},
		});
	}
	return dying as unknown as RecoveryPorts;
}

/** The same venue every time, its stores at different events, its log gone. */
export async function lostVenue(): Promise<LossyVenue> {
	const venue = new LossyVenue(5);
	await venue.open();
	await venue.trade(40);
	venue.cutLedger(2);
	await venue.trade(5);
	venue.cutOrderLog(1);
	await venue.trade(5);
	venue.cutMatching();
	await venue.trade(2);
	venue.lose();
	return venue;
}
