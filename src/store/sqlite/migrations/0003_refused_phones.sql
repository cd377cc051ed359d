-- Phones that registered by themselves and were refused.
CREATE TABLE refused_phones (
    id   INTEGER PRIMARY KEY CHECK (id = 1),
    body TEXT NOT NULL CHECK (json_valid(body))
) STRICT;
