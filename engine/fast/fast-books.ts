import { NaiveBooks } from "../naive/naive-book.ts";

export class FastBooks extends NaiveBooks {}
