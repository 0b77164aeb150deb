// Calls over a session. docs/protocol.md, sections 5.1 to 5.6. This end calls; it offers nothing. Streams (section 5.7) are
// not implemented here.

import { Reader, Writer } from './cbor.mjs';
import { CallError, DeclaredError, MalformedError } from './errors.mjs';
import { readValue, Schema, writeValue } from './schema.mjs';

const KIND = { BIND: 0, REQUEST: 1, VALUE: 2, DECLARED: 3, FAILURE: 4, CANCEL: 5 };
const ITEMS = [4, 6, 3, 4, 3, 2];
const CODES = ['NOT_OFFERED', 'SCHEMA_MISMATCH', 'BUSY', 'FAILED', 'MALFORMED', 'TOO_LARGE', 'DEADLINE'];
const MAX_DEADLINE_MILLIS = 86_400_000;

/** Begins the CBOR array of a frame. */
function begin(kind, id) {
  return new Writer().array(ITEMS[kind]).integer(kind).integer(id);
}

/** Puts the length in front. */
function finish(writer, maxFrameBytes) {
  const body = writer.toBytes();
  if (body.length > maxFrameBytes) throw new CallError('TOO_LARGE', `the arguments take more than ${maxFrameBytes} bytes`);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, body]);
}

export function bindFrame(id, schema, maxFrameBytes = 16 << 20) {
  return finish(begin(KIND.BIND, id).text(schema.name).byteString(schema.digest), maxFrameBytes);
}

export function requestFrame(id, service, schema, method, deadlineMillis, args, maxFrameBytes = 16 << 20) {
  const { name, parameters } = schema.methods[method];
  if (args.length !== parameters.length) throw new TypeError(`${name} takes ${parameters.length} arguments`);
  const writer = begin(KIND.REQUEST, id).integer(service).integer(method).integer(deadlineMillis).array(args.length);
  parameters.forEach((type, i) => writeValue(type, writer, args[i], `${name}(argument ${i + 1})`));
  return finish(writer, maxFrameBytes);
}

export function cancelFrame(id) {
  return finish(begin(KIND.CANCEL, id), 64);
}

/**
 * Reads the kind and the id of a frame.
 *
 * @returns {{kind: number, id: bigint, reader: Reader}} the reader stands at what follows
 */
export function readFrame(body) {
  const reader = new Reader(body);
  const items = reader.array('frame', 2, 6);
  const kind = reader.number('frame.kind', 0, ITEMS.length - 1);
  if (items !== ITEMS[kind]) throw new MalformedError('frame', `expected ${ITEMS[kind]} items, found ${items}`);
  return { kind, id: reader.integer('frame.id', 1n), reader };
}

/** Reads the result of a call, or throws what came instead. */
export function readAnswer({ kind, reader }, { name, result, exceptions }) {
  if (kind === KIND.VALUE) {
    const value = result ? readValue(result, reader, name) : reader.nil(name);
    reader.end(name);
    return value;
  }
  if (kind === KIND.DECLARED) {
    const { type, detail } = exceptions[reader.number(name, 0, exceptions.length - 1)];
    let carried = null;
    if (detail && reader.peek() !== 'null') carried = readValue(detail, reader, `${name} detail`);
    else reader.nil(name);
    reader.end(name);
    throw new DeclaredError(type, carried);
  }
  throw readFailure(reader, name);
}

function readFailure(reader, name) {
  const code = CODES[reader.number('frame.code', 0, CODES.length - 1)];
  reader.end('frame');
  return new CallError(code, `${name}: the enclave answered ${code}`);
}

/** One end of a connection. */
export class Calls {
  #session;
  #maxFrameBytes;
  #lastId = 0n;
  #waiting = new Map();
  #ended;

  /**
   * @param {import('./session.mjs').Session} session
   * @param {{maxFrameBytes?: number}} [limits] the largest frame that is taken; 16 MiB
   */
  constructor(session, { maxFrameBytes = 16 << 20 } = {}) {
    this.#session = session;
    this.#maxFrameBytes = maxFrameBytes;
    this.#read().then(
      () => this.#end('the enclave ended the connection'),
      (e) => this.#end(`the connection broke: ${e.message}`),
    );
  }

  /**
   * Binds an interface. Nothing is sent before the first call.
   *
   * @param {string} text the canonical text of the interface
   * @param {{deadlineMillis?: number}} [options] how long a call may take, 1 ms to a day; 30 s
   * @returns {Record<string, (...args: any[]) => Promise<any>>} the interface's methods
   */
  bind(text, { deadlineMillis = 30_000 } = {}) {
    if (!(deadlineMillis >= 1 && deadlineMillis <= MAX_DEADLINE_MILLIS)) throw new RangeError('a deadline is 1 ms to a day');
    const schema = new Schema(text);
    let opening;
    const call = async (index, args) => {
      const until = Date.now() + deadlineMillis;
      opening ??= this.#open(schema, until).catch((e) => {
        opening = undefined;
        throw e;
      });
      const service = await opening;
      const method = schema.methods[index];
      const answer = await this.#exchange(method.name, until, (id) =>
        requestFrame(id, service, schema, index, Math.max(1, until - Date.now()), args, this.#maxFrameBytes),
      );
      return decoded(method.name, () => readAnswer(answer, method));
    };
    return Object.fromEntries(schema.methods.map(({ name }, index) => [name, (...args) => call(index, args)]));
  }

  /** Ends the connection. Calls that wait fail. */
  close() {
    this.#end('this side closed the connection');
  }

  async #open(schema, until) {
    const answer = await this.#exchange(schema.name, until, (id) => bindFrame(id, schema, this.#maxFrameBytes));
    return decoded(schema.name, () => {
      if (answer.kind === KIND.FAILURE) throw readFailure(answer.reader, schema.name);
      if (answer.kind !== KIND.VALUE) throw new MalformedError(schema.name, 'expected an index');
      const index = answer.reader.number(schema.name, 0, 0x7fffffff);
      answer.reader.end(schema.name);
      return index;
    });
  }

  #exchange(name, until, frame) {
    if (this.#ended) throw new CallError('DISCONNECTED', `${name}: ${this.#ended}`);
    const id = ++this.#lastId;
    const bytes = frame(id);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        this.#session.write(cancelFrame(id));
        reject(new CallError('DEADLINE', `${name}: no answer before the deadline; whether it was carried out is not known`));
      }, Math.max(1, until - Date.now()));
      const settle = (how) => (outcome) => {
        clearTimeout(timer);
        how(outcome);
      };
      this.#waiting.set(id, { resolve: settle(resolve), reject: settle(reject), name });
      this.#session.write(bytes);
    });
  }

  async #read() {
    while (!(await this.#session.wire.ended())) {
      const length = (await this.#session.wire.read(4, 'length of a frame')).readUInt32BE();
      if (length < 1 || length > this.#maxFrameBytes) throw new MalformedError('frame', `announces ${length} bytes`);
      this.#take(readFrame(await this.#session.wire.read(length, 'frame')));
    }
  }

  #take(frame) {
    const { kind, id, reader } = frame;
    if (kind === KIND.BIND) {
      reader.text('bind.interface', 1024);
      reader.byteString('bind.digest', 32, 32);
      reader.end('bind');
      this.#session.write(finish(begin(KIND.FAILURE, id).integer(CODES.indexOf('NOT_OFFERED')), 64));
    } else if (kind === KIND.REQUEST) {
      throw new MalformedError('request.interface', 'an interface that was not opened');
    } else if (kind === KIND.CANCEL) {
      reader.end('cancel');
    } else {
      if (id > this.#lastId) throw new MalformedError('frame.id', 'an answer to a call that was never made');
      // Absent where the caller has given up meanwhile.
      this.#waiting.get(id)?.resolve(frame);
      this.#waiting.delete(id);
    }
  }

  #end(message) {
    if (this.#ended) return;
    this.#ended = message;
    for (const { reject, name } of this.#waiting.values()) reject(new CallError('DISCONNECTED', `${name}: ${message}`));
    this.#waiting.clear();
    this.#session.close();
  }
}

/** What does not fit the schema fails the one call. */
function decoded(name, read) {
  try {
    return read();
  } catch (e) {
    if (e instanceof MalformedError) throw new CallError('MALFORMED', `${name}: the answer is malformed: ${e.message}`);
    throw e;
  }
}
