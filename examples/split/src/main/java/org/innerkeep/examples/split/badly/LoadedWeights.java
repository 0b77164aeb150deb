package org.innerkeep.examples.split.badly;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.HashMap;
import java.util.Map;

/** Reads JSON inside the enclave, with a library that everybody who agrees to the enclave must trust. */
final class LoadedWeights implements Weights {
    private volatile Map<String, Integer> weights = Map.of();

    @Override
    public void load(String json) {
        Map<String, Integer> read = new HashMap<>();
        for (Map.Entry<String, JsonElement> each : new Gson().fromJson(json, JsonObject.class).entrySet()) {
            read.put(each.getKey(), each.getValue().getAsInt());
        }
        weights = Map.copyOf(read);
    }

    Map<String, Integer> all() {
        return weights;
    }
}
