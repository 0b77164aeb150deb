package @PACKAGE@.enclave;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import @PACKAGE@.Median;
import @PACKAGE@.Salaries;
import @PACKAGE@.Salary;
import @PACKAGE@.TooFewException;
import org.innerkeep.client.Client;
import org.innerkeep.testing.EnclaveTest;
import org.innerkeep.testing.RunningEnclave;
import org.innerkeep.testing.TestEnclave;

/** What clients get. Runs twice: before packing in this JVM, after it against the bundle in a process of its own. */
@TestEnclave(program = SalariesEnclave.class, bundle = "target/@NAME@.enclave")
class SalariesEnclaveTest {
    @EnclaveTest
    void tellsTheMedianOfEnough(RunningEnclave enclave) throws Exception {
        try (Client client = enclave.connect()) {
            Salaries salaries = client.bind(Salaries.class);
            for (int i = SalariesEnclave.LEAST; i >= 1; i--) {
                salaries.submit(new Salary(i * 10_000));
            }
            assertThat(salaries.median()).isEqualTo(new Median((SalariesEnclave.LEAST + 1) * 5_000, SalariesEnclave.LEAST));
        }
    }

    @EnclaveTest
    void tellsNothingOfTooFew(RunningEnclave enclave) throws Exception {
        try (Client client = enclave.connect()) {
            Salaries salaries = client.bind(Salaries.class);
            salaries.submit(new Salary(50_000));
            assertThatThrownBy(salaries::median).isInstanceOf(TooFewException.class).hasMessageStartingWith("1 given");
        }
    }
}
