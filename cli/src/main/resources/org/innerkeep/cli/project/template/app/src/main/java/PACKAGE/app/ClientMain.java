package @PACKAGE@.app;

import @PACKAGE@.Salaries;
import @PACKAGE@.Salary;
import @PACKAGE@.TooFewException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import org.innerkeep.channel.session.SessionRefusedException;
import org.innerkeep.client.Client;
import org.innerkeep.client.Trust;

/** On anybody's machine: has the enclave prove that it is the agreed one, and only then talks to it. */
public final class ClientMain {
    /** Takes HOST:PORT, then 'submit EUROS' or 'median', and last '--allow-same-user' where that is accepted. */
    public static void main(String[] arguments) throws IOException {
        if (arguments.length < 2) {
            System.err.println("./run client HOST:PORT submit EUROS | median [--allow-same-user]");
            System.exit(2);
        }
        URI where = URI.create("tcp://" + arguments[0]);
        Trust trust = Agreed.read(arguments[arguments.length - 1].equals("--allow-same-user"));
        try (Client client = Client.connect(new InetSocketAddress(where.getHost(), where.getPort()), trust)) {
            Salaries salaries = client.bind(Salaries.class);
            if (arguments[1].equals("submit")) {
                salaries.submit(new Salary(Integer.parseInt(arguments[2])));
                System.out.println("submitted");
            } else {
                System.out.println(salaries.median());
            }
        } catch (SessionRefusedException | TooFewException e) {
            System.err.println("refused: " + e.getMessage());
            System.exit(1);
        }
    }
}
