/** The edge under Deno. */
import { runProcess } from "../db/machine/process-frame.ts";
import { WasmPasswords } from "./auth/wasm-passwords.ts";
import { WebSignatures } from "./auth/web-signatures.ts";
import { serveEdge, serveLinks } from "./entry/deno-server.ts";
import { edgeProgram } from "./entry/edge-program.ts";

await runProcess(
	edgeProgram({
		name: "Deno",
		signatures: new WebSignatures(),
		passwords: new WasmPasswords(),
		serveEdge,
		serveLinks,
	}),
);
