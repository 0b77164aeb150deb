package org.innerkeep.examples.split.badly;

import org.innerkeep.channel.call.HostVisible;
import org.innerkeep.examples.split.Merchant;

/** The operator's register, asked row by row. The operator learns which merchants a bank's customers pay. */
@HostVisible
public interface Merchants {
    /**
     * Finds a merchant.
     *
     * @param id its number
     * @return the merchant
     */
    Merchant find(String id);
}
