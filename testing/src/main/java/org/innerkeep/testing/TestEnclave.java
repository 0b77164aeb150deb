package org.innerkeep.testing;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.innerkeep.enclave.EnclaveProgram;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Says which enclave a test class is about. Its methods marked {@link EnclaveTest} get a {@link RunningEnclave} of it, in turn
 * as a mock in the JVM of the test and, where its bundle has been packed, as a real process.
 *
 * {@snippet :
 * @TestEnclave(program = Fraud.class, bundle = "target/fraud.enclave")
 * class FraudTest {
 *     @EnclaveTest
 *     void scoresAPayment(RunningEnclave enclave) throws Exception {
 *         try (Client client = enclave.connect()) {
 *             assertEquals(0.1, client.bind(FraudScoring.class).score(payment).risk());
 *         }
 *     }
 * }
 * }
 */
@Documented
@Inherited
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(EnclaveExtension.class)
public @interface TestEnclave {
    /** {@return the enclave's program, for mocks} */
    Class<? extends EnclaveProgram> program();

    /** {@return the packed bundle, from the project's folder; empty if there are mocks only} */
    String bundle() default "";

    /**
     * What the host offers to the enclave: a class with a constructor without parameters, of which one instance is made for each
     * enclave. It offers every interface marked {@link org.innerkeep.channel.call.HostVisible} that it implements.
     *
     * @return the class; {@link Object} offers nothing
     */
    Class<?> host() default Object.class;
}
