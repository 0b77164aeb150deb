package org.innerkeep.testing;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.TestTemplate;

/**
 * A test that runs once for each mode, with a new {@link RunningEnclave} each time: MOCK, then PROCESS. The system property
 * {@code innerkeep.modes} ({@code mock}, {@code process} or both, separated by a comma) chooses; where the bundle has not been
 * packed, PROCESS is skipped and says so.
 */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@TestTemplate
public @interface EnclaveTest {}
