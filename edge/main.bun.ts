/** The edge under Bun. */
import { runProcess } from "../db/machine/process-frame.ts";
import { BunPasswords } from "./entry/bun-passwords.ts";
import { serveEdge, serveLinks } from "./entry/bun-server.ts";
import { edgeProgram } from "./entry/edge-program.ts";
import { NodeSignatures } from "./entry/node-signatures.ts";

await runProcess(
	edgeProgram({
		name: "Bun",
		signatures: new NodeSignatures(),
		passwords: new BunPasswords(),
		serveEdge,
		serveLinks,
	}),
);
