/**
 * The leak scanner: looks for known secrets in what an operator can read, and says what it read and what it could not.
 *
 * <p>{@link org.innerkeep.cli.leakcheck.Needles} holds what must not be seen, in every form in which a Java program usually
 * holds it; {@link org.innerkeep.cli.leakcheck.Scan} looks for it in {@linkplain org.innerkeep.cli.leakcheck.Place places};
 * {@link org.innerkeep.cli.leakcheck.ScanReport} is the result. Zero found is worth something only beside a control: the same
 * scan of an unprotected run, which must find every form ({@link org.innerkeep.cli.leakcheck.ScanReport#requireFound}).
 *
 * <h2>What a scan cannot see</h2>
 * <ul>
 *   <li><b>Other forms.</b> Values that were scaled, rounded, reordered, transposed, compressed, encrypted or printed with other
 *       digits than in the table; values with something between them, such as boxed numbers, objects that hold one field each,
 *       or a sparse matrix with an index beside each value; keys in other encodings, expanded key schedules, base64 in
 *       which the key does not begin at a group of three bytes or that is broken into lines before its end.
 *   <li><b>Less than a run.</b> Single values and runs of fewer than {@link org.innerkeep.cli.leakcheck.Needles#RUN} fields.
 *       Runs too poor to be specific are not sought at all; the report counts them.
 *   <li><b>Other places.</b> Registers, caches, kernel memory (pipes, sockets, page cache of files since deleted, compressed
 *       swap pages), devices, other machines; disk blocks of deleted files; extended attributes of files; memory that a process
 *       mapped without the right to read it; what stands at the border of two pages in swap.
 *   <li><b>Other moments.</b> Memory is read while the process runs. What was overwritten before is gone, and an object that
 *       the garbage collector moves during the scan can be missed, as is memory that is mapped after the scan began. A process stopped by {@code SIGSTOP} holds still.
 *   <li><b>Itself.</b> The process that scans holds all needles; it refuses to scan its own memory, and its own pages can be
 *       found in swap.
 * </ul>
 */
@NullMarked
package org.innerkeep.cli.leakcheck;

import org.jspecify.annotations.NullMarked;
