-- The first schema. {bytes}, {number}, {text} and {strict} are words of the database in use. Never change this file once it was
-- released: each store remembers its checksum. A change is a file of its own with the next number.

-- One row for each fact about the whole store.
CREATE TABLE fact (
  name {text} NOT NULL PRIMARY KEY,
  value {bytes} NOT NULL
) {strict};

-- One row: where the log ends. It is the row that everything else about the log must agree with.
CREATE TABLE log_state (
  id {number} NOT NULL PRIMARY KEY CHECK (id = 1),
  size {number} NOT NULL,
  head {bytes} NOT NULL
) {strict};

CREATE TABLE log_leaf (
  sequence {number} NOT NULL PRIMARY KEY,
  leaf {bytes} NOT NULL
) {strict};

-- Hashes of whole subtrees above the leaves, whose own hashes are computed from the leaves.
CREATE TABLE log_node (
  level {number} NOT NULL,
  position {number} NOT NULL,
  hash {bytes} NOT NULL,
  PRIMARY KEY (level, position)
) {strict};

-- Policies, signers and keys: what holds now, with its version and the sequence of the leaf that says so.
CREATE TABLE document (
  kind {text} NOT NULL,
  name {text} NOT NULL,
  version {number} NOT NULL,
  body {bytes},
  set_by {text} NOT NULL,
  set_at {number} NOT NULL,
  sequence {number} NOT NULL,
  PRIMARY KEY (kind, name)
) {strict};

CREATE TABLE decision (
  sequence {number} NOT NULL PRIMARY KEY,
  recorded_at {number} NOT NULL,
  record {bytes} NOT NULL
) {strict};

CREATE INDEX decision_recorded_at ON decision (recorded_at);

-- Evidence, endorsements, policies of decisions: each once, under its digest.
CREATE TABLE content (
  digest {bytes} NOT NULL PRIMARY KEY,
  used_at {number} NOT NULL,
  bytes {bytes} NOT NULL
) {strict};

CREATE INDEX content_used_at ON content (used_at);
