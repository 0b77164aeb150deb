// What can go wrong, told apart by class so that callers never have to read messages.

/** Bytes from outside do not have the form that they must have. The message never holds the bytes themselves. */
export class MalformedError extends Error {
  constructor(field, problem) {
    super(`${field}: ${problem}`);
    this.name = 'MalformedError';
    this.field = field;
  }
}

/** The enclave is refused: its evidence is missing, wrong or not good enough. `reasons` holds every reason found. */
export class RefusedError extends Error {
  /**
   * @param {'certificate'|'session'|'statement'} purpose which evidence is refused
   * @param {{code: string, path: string, found: string, wanted: string, remedy: string}[]} reasons at least one
   */
  constructor(purpose, reasons) {
    super(`the ${purpose}'s evidence is refused:\n${reasons.map(explain).join('\n')}`);
    this.name = 'RefusedError';
    this.purpose = purpose;
    this.reasons = reasons;
  }
}

/** A call came to no result. `code` is one of those of docs/protocol.md, section 5.6. */
export class CallError extends Error {
  constructor(code, message) {
    super(message);
    this.name = 'CallError';
    this.code = code;
  }
}

/** The enclave threw an exception that its interface declares. `type` is its class name, `detail` its record or null. */
export class DeclaredError extends Error {
  constructor(type, detail) {
    super(`the enclave threw ${type}`);
    this.name = 'DeclaredError';
    this.type = type;
    this.detail = detail;
  }
}

export function reason(code, path, found, wanted, remedy) {
  return { code, path, found: String(found), wanted: String(wanted), remedy };
}

export function explain({ code, path, found, wanted, remedy }) {
  return `${code} ${path}: found ${found}, wanted ${wanted}. ${remedy}`;
}
