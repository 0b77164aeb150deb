import { readFileSync } from 'node:fs';

/** A file of docs/vectors. */
export function vectors(name) {
  return JSON.parse(readFileSync(new URL(`../../../docs/vectors/${name}`, import.meta.url), 'utf8'));
}

export function bytes(hex) {
  return Buffer.from(hex, 'hex');
}
