import type { Scheduler } from "../../../schemas/ports/scheduler.ts";
import type { ProcessLife } from "./process-life.ts";

/** What becomes of a call over a link. */
export type LinkFate = "ok" | "lost" | "lost answer" | "twice";

export interface LinkConditions {
	readonly time: Scheduler;
	fate(): LinkFate;
	delayMs(): number;
}

/** The far end of a link, as it is when a call arrives there. */
export interface FarEnd<S> {
	readonly life: ProcessLife;
	readonly service: S;
}

/**
 * A service in another process: calls take time and get lost, arrive twice, or at an owner of old.
 * There is no "no": whoever gets no answer does not know.
 */
export function linked<S extends object>(
	near: ProcessLife,
	name: string,
	conditions: LinkConditions,
	farEnd: () => FarEnd<S> | null,
): S {
	const { time } = conditions;
	const send = (method: string, args: unknown[], answer: (run: () => void) => void) =>
		new Promise((resolve, reject) => {
			after(time, conditions.delayMs(), () => {
				const far = farEnd();
				if (far === null) return;
				far.life.arrive("link", () => {
					const service = far.service as Record<string, (...a: unknown[]) => unknown>;
					// Some answer at once where they live; over a link nobody does.
					const asked = async () => await service[method]?.(...args);
					asked().then(
						(value) => answer(() => far.life.alive && resolve(value)),
						(error) => answer(() => far.life.alive && reject(error)),
					);
				});
			});
		});
	return new Proxy({} as S, {
		get: (_target, property) => {
			const method = String(property);
			return (...args: unknown[]) =>
				near.call("link", near.stepsOf(name, method), () => {
					const fate = conditions.fate();
					if (fate === "lost") return new Promise(() => {});
					if (fate === "twice") void send(method, args, () => {}).catch(() => {});
					return send(method, args, (run) => {
						if (fate !== "lost answer") after(time, conditions.delayMs(), run);
					});
				});
		},
	});
}

function after(time: Scheduler, delayMs: number, run: () => void): void {
	if (delayMs > 0) time.after(delayMs, run);
	else run();
}
