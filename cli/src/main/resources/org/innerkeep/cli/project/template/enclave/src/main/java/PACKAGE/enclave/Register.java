package @PACKAGE@.enclave;

import @PACKAGE@.Median;
import @PACKAGE@.Salaries;
import @PACKAGE@.Salary;
import @PACKAGE@.TooFewException;
import java.util.ArrayList;
import java.util.List;

/** All salaries, in the enclave's memory and nowhere else: they end with it. Calls come concurrently. */
final class Register implements Salaries {
    private static final int MOST = 100_000;

    private final int least;
    private final List<Integer> salaries = new ArrayList<>();

    Register(int least) {
        this.least = least;
    }

    @Override
    public synchronized void submit(Salary salary) {
        if (salaries.size() == MOST) {
            throw new IllegalStateException("full");
        }
        salaries.add(salary.euros());
    }

    @Override
    public synchronized Median median() throws TooFewException {
        if (salaries.size() < least) {
            throw new TooFewException(new TooFewException.Detail(salaries.size(), least));
        }
        List<Integer> sorted = salaries.stream().sorted().toList();
        int upper = sorted.get(sorted.size() / 2);
        int lower = sorted.get((sorted.size() - 1) / 2);
        return new Median((lower + upper) / 2, sorted.size());
    }
}
