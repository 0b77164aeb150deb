package org.innerkeep.channel.call;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks an interface that may be offered to the host, or by it. All that its methods take and return is seen by the host,
 * so no type marked {@link Confidential} may occur in it.
 */
@Documented
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
public @interface HostVisible {}
