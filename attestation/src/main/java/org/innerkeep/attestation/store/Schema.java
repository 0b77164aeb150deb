package org.innerkeep.attestation.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.innerkeep.attestation.store.StoreException.Code;
import org.innerkeep.evidence.Bytes;

/**
 * The tables, by numbered files. A store remembers which files made it and their digests, so that a store of another version, or one
 * whose files were exchanged, is refused and not guessed at.
 */
final class Schema {
    /** The newest file. */
    static final int VERSION = 2;

    private static final String CREATE = "CREATE TABLE schema_file (number {number} NOT NULL PRIMARY KEY, digest {bytes} NOT NULL) {strict}";

    private Schema() {}

    /** Tells whether the database has the newest schema, and refuses one that this program does not know. */
    static boolean isCurrent(Database database) throws StoreException {
        return database.read(connection -> known(database, connection) == VERSION);
    }

    /** Tells whether the database has a log, by whichever schema that this program knows. */
    static boolean hasLog(Database database) throws StoreException {
        return database.read(connection -> known(database, connection) > 0);
    }

    /** Brings the database to the newest schema. The transaction keeps others from doing the same at once. */
    static void apply(Database database) throws StoreException {
        database.write(connection -> {
            int known = known(database, connection);
            try (Statement statement = connection.createStatement()) {
                if (known == 0 && !database.hasTable(connection, "schema_file")) {
                    statement.execute(database.inItsWords(CREATE));
                }
                for (int number = known + 1; number <= VERSION; number++) {
                    String text = text(number);
                    for (String each : statements(text)) {
                        statement.execute(database.inItsWords(each));
                    }
                    try (PreparedStatement insert =
                            connection.prepareStatement("INSERT INTO schema_file (number, digest) VALUES (?, ?)")) {
                        insert.setInt(1, number);
                        insert.setBytes(2, digest(text).toArray());
                        insert.executeUpdate();
                    }
                }
            }
            return VERSION;
        });
    }

    private static int known(Database database, Connection connection) throws SQLException, StoreException {
        if (!database.hasTable(connection, "schema_file")) {
            return 0;
        }
        int known = 0;
        try (PreparedStatement query = connection.prepareStatement("SELECT number, digest FROM schema_file ORDER BY number");
                ResultSet found = query.executeQuery()) {
            while (found.next()) {
                known++;
                int number = found.getInt(1);
                if (number > VERSION) {
                    throw new StoreException(Code.SCHEMA, "store: it has schema " + number + ", this program knows up to " + VERSION
                            + "; use the newer program", null);
                }
                if (number != known || !Bytes.of(found.getBytes(2)).equals(digest(text(number)))) {
                    throw new StoreException(Code.SCHEMA, "store: schema " + known + " was made from another file than this program's;"
                            + " use the program that made the store", null);
                }
            }
        }
        return known;
    }

    private static Bytes digest(String text) {
        return Bytes.sha256(text.getBytes(UTF_8));
    }

    /** The files have comments on lines of their own, and no semicolon but at the end of a statement. */
    private static List<String> statements(String text) {
        String bare = text.lines().filter(line -> !line.startsWith("--")).collect(Collectors.joining("\n"));
        List<String> statements = new ArrayList<>();
        for (String each : bare.split(";", -1)) {
            if (!each.isBlank()) {
                statements.add(each.strip());
            }
        }
        return statements;
    }

    private static String text(int number) {
        String name = "schema-" + number + ".sql";
        try (InputStream in = Schema.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("this program lacks its file " + name);
            }
            return new String(in.readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException("this program's file " + name + " cannot be read", e);
        }
    }
}
