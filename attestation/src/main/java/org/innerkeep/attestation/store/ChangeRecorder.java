package org.innerkeep.attestation.store;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.innerkeep.attestation.store.RecordedChange.Step;
import org.innerkeep.attestation.store.RecordedChange.Value;
import org.jspecify.annotations.Nullable;

/**
 * A connection that notes every statement that can change something. What it does not know it does not do: a way around it would
 * be a change that is lost at the next start. For one thread.
 */
final class ChangeRecorder {
    /** How a statement begins that only reads. */
    private static final String READING = "SELECT ";

    private static final Pattern LIMIT = Pattern.compile("\\bLIMIT\\b", Pattern.CASE_INSENSITIVE);
    private static final Pattern ORDER = Pattern.compile("\\bORDER\\s+BY\\b", Pattern.CASE_INSENSITIVE);

    private final List<Step> steps = new ArrayList<>();
    private final Connection connection;

    private ChangeRecorder(Connection real) {
        this.connection = proxy(Connection.class, new OfConnection(real));
    }

    static ChangeRecorder over(Connection real) {
        return new ChangeRecorder(real);
    }

    /** The connection to work with. */
    Connection connection() {
        return connection;
    }

    /** What was changed by now. */
    RecordedChange recorded() throws SQLException {
        try {
            return new RecordedChange(steps);
        } catch (IllegalArgumentException e) {
            throw unreadable(e);
        }
    }

    private void note(String sql, List<Value> values, long rows) throws SQLException {
        try {
            steps.add(new Step(sql, values, rows));
        } catch (IllegalArgumentException e) {
            throw unreadable(e);
        }
    }

    private static SQLException unreadable(IllegalArgumentException e) {
        return new SQLException("the store in memory cannot keep this change: " + e.getMessage(), e);
    }

    private static <T> T proxy(Class<T> type, InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(ChangeRecorder.class.getClassLoader(), new Class<?>[] {type}, handler));
    }

    private static @Nullable Object real(Object target, Method method, @Nullable Object @Nullable [] arguments) throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause() == null ? e : e.getCause();
        }
    }

    private static SQLException unknown(Method method) {
        return new SQLException("the store in memory does not do " + method.getName() + " of " + method.getDeclaringClass()
                .getSimpleName());
    }

    private static Object first(Method method, @Nullable Object @Nullable [] arguments) throws SQLException {
        Object first = arguments == null || arguments.length == 0 ? null : arguments[0];
        if (first == null) {
            throw unknown(method);
        }
        return first;
    }

    private static void requireReading(String sql) throws SQLException {
        if (!sql.startsWith(READING)) {
            throw new SQLException("the store in memory asks by statements that begin with " + READING.strip() + ", found: "
                    + sql);
        }
    }

    /** Which rows it changes has to be the same at the next start, whatever path the database takes to them. */
    private static void requireOrder(String sql) throws SQLException {
        if (!sql.startsWith(READING) && LIMIT.matcher(sql).find() && !ORDER.matcher(sql).find()) {
            throw new SQLException("the store in memory changes a limited number of rows only in an order that is named, found: "
                    + sql);
        }
    }

    private final class OfConnection implements InvocationHandler {
        private final Connection real;

        OfConnection(Connection real) {
            this.real = real;
        }

        @Override
        public @Nullable Object invoke(Object proxy, Method method, @Nullable Object @Nullable [] arguments) throws Throwable {
            int count = arguments == null ? 0 : arguments.length;
            if (method.getName().equals("prepareStatement") && count == 1) {
                String sql = first(method, arguments).toString();
                requireOrder(sql);
                return proxy(PreparedStatement.class, new OfPrepared(sql, real.prepareStatement(sql)));
            }
            if (method.getName().equals("createStatement") && count == 0) {
                return proxy(Statement.class, new OfStatement(real.createStatement()));
            }
            throw unknown(method);
        }
    }

    private final class OfStatement implements InvocationHandler {
        private final Statement real;

        OfStatement(Statement real) {
            this.real = real;
        }

        @Override
        public @Nullable Object invoke(Object proxy, Method method, @Nullable Object @Nullable [] arguments) throws Throwable {
            switch (method.getName()) {
                case "close" -> { }
                case "executeQuery" -> requireReading(first(method, arguments).toString());
                case "execute" -> {
                    if (arguments == null || arguments.length != 1) {
                        throw unknown(method);
                    }
                    String sql = first(method, arguments).toString();
                    requireOrder(sql);
                    Object result = real(real, method, arguments);
                    note(sql, List.of(), RecordedChange.NOT_COUNTED);
                    return result;
                }
                default -> throw unknown(method);
            }
            return real(real, method, arguments);
        }
    }

    private final class OfPrepared implements InvocationHandler {
        private final String sql;
        private final PreparedStatement real;
        private final TreeMap<Integer, Value> values = new TreeMap<>();
        private final List<List<Value>> batch = new ArrayList<>();

        OfPrepared(String sql, PreparedStatement real) {
            this.sql = sql;
            this.real = real;
        }

        @Override
        public @Nullable Object invoke(Object proxy, Method method, @Nullable Object @Nullable [] arguments) throws Throwable {
            int count = arguments == null ? 0 : arguments.length;
            if (count == 2 && method.getName().startsWith("set")) {
                @Nullable Object[] given = Objects.requireNonNull(arguments);
                values.put((Integer) first(method, given), value(method, given[1]));
                return real(real, method, given);
            }
            if (count > 0) {
                // Of statements that are not the prepared one.
                throw unknown(method);
            }
            return switch (method.getName()) {
                case "close" -> real(real, method, arguments);
                case "executeQuery" -> {
                    requireReading(sql);
                    yield real(real, method, arguments);
                }
                case "executeUpdate" -> {
                    int rows = real.executeUpdate();
                    note(sql, List.copyOf(values.values()), rows);
                    yield rows;
                }
                case "addBatch" -> {
                    batch.add(List.copyOf(values.values()));
                    yield real(real, method, arguments);
                }
                case "executeBatch" -> {
                    int[] rows = real.executeBatch();
                    for (int i = 0; i < batch.size(); i++) {
                        note(sql, batch.get(i), i < rows.length && rows[i] >= 0 ? rows[i] : RecordedChange.NOT_COUNTED);
                    }
                    batch.clear();
                    yield rows;
                }
                default -> throw unknown(method);
            };
        }

        private static Value value(Method method, @Nullable Object given) throws SQLException {
            return switch (method.getName()) {
                case "setInt", "setLong" -> new Value.Whole(((Number) Objects.requireNonNull(given)).longValue());
                case "setString" -> given instanceof String text ? new Value.Text(text) : new Value.Nothing();
                case "setBytes" -> given instanceof byte[] bytes ? new Value.Blob(bytes.clone()) : new Value.Nothing();
                case "setNull" -> new Value.Nothing();
                default -> throw unknown(method);
            };
        }
    }
}
