/**
 * Logs of what firmware and boot loaders measured into registers: the TCG event log of TPMs and the CC event log (CCEL) of TDX.
 *
 * <p>A log is signed by nobody. It is proven only as far as replaying its digests gives register values that were quoted, and even then
 * not the type and the data of an event: these are proven only where the data's digest is the one in the log
 * ({@link org.innerkeep.evidence.eventlog.EventData}).
 */
@NullMarked
package org.innerkeep.evidence.eventlog;

import org.jspecify.annotations.NullMarked;
