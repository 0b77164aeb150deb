package org.innerkeep.attestation.http;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The TCB baselines of SGX that policies can name: numbers of Intel's TCB evaluations, from the documentation of custom TCB baseline
 * enforcement in Azure Attestation. A policy's number is the oldest evaluation of collateral that counts. What is selected unless a policy
 * names one is the floor of the service, {@code azuredefault}.
 */
final class TcbBaselines {
    private TcbBaselines() {}

    static List<Map<String, Object>> all() {
        return List.of(
                baseline("10", "2020-11-10", "2.9", "2.7.101.2"),
                baseline("11", "2021-06-08", "2.13.3", "2.13.100.2"),
                baseline("12", "2021-11-10", "", ""),
                baseline("13", "2022-08-09", "2.17", "2.16"),
                baseline("14", "2022-11-08", "", ""),
                baseline("15", "2023-02-14", "", ""));
    }

    private static Map<String, Object> baseline(String number, String date, String linux, String windows) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("tcbIdentifier", number);
        all.put("tcbEvaluationDataNumber", Integer.parseInt(number));
        all.put("tcbReleaseDate", date + "T00:00:00Z");
        if (!linux.isEmpty()) {
            all.put("minimumPswLinuxVersion", linux);
            all.put("minimumPswWindowsVersion", windows);
        }
        all.put("isSelectedTcb", false);
        return all;
    }
}
