import type { Reply } from "../client.ts";
import type { Parameters } from "../order-maker.ts";
import type { Wire } from "./wire.ts";

/** A public call of the API. */
export type Asks = (path: string, parameters: Parameters) => Promise<Reply>;

/** What a client does with one connection, from its opening to its end. */
export interface Session {
	opened(wire: Wire): void;
	text(text: string): void;
	ended(): void;
	/** What it must have heard by now and has not; null when everything has come. */
	lacks(): string | null;
	/** At a crash: what it has is what was at that moment of the stream. */
	whole(): void;
	/** At rest, when it is complete: what it has heard is what happened. */
	takeStock(): void;
}
