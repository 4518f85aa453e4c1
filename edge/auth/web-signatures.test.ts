import { signaturesContract } from "./signatures-contract.ts";
import { WebSignatures } from "./web-signatures.ts";

signaturesContract("WebCrypto", () => new WebSignatures());
