import type { Channel } from "./ports/pubsub.ts";

/** How far the order log has written a partition: account workers may forget older finished orders. */
export interface OrderLogPosition {
	readonly partition: number;
	readonly evSeq: number;
}

export const orderLogPositions: Channel<OrderLogPosition> = {
	name: "order-log-positions",
	codec: { encode: (m) => JSON.stringify(m), decode: (t) => JSON.parse(t) },
};
