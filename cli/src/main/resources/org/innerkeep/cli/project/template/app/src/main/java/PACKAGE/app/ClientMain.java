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
    /**
     * Gives a salary or asks for the median.
     *
     * @param arguments HOST:PORT, then 'submit EUROS' or 'median', then '--allow-same-user' if that is accepted
     * @throws IOException if the enclave cannot be reached
     */
    public static void main(String[] arguments) throws IOException {
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
