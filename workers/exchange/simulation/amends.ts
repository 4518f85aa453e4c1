import type { Client } from "./client.ts";
import type { ModelOrder } from "./referee/model-order.ts";
import { isUnknown, lotsOf } from "./replies.ts";
import type { Shedding } from "./shedding.ts";
import type { Told } from "./told.ts";
import type { World } from "./world.ts";

/** A user's client order ids. */
export interface Names {
	next(): string;
	/** The name of an amend that was refused. */
	freed(name: string): void;
}

/** A user's amends. Each resolves with the status of its reply. */
export class Amends {
	private readonly world: World;
	private readonly client: Client;
	private readonly told: Told;
	private readonly shedding: Shedding;
	private readonly names: Names;
	/** By order: how many were ever sent, and how many of them may be on their way. */
	private readonly sent = new Map<ModelOrder, { count: number; open: number }>();

	constructor(world: World, client: Client, told: Told, shedding: Shedding, names: Names) {
		this.world = world;
		this.client = client;
		this.told = told;
		this.shedding = shedding;
		this.names = names;
	}

	/**
	 * Several of one order at once, one of which may be under way; null when the user knows none.
	 *
	 * @param among how many of its last orders
	 */
	ofSome(times: number, among?: number): Promise<number> | null {
		const order = this.told.someKnown(among);
		if (order === null) return null;
		const statuses = Array.from({ length: times }, () => this.of(order));
		return Promise.all(statuses).then(([first]) => first as number);
	}

	/** @param isQuiet nothing is under way, whatever was not answered */
	async of(order: ModelOrder, isQuiet = false): Promise<number> {
		const { orderId, spec, clientOrderId: ownName } = order;
		const others = this.othersOf(order);
		const newQty = (this.world.random.below(20) + 1) / 100;
		const parameters = { symbol: spec.symbol, orderId, newQty, ...this.nameOf(order) };
		const reply = await this.client.call("PUT", "order/amend/keepPriority", parameters);
		// Another amend may have renamed it meanwhile: the name that it had is free only some time after.
		const name = parameters.newClientOrderId ?? ownName;
		if (reply.status === 400 && !isUnknown(reply) && name !== ownName) this.names.freed(name);
		const what = `order ${orderId} of ${spec.symbol}`;
		if (reply.status === 200 && order.qtyLots > lotsOf(order, String(newQty))) {
			this.world.fault(`13: ${what} was amended to ${newQty} and is not`);
		}
		const inFlight = reply.code === -2038 && reply.body.msg.startsWith("Another amend");
		const isAlone = others(isUnknown(reply) || this.shedding.isOpen(reply.code));
		if (inFlight && (isQuiet || isAlone)) this.world.fault(`14: an amend of ${what} never ends`);
		return reply.status;
	}

	/**
	 * One more amend of an order is sent. What is given back is told whether the outcome is unknown, and tells
	 * whether no other can have been on its way meanwhile.
	 */
	private othersOf(order: ModelOrder): (isUnknown: boolean) => boolean {
		const sent = this.sent.get(order) ?? { count: 0, open: 0 };
		this.sent.set(order, sent);
		const isFirst = sent.open === 0;
		sent.count += 1;
		sent.open += 1;
		const number = sent.count;
		return (isUnknown) => {
			if (!isUnknown) sent.open -= 1;
			return isFirst && sent.count === number;
		};
	}

	/** A name of its own, the one it has, or none. */
	private nameOf(order: ModelOrder): { readonly newClientOrderId?: string } {
		const dice = this.world.random.unit();
		if (dice < 0.5) return { newClientOrderId: this.names.next() };
		return dice < 0.75 ? { newClientOrderId: order.clientOrderId } : {};
	}
}
