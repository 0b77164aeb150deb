-- What further parts of the service keep beside documents: values that were used up, amounts, and what happened to something by its name.

CREATE TABLE spent (
  value {bytes} NOT NULL PRIMARY KEY,
  until {number} NOT NULL
) {strict};

CREATE INDEX spent_until ON spent (until);

CREATE TABLE tally (
  place {text} NOT NULL PRIMARY KEY,
  amount {number} NOT NULL
) {strict};

-- Each has a leaf of the same sequence, whose digest "record" is that of the record.
CREATE TABLE event (
  sequence {number} NOT NULL PRIMARY KEY,
  kind {text} NOT NULL,
  name {text} NOT NULL,
  record {bytes} NOT NULL
) {strict};

CREATE INDEX event_of ON event (kind, name, sequence);
