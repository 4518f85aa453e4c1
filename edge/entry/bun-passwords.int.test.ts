import { passwordsContract } from "../auth/passwords-contract.ts";
import { WasmPasswords } from "../auth/wasm-passwords.ts";
import { BunPasswords } from "./bun-passwords.ts";

passwordsContract(
	"Bun",
	() => new BunPasswords(),
	() => new WasmPasswords(),
);
passwordsContract(
	"WebAssembly beside Bun",
	() => new WasmPasswords(),
	() => new BunPasswords(),
);
