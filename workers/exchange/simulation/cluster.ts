import { EngineTooOld } from "../../../engine/engine-too-old.ts";
import type { AccountService } from "../../../schemas/ports/account-service.ts";
import { LedgerUnavailable } from "../../../schemas/ports/ledger.ts";
import { LogUnavailable } from "../../../schemas/ports/log.ts";
import type { MarketData } from "../../../schemas/ports/market-data.ts";
import { shardOfUser } from "../../../schemas/ports/users.ts";
import { Superseded } from "../../protocol/take-over.ts";
import { linked } from "./link.ts";
import { ProcessLife } from "./process-life.ts";
import { type Process, processOf, ROLES, type Settings } from "./processes.ts";
import { processesAgree } from "./processes-check.ts";
import type { ModelOrder } from "./referee/model-order.ts";
import { Shedding } from "./shedding.ts";
import { ACCOUNT_SHARDS } from "./size.ts";
import type { World } from "./world.ts";

/** How often a process that stamps times starts with a clock that is seconds off, where clocks are off at all. */
const WRONG_CLOCK = 0.1;
const STAMPS_TIMES = ["accounts", "venue"];
/** A clock that is further off must not start, ms. */
const CLOCK_ERROR_MS = 500;
const LOOK_AT_CLOCK_MS = 50;
/** How long a supervisor takes to start a process again, ms at most. */
const RESTART_MS = 600;
/** A process that was doubled lives at most this long beside its successor, ms. */
const ZOMBIE_LIFE_MS = 10_000;

/**
 * The processes of the exchange, each with a life of its own, and a supervisor who starts again what
 * died. Of a role there may be several at a time: the newest, and those that do not know it yet.
 */
export class Cluster {
	private readonly world: World;
	readonly settings: Settings;
	/** What clients are told of overload. */
	readonly shedding: Shedding;
	private readonly newest = new Map<string, Process>();
	/** Alive, and no longer the newest of their role. */
	private zombies: Process[] = [];
	/** Why processes died, newest last, by role. */
	readonly deaths = new Map<string, string[]>();
	private marketDataSeen: MarketData | null = null;

	constructor(world: World, settings: Settings) {
		this.world = world;
		this.settings = settings;
		this.shedding = new Shedding(world, settings.short);
		world.onDeath = (life, error) => this.died(life, error);
	}

	/** Starts one process of each role; does not wait for them. */
	bootAll(): void {
		for (const role of ROLES) this.boot(role);
	}

	/** Starts a process of the role; one that is there before becomes a zombie. */
	boot(role: string): void {
		const { world } = this;
		const before = this.newest.get(role);
		if (before?.life.alive === true) this.zombies.push(before);
		const skew = world.weather.clockSkewMs;
		const stamps = STAMPS_TIMES.includes(role.split(" ")[0] as string);
		const isWrong = skew > 0 && world.isRough && stamps && world.random.chance(WRONG_CLOCK);
		const sound = skew === 0 ? 0 : world.random.below(2 * skew + 1) - skew;
		const wrong = (1_000 + world.random.below(5_000)) * world.random.pick([-1, 1]);
		const life = new ProcessLife(role, world, isWrong ? wrong : sound);
		const process = processOf(role, life, world, this.settings, {
			accounts: (near, userId) => this.accounts(near, userId),
			marketData: (near) => this.marketData(near),
		});
		this.newest.set(role, process);
		process.start().then(
			() => {
				process.ready = true;
				this.marketDataSeen = process.marketData?.marketData ?? this.marketDataSeen;
			},
			(error: unknown) => world.crashed(life, error),
		);
		if (isWrong) this.watchClock(process);
	}

	/** Nobody begins to serve with a clock that is off. */
	private watchClock(process: Process): void {
		const { world } = this;
		const { role, life, accounts } = process;
		const offset = life.clockOffsetMs;
		const look = (): void => {
			if (!life.alive || life.clockOffsetMs !== offset) return;
			const serves = process.ready || (accounts?.epoch ?? 0) > 0;
			if (serves) world.fault(`13: ${role} serves with a clock that is ${offset} ms off`);
			else world.time.after(LOOK_AT_CLOCK_MS, look);
		};
		look();
	}

	/** The newest process of the role, if it is alive. */
	of(role: string): Process | null {
		const process = this.newest.get(role);
		return process?.life.alive === true ? process : null;
	}

	/** Every process of the role that is alive, the newest last. */
	allOf(role: string): Process[] {
		const all = this.zombies.filter((process) => process.role === role);
		const newest = this.of(role);
		return newest === null ? all : [...all, newest];
	}

	/** 13: an open order is in the book of every engine that has come to the end of `trades`. */
	isInBook({ spec, orderId, ended }: ModelOrder): boolean {
		if (ended) return true;
		const end = this.world.referee.log.ends()[spec.partition];
		return this.allOf(`matching ${spec.partition}`).every(({ ready, matching }) => {
			if (!ready || matching === undefined || matching.evSeq() !== end) return true;
			for (const view of matching.engine().openOrders()) {
				if (view.orderId === orderId && view.symbolId === spec.symbolId) return true;
			}
			return false;
		});
	}

	/** kill -9 from outside; the supervisor starts it again. */
	kill(role: string): void {
		const process = this.of(role);
		if (process === null) return;
		this.world.tally.add(`killed: ${process.life.kind}`);
		process.life.kill();
		this.died(process.life, null);
	}

	/** Another is started while it lives: paused, cut off from some of its ports, or just running. */
	double(role: string): void {
		const process = this.of(role);
		if (process === null) return;
		const { world } = this;
		const { life } = process;
		const how = world.random.pick(["paused", "cut off", "running"] as const);
		world.tally.add(`doubled: ${life.kind}, ${how}`);
		if (how === "paused") {
			life.pause();
			world.time.after(100 + world.random.below(5_000), () => life.wake());
		} else if (how === "cut off") {
			const out = world.random.chance(0.5);
			for (const way of ["log", "ledger", "bus"] as const) {
				world.cutFor(life, way, out, 100 + world.random.below(6_000), "a zombie is cut off");
			}
		}
		this.succeed(role);
		const lost = this.of("matching 0")?.life !== life && this.zombies.length > 1;
		if (lost) world.tally.add("two zombies at once");
	}

	/** Another is started; the one that is there lives on for a while. */
	succeed(role: string): void {
		const life = this.of(role)?.life;
		this.world.time.after(ZOMBIE_LIFE_MS, () => {
			if (life?.alive === true && this.of(role)?.life !== life) life.kill();
			this.bury();
		});
		this.boot(role);
	}

	/** SIGSTOP and, later, SIGCONT. */
	pause(role: string, ms: number): void {
		const life = this.of(role)?.life;
		if (life === undefined || life.paused) return;
		this.world.tally.add(`paused: ${life.kind}`);
		life.pause();
		this.world.time.after(ms, () => life.wake());
	}

	/** Power is lost everywhere. */
	blackout(): void {
		this.world.tally.add("blackout");
		for (const role of ROLES) this.kill(role);
		for (const zombie of this.zombies) zombie.life.kill();
		this.bury();
	}

	/** Ends zombies and faults that still last; what is dead is started again. */
	heal(): void {
		for (const zombie of this.zombies) zombie.life.kill();
		this.bury();
		for (const role of ROLES) {
			const process = this.of(role);
			process?.life.mendAll();
			process?.life.wake();
			if (process === null) this.boot(role);
		}
	}

	allReady(): boolean {
		return ROLES.every((role) => this.of(role)?.ready === true);
	}

	private died(life: ProcessLife, error: unknown): void {
		const { world } = this;
		world.bus.forget(life);
		world.checkWhole();
		processesAgree(world, this);
		const deaths = this.deaths.get(life.role) ?? [];
		this.deaths.set(life.role, deaths);
		if (error !== null) deaths.push(String(error));
		if (error !== null && !this.isExpected(life, error)) {
			const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
			world.fault(`${life.role} dies: ${text}`);
		}
		this.bury();
		world.time.after(5 + world.random.below(RESTART_MS), () => {
			if (this.of(life.role) === null) this.boot(life.role);
		});
	}

	/** What a process may rightly die of. */
	private isExpected(life: ProcessLife, error: unknown): boolean {
		const { tally } = this.world;
		if (error instanceof Superseded) {
			tally.add(`superseded: ${life.kind}`);
			return true;
		}
		if (error instanceof LogUnavailable || error instanceof LedgerUnavailable) {
			tally.add("a start fails");
			return true;
		}
		if (error instanceof EngineTooOld) {
			tally.add("a program is too old for the log");
			return true;
		}
		const clockIsOff = Math.abs(life.clockOffsetMs) > CLOCK_ERROR_MS;
		if (clockIsOff && error instanceof Error && error.message.startsWith("the clock says")) {
			tally.add("a clock refuses the start");
			return true;
		}
		return false;
	}

	private bury(): void {
		this.zombies = this.zombies.filter((process) => process.life.alive);
	}

	/** The edge's link to a user's account worker, or to one that does not know that it is none. */
	private accounts(near: ProcessLife, userId: number): AccountService {
		const role = `accounts ${shardOfUser(userId, ACCOUNT_SHARDS)}`;
		return linked<AccountService>(near, "accounts", this.world.linkConditions(), () => {
			const owners = this.allOf(role);
			const zombie = owners.length > 1 && this.world.random.chance(0.5);
			if (zombie) this.world.tally.add("a zombie is asked");
			const owner = zombie ? this.world.random.pick(owners) : owners.at(-1);
			const service = owner?.accounts?.service;
			return owner === undefined || service === undefined ? null : { life: owner.life, service };
		});
	}

	private marketData(near: ProcessLife): MarketData {
		const calm = { time: this.world.time, fate: () => "ok" as const, delayMs: () => 0 };
		const far = linked<MarketData>(near, "market data", calm, () => {
			const process = this.of("market-data");
			const service = process?.ready === true ? process.marketData?.marketData : undefined;
			return process === null || service === undefined ? null : { life: process.life, service };
		});
		const seen = (): MarketData => {
			if (this.marketDataSeen === null) throw new Error("market data was never there");
			return this.marketDataSeen;
		};
		return new Proxy(far, {
			get: (target, property) => {
				if (property === "venue") return seen().venue;
				return Reflect.get(target, property);
			},
		});
	}
}
