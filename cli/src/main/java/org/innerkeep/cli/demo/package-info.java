/**
 * The demonstration: several hospitals train one model inside an attested enclave, every party a process of its own, then
 * the operator looks for what it must not see and tries what must fail.
 */
@NullMarked
package org.innerkeep.cli.demo;

import org.jspecify.annotations.NullMarked;
