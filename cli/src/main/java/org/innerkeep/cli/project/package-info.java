/** Makes a new project: files from a template, libraries for Maven. */
@NullMarked
package org.innerkeep.cli.project;

import org.jspecify.annotations.NullMarked;
