import type { Client, Reply } from "../client.ts";
import type { Cluster } from "../cluster.ts";
import type { Parameters } from "../order-maker.ts";
import type { SeededRandom } from "../seeded-random.ts";
import type { World } from "../world.ts";
import type { AccountModel, Body } from "./account-model.ts";
import { type ExtremeSymbol, extremeSymbols } from "./extreme-venue.ts";

/** A user, and what his money must be. */
export interface Player {
	readonly userId: number;
	readonly client: Client;
	readonly model: AccountModel;
	/** By symbol: the last of his trades that the model has. */
	readonly lastTradeIds: Map<string, number>;
}

/** The venue under test and who trades there, one call after the other. */
export class Ground {
	readonly world: World;
	readonly cluster: Cluster;
	readonly random: SeededRandom;
	readonly symbols: ExtremeSymbol[] = [...extremeSymbols()];
	readonly players: Player[] = [];
	private readonly times = new Map<string, number>();

	constructor(world: World, cluster: Cluster) {
		this.world = world;
		this.cluster = cluster;
		this.random = world.random;
	}

	/** A signed call. */
	async call(player: Player, method: string, path: string, parameters: Parameters): Promise<Reply> {
		const reply = await this.world.until(player.client.call(method, path, parameters), path);
		if (reply.status >= 500 || reply.status === 0) {
			this.fault(`${method} ${path} ${JSON.stringify(parameters)}: ${reply.status}`);
		}
		return reply;
	}

	/** What a signed query answers. */
	async rows(player: Player, path: string, parameters: Parameters): Promise<Body[]> {
		return (await this.call(player, "GET", path, parameters)).body;
	}

	/** What everybody may ask about a symbol. */
	async ask({ spec }: ExtremeSymbol, path: string, parameters: Parameters = {}): Promise<Body> {
		const [{ client }] = this.players as [Player];
		const asked = { symbol: spec.symbol, ...parameters };
		const reply = await this.world.until(client.ask(path, asked), path);
		if (reply.status !== 200) this.fault(`${path}: ${JSON.stringify(reply.body)}`);
		return reply.body;
	}

	/** Says so when it is not what is due. */
	expect(what: string, said: unknown, due: unknown): void {
		if (said !== due) this.fault(`${what}: ${said}, not ${due}`);
	}

	fault(text: string): void {
		this.world.fault(text);
	}

	count(name: string): void {
		this.times.set(name, this.timesOf(name) + 1);
	}

	timesOf(name: string): number {
		return this.times.get(name) ?? 0;
	}
}
