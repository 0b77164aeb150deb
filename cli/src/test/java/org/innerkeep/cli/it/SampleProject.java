package org.innerkeep.cli.it;

import java.io.IOException;
import java.nio.file.Path;

/** The smallest project that the Maven plugin packs: one interface, one program. */
final class SampleProject {
    static final String PLUGIN =
            """
            <plugin>
              <groupId>org.innerkeep</groupId><artifactId>innerkeep-maven-plugin</artifactId><version>0.1.0</version>
              <executions><execution><goals><goal>pack</goal></goals></execution></executions>
            </plugin>
            """;
    static final String SDK =
            "<dependency><groupId>org.innerkeep</groupId><artifactId>innerkeep-enclave</artifactId><version>0.1.0</version></dependency>\n";
    static final String PROPERTIES =
            """
            name = sample
            program = com.example.sample.Sample
            product = 1
            svn = 1
            heap = 64m
            client-interfaces = com.example.sample.Greeting
            """;
    static final String POM = "pom.xml";
    static final String SETTINGS = "src/main/enclave/enclave.properties";
    static final String INTERFACE = "src/main/java/com/example/sample/Greeting.java";
    static final String PROGRAM = "src/main/java/com/example/sample/Sample.java";

    private SampleProject() {}

    /** Writes it. A signing key it has none. */
    static MavenProject write(Path folder) throws IOException {
        return MavenProject.in(folder)
                .write(POM, pom(SDK))
                .write(SETTINGS, PROPERTIES)
                .write(INTERFACE, "package com.example.sample;\n\npublic interface Greeting {\n    String greet(String name);\n}\n")
                .write(PROGRAM, program("\"Hello, \" + name"));
    }

    /** A pom with these dependencies. */
    static String pom(String dependencies) {
        return """
               <project xmlns="http://maven.apache.org/POM/4.0.0">
                 <modelVersion>4.0.0</modelVersion>
                 <groupId>com.example</groupId>
                 <artifactId>sample</artifactId>
                 <version>1.0</version>
                 <properties>
                   <maven.compiler.release>25</maven.compiler.release>
                   <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
                   <project.build.outputTimestamp>2026-01-01T00:00:00Z</project.build.outputTimestamp>
                 </properties>
                 <dependencies>
                 %s
                 </dependencies>
                 <build>
                   <plugins>
                     <plugin>
                       <groupId>org.apache.maven.plugins</groupId><artifactId>maven-toolchains-plugin</artifactId><version>3.2.0</version>
                       <executions><execution><goals><goal>select-jdk-toolchain</goal></goals></execution></executions>
                       <configuration><version>[25,26)</version></configuration>
                     </plugin>
                     <plugin>
                       <groupId>org.apache.maven.plugins</groupId><artifactId>maven-resources-plugin</artifactId><version>3.3.1</version>
                     </plugin>
                     <plugin>
                       <groupId>org.apache.maven.plugins</groupId><artifactId>maven-compiler-plugin</artifactId><version>3.16.0</version>
                     </plugin>
                     <plugin>
                       <groupId>org.apache.maven.plugins</groupId><artifactId>maven-surefire-plugin</artifactId><version>3.5.6</version>
                     </plugin>
                     <plugin>
                       <groupId>org.apache.maven.plugins</groupId><artifactId>maven-jar-plugin</artifactId><version>3.3.0</version>
                       <configuration><archive>
                         <addMavenDescriptor>false</addMavenDescriptor>
                         <manifest><addDefaultEntries>false</addDefaultEntries></manifest>
                       </archive></configuration>
                     </plugin>
                     %s
                   </plugins>
                 </build>
               </project>
               """
                .formatted(dependencies, PLUGIN);
    }

    /** The program, which answers with this expression over {@code name}. */
    static String program(String answer) {
        return """
               package com.example.sample;

               import org.innerkeep.enclave.EnclaveContext;
               import org.innerkeep.enclave.EnclaveProgram;

               public final class Sample implements EnclaveProgram {
                   @Override
                   public void start(EnclaveContext enclave) {
                       enclave.offerToClients(Greeting.class, name -> %s);
                   }
               }
               """
                .formatted(answer);
    }
}
