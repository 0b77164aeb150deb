package org.innerkeep.cli.leakcheck;

import java.util.ArrayList;
import java.util.List;
import org.innerkeep.enclave.EnclaveContext;
import org.innerkeep.enclave.EnclaveProgram;

/**
 * An enclave that makes secrets of every form by itself, so that nothing of them came in through anything, and keeps them: as keys, as
 * strings, as fields of records, as large arrays.
 */
public final class HoldingEnclave implements EnclaveProgram, Holding {
    private static final int COPIES = 20;
    private static final int LARGE = 1 << 16;

    /** As a program would keep a row of a table. */
    private record Row(Object secret, int number) {}

    private final List<Row> rows = new ArrayList<>();
    private final double[] large = new double[LARGE];
    private volatile Object rubbish = "";

    @Override
    public void start(EnclaveContext enclave) {
        for (int i = 0; i < COPIES; i++) {
            for (Form form : Form.values()) {
                rows.add(new Row(Secrets.held(form), i));
            }
        }
        double[] row = (double[]) Secrets.held(Form.FLOAT64);
        for (int i = 0; i < large.length; i++) {
            large[i] = row[i % row.length];
        }
        enclave.offerToHost(Holding.class, this);
    }

    @Override
    public void collect() {
        for (int i = 0; i < 400; i++) {
            rubbish = new byte[1 << 20];
            if (i % 100 == 0) {
                System.gc();
            }
        }
    }

    @Override
    public int held() {
        return rows.size() + (large[LARGE - 1] != 0 ? 1 : 0);
    }
}
