// A client of Innerkeep enclaves. Start here.

import { Calls } from './calls.mjs';
import { connectSession } from './session.mjs';

export { CallError, DeclaredError, MalformedError, RefusedError, explain } from './errors.mjs';
export { parseAnchor } from './evidence.mjs';
export { Policy } from './policy.mjs';
export { connectSession } from './session.mjs';

/**
 * Connects through an enclave's host, has the enclave prove itself, and only then returns something to call.
 *
 * @param {{host: string, port: number, policy: import('./policy.mjs').Policy, timeoutMillis?: number}} options
 * @returns {Promise<{claims: object, binding: Buffer, bind: Calls['bind'], close: () => void}>}
 * @throws {import('./errors.mjs').RefusedError} with every reason; nothing of the application was sent
 */
export async function connect(options) {
  const session = await connectSession(options);
  const calls = new Calls(session);
  return {
    claims: session.claims,
    binding: session.binding,
    bind: (text, bindOptions) => calls.bind(text, bindOptions),
    close: () => calls.close(),
  };
}
