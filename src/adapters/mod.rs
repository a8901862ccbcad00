//! One kind of runtime each: how it is started, heard, and how its result is read. Uses plan, engine and session.
