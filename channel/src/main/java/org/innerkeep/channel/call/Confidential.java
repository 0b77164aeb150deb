package org.innerkeep.channel.call;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a record, enum or sealed interface whose values the host must never see. A {@link HostVisible} interface in which
 * such a type occurs, however deep, has no schema. The mark of an interface holds for every type that implements it.
 *
 * <p>It guards against a slip in an interface, not against code that copies a field into another type.
 */
@Documented
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
public @interface Confidential {}
