package org.innerkeep.cli.project;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ProjectNameTest {
    @ParameterizedTest
    @CsvSource({"salaries, com.example.salaries", "salary-benchmark-2, com.example.salarybenchmark2", "a, com.example.a"})
    void aPackageIsMadeFromTheName(String name, String javaPackage) {
        assertThat(ProjectName.of(name, Optional.empty()).javaPackage()).isEqualTo(javaPackage);
    }

    @Test
    void aPackageThatIsGivenStays() {
        assertThat(ProjectName.of("new", Optional.of("org.acme.news_2")).javaPackage()).isEqualTo("org.acme.news_2");
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", " ", "Salaries", "2nd", "-a", "a-", "a--b", "a_b", "a.b", "a/b", "../a", "a b", "a\n", "salär", "a<b", "$(id)",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    })
    void refusesANameThatNotEveryoneTakes(String name) {
        assertThatThrownBy(() -> ProjectName.of(name, Optional.of("com.example.it")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a project's name is 1 to 40");
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", "salaries", "com.", ".com", "com..example", "com.Example", "com.2nd", "com.a-b", "com.new", "com.true.a", "com._",
        "com.int", "com.example/..", "com.é", "com.a$b"
    })
    void refusesAPackageThatIsNone(String javaPackage) {
        assertThatThrownBy(() -> ProjectName.of("salaries", Optional.of(javaPackage)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("--package");
    }

    @Test
    void refusesANameWhosePackageWouldBeAWordOfTheLanguage() {
        assertThatThrownBy(() -> ProjectName.of("new", Optional.empty()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("com.example.new", "--package");
    }

    @ParameterizedTest
    @ValueSource(strings = {"java.lang.mine", "org.innerkeep.enclave"})
    void refusesAPackageOfTheJdkOrOfTheRuntime(String javaPackage) {
        assertThatThrownBy(() -> ProjectName.of("salaries", Optional.of(javaPackage)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("of your own");
    }

    @Test
    void aPackageThatOnlyBeginsLikeOneOfTheJdkIsTheirs() {
        assertThat(ProjectName.of("salaries", Optional.of("javamine.salaries")).javaPackage()).isEqualTo("javamine.salaries");
    }
}
