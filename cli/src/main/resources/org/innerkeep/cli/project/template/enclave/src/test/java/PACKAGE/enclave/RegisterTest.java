package @PACKAGE@.enclave;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import @PACKAGE@.Salary;
import org.junit.jupiter.api.Test;

/** The rules themselves, without an enclave around them. */
class RegisterTest {
    @Test
    void theMedianOfAnEvenNumberLiesBetweenTheTwoInTheMiddle() throws Exception {
        Register register = new Register(4);
        for (int euros : new int[] {70_000, 30_000, 40_000, 50_000}) {
            register.submit(new Salary(euros));
        }
        assertThat(register.median().euros()).isEqualTo(45_000);
    }

    @Test
    void aMedianIsNeverOfFewerThanThree() {
        assertThat(SalariesEnclave.LEAST).isGreaterThanOrEqualTo(3);
    }

    @Test
    void aSalaryHasARange() {
        assertThatThrownBy(() -> new Salary(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Salary(10_000_001)).isInstanceOf(IllegalArgumentException.class);
    }
}
