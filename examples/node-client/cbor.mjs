// The CBOR subset of docs/protocol.md, section 1: one encoding of each value, every length compared with the bytes that
// remain before anything is allocated.

import { MalformedError } from './errors.mjs';

export const INT64_MIN = -(2n ** 63n);
export const INT64_MAX = 2n ** 63n - 1n;

const MAJORS = ['integer', 'integer', 'bytes', 'text', 'array', 'map', 'tag'];
const SIMPLE = new Map([[0xf4, 'boolean'], [0xf5, 'boolean'], [0xf6, 'null'], [0xfa, 'float32'], [0xfb, 'float64']]);
// ignoreBOM keeps a byte order mark as the character that it is: without it two encodings would give one text.
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Pulls items from bytes. After an exception give up the whole input. */
export class Reader {
  /** @param {Uint8Array} bytes not copied */
  constructor(bytes) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = 0;
  }

  get remaining() {
    return this.bytes.length - this.at;
  }

  /** What comes next: integer, bytes, text, array, map, tag, boolean, null, float32, float64, end or unknown. */
  peek() {
    if (this.remaining === 0) return 'end';
    const first = this.bytes[this.at];
    return MAJORS[first >> 5] ?? SIMPLE.get(first) ?? 'unknown';
  }

  /** @returns {bigint} a signed integer of 64 bits */
  integer(field, least = INT64_MIN, most = INT64_MAX) {
    this.#expect('integer', field);
    const negative = this.bytes[this.at] >> 5 === 1;
    const head = this.#head(field);
    const value = negative ? -1n - head : head;
    if (value < least || value > most) {
      throw new MalformedError(field, `expected an integer from ${least} to ${most}, found another`);
    }
    return value;
  }

  /** @returns {number} an integer within bounds that a double holds exactly */
  number(field, least, most) {
    return Number(this.integer(field, BigInt(least), BigInt(most)));
  }

  /** @returns {Buffer} a copy */
  byteString(field, least, most) {
    this.#expect('bytes', field);
    return Buffer.from(this.#take(this.#length(field, least, most)));
  }

  text(field, most) {
    this.#expect('text', field);
    try {
      return UTF8.decode(this.#take(this.#length(field, 0, most)));
    } catch (e) {
      if (e instanceof MalformedError) throw e;
      throw new MalformedError(field, 'expected UTF-8 text, found other bytes');
    }
  }

  /** @returns {number} how many items follow */
  array(field, least, most = least) {
    this.#expect('array', field);
    return this.#length(field, least, most);
  }

  /** @returns {number} how many pairs follow */
  map(field, least, most = least) {
    this.#expect('map', field);
    const pairs = this.#length(field, least, most);
    if (pairs > this.remaining / 2) throw new MalformedError(field, 'more pairs than the bytes that remain');
    return pairs;
  }

  tag(field, wanted) {
    this.#expect('tag', field);
    if (this.#head(field) !== BigInt(wanted)) throw new MalformedError(field, `expected tag ${wanted}, found another`);
  }

  bool(field) {
    this.#expect('boolean', field);
    return this.bytes[this.at++] === 0xf5;
  }

  nil(field) {
    this.#expect('null', field);
    this.at++;
  }

  float32(field) {
    this.#expect('float32', field);
    this.at++;
    const bytes = this.#take(this.#available(field, 4));
    const value = bytes.readFloatBE();
    if (Number.isNaN(value) && bytes.readUInt32BE() !== 0x7fc00000) {
      throw new MalformedError(field, 'found a NaN other than the canonical one');
    }
    return value;
  }

  float64(field) {
    this.#expect('float64', field);
    this.at++;
    const bytes = this.#take(this.#available(field, 8));
    const value = bytes.readDoubleBE();
    if (Number.isNaN(value) && bytes.readBigUInt64BE() !== 0x7ff8000000000000n) {
      throw new MalformedError(field, 'found a NaN other than the canonical one');
    }
    return value;
  }

  /** Checks that nothing is left. */
  end(field) {
    if (this.remaining > 0) throw new MalformedError(field, `expected the end, found ${this.remaining} more bytes`);
  }

  #expect(wanted, field) {
    const found = this.peek();
    if (found !== wanted) throw new MalformedError(field, `expected ${wanted}, found ${found}`);
  }

  #available(field, count) {
    if (this.remaining < count) {
      throw new MalformedError(field, `expected ${count} more bytes, found ${this.remaining}`);
    }
    return count;
  }

  #take(count) {
    this.at += count;
    return this.bytes.subarray(this.at - count, this.at);
  }

  #length(field, least, most) {
    const count = this.#head(field);
    if (count < BigInt(least) || count > BigInt(most)) {
      throw new MalformedError(field, `expected ${least === most ? '' : `${least} to `}${most}, found another length`);
    }
    // Each byte of a string and each item of an array takes at least one byte.
    if (count > BigInt(this.remaining)) throw new MalformedError(field, `announces more than the bytes that remain`);
    return Number(count);
  }

  #head(field) {
    const info = this.bytes[this.at++] & 0x1f;
    if (info < 24) return BigInt(info);
    if (info > 27) throw new MalformedError(field, 'expected a definite length, found another');
    const count = 1 << (info - 24);
    const value = BigInt('0x' + this.#take(this.#available(field, count)).toString('hex'));
    const least = count === 1 ? 24n : 1n << BigInt(count * 4);
    if (value < least) throw new MalformedError(field, 'expected the shortest form of a number, found a longer one');
    return value;
  }
}

/** Writes items in the one form that the reader accepts. */
export class Writer {
  #parts = [];

  integer(value) {
    const number = BigInt(value);
    return number >= 0n ? this.#head(0, number) : this.#head(1, -1n - number);
  }

  byteString(value) {
    return this.#head(2, BigInt(value.length)).raw(value);
  }

  text(value) {
    const bytes = Buffer.from(value, 'utf8');
    // Buffer writes U+FFFD for half of a surrogate pair, which would send another text than the one given.
    if (UTF8.decode(bytes) !== value) throw new TypeError('text: expected well-formed UTF-16');
    return this.#head(3, BigInt(bytes.length)).raw(bytes);
  }

  array(items) {
    return this.#head(4, BigInt(items));
  }

  map(pairs) {
    return this.#head(5, BigInt(pairs));
  }

  tag(number) {
    return this.#head(6, BigInt(number));
  }

  bool(value) {
    return this.raw(Buffer.of(value ? 0xf5 : 0xf4));
  }

  nil() {
    return this.raw(Buffer.of(0xf6));
  }

  float32(value) {
    const bytes = Buffer.alloc(5, 0xfa);
    if (Number.isNaN(value)) bytes.writeUInt32BE(0x7fc00000, 1);
    else bytes.writeFloatBE(value, 1);
    return this.raw(bytes);
  }

  float64(value) {
    const bytes = Buffer.alloc(9, 0xfb);
    if (Number.isNaN(value)) bytes.writeBigUInt64BE(0x7ff8000000000000n, 1);
    else bytes.writeDoubleBE(value, 1);
    return this.raw(bytes);
  }

  /** Appends items that are encoded already. */
  raw(encoded) {
    this.#parts.push(encoded);
    return this;
  }

  toBytes() {
    return Buffer.concat(this.#parts);
  }

  #head(major, value) {
    const top = major << 5;
    if (value < 24n) return this.raw(Buffer.of(top | Number(value)));
    const info = value < 0x100n ? 0 : value < 0x10000n ? 1 : value < 0x100000000n ? 2 : 3;
    const size = 1 << info;
    const hex = value.toString(16).padStart(2 * size, '0');
    if (hex.length > 16) throw new RangeError('expected a number of 64 bits, found a larger one');
    return this.raw(Buffer.concat([Buffer.of(top | (24 + info)), Buffer.from(hex, 'hex')]));
  }
}
